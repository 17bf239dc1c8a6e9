"""Sealed bytes from the drive: which ranges of which blobs they are, in order, read ahead."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from anoncloud.client.drive import Drive
from anoncloud.client.peer import Reading
from anoncloud.client.transfers.fingerprints import Entry, list_key, list_length, read_list
from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import open_segment, sealed_length, sealed_span, segment_count
from anoncloud.errors import Tampered

READ_AHEAD: Final = 4
"""Ranges that are on their way at once."""


def sealed_ranges(extents: Iterable[Extent], start: int, end: int) -> Iterator[Extent]:
    """Give the ranges that hold bytes *start* to *end* of the sealed stream in *extents*."""
    at = 0
    for blob, offset, length in extents:
        first, last = max(start, at), min(end, at + length)
        if first < last:
            yield Extent(blob, offset + first - at, last - first)
        at += length


class Reader:
    """Reads *ranges* of the drive's blobs in order, a few of them ahead."""

    def __init__(self, drive: Drive, ranges: Iterable[Extent]) -> None:
        self._drive = drive
        self._ranges = iter(ranges)
        self._readings: deque[Reading] = deque()

    async def next(self) -> memoryview | None:
        """Give the next bytes, or None after the last."""
        while True:
            await self._ask()
            if not self._readings:
                return None
            data = await self._readings[0].next()
            if data is not None:
                return data
            self._readings.popleft()

    async def whole(self) -> bytes:
        """Give all that is left."""
        pieces: list[memoryview] = []
        while (data := await self.next()) is not None:
            pieces.append(data)
        return b"".join(pieces)

    def close(self) -> None:
        """Give up what has not come."""
        for reading in self._readings:
            reading.close()

    async def _ask(self) -> None:
        while len(self._readings) < READ_AHEAD:
            extent = next(self._ranges, None)
            if extent is None:
                return
            self._readings.append(await self._drive.peer.read(self._drive.id, extent))


async def read_fingerprints(drive: Drive, stream: Stream) -> list[Entry]:
    """Read and open a stream's list of fingerprints.

    :raises Tampered: it is not what was stored.
    """
    reader = Reader(drive, stream.fingerprints)
    try:
        sealed = await reader.whole()
    finally:
        reader.close()
    key = list_key(FileKey(stream.key))
    return read_list(stream, open_whole(key, list_length(stream), sealed))


def open_whole(key: FileKey, size: int, sealed: bytes) -> bytes:
    """Open a sealed stream of *size* bytes of plaintext that is in memory.

    :raises Tampered: it is not what was sealed.
    """
    if len(sealed) != sealed_length(size):
        message = "a sealed stream has another length than the journal says"
        raise Tampered(message)
    count = segment_count(size)
    opened: list[bytes] = []
    for number in range(count):
        at, length = sealed_span(size, number)
        last = number == count - 1
        opened.append(open_segment(key, number, sealed[at : at + length], last=last))
    return b"".join(opened)
