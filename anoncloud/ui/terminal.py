"""The terminal on the reactor: raw mode, bytes both ways without waiting, signals, its return.

Whatever happens, :meth:`Terminal.give_back` puts the terminal back as it was found. Reading and
writing use an open file of our own, so that nothing of the shell's becomes non-blocking.
"""

import os
import signal
import termios
import tty
from collections.abc import Callable, Mapping
from contextlib import suppress
from select import select
from typing import Any, Final

from twisted.internet.interfaces import IReadDescriptor, IWriteDescriptor
from zope.interface import implementer

from anoncloud.ui.decoding import ESCAPE_WAIT, Clicks, Decoder

_AT_ONCE: Final = 65536
LAST_WORDS: Final = 1.0
"""Seconds that a terminal may take for what puts it back in order."""
NO_JOBS: Final = 0.5
"""Seconds after which a process that no shell has stopped goes on."""


@implementer(IReadDescriptor, IWriteDescriptor)
class Terminal:
    """The terminal of descriptor *stream*.

    :param hear: called with each key.
    :param gone: called once when the terminal is no more.
    :param drained: called when all that was written is on its way.
    """

    def __init__(
        self,
        reactor: Any,
        stream: int,
        hear: Callable[[str], None],
        gone: Callable[[], None],
        drained: Callable[[], None] = lambda: None,
    ) -> None:
        self._reactor = reactor
        self._stream = stream
        self._hear = hear
        self._gone = gone
        self._drained = drained
        self._file = _open_own(stream)
        self._found = termios.tcgetattr(self._file)
        self._held = self._lost = False
        self._decoder = Decoder()
        self._clicks = Clicks()
        self._waiting: Any = None
        self._unsent = b""

    @property
    def held(self) -> bool:
        """Whether the terminal is ours now."""
        return self._held

    @property
    def busy(self) -> bool:
        """Whether something that was written is not on its way yet."""
        return bool(self._unsent)

    def know(self, strings: Mapping[bytes, str]) -> None:
        """Learn what this terminal's keys send."""
        self._decoder = Decoder(strings)

    def size(self) -> tuple[int, int]:
        """Give rows and columns; 24 and 80 if it does not know."""
        try:
            columns, rows = os.get_terminal_size(self._file)
        except OSError:
            columns = rows = 0
        return rows or 24, columns or 80

    def take(self, first: bytes) -> None:
        """Make the terminal ours: raw, read from, and prepared by *first*."""
        if self._held or self._lost:
            return
        self._held = True
        with suppress(termios.error):
            # Not from what another program may have left, which had the terminal meanwhile.
            termios.tcsetattr(self._file, termios.TCSANOW, self._found)
            tty.setraw(self._file, termios.TCSANOW)
        self._reactor.addReader(self)
        self.write(first)

    def give_back(self, last: bytes) -> None:
        """Hand the terminal back as it was found, after *last* and all that was to be written."""
        if not self._held:
            return
        self._held = False
        self._reactor.removeReader(self)
        self._reactor.removeWriter(self)
        self._stop_waiting()
        self._flush(last)
        with suppress(termios.error):
            termios.tcsetattr(self._file, termios.TCSANOW, self._found)

    def write(self, data: bytes) -> None:
        """Send *data*, now or as soon as the terminal takes it."""
        if not data or not self._held:
            return
        waits = bool(self._unsent)
        self._unsent += data
        if not waits:
            self.doWrite()
            if self._unsent:
                self._reactor.addWriter(self)

    def close(self) -> None:
        """Let go of it; give it back first."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def fileno(self) -> int:
        """Tell the reactor what to watch."""
        return self._file

    def logPrefix(self) -> str:  # noqa: N802 - Twisted calls it
        """Name this in logs."""
        return "terminal"

    def doRead(self) -> None:  # noqa: N802 - Twisted calls it
        """Take what was typed."""
        try:
            data = os.read(self._file, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        self._stop_waiting()
        self._tell(self._decoder.feed(data))
        if self._decoder.waits and self._held:
            self._waiting = self._reactor.callLater(ESCAPE_WAIT, self._end_waiting)

    def doWrite(self) -> None:  # noqa: N802 - Twisted calls it
        """Send what can be sent."""
        try:
            sent = os.write(self._file, self._unsent[:_AT_ONCE])
        except BlockingIOError:
            return
        except OSError:
            self._lose()
            return
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._reactor.removeWriter(self)
            self._drained()

    def connectionLost(self, reason: object) -> None:  # noqa: N802 - Twisted calls it
        """Learn from the reactor that the terminal is no more."""
        del reason
        self._lose()

    def _lose(self) -> None:
        """Stop using a terminal that is no more."""
        if self._lost:
            return
        self._lost, self._held, self._unsent = True, False, b""
        self._stop_waiting()
        self._reactor.removeReader(self)
        self._reactor.removeWriter(self)
        self._gone()

    def _tell(self, keys: list[str]) -> None:
        for key in keys:
            self._hear(self._clicks.named(key, self._reactor.seconds()))

    def _end_waiting(self) -> None:
        self._waiting = None
        self._tell(self._decoder.flush())

    def _stop_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.active():
            waiting.cancel()

    def _flush(self, last: bytes) -> None:
        """Send all there is to be sent; the only place that waits, and not for long."""
        data, self._unsent = self._unsent + last, b""
        while data:
            if not select([], [self._file], [], LAST_WORDS)[1]:
                return
            try:
                data = data[os.write(self._file, data[:_AT_ONCE]) :]
            except BlockingIOError:
                return
            except OSError:
                self._lost = True
                return


def _open_own(stream: int) -> int:
    """Open the terminal once more; if that can't be, share *stream*."""
    try:
        flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(os.ttyname(stream), flags)
    except OSError:
        return os.dup(stream)


class Signals:
    """What the explorer does when the kernel or a shell says something; undone by :meth:`forget`.

    Each function is called by the reactor, in its turn.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._before: dict[int, Any] = {}

    def on(self, number: int, function: Callable[[], None]) -> None:
        """Call *function* when the signal comes."""
        was = signal.signal(number, lambda *_: self._reactor.callFromThread(function))
        self._before.setdefault(number, was)

    def forget(self) -> None:
        """Let every signal do what it did before."""
        for number, was in self._before.items():
            signal.signal(number, was)
        self._before.clear()


def stop_here(reactor: Any, go_on: Callable[[], None]) -> None:
    """Stop this process and those that run with it, as Ctrl-Z does, until a shell lets it go on.

    *go_on* is called then; where there is no shell that could, after a moment.
    """

    def restore() -> None:
        for number, was in before.items():
            signal.signal(number, was)

    def after() -> None:
        if late.active():
            late.cancel()
        restore()
        go_on()

    def continued(*_: object) -> None:
        restore()  # at once: it may be stopped again before the reactor has its turn
        reactor.callFromThread(after)

    before = {
        signal.SIGTSTP: signal.signal(signal.SIGTSTP, signal.SIG_DFL),
        signal.SIGCONT: signal.signal(signal.SIGCONT, continued),
    }
    late = reactor.callLater(NO_JOBS, after)
    os.kill(0, signal.SIGTSTP)
