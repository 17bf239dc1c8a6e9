"""What nobody needs any more goes: left-over blobs, dropped ones, closed drives, files, delays.

Rows go first and bytes after, so a crash between leaves a file that nobody knows, never a record
that names a missing blob. Files that nobody knows are looked for once at each start.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import attrs
from twisted.application.internet import TimerService
from twisted.internet.defer import DeferredLock
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.ids import BlobId
from anoncloud.server.account_contract import AccountStore
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.delays import Schedules
from anoncloud.server.metrics.table import Count
from anoncloud.server.metrics.tally import DONE, FAILED, Tally
from anoncloud.server.removal import remove
from anoncloud.server.settings import Settings
from anoncloud.server.times import DAY

EVERY: Final = 600.0
"""Seconds between two rounds."""
MOST: Final = 1000
"""Blobs that one transaction forgets."""
ORPHAN_AGE: Final = 24 * 3600.0


@attrs.frozen
class Keep:
    """How long garbage is kept: seconds."""

    staged: int
    dropped: int

    @classmethod
    def of(cls, settings: Settings) -> "Keep":
        """Say what the settings say; what a time was rounded down by is added."""
        return cls(
            settings.keep_staged_hours * 3600 + settings.coarse_times,
            settings.keep_dropped_days * DAY + settings.coarse_times,
        )


class Stores(Protocol):
    """Where garbage is; a house has all of it."""

    @property
    def accounts(self) -> AccountStore:
        """Accounts, with what delays logins to them."""

    @property
    def journal(self) -> JournalStore:
        """The rows of blobs and drives."""

    @property
    def blobs(self) -> BlobStore:
        """The bytes of blobs."""

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds since 1970."""

    @property
    def schedules(self) -> Schedules:
        """How long failed logins matter."""


class Collector:
    """Collects garbage, a bounded piece at a time, one round after the other."""

    def __init__(self, house: Stores, keep: Keep) -> None:
        self._house = house
        self.keep = keep
        self._looked_for_orphans = False
        self._round = DeferredLock()

    async def collect(self) -> int:
        """Collect all that is due; give the number of blobs that went."""
        async with self._round:
            return await self._collect()

    async def _collect(self) -> int:
        journal, blobs = self._house.journal, self._house.blobs
        now = int(self._house.clock())
        removed = 0
        # What others had let go when they ended; who does it now has had time enough.
        await remove(journal, blobs, await journal.still_going(now - int(EVERY)))
        while True:
            before = now - self.keep.staged, now - self.keep.dropped
            garbage = await journal.collect(*before, MOST, now)
            await remove(journal, blobs, garbage.blobs)
            removed += len(garbage.blobs)
            if len(garbage.blobs) < MOST:
                break
        while (closed := await journal.collect_closed(MOST, now)) is not None:
            await remove(journal, blobs, closed.blobs)
            removed += len(closed.blobs)
        if not self._looked_for_orphans:
            removed += await self._remove_orphans(now)
            self._looked_for_orphans = True
        await self._house.accounts.forget_delays(now, self._house.schedules)
        return removed

    async def _remove_orphans(self, now: int) -> int:
        """Remove old files that nobody knows; give their number."""
        journal = self._house.journal
        condemned: list[BlobId] = []

        async def condemn(some: Sequence[BlobId]) -> list[BlobId]:
            names = await journal.condemn(some, now)
            condemned.extend(names)
            return names

        removed = await self._house.blobs.orphans(condemn, now - ORPHAN_AGE)
        await journal.removed(condemned)
        return removed


class CollectorService(TimerService):
    """Runs a collector now and then; a round that fails is logged, and the next one comes."""

    _log = Logger()

    def __init__(self, collector: Collector, reactor: Any, tally: Tally) -> None:
        super().__init__(EVERY, self._round)
        self.clock = reactor
        self._collector = collector
        self._tally = tally

    async def _round(self) -> None:
        try:
            removed = await self._collector.collect()
        except Exception:  # noqa: BLE001 - the timer must go on
            self._tally.count(Count.ROUNDS, FAILED)
            self._log.failure("collecting garbage", Failure())
        else:
            self._tally.count(Count.ROUNDS, DONE)
            self._tally.count(Count.COLLECTED, by=removed)
            if removed:
                self._log.info("collected {removed} blobs", removed=removed)
