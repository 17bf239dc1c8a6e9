"""What may happen very often, and is said only now and then: a flood must not fill the log."""

from collections.abc import Callable
from typing import Final

EVERY: Final = 60.0
"""Seconds between two times that it is said."""


class Seldom:
    """Counts what happens, and tells when to say how often."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._said = float("-inf")
        self._times = 0

    def happen(self) -> int:
        """Count once more; give how often it happened since it was said, or 0 to say nothing."""
        self._times += 1
        now = self._seconds()
        if now - self._said < EVERY:
            return 0
        self._said = now
        times, self._times = self._times, 0
        return times
