"""What is so at the moment: how many are connected, and what is stored."""

from collections.abc import Callable, Mapping
from typing import Final

from anoncloud.server.house import House
from anoncloud.server.metrics.table import Figure
from anoncloud.server.upkeep_contract import UpkeepStore

FRESH: Final = 30.0
"""Seconds for which what the stores told is good: counting all blobs takes a while."""


class Figures:
    """The figures of one server.

    *connected* counts its connections, *online* the accounts that are logged in.
    """

    def __init__(
        self,
        house: House,
        upkeep: UpkeepStore,
        connected: Callable[[], int],
        online: Callable[[], int],
    ) -> None:
        self._house = house
        self._upkeep = upkeep
        self._connected = connected
        self._online = online
        self._asked = float("-inf")
        self._kept: dict[Figure, float] = {}

    async def read(self) -> Mapping[Figure, float]:
        """Give all figures; those of the stores may be some seconds old.

        :raises Refused: a store fails.
        """
        now = self._house.clock()
        if not 0 <= now - self._asked < FRESH:
            self._kept = await self._ask(int(now))
            self._asked = now
        return {
            Figure.CONNECTED: self._connected(),
            Figure.ONLINE: self._online(),
            **self._kept,
        }

    async def _ask(self, now: int) -> dict[Figure, float]:
        totals, free = await self._upkeep.totals(now), await self._house.blobs.free()
        told: dict[Figure, float] = {
            Figure.ACCOUNTS: totals.accounts,
            Figure.BLOBS: totals.blobs,
            Figure.STORED: totals.stored,
            Figure.DROPPED: totals.dropped,
        }
        return told if free is None else {**told, Figure.FREE: free}
