"""Files down: extents read ahead in order, segments opened, written aside, and named at the end.

A few extents are on their way at once; each holds at most its credit, so memory does not depend on
the file. Opening and writing run in a thread, beside the network. A segment that is not authentic
ends the download, and nothing appears under the file's name.
"""

from collections import deque
from typing import Final

from twisted.internet.defer import Deferred

from anoncloud.client.changes import Version
from anoncloud.client.drive import Drive
from anoncloud.client.localfiles import BATCH, Target, open_and_write
from anoncloud.client.peer import Reading
from anoncloud.client.streams import unheeded
from anoncloud.client.uploads import InThread, Progress
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import sealed_length, segment_count
from anoncloud.errors import Tampered
from anoncloud.limits import SEALED_SEGMENT

READ_AHEAD: Final = 4
"""Extents that are on their way at once."""


class SegmentCutter:
    """Cut a sealed stream, however it comes, into sealed segments."""

    def __init__(self, length: int) -> None:
        self._missing = length
        self._buffer = bytearray()

    def feed(self, data: memoryview) -> list[bytes]:
        """Take the next bytes; give the segments that are whole now."""
        if not self._buffer and len(data) == SEALED_SEGMENT and self._missing >= len(data):
            self._missing -= SEALED_SEGMENT
            return [bytes(data)]
        self._buffer += data
        whole: list[bytes] = []
        while self._buffer:
            length = min(SEALED_SEGMENT, self._missing)
            if len(self._buffer) < length or not length:
                break
            whole.append(bytes(self._buffer[:length]))
            del self._buffer[:length]
            self._missing -= length
        return whole


async def download(
    drive: Drive, version: Version, target: Target, in_thread: InThread, progress: Progress
) -> None:
    """Bring *version* down to *target*, and finish it; or abandon it and raise.

    :raises Tampered: the server sent something else than what was stored.
    """
    try:
        await _Download(drive, version, target, in_thread, progress).run()
        await in_thread(target.finish, version.modified, version.mode)
    except BaseException:
        await in_thread(target.abandon)
        raise


class _Download:
    """One file on its way down."""

    def __init__(
        self, drive: Drive, version: Version, target: Target, in_thread: InThread, progress: Progress
    ) -> None:
        self._drive = drive
        self._target = target
        self._in_thread = in_thread
        self._progress = progress
        self._key = FileKey(version.key)
        self._segments = segment_count(version.size)
        length = sealed_length(version.size)
        if sum(extent.length for extent in version.extents) != length:
            message = "the journal's record of this file contradicts itself"
            raise Tampered(message)
        self._cutter = SegmentCutter(length)
        self._extents: deque[Extent] = deque(version.extents)
        self._readings: deque[Reading] = deque()
        self._sealed: list[bytes] = []
        self._next = 0
        self._writing: Deferred[int] | None = None

    async def run(self) -> None:
        """Read everything in order, writing one batch while the next one comes."""
        try:
            while self._extents or self._readings:
                while self._extents and len(self._readings) < READ_AHEAD:
                    extent = self._extents.popleft()
                    self._readings.append(await self._drive.peer.read(self._drive.id, extent))
                await self._drain(self._readings[0])
                self._readings.popleft()
            await self._write()
            await self._written()
        finally:
            for reading in self._readings:
                reading.close()
            if self._writing is not None:
                unheeded(self._writing)
        if self._next != self._segments:
            message = "a file came down shorter than it is"
            raise Tampered(message)

    async def _drain(self, reading: Reading) -> None:
        while (data := await reading.next()) is not None:
            self._sealed += self._cutter.feed(data)
            if len(self._sealed) >= BATCH:
                await self._write()

    async def _write(self) -> None:
        """Open and write what has come, as soon as the batch before is written."""
        await self._written()
        batch, self._sealed = self._sealed, []
        first, self._next = self._next, self._next + len(batch)
        last = self._next == self._segments
        self._writing = self._in_thread(
            open_and_write, self._target, self._key, first, batch, last=last
        )

    async def _written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self._progress(await writing)
