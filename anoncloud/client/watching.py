"""Something is done again whenever a local folder changes, and again after a while anyway.

The kernel only says that something changed (inotify); what it was is found out by looking at all
of the folder. So nothing depends on catching every event, and when too many came at once, or there
are more folders than the kernel will watch, no more is lost than time.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from twisted.internet import inotify
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.python.filepath import FilePath

from anoncloud.client.streams import unheeded
from anoncloud.errors import (
    AnonymousCloudError,
    Code,
    ConnectionCut,
    HandshakeFailed,
    Refused,
    Unreachable,
)

SETTLE: Final = 1.0
"""Seconds without a change after which a folder counts as settled."""
LONGEST: Final = 15.0
"""Seconds after which it does even if it goes on changing."""
EVERY: Final = 600.0
"""Seconds after which it is looked at though nothing was heard."""
RETRY: Final = 10.0
"""Seconds after which something that failed is tried again."""
_MASK: Final = (
    inotify.IN_WATCH_MASK | inotify.IN_CLOSE_WRITE | inotify.IN_ONLYDIR | inotify.IN_DONT_FOLLOW
)
_EVENTS: Final = 65536
_FOR_GOOD: Final = frozenset({Code.LOGIN, Code.NOT_LOGGED_IN, Code.NOT_ALLOWED, Code.LOCKED})


class Changes:
    """Changes as they are heard of, until they have settled; *clock* counts seconds."""

    def __init__(self, clock: IReactorTime, every: float = EVERY) -> None:
        self._clock = clock
        self._every = every
        self._first: float | None = None
        self._last = 0.0
        self._waiting: Deferred[None] | None = None

    def note(self) -> None:
        """Hear of a change."""
        self._last = self._clock.seconds()
        if self._first is None:
            self._first = self._last
        self._wake()

    async def settled(self) -> None:
        """Wait for changes since the last time, and until they have settled; or long enough."""
        if self._first is None:
            self._waiting = Deferred()
            timer = self._clock.callLater(self._every, self._wake)
            try:
                await self._waiting
            finally:
                self._waiting = None
                if timer.active():
                    timer.cancel()
        while self._first is not None:
            now = self._clock.seconds()
            due = min(self._last + SETTLE, self._first + LONGEST)
            if now >= due:
                self._first = None
            else:
                await deferLater(self._clock, due - now)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.called:
            self._waiting.callback(None)


class FolderWatch(inotify.INotify):
    """Tells *on_change* of any change in the folders that it watches."""

    def __init__(self, reactor: Any, on_change: Callable[[], None]) -> None:
        super().__init__(reactor)
        self._on_change = on_change

    def doRead(self) -> None:  # noqa: N802 - Twisted calls it
        """Take events for what they say together; a queue that ran over says the same."""
        with suppress(BlockingIOError):
            os.read(self.fileno(), _EVENTS)
            self._on_change()

    def arm(self, top: str) -> bool:
        """Watch *top* and every folder below it, those known already too; blocking.

        Each is watched before it is listed, so that what comes later is heard. False if the kernel
        watches no more, or something can't be watched.
        """
        whole = True
        waiting = [os.fsencode(top)]
        while waiting:
            folder = waiting.pop()
            try:
                self._inotify.add(self.fileno(), FilePath(folder), _MASK)
                with os.scandir(folder) as entries:
                    waiting += [
                        entry.path for entry in entries if entry.is_dir(follow_symlinks=False)
                    ]
            except (inotify.INotifyError, OSError):
                whole = whole and not Path(os.fsdecode(folder)).is_dir()
        return whole

    def close(self) -> None:
        """Watch no more."""
        self.loseConnection()


async def keep_doing(
    once: Callable[[], Awaitable[None]],
    changes: Changes,
    clock: IReactorTime,
    tell: Callable[[AnonymousCloudError], None],
) -> None:
    """Do *once* now and after each change, until this is cancelled.

    What another try may mend is told, and tried again.

    :raises AnonymousCloudError: no other try would mend it: an alarm, a refused login, a folder
        that is gone.
    """
    while True:
        try:
            await _apart(Deferred.fromCoroutine(_coroutine(once)))
        except (Unreachable, ConnectionCut, HandshakeFailed, Refused) as error:
            if isinstance(error, Refused) and error.code in _FOR_GOOD:
                raise
            tell(error)
            await deferLater(clock, RETRY)
        else:
            await changes.settled()


async def _coroutine(once: Callable[[], Awaitable[None]]) -> None:
    await once()


def _apart(running: "Deferred[None]") -> "Deferred[None]":
    """Wait for *running* so that a cancellation is seen, whatever *running* makes of it."""

    def cancel(gate: "Deferred[None]") -> None:
        gate.errback(Failure(CancelledError()))
        running.cancel()

    def settle(outcome: Any) -> None:
        if not waiting.called:
            waiting.callback(outcome)

    waiting: Deferred[None] = Deferred(cancel)
    _ = running.addBoth(settle)
    unheeded(running)
    return waiting
