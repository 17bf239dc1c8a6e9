"""A worker's log on its way into the listener's: one file, one form, one rotation for all.

What is logged also shows when a worker can't go on: without memory it would live, and fail whoever
it is given.
"""

import os
from collections.abc import Callable
from typing import Any, Final

from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    eventAsText,
    globalLogBeginner,
)
from zope.interface import implementer

from anoncloud.server.processes import channel

OUT_OF_MEMORY: Final = 12
"""The exit code of a worker that was not given the memory that it wanted."""


@implementer(ILogObserver)
class Passing:
    """Passes what a process logs on to its listener, from the level *info* on."""

    def __init__(self, tell: Callable[..., None], give_up: Callable[[], None]) -> None:
        self._tell = tell
        self._give_up = give_up

    def __call__(self, event: LogEvent) -> None:
        """Pass one event on, as text; or give up, if it tells of a lack of memory."""
        failure = event.get("log_failure") or event.get("failure")  # the reactor's own has this
        if failure is not None and failure.check(MemoryError):
            self._give_up()
            return
        level = event.get("log_level", LogLevel.info)
        if level < LogLevel.info:
            return
        text = eventAsText(
            event, includeTraceback=True, includeTimestamp=False, includeSystem=False
        )
        self._tell(
            channel.Log,
            level=level.name,
            namespace=str(event.get("log_namespace", "")),
            text=text.encode()[: channel.MOST_TEXT].decode(errors="ignore"),
        )


def _end() -> None:
    os._exit(OUT_OF_MEMORY)


def begin_logging(tell: Callable[..., None]) -> None:
    """Let all that this process logs from now on be passed on."""
    observer: Any = Passing(tell, _end)
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)
