"""Any range of a file's content, without the rest of it.

Only the segments that hold the range come, each proven to be what was stored at its very place; of
the whole content nothing is proven. A compressed content can only be expanded from its beginning:
what is asked for further on is expanded up to there, and what is asked for again further back than
is remembered comes once more.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from twisted.internet.defer import DeferredLock

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.compressing import Expander
from anoncloud.client.transfers.downloads import (
    Segment,
    SegmentCutter,
    ranges_of,
    segments_of,
)
from anoncloud.client.transfers.reading import Reader
from anoncloud.client.tree.versions import Version, check_version
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import open_segment, sealed_span, segment_count
from anoncloud.errors import Tampered
from anoncloud.limits import MIB, SEGMENT

REMEMBERED: Final = 8 * MIB
"""Bytes of an expanded content that stay in memory."""


def segments_between(version: Version, start: int, end: int) -> Iterator[Segment]:
    """Give the segments that hold bytes *start* to *end* of a content that is not compressed."""
    at = 0
    for stream, offset, length in version.parts():
        first, last = max(start, at), min(end, at + length)
        if first < last:
            begin, stop = offset + first - at, offset + last - at
            size = version.streams[stream].size
            for number in range(begin // SEGMENT, -(-stop // SEGMENT)):
                origin = number * SEGMENT
                yield Segment(
                    stream,
                    number,
                    number == segment_count(size) - 1,
                    sealed_span(size, number)[1],
                    max(0, begin - origin),
                    min(SEGMENT, stop - origin),
                )
        at += length
        if at >= end:
            return


class Ranges:
    """The content of *version*; several ranges of it may be read at once."""

    def __init__(self, drive: Drive, version: Version) -> None:
        check_version(version)
        self.size = version.size
        self._drive = drive
        self._version = version
        self._expanding: _Expanding | None = None
        self._turn = DeferredLock()

    async def read(self, offset: int, length: int) -> bytes:
        """Give *length* bytes at *offset*, or what is there of them.

        :raises Tampered: the server sent something else than what was stored.
        """
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        if self._version.expanded:
            async with self._turn:
                return await self._expanded(offset, end)
        wanted = list(segments_between(self._version, offset, end))
        opened = _Opening(self._drive, self._version, wanted)
        try:
            return b"".join([piece async for piece in opened.pieces()])
        finally:
            opened.close()

    def close(self) -> None:
        """Let go of what is under way."""
        if self._expanding is not None:
            self._expanding.close()

    async def _expanded(self, offset: int, end: int) -> bytes:
        if self._expanding is None or offset < self._expanding.begin:
            self.close()
            self._expanding = _Expanding(self._drive, self._version)
        expanding = self._expanding
        try:
            return await expanding.read(offset, end)
        except BaseException:
            self.close()
            self._expanding = None
            raise


class _Opening:
    """Segments on their way, in order, opened as they come."""

    def __init__(self, drive: Drive, version: Version, wanted: list[Segment]) -> None:
        self._keys = [FileKey(stream.key) for stream in version.streams]
        self._wanted = wanted
        self._reader = Reader(drive, ranges_of(version, iter(wanted)))
        self._cutter = SegmentCutter()

    async def pieces(self) -> AsyncIterator[bytes]:
        for segment in self._wanted:
            while (sealed := self._cutter.cut(segment.sealed)) is None:
                data = await self._reader.next()
                if data is None:
                    message = "a part of a file came down shorter than it is"
                    raise Tampered(message, "run 'anoncloud verify' to see which are damaged")
                self._cutter.feed(data)
            key = self._keys[segment.stream]
            opened = open_segment(key, segment.number, sealed, last=segment.last)
            yield opened[segment.begin : segment.end]

    def close(self) -> None:
        self._reader.close()


class _Expanding:
    """A compressed content as far as it is expanded; the last REMEMBERED bytes are kept.

    :ivar begin: where what is kept begins.
    """

    def __init__(self, drive: Drive, version: Version) -> None:
        self.begin = 0
        self._kept = bytearray()
        self._expander = Expander(version.expanded)
        self._opening = _Opening(drive, version, list(segments_of(version)))
        self._pieces = self._opening.pieces()

    async def read(self, offset: int, end: int) -> bytes:
        while self.begin + len(self._kept) < end:
            frame = await anext(self._pieces, None)
            if frame is None:
                self._expander.finish()
                message = "a compressed file does not expand to what was stored"
                raise Tampered(message, "store the file again from a good copy")
            self._kept += self._expander.expand(frame)
            forgotten = min(offset - self.begin, len(self._kept) - REMEMBERED)
            if forgotten > 0:
                del self._kept[:forgotten]
                self.begin += forgotten
        return bytes(self._kept[offset - self.begin : end - self.begin])

    def close(self) -> None:
        self._opening.close()
