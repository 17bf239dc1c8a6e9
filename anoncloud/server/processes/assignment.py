"""Which worker serves a connection, and when a worker that has ended is replaced; pure rules."""

from collections.abc import Mapping
from typing import Final

LONG_LIFE: Final = 10.0
"""Seconds after which a worker's end says nothing of the next one's."""
FIRST_DELAY: Final = 0.25
MOST_DELAY: Final = 30.0


def least_busy(connections: Mapping[int, int]) -> int | None:
    """Give the worker with the fewest connections, of two the one with the lower number."""
    return min(connections, key=lambda number: (connections[number], number), default=None)


class RestartDelay:
    """How long to wait before something that has ended is started again.

    Nothing after a long life; twice as long each time after short ones.
    """

    def __init__(self) -> None:
        self._short_lives = 0

    def after(self, life: float) -> float:
        """Give the seconds to wait, after a life of so many seconds."""
        if life >= LONG_LIFE:
            self._short_lives = 0
            return 0.0
        self._short_lives += 1
        return float(min(FIRST_DELAY * 2 ** (min(self._short_lives, 40) - 1), MOST_DELAY))
