"""Sealed segments into blobs and off to the server, a few blobs under way at once."""

from collections.abc import Iterable
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred, DeferredSemaphore

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.sending import Sending
from anoncloud.client.transfers.unfinished import Identity, Landed, Unfinished
from anoncloud.crypto.fingerprints import FINGERPRINT
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent, PackedBlob, Packer
from anoncloud.errors import Misuse
from anoncloud.limits import MAX_UNSTAGE, SEALED_SEGMENT

BLOBS_UNDER_WAY: Final = 6


@attrs.frozen
class Origin:
    """The local file that a stream comes from, and what is needed to carry it on later.

    *marks* are those of its segments (``sealer``) as far as they are sealed; it grows.
    """

    identity: Identity
    key: FileKey
    marks: bytes | bytearray
    digest: bytes | None = None

    def landed(self, start: int, extent: Extent) -> Landed:
        """Say that the bytes from *start* on of the sealed stream are durable in *extent*."""
        first, end = -(-start // SEALED_SEGMENT), -(-(start + extent.length) // SEALED_SEGMENT)
        prints = bytes(self.marks[first * FINGERPRINT : end * FINGERPRINT])
        return Landed(self.identity, self.key.expose(), start, extent, prints, self.digest)


@attrs.define(eq=False)
class Laid:
    """Where a sealed stream lies, as far as it is in blobs: the packer's token for it."""

    origin: Origin | None = None
    extents: list[Extent] = attrs.Factory(list)
    length: int = 0


class Layer:
    """Lays streams end to end into blobs of *drive*, and stages each as it fills.

    What is durable of a local file is noted in *unfinished*; *sending* learns what is on its way.
    """

    def __init__(
        self,
        drive: Drive,
        unfinished: Unfinished | None = None,
        sending: Sending | None = None,
    ) -> None:
        self._drive = drive
        self._unfinished = unfinished
        self._sending = sending or Sending(_heed_nothing)
        self._unsent = 0
        self._packer = Packer(drive.entropy)
        self._slots = DeferredSemaphore(BLOBS_UNDER_WAY)
        self._under_way: set[Deferred[None]] = set()
        self._failure: BaseException | None = None
        self._staged: set[bytes] = set()

    async def add(self, laid: Laid, segments: Iterable[bytes], read: int = 0) -> None:
        """Carry on a stream, by what *read* bytes of plaintext are sealed in.

        :raises AnonymousCloudError: an earlier blob could not be stored.
        """
        left = list(filter(None, segments))  # of what is durable already nothing is left
        waiting = min(read, sum(map(len, left)))
        self._sending(read - waiting)
        self._sending.read(waiting)
        for sealed in left:
            blob = self._packer.add(laid, sealed)
            self._unsent += min(waiting, len(sealed))
            waiting -= min(waiting, len(sealed))
            if blob is not None:
                await self._stage(blob, self._unsent)

    async def finish(self) -> None:
        """Fill the last blob, and wait until everything is durable."""
        blobs = self._packer.flush()
        size = sum(blob.size for blob in blobs)
        for blob in blobs:
            await self._stage(blob, self._unsent * blob.size // size)
            size -= blob.size
        while self._under_way:
            await next(iter(self._under_way))
        self._raise_failure()

    def forget_committed(self) -> None:
        """Remember no more that those blobs were staged that are the drive's by now."""
        known = self._drive.tree.blobs
        self._staged = {blob for blob in self._staged if blob not in known}

    async def withdraw(self, others: Iterable[bytes] = ()) -> None:
        """Take back what was staged and is not the drive's, and *others* that may be so.

        What is under way is waited for. Nothing more can be laid then.

        :raises AnonymousCloudError: it is not known whether they were taken back.
        """
        while self._under_way:
            await next(iter(self._under_way))
        self._staged.update(others)
        self.forget_committed()
        blobs = tuple(self._staged)
        for at in range(0, len(blobs), MAX_UNSTAGE):
            await self._drive.peer.unstage(self._drive.id, blobs[at : at + MAX_UNSTAGE])
        self._staged.clear()

    async def _stage(self, blob: PackedBlob, read: int) -> None:
        """Send a blob off, as soon as there is room for one more under way, for *read* bytes."""
        self._unsent -= read
        landing: list[Landed] = []
        for laid, extent in blob.runs:
            if not isinstance(laid, Laid):
                message = "a blob holds what nobody laid there"
                raise Misuse(message)
            if laid.origin is not None:
                landing.append(laid.origin.landed(laid.length, extent))
            laid.extents.append(extent)
            laid.length += extent.length
        await self._slots.acquire()
        self._raise_failure()
        self._staged.add(blob.blob)  # before it is: of one that was cut off nobody knows
        staged = Deferred.fromCoroutine(self._send(blob, landing, read))
        self._under_way.add(staged)
        _ = staged.addErrback(self._fail).addBoth(self._landed, staged)

    async def _send(self, blob: PackedBlob, landing: list[Landed], read: int) -> None:
        counted = 0

        def count(length: int) -> None:
            """Count *length* bytes of the blob; after a cut it begins anew, and counts once."""
            nonlocal counted
            more = max(0, read * length // blob.size - counted)
            counted += more
            self._sending.sent(more)

        await self._drive.peer.stage(self._drive.id, blob, count)
        count(blob.size)
        if landing and self._unfinished is not None:
            self._unfinished.note(landing)

    def _landed(self, result: None, staged: "Deferred[None]") -> None:
        del result
        self._under_way.discard(staged)
        self._slots.release()

    def _fail(self, failure: Any) -> None:
        self._failure = self._failure or failure.value

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _heed_nothing(more: int) -> None:
    """Learn how far it is, and do nothing."""
