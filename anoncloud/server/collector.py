"""What nobody needs any more goes: blobs never committed, dropped ones, files without a row.

Rows go first and bytes after, so a crash between leaves a file that nobody knows, never a record
that names a missing blob. Files that nobody knows are looked for once at each start.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs
from twisted.application.internet import TimerService
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.server.contracts import BlobStore, JournalStore

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

    def __init__(
        self, journal: JournalStore, blobs: BlobStore, keep: Keep, clock: Callable[[], float]
    ) -> None:
        self._journal = journal
        self._blobs = blobs
        self._keep = keep
        self._clock = clock
        self._looked_for_orphans = False

    async def collect(self) -> int:
        """Collect all that is due; give the number of blobs that went."""
        now = int(self._clock())
        removed = 0
        while True:
            garbage = await self._journal.collect(
                now - self._keep.staged, now - self._keep.dropped, MOST
            )
            await self._blobs.remove(garbage.blobs)
            removed += len(garbage.blobs)
            if len(garbage.blobs) < MOST:
                break
        if not self._looked_for_orphans:
            removed += await self._blobs.orphans(self._journal.unknown, now - ORPHAN_AGE)
            self._looked_for_orphans = True
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
