"""Blobs that hold mostly what nobody names any more: what is left of them moves into new ones.

The sealed bytes are copied as they are; no key is needed and nothing is opened. New blobs are
durable before a record says where the streams lie now, and an old blob is dropped by the very
record after which nothing names it. So whatever is cut short, every stream lies somewhere whole.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs
from msgspec import msgpack

from anoncloud.client.drive import Drive
from anoncloud.client.threads import Progress
from anoncloud.client.transfers.gathering import Gatherer
from anoncloud.client.transfers.laying import Laid, Layer
from anoncloud.client.transfers.sparse import (
    LOST,
    Complain,
    Sparse,
    find_sparse,
    streams_of,
    unreadable,
)
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, Node
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Code, Refused, Tampered
from anoncloud.ids import BlobId, NodeId
from anoncloud.limits import BULK_BLOB, MIB, SEALED_SEGMENT, SMALL_BLOB

ROUND_BYTES: Final = 128 * MIB
ROUND_BLOBS: Final = 5000
"""What is moved before old blobs are dropped; so much room is needed beside them."""
RECORD_BYTES: Final = 2 * MIB
"""Operations that go into one record."""


@attrs.define
class Compacted:
    """What a compaction did, or would do: blobs looked at and rewritten, bytes moved and freed."""

    blobs: int
    rewritten: int = 0
    moved: int = 0
    freed: int = 0


def packed_length(length: int) -> int:
    """Tell how many bytes of blobs the packer makes of *length* bytes."""
    bulk, rest = divmod(length, BULK_BLOB)
    if rest > BULK_BLOB - 4 * SMALL_BLOB:
        return (bulk + 1) * BULK_BLOB
    return bulk * BULK_BLOB + -(-rest // SMALL_BLOB) * SMALL_BLOB


class Compactor:
    """Rewrites the blobs of *drive* of which less than *threshold* per cent is named."""

    def __init__(
        self,
        drive: Drive,
        threshold: int,
        progress: Progress,
        complain: Complain,
    ) -> None:
        self._drive = drive
        self._threshold = threshold
        self._progress = progress
        self._complain = complain
        self.done = Compacted(len(drive.tree.blobs))

    async def run(self, *, dry_run: bool = False) -> None:
        """Rewrite what is worth it; with *dry_run* only find out how much that is.

        A blob that can't be read is complained about and stays.
        """
        sparse = await find_sparse(self._drive, self._threshold, self._complain)
        while sparse:
            group = _group(sparse, await self._room())
            sparse = sparse[len(group) :]
            if dry_run:
                self._note(group)
            else:
                await self._rewrite(group)

    async def _room(self) -> int:
        """Tell how many bytes may be moved before some are freed."""
        usage = await self._drive.usage()
        room = usage.quota - usage.stored if usage.quota else ROUND_BYTES
        return max(SMALL_BLOB, min(ROUND_BYTES, room))

    def _note(self, group: list[Sparse]) -> bool:
        """Count a group in, if rewriting it frees anything."""
        used = sum(one.used for one in group)
        gain = sum(one.size for one in group) - packed_length(used)
        if gain <= 0:
            return False
        self.done.rewritten += len(group)
        self.done.moved += used
        self.done.freed += gain
        return True

    async def _rewrite(self, group: list[Sparse]) -> None:
        if sum(one.size for one in group) <= packed_length(sum(one.used for one in group)):
            return
        try:
            moved = await self._copy(group)
        except Tampered as error:
            if len(group) == 1:
                self._complain(error)
                return
            half = len(group) // 2
            await self._rewrite(group[:half])
            await self._rewrite(group[half:])
            return
        await _Relocation(self._drive, moved, {one.blob for one in group}).commit()
        self._note(group)

    async def _copy(self, group: list[Sparse]) -> dict[Extent, tuple[Extent, ...]]:
        """Copy what is named into new blobs; tell where each range lies when they are durable."""
        layer = Layer(self._drive)
        laid = {extent: Laid() for one in group for extent in one.ranges}
        gatherer = Gatherer(self._drive, laid)
        try:
            while (come := await _next(gatherer)) is not None:
                for extent, data in come:
                    await layer.add(laid[extent], _parts(data))
                    self._progress(extent.length)
            await layer.finish()
        finally:
            gatherer.close()
        return {extent: tuple(one.extents) for extent, one in laid.items()}


class _Relocation:
    """Streams that lie elsewhere now, as *moved* says: records until nothing names *blobs*."""

    def __init__(
        self, drive: Drive, moved: dict[Extent, tuple[Extent, ...]], blobs: set[BlobId]
    ) -> None:
        self._drive = drive
        self._moved = moved
        self._blobs = blobs
        self._holders: list[NodeId] = []
        self._whole = False

    async def commit(self) -> None:
        """Commit it; several records if one does not hold it.

        :raises Refused: among others, another device purged meanwhile what had been moved.
        """
        while not self._whole:
            try:
                await self._drive.change(self._plan)
            except Refused as error:
                if error.code is Code.BLOB_UNKNOWN:
                    message = "compacting: another device removed files meanwhile"
                    raise Refused(error.code, message, "nothing is lost; run it again") from error
                raise

    def _plan(self, draft: Draft) -> None:
        """Relocate as many streams as fit a record, in the drive as it is now."""
        self._find_holders()
        length = 0
        for number in self._holders:
            for operation in relocations(draft.node(number), self._moved):
                length += len(msgpack.encode(operation))
                if length > RECORD_BYTES and not draft.empty:
                    self._whole = False
                    return
                draft.add(operation)
        self._whole = True

    def _find_holders(self) -> None:
        """Find the files that name *blobs*: those known, unless another device made more."""
        tree = self._drive.tree
        named = sum(tree.blobs.get(blob, 0) for blob in self._blobs)
        if named != sum(self._count(tree.node(number)) for number in self._holders):
            self._holders = [number for number, node in tree.nodes.items() if self._count(node)]

    def _count(self, node: Node | None) -> int:
        if not isinstance(node, File):
            return 0
        return sum(
            extent.blob in self._blobs
            for kept in node.versions
            for stream in kept.version.streams
            for extent in (*stream.extents, *stream.fingerprints)
        )


def relocations(
    node: Node | None, moved: dict[Extent, tuple[Extent, ...]]
) -> Iterator[changes.Relocate]:
    """Give the operations that move what lies in *moved* of a file's streams."""
    if not isinstance(node, File):
        return
    for stream in streams_of(node):
        extents = _moved(stream.extents, moved)
        fingerprints = _moved(stream.fingerprints, moved)
        if (extents, fingerprints) != (stream.extents, stream.fingerprints):
            yield changes.Relocate(node.node, stream.key, extents, fingerprints)


def _moved(
    extents: tuple[Extent, ...], moved: dict[Extent, tuple[Extent, ...]]
) -> tuple[Extent, ...]:
    """Put new extents in place of old ones; what then lies end to end becomes one."""
    placed: list[Extent] = []
    for old in extents:
        for new in moved.get(old, (old,)):
            last = placed[-1] if placed else None
            if last and (last.blob, last.offset + last.length) == (new.blob, new.offset):
                placed[-1] = last._replace(length=last.length + new.length)
            else:
                placed.append(new)
    return tuple(placed) if any(old in moved for old in extents) else extents


def _group(sparse: list[Sparse], room: int) -> list[Sparse]:
    """Take from the front what is moved in one go; at least one blob."""
    used = 0
    for number, one in enumerate(sparse[:ROUND_BLOBS]):
        used += one.used
        if number and packed_length(used) > room:
            return sparse[:number]
    return sparse[:ROUND_BLOBS]


async def _next(gatherer: Gatherer) -> list[tuple[Extent, memoryview]] | None:
    try:
        return await gatherer.next()
    except (Refused, Tampered) as error:
        if isinstance(error, Refused) and error.code not in LOST:
            raise
        raise unreadable(error) from error


def _parts(data: memoryview) -> Iterable[bytes]:
    return (
        bytes(data[start : start + SEALED_SEGMENT]) for start in range(0, len(data), SEALED_SEGMENT)
    )
