"""Room for what comes in: on the disk, and within what all accounts together may store.

Both are asked of the stores at most once in FRESH seconds, and what begins to come in meanwhile is
counted on top. Nothing here stands in the way of reading, moving and deleting.
"""

from collections.abc import Callable
from typing import Final

from anoncloud.errors import Code, Refused
from anoncloud.server.conditions import Allowance
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.reservations import Reservations

FRESH: Final = 1.0
"""Seconds for which an answer of the stores is good."""


class Room:
    """What all drives of a server share."""

    def __init__(
        self,
        journal: JournalStore,
        blobs: BlobStore,
        reservations: Reservations,
        clock: Callable[[], float],
    ) -> None:
        self._journal = journal
        self._blobs = blobs
        self._reservations = reservations
        self._clock = clock
        self._asked = float("-inf")
        self._stored = 0
        self._free: int | None = None
        self._since = 0
        """Bytes that were coming in when the stores were asked, or began to since."""

    async def check(self, size: int, allowance: Allowance) -> None:
        """See that there is room for *size* bytes, which are reserved already.

        :raises Refused: DISK_FULL.
        """
        if not allowance.quota_total and not allowance.lowest_free_disk:
            return
        if 0 <= self._clock() - self._asked < FRESH:
            self._since += size
        else:
            free, stored = await self._blobs.free(), await self._journal.stored_in_all()
            self._free, self._stored = free, stored
            self._since = self._reservations.coming
            self._asked = self._clock()
        try:
            self._judge(allowance)
        except Refused:
            self._since -= size  # nothing of it comes
            raise

    def _judge(self, allowance: Allowance) -> None:
        if 0 < allowance.quota_total < self._stored + self._since:
            message = "the server stores as much for all its accounts as its owner lets it"
            raise Refused(Code.DISK_FULL, message, "ask the server's owner; nothing stored is lost")
        if self._free is not None and self._free - self._since < allowance.lowest_free_disk:
            message = "the server's disk is almost full, so it takes no uploads"
            hint = "tell the server's owner; nothing stored is lost, and removing still works"
            raise Refused(Code.DISK_FULL, message, hint)
