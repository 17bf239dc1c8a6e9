"""Blobs of which the drive names little: which they are, and how long each is.

The tree says which ranges of a blob are named, not how long it is; the server is asked for a byte
that only a bulk blob has. If it lies, a compaction frees less than it could, and nothing else.
"""

from collections.abc import Callable, Iterator
from typing import Final

import attrs
from twisted.internet.defer import Deferred, FirstError, gatherResults

from anoncloud.client.drive import Drive
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.packing import Extent
from anoncloud.errors import AnonymousCloudError, Code, Refused, Tampered
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB, SMALL_BLOB

PROBES: Final = 16
"""Blobs whose length is asked for at once."""
LOST: Final = frozenset({Code.BLOB_UNKNOWN, Code.RANGE_INVALID, Code.UNAVAILABLE})
"""Refusals of a server that has not kept what it had."""
Complain = Callable[[AnonymousCloudError], None]


@attrs.frozen
class Sparse:
    """A blob of *size* bytes of which the drive names only *ranges*."""

    blob: BlobId
    size: int
    ranges: tuple[Extent, ...]

    @property
    def used(self) -> int:
        """Bytes that are still named."""
        return sum(extent.length for extent in self.ranges)

    def is_below(self, threshold: int) -> bool:
        """Whether less than *threshold* per cent of it is named."""
        return self.used * 100 < self.size * threshold


def streams_of(file: File) -> Iterator[Stream]:
    """Give the streams of all versions of a file, each once."""
    streams = {stream.key: stream for kept in file.versions for stream in kept.version.streams}
    return iter(streams.values())


def named_ranges(tree: Tree) -> dict[BlobId, set[tuple[int, int]]]:
    """Give for each blob of a drive the ranges (offset, length) that are named, by whomever."""
    named: dict[BlobId, set[tuple[int, int]]] = {}
    for node in tree.nodes.values():
        for stream in streams_of(node) if isinstance(node, File) else ():
            for blob, offset, length in (*stream.extents, *stream.fingerprints):
                named.setdefault(blob, set()).add((offset, length))
    return named


async def find_sparse(drive: Drive, threshold: int, complain: Complain) -> list[Sparse]:
    """Find the blobs of which less than *threshold* per cent is named, as the tree names them."""
    doubtful: list[Sparse] = []
    for blob, ranges in named_ranges(drive.tree).items():
        extents = tuple(Extent(blob, *each) for each in sorted(ranges))
        reach = max(extent.offset + extent.length for extent in extents)
        found = Sparse(blob, BULK_BLOB, extents)
        if found.is_below(threshold):
            # What lies at the beginning of a blob does not tell how long that is.
            doubtful.append(attrs.evolve(found, size=0) if reach <= SMALL_BLOB else found)
    sized: list[Sparse] = []
    for start in range(0, len(doubtful), PROBES):
        group = doubtful[start : start + PROBES]
        asked = [Deferred.fromCoroutine(_sized(drive, one, complain)) for one in group]
        try:
            sized += await gatherResults(asked, consumeErrors=True)
        except FirstError as error:
            error.subFailure.raiseException()
    return [one for one in sized if one.is_below(threshold)]


async def _sized(drive: Drive, one: Sparse, complain: Complain) -> Sparse:
    """Find out how long a blob is; one that the server has lost stays without a size."""
    if one.size:
        return one
    try:
        reading = await drive.peer.read(drive.id, Extent(one.blob, SMALL_BLOB, 1))
        try:
            size = BULK_BLOB if await reading.next() is not None else SMALL_BLOB
        finally:
            reading.close()
    except Refused as error:
        if error.code is not Code.RANGE_INVALID:
            complain(unreadable(error))
            return one
        size = SMALL_BLOB
    return attrs.evolve(one, size=size)


def unreadable(error: AnonymousCloudError) -> Tampered:
    """Say that a blob is not there, or not whole."""
    message = f"compacting: a blob could not be read: {error.message}"
    return Tampered(message, "run 'anoncloud verify' to see which files are damaged")
