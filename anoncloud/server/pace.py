"""How fast one connection may ask: a bucket of tokens, and the reasons to read nothing from it."""

import enum
from collections.abc import Callable
from typing import Final

BURST: Final = 2.0
"""Seconds' worth of requests that may come at once after a pause."""


class Bucket:
    """Tokens that come in at some rate a second, up to BURST seconds' worth of them.

    It may be overdrawn: what came in one piece is dealt with, and waited for afterwards.
    """

    __slots__ = ("_seconds", "_then", "_used")

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._then = seconds()
        self._used = 0.0

    def take(self, rate: float) -> float:
        """Take a token; give the seconds until there is one for the next, 0 if there is."""
        now = self._seconds()
        self._used = max(self._used - (now - self._then) * rate, 0.0) + 1
        self._then = now
        return max(self._used + 1 - rate * BURST, 0.0) / rate


class Reason(enum.Flag):
    """Why nothing is read from a peer."""

    NONE = 0
    LINE_FULL = enum.auto()
    """It does not listen."""
    TOO_FAST = enum.auto()
    """It asks more than it may."""
    UNWRITTEN = enum.auto()
    """What it sent is not written yet."""


class Reading:
    """Whether a connection is read: while there is no reason against it."""

    __slots__ = ("_change", "_reasons")

    def __init__(self, change: Callable[..., None]) -> None:
        """Call *change* with whether it *is_read*, whenever that changes."""
        self._change = change
        self._reasons = Reason.NONE

    def stop(self, reason: Reason) -> None:
        """Read nothing for *reason*."""
        was, self._reasons = self._reasons, self._reasons | reason
        if not was:
            self._change(is_read=False)

    def go_on(self, reason: Reason) -> None:
        """Hold nothing against reading by *reason* any more."""
        was, self._reasons = self._reasons, self._reasons & ~reason
        if was and not self._reasons:
            self._change(is_read=True)
