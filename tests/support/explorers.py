"""The explorer on a pseudo-terminal of its own, looked at through a terminal in memory."""

import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from select import select

from anoncloud.ui.scrolling import ASK_MARGINS
from tests.support.painting import Terminal
from tests.support.processes import Stuck, environment

PATIENCE = 30.0
"""Seconds that something may take to show."""
_TERMINAL = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}


class OnScreen:
    """An explorer under way in *folder*; *terminal* is what its user sees.

    *first* is Python that it runs before it starts.
    """

    def __init__(self, state: Path, folder: Path, first: str = "", **changes: str) -> None:
        columns, rows = 100, 28
        self.terminal = Terminal(columns, rows)
        self.sent = b""
        self.master, self.slave = os.openpty()
        self._resize(columns, rows)
        self.modes = termios.tcgetattr(self.slave)
        self.pid = os.fork()
        if not self.pid:
            program = f"{first}\nfrom anoncloud.start import main\nmain()"
            words = (sys.executable, "-c", program, "--state", str(state))
            self._become(words, folder, environment(**{**_TERMINAL, **changes}))

    def _become(self, words: tuple[str, ...], folder: Path, environ: dict[str, str]) -> None:
        try:
            os.close(self.master)
            os.login_tty(self.slave)
            os.chdir(folder)
            os.execve(sys.executable, words, environ)
        finally:
            os._exit(127)

    def _resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.terminal.screen.resize(rows, columns)
        self._resize(columns, rows)
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, *keys: bytes) -> "OnScreen":
        """Press keys, each after what the one before has led to."""
        for key in keys:
            self.settle()
            os.write(self.master, key)
        return self

    def until(self, sign: "str | Callable[[OnScreen], bool]") -> "OnScreen":
        """Wait until *sign* is on the screen."""
        shows = sign if callable(sign) else lambda screen: screen.shows(sign)
        deadline = time.monotonic() + PATIENCE
        while not shows(self):
            if time.monotonic() > deadline or not self.read(1.0, until=deadline):
                message = f"waited for {sign!r}, and saw:\n" + "\n".join(self.terminal.lines)
                raise Stuck(message)
        return self

    def shows(self, text: str) -> bool:
        """Tell whether *text* is on the screen."""
        return any(text in line for line in self.terminal.lines)

    def settle(self, quiet: float = 0.15) -> bytes:
        """Read until nothing comes for a moment; give what came."""
        before = len(self.sent)
        while select([self.master], [], [], quiet)[0] and self._read_once():
            pass
        return self.sent[before:]

    def read(self, seconds: float, until: float) -> bool:
        """Read once, if something comes; False when it has ended."""
        while not select([self.master], [], [], seconds)[0]:
            if time.monotonic() > until or self.exit_code(wait=False) is not None:
                return False
        return self._read_once()

    def _read_once(self) -> bool:
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.sent += data
        self.terminal.take(data)
        if ASK_MARGINS in data:  # as xterm does
            os.write(self.master, b"\x1b[?69;2$y")
        return bool(data)

    _code: int | None = None

    def exit_code(self, *, wait: bool = True) -> int | None:
        """Give how it has ended, once it has."""
        deadline = time.monotonic() + PATIENCE
        while self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            elif not wait:
                return None
            elif time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                message = "the explorer does not end"
                raise Stuck(message)
            else:
                self.settle(0.05)
        return self._code

    def restored(self) -> bool:
        """Tell whether the terminal is as it was before."""
        self.settle()
        ours = b"\x1b[?1049l" in self.sent[self.sent.rfind(b"\x1b[?1049h") :]
        paste = self.sent.rfind(b"\x1b[?2004l") > self.sent.rfind(b"\x1b[?2004h")
        mouse = self.sent.rfind(b"\x1b[?1000l") > self.sent.rfind(b"\x1b[?1000h")
        hidden = self.terminal.screen.cursor.hidden
        return ours and paste and mouse and not hidden and self.modes_restored()

    def modes_restored(self) -> bool:
        """Tell whether the terminal's modes are those from before."""
        return termios.tcgetattr(self.slave) == self.modes

    def close(self) -> None:
        """End it, if it has not ended."""
        if self.exit_code(wait=False) is None:
            os.kill(self.pid, signal.SIGKILL)
            self.exit_code()
        os.close(self.slave)
        os.close(self.master)
