"""A long file down: its sealed segments in order, opened and written a batch behind the network.

A few ranges are on their way at once; each holds at most its credit, so memory does not depend on
the file. A segment that is not authentic ends the download, and nothing appears under the file's
name. What an earlier try has left is carried on, as far as its fingerprints prove it.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from anoncloud.client.ahead import Behind
from anoncloud.client.drive import Drive
from anoncloud.client.threads import InThread, Progress
from anoncloud.client.transfers.compressing import Expander
from anoncloud.client.transfers.fingerprints import MOST, Entry
from anoncloud.client.transfers.reading import Reader, read_fingerprints, sealed_ranges
from anoncloud.client.transfers.targets import PartFile, Target
from anoncloud.client.tree.versions import Version, check_version
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import open_segment, sealed_span, segment_count
from anoncloud.errors import LocalFileError, Tampered
from anoncloud.limits import SEALED_SEGMENT, SEGMENT

BATCH: Final = 32
"""Segments that are opened and written in one go: 2 MiB."""


class Segment(NamedTuple):
    """One segment that a version needs: where it lies in its stream, and what of it is wanted."""

    stream: int
    number: int
    last: bool
    sealed: int
    """Bytes of it, sealed."""
    begin: int
    end: int
    """The part of its plaintext that belongs to the file."""


def segments_of(version: Version) -> Iterator[Segment]:
    """Give the segments that make up a file, in order."""
    for stream, offset, length in version.parts():
        size, end = version.streams[stream].size, offset + length
        last = segment_count(size) - 1
        for number in range(offset // SEGMENT, max(offset // SEGMENT + 1, -(-end // SEGMENT))):
            start = number * SEGMENT
            yield Segment(
                stream,
                number,
                number == last,
                sealed_span(size, number)[1],
                max(0, offset - start),
                min(SEGMENT, end - start),
            )


def ranges_of(version: Version, segments: Iterator[Segment]) -> Iterator[Extent]:
    """Give the ranges of blobs that hold *segments*, in order, runs of a stream in one go."""
    run: tuple[int, int, int] | None = None
    for segment in segments:
        start = segment.number * SEALED_SEGMENT
        if run is not None and (run[0], run[2]) == (segment.stream, start):
            run = (run[0], run[1], start + segment.sealed)
            continue
        if run is not None:
            yield from sealed_ranges(version.streams[run[0]].extents, run[1], run[2])
        run = (segment.stream, start, start + segment.sealed)
    if run is not None:
        yield from sealed_ranges(version.streams[run[0]].extents, run[1], run[2])


class SegmentCutter:
    """Cuts bytes, however they come, into sealed segments of the lengths that are asked for."""

    def __init__(self) -> None:
        self._parts: deque[memoryview] = deque()
        self._length = 0

    def feed(self, data: memoryview) -> None:
        """Take the next bytes."""
        self._parts.append(data)
        self._length += len(data)

    def cut(self, length: int) -> bytes | None:
        """Cut off *length* bytes, or None if they have not come."""
        if self._length < length:
            return None
        self._length -= length
        taken: list[memoryview] = []
        while length:
            part = self._parts.popleft()
            if len(part) > length:
                self._parts.appendleft(part[length:])
                part = part[:length]
            taken.append(part)
            length -= len(part)
        return b"".join(taken)


async def download(
    drive: Drive, version: Version, target: Target, in_thread: InThread, progress: Progress
) -> None:
    """Bring *version* down to *target*, and finish it; or abandon it and raise.

    A :class:`PartFile` is carried on, and left for a later try if the download is cut short.

    :raises Tampered: the server sent something else than what was stored.
    """
    check_version(version)
    running = _Download(drive, version, target, in_thread, progress)
    try:
        await running.run()
        await in_thread(target.finish, version.modified, version.mode)
    except (Tampered, LocalFileError):
        await in_thread(target.abandon)
        raise
    except BaseException:
        leave = target.leave if isinstance(target, PartFile) else target.abandon
        await in_thread(leave)
        raise


class _Download:
    """One file on its way down."""

    def __init__(
        self,
        drive: Drive,
        version: Version,
        target: Target,
        in_thread: InThread,
        progress: Progress,
    ) -> None:
        self._drive = drive
        self._version = version
        self._target = target
        self._in_thread = in_thread
        self._progress = progress
        self._opener = Opener(version, drive.prints)
        self._behind = Behind(self._open_and_write, in_thread, progress)

    async def run(self) -> None:
        """Read everything in order; opening and writing follow a few batches behind."""
        kept = await self._carry_on()
        wanted = self._segments_from(kept)
        reader = Reader(self._drive, ranges_of(self._version, self._segments_from(kept)))
        cutter = SegmentCutter()
        batch: list[tuple[Segment, bytes]] = []
        try:
            for segment in wanted:
                while (sealed := cutter.cut(segment.sealed)) is None:
                    data = await reader.next()
                    if data is None:
                        message = "a file came down shorter than it is"
                        raise Tampered(message)
                    cutter.feed(data)
                batch.append((segment, sealed))
                if len(batch) == BATCH:
                    await self._behind.put(batch)
                    batch = []
            await self._behind.put(batch)
            await self._behind.finish()
        finally:
            reader.close()
            await self._behind.close()  # nothing may write to a target that is given up
        self._opener.finish()

    def _segments_from(self, kept: int) -> Iterator[Segment]:
        segments = segments_of(self._version)
        for _ in range(kept):
            next(segments)
        return segments

    async def _carry_on(self) -> int:
        """Prove what an earlier try has left; give the number of segments that need not come."""
        if not isinstance(self._target, PartFile):
            return 0
        left: bytes = await self._in_thread(self._target.kept, 0, 1)
        lists: dict[int, list[Entry]] = {}
        if left and not self._version.expanded:
            for number, stream in enumerate(self._version.streams):
                if stream.fingerprints and stream.size <= MOST:
                    lists[number] = await read_fingerprints(self._drive, stream)
        kept, length = await self._in_thread(self._prove, self._target, lists)
        self._progress(length)
        return int(kept)

    def _prove(self, part: PartFile, lists: dict[int, list[Entry]]) -> tuple[int, int]:
        kept = length = 0
        for segment in segments_of(self._version):
            entries = lists.get(segment.stream)
            plain = sealed_plain(segment)
            if entries is None or (segment.begin, segment.end) != (0, plain):
                break
            found = part.kept(length, plain)
            if self._drive.prints.segment(found) != entries[segment.number].fingerprint:
                break
            self._opener.pass_over(found)
            kept, length = kept + 1, length + plain
        part.cut(length)
        return kept, length

    def _open_and_write(self, batch: list[tuple[Segment, bytes]]) -> int:
        """Open a batch and write it; nothing of it is written unless all of it is authentic."""
        plaintext = self._opener.open(batch)
        self._target.write(plaintext)
        return sum(map(len, plaintext))


def sealed_plain(segment: Segment) -> int:
    """Tell how much plaintext a segment has in all."""
    return segment.sealed - (SEALED_SEGMENT - SEGMENT)


class Opener:
    """Turns a version's sealed segments, in order, into its content.

    A whole stream is proven by its segments, each of which opens in one place only. Of pieces and
    of a compressed frame the digest of all that comes out is checked, too.
    """

    def __init__(self, version: Version, prints: Fingerprints) -> None:
        self._keys = [FileKey(stream.key) for stream in version.streams]
        self._wanted = version.digest
        self._digest = prints.content() if version.pieces or version.expanded else None
        self._expander = Expander(version.expanded) if version.expanded else None

    def open(self, batch: list[tuple[Segment, bytes]]) -> list[bytes]:
        """Open sealed segments; give what is wanted of them.

        :raises Tampered: one of them is not what was stored there.
        """
        content: list[bytes] = []
        for segment, sealed in batch:
            key = self._keys[segment.stream]
            opened = open_segment(key, segment.number, sealed, last=segment.last)
            if segment.end - segment.begin < len(opened):
                opened = opened[segment.begin : segment.end]
            if self._expander is not None:
                opened = self._expander.expand(opened)
            self.pass_over(opened)
            content.append(opened)
        return content

    def pass_over(self, content: bytes) -> None:
        """Count content in that is proven otherwise."""
        if self._digest is not None:
            self._digest.update(content)

    def finish(self) -> None:
        """See that all of it came.

        :raises Tampered: it is not what was stored.
        """
        if self._expander is not None:
            self._expander.finish()
        if self._digest is not None and self._digest.digest() != self._wanted:
            message = "a file came down whole, but is not what was stored"
            raise Tampered(message)
