"""A pace for bulk bytes: so many a second, however many transfers there are.

A bucket of tokens, kept as the moment at which the next byte is due. Whoever was late may catch up
as much as BURST seconds; whoever was idle longer begins anew.
"""

from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from anoncloud.limits import KIB

BURST: Final = 0.1
"""Seconds' worth of bytes that may go at once."""
SLOWEST: Final = 16 * KIB
"""Bytes a second below which a connection would look dead to the other end."""


class Pace:
    """*rate* bytes a second by *clock*, shared by all who take from it."""

    def __init__(self, rate: int, clock: IReactorTime) -> None:
        self._rate = rate
        self._clock = clock
        self._due = clock.seconds()

    async def take(self, length: int) -> None:
        """Wait until *length* bytes more are due; in the order of the calls."""
        now = self._clock.seconds()
        self._due = max(self._due, now - BURST) + length / self._rate
        if self._due > now:
            await deferLater(self._clock, self._due - now)
