"""A seat at an explorer: it runs on a terminal of its own, keys are pressed, and its bytes timed.

What it sends is shown on a terminal in memory (pyte), to see when a key has been answered. The time
of an answer is that of reading it; what pyte needs to show it is not in it.
"""

import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any, Final

import attrs
import pyte

from anoncloud.ui.scrolling import ASK_MARGINS
from benchmarks.measuring import Failed

PATIENCE: Final = 120.0
"""Seconds that something may take to show."""
_QUIET: Final = 0.1
"""Seconds without a byte after which a picture is taken for complete."""
_AT_ONCE: Final = 65536
_END: Final = 5.0
_DECLRMM: Final = 69

Sign = str | Callable[[list[str]], bool]
"""Text that shows, or a judge of the lines that do."""


class _Stream(pyte.ByteStream):
    csi = {  # noqa: RUF012 - as in pyte
        **pyte.ByteStream.csi,
        "S": "scroll_up",
        "T": "scroll_down",
        "s": "set_sides",
    }
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "set_sides"}


class _Screen(pyte.Screen):
    """Pyte's, with SU, SD and the left and right margins of DECLRMM, which it has not."""

    _sides: tuple[int, int] | None = None

    def reset_mode(self, *modes: int, **named: Any) -> None:
        super().reset_mode(*modes, **named)
        if _DECLRMM in modes:
            self._sides = None

    def set_sides(self, left: int = 1, right: int = 0) -> None:
        self._sides = (left - 1, right)

    def scroll_up(self, by: int = 1) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        for row in range(top, bottom + 1) if by > 0 else range(bottom, top - 1, -1):
            for column in range(*(self._sides or (0, self.columns))):
                far = row + by
                there = self.buffer[far][column] if top <= far <= bottom else self.default_char
                self.buffer[row][column] = there

    def scroll_down(self, by: int = 1) -> None:
        self.scroll_up(-by)


@attrs.frozen
class Kind:
    """A kind of terminal, and its size."""

    term: str = "xterm-256color"
    columns: int = 80
    rows: int = 24


@attrs.frozen
class Answer:
    """What a key led to: seconds until it showed, and all bytes that came for it."""

    seconds: float
    sent: int


class Seat:
    """See the module; use :func:`seated`.

    :ivar pid: the explorer's process.
    """

    def __init__(self, words: tuple[str, ...], environ: dict[str, str], kind: Kind) -> None:
        self._margins = kind.term.startswith("xterm")
        self._screen = _Screen(kind.columns, kind.rows)
        self._stream = _Stream(self._screen)
        self._master, slave = os.openpty()
        size = struct.pack("HHHH", kind.rows, kind.columns, 0, 0)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        self._begun = time.perf_counter()
        self.pid = os.fork()
        if not self.pid:
            try:
                os.login_tty(slave)
                os.execve(words[0], words, environ)
            finally:
                os._exit(127)
        os.close(slave)

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return list(self._screen.display)

    def first(self, sign: Sign) -> float:
        """Give the seconds from the start to the first picture that shows *sign*."""
        return self._until(sign, PATIENCE)[0] - self._begun

    def press(self, key: bytes, sign: Sign, *, quiet: float = _QUIET) -> Answer:
        """Press a key, wait until *sign* shows, and then until nothing comes for *quiet* seconds.

        :raises Failed: it does not show.
        """
        begun = time.perf_counter()
        os.write(self._master, key)
        came, sent = self._until(sign, PATIENCE)
        return Answer(came - begun, sent + self.settle(quiet))

    def settle(self, quiet: float = _QUIET) -> int:
        """Read until nothing comes for a moment; count the bytes."""
        sent = 0
        while select([self._master], [], [], quiet)[0]:
            sent += self._read()[1]
        return sent

    def _until(self, sign: Sign, seconds: float) -> tuple[float, int]:
        shows = sign if callable(sign) else lambda lines: any(sign in line for line in lines)
        deadline = time.monotonic() + seconds
        came, sent = time.perf_counter(), 0
        while not shows(self.lines):
            if not select([self._master], [], [], max(0, deadline - time.monotonic()))[0]:
                message = f"the explorer did not show {sign!r}, but:\n" + "\n".join(self.lines)
                raise Failed(message)
            came, length = self._read()
            sent += length
        return came, sent

    def _read(self) -> tuple[float, int]:
        try:
            data = os.read(self._master, _AT_ONCE)
        except OSError as error:
            message = "the explorer has ended:\n" + "\n".join(self.lines)
            raise Failed(message) from error
        came = time.perf_counter()
        self._stream.feed(data)
        if ASK_MARGINS in data and self._margins:  # as xterm does
            os.write(self._master, b"\x1b[?69;2$y")
        return came, len(data)

    def end(self) -> None:
        """End the explorer, whatever it does."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + _END
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            if select([self._master], [], [], 0.01)[0]:
                try:
                    os.read(self._master, _AT_ONCE)
                except OSError:
                    time.sleep(0.01)
        os.close(self._master)


@contextmanager
def seated(
    state: Path,
    folder: Path,
    environment: dict[str, str],
    kind: Kind,
) -> Iterator[Seat]:
    """Start an explorer of the account in *state*, its local pane in *folder*."""
    program = f"import os; os.chdir({str(folder)!r}); from anoncloud.start import main; main()"
    words = (sys.executable, "-c", program, "--state", str(state))
    environ = {**os.environ, **environment, "TERM": kind.term, "LC_ALL": "C.UTF-8"}
    seat = Seat(words, environ, kind)
    try:
        yield seat
    finally:
        seat.end()
