"""How much a connection may move in one turn of the reactor, so that a turn is short for all.

Whoever lists a folder waits for what the connections before it move in the same turn. One alone
moves much at once, which is fastest; the more there are, the less each of them. Knows no connection
and no clock.
"""

from typing import Final

from anoncloud.limits import KIB, MIB

MOST: Final = 512 * KIB
"""Bytes that are read from a socket at once, and that may wait to be written to it."""
LEAST: Final = 64 * KIB
"""With less the turns would be mostly overhead; nobody is held back who moves less."""
TURN: Final = 2 * MIB
"""What all together move in a turn: four with the most, and about two milliseconds."""
SPAN: Final = 0.1
"""Seconds in which one who moves bytes is seen at least once."""


class Shares:
    """Who moves bulk bytes at the time; all of them have equal shares."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._before = 0
        self._since = 0.0

    def take(self, peer: object, now: float) -> int:
        """Note that *peer* moves bulk bytes; give how many it may move at once.

        *now* is in seconds, and never goes back.
        """
        if now - self._since >= SPAN:
            self._before = len(self._seen) if now - self._since < 2 * SPAN else 0
            self._seen.clear()
            self._since = now
        self._seen.add(id(peer))
        return max(LEAST, min(TURN // max(len(self._seen), self._before), MOST))
