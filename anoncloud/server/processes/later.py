"""Calls that are to come, and do not come any more once all is over."""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall


class Later:
    """What is to be called later, by a reactor; each call once, however often it is asked for."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._waiting: dict[Callable[[], None], IDelayedCall] = {}

    def call(self, seconds: float, call: Callable[[], None]) -> None:
        """Make *call* after so many seconds; or sooner, if it was asked for sooner already."""

        def due() -> None:
            del self._waiting[call]
            call()

        waiting = self._waiting.get(call)
        if waiting is None:
            self._waiting[call] = self._reactor.callLater(seconds, due)
        elif waiting.getTime() > self._reactor.seconds() + seconds:
            waiting.reset(seconds)

    def cancel(self) -> None:
        """Let nothing of it come."""
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()
