"""What nobody needs any more goes: left-over blobs, dropped ones, closed drives, files, delays.

Rows go first and bytes after, so a crash between leaves a file that nobody knows, never a record
that names a missing blob. Files that nobody knows are looked for once at each start.
"""

from typing import Any, Final

import attrs
from twisted.application.internet import TimerService
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.server.house import House

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


class Collector:
    """Collects garbage, a bounded piece at a time."""

    def __init__(self, house: House, keep: Keep) -> None:
        self._house = house
        self._keep = keep
        self._looked_for_orphans = False

    async def collect(self) -> int:
        """Collect all that is due; give the number of blobs that went."""
        journal, blobs = self._house.journal, self._house.blobs
        now = int(self._house.clock())
        removed = 0
        while True:
            garbage = await journal.collect(now - self._keep.staged, now - self._keep.dropped, MOST)
            await blobs.remove(garbage.blobs)
            removed += len(garbage.blobs)
            if len(garbage.blobs) < MOST:
                break
        while (closed := await journal.collect_closed(MOST)) is not None:
            await blobs.remove(closed.blobs)
            removed += len(closed.blobs)
        if not self._looked_for_orphans:
            removed += await blobs.orphans(journal.unknown, now - ORPHAN_AGE)
            self._looked_for_orphans = True
        await self._house.accounts.forget_delays(now, self._house.schedules)
        return removed


class CollectorService(TimerService):
    """Runs a collector now and then; a round that fails is logged, and the next one comes."""

    _log = Logger()

    def __init__(self, collector: Collector, reactor: Any) -> None:
        super().__init__(EVERY, self._round)
        self.clock = reactor
        self._collector = collector

    async def _round(self) -> None:
        try:
            removed = await self._collector.collect()
        except Exception:  # noqa: BLE001 - the timer must go on
            self._log.failure("collecting garbage", Failure())
        else:
            if removed:
                self._log.info("collected {removed} blobs", removed=removed)
