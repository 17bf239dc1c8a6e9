"""Many ranges of blobs in few requests: neighbours in a blob are read in one go.

Short files that were stored together lie together, so one request brings hundreds of them.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.reading import Reader
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Tampered
from anoncloud.limits import KIB, MIB

RUN: Final = MIB
"""Bytes that are read in one go, unless a single range is longer."""
GAP: Final = 64 * KIB
"""Bytes that nobody wants are read too if they are so few."""


def runs(wanted: Iterable[Extent]) -> Iterator[tuple[Extent, list[Extent]]]:
    """Give what is to be read for *wanted*, whose neighbours follow each other, and for which."""
    inside: list[Extent] = []
    start = end = 0
    for extent in wanted:
        reach = max(end, extent.offset + extent.length)
        if inside and (
            extent.blob != inside[0].blob
            or not start <= extent.offset <= end + GAP
            or reach - start > RUN
        ):
            yield Extent(inside[0].blob, start, end - start), inside
            inside = []
        if not inside:
            start, reach = extent.offset, extent.offset + extent.length
        inside.append(extent)
        end = reach
    if inside:
        yield Extent(inside[0].blob, start, end - start), inside


class Gatherer:
    """Reads *wanted* from *drive*, run by run, a few requests ahead."""

    def __init__(self, drive: Drive, wanted: Iterable[Extent]) -> None:
        self._runs = deque(runs(wanted))
        self._reader = Reader(drive, [extent for extent, _ in self._runs])
        self._left = memoryview(b"")

    async def next(self) -> list[tuple[Extent, memoryview]] | None:
        """Give the next few ranges with their bytes, or None after the last.

        :raises Tampered: the server sent less than was asked for.
        """
        if not self._runs:
            return None
        whole, inside = self._runs.popleft()
        view = memoryview(await self._read(whole.length))
        return [
            (extent, view[extent.offset - whole.offset :][: extent.length]) for extent in inside
        ]

    def close(self) -> None:
        """Give up what has not come."""
        self._reader.close()

    async def _read(self, length: int) -> bytes:
        pieces: list[memoryview] = []
        while length > 0:
            data = self._left or await self._reader.next()
            if data is None:
                message = "the server sent less of a blob than was asked for"
                raise Tampered(message)
            pieces.append(data[:length])
            self._left = data[length:]
            length -= len(pieces[-1])
        return b"".join(pieces)
