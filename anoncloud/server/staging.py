"""Blobs from "all bytes are here" to "staged", in groups.

Syncing a file costs the disk the same whether one waits for it or twenty. So whatever is finished
while a group is being made durable forms the next group: one round of syncs, one SQL transaction.
"""

from collections.abc import Callable

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.server.contracts import BlobStore, Incoming, JournalStore
from anoncloud.server.removal import remove


@attrs.frozen(eq=False)
class _Waiting:
    drive: DriveId
    blob: BlobId
    size: int
    incoming: Incoming
    outcome: Deferred[None] = attrs.Factory(Deferred)


class Staging:
    """The one queue of blobs that wait to be made durable."""

    _log = Logger()

    def __init__(self, blobs: BlobStore, journal: JournalStore, clock: Callable[[], float]) -> None:
        self._blobs = blobs
        self._journal = journal
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._running = False

    async def finish(self, drive: DriveId, blob: BlobId, size: int, incoming: Incoming) -> None:
        """Make a whole blob durable and note it as staged.

        :raises Refused: DISK_FULL or UNAVAILABLE; the blob is discarded.
        """
        waiting = _Waiting(drive, blob, size, incoming)
        self._waiting.append(waiting)
        if not self._running:
            self._running = True
            _ = Deferred.fromCoroutine(self._run())
        await waiting.outcome

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await self._stage(group)
            except Exception:  # noqa: BLE001 - the next group is to be settled
                failure = Failure()
                if not failure.check(Refused):
                    self._log.failure("staging a group of blobs", failure)
                    message = "the server could not store the blob"
                    failure = Failure(Refused(Code.UNAVAILABLE, message, "try again"))
                for one in group:
                    if not one.outcome.called:
                        one.outcome.errback(failure)
        self._running = False

    async def _stage(self, group: list[_Waiting]) -> None:
        outcomes = await self._blobs.settle([one.incoming for one in group])
        settled = [one for one, fault in zip(group, outcomes, strict=True) if fault is None]
        refused: dict[BlobId, Refused] = {}
        if settled:
            rows = [(one.blob, one.drive, one.size) for one in settled]
            try:
                sums = {one.blob: one.incoming.checksum() for one in settled}
                refused = await self._journal.stage(rows, int(self._clock()), sums)
            except Exception:
                await self._remove([one.blob for one in settled])
                raise
            await self._remove(list(refused))
        for one, settling in zip(group, outcomes, strict=True):
            fault = settling or refused.get(one.blob)
            if fault is None:
                one.outcome.callback(None)
            else:
                one.outcome.errback(Failure(fault))

    async def _remove(self, blobs: list[BlobId]) -> None:
        """Remove settled blobs that could not be staged, if the journal is sure of that."""
        try:
            names = await self._journal.condemn(blobs, int(self._clock()))
            await remove(self._journal, self._blobs, names)
        except Exception:  # noqa: BLE001 - the collector finds them later
            self._log.failure("removing blobs that could not be staged", Failure())
