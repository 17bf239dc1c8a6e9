"""Many short files down at once: neighbours in a blob are read together, and synced together.

Files that were stored together lie together. So a few large ranges are read, cut into the files'
sealed streams, opened and written aside in a thread, and when a whole group is on the disk it is
synced once and every file gets its name. What an earlier try has written aside is not read again.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

import attrs
from twisted.internet.defer import Deferred

from anoncloud.client.drive import Drive
from anoncloud.client.streams import unheeded
from anoncloud.client.threads import InThread, Progress, pass_files
from anoncloud.client.transfers.compressing import Expander
from anoncloud.client.transfers.localfiles import fault
from anoncloud.client.transfers.policies import Seen
from anoncloud.client.transfers.reading import Reader, open_whole
from anoncloud.client.transfers.targets import name_part, part_path, write_all
from anoncloud.client.tree.versions import Version, check_version
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.disk.syscalls import sync_disk
from anoncloud.errors import AnonymousCloudError, LocalError, Tampered
from anoncloud.ids import BlobId
from anoncloud.limits import KIB, MIB

SHORT: Final = MIB
"""Files of at most this are brought down so."""
GROUP_FILES: Final = 5000
GROUP_BYTES: Final = 128 * MIB
"""What is synced and named in one go."""
WRITE_FILES: Final = 128
"""Files that are opened and written in one go."""
RANGE: Final = MIB
GAP: Final = 64 * KIB
"""Bytes that nobody wants are read too if they are so few."""


@attrs.frozen
class Wish:
    """A file that is wanted at *path*; with *overwrite* it may replace what *stands* there.

    None: whatever that is by then.
    """

    version: Version
    path: str
    overwrite: bool
    stands: Seen | None = None


@attrs.define(eq=False)
class _Coming:
    """A wish, and how much of its sealed stream has not come yet."""

    wish: Wish
    missing: int
    parts: dict[int, memoryview] = attrs.Factory(dict)

    def sealed(self) -> bytes:
        return b"".join(self.parts[number] for number in sorted(self.parts))


_Slice = tuple[int, int, int, _Coming]
"""Offset and length in a blob, the number of the part, and the file it is of."""


def is_short(version: Version) -> bool:
    """Whether a version comes down in a group."""
    return not version.pieces and version.size <= SHORT


def groups(wishes: Iterable[Wish]) -> Iterator[list[Wish]]:
    """Divide wishes into groups."""
    group: list[Wish] = []
    length = 0
    for wish in wishes:
        group.append(wish)
        length += wish.version.size
        if len(group) >= GROUP_FILES or length >= GROUP_BYTES:
            yield group
            group, length = [], 0
    if group:
        yield group


def _ranges(coming: list[_Coming]) -> Iterator[tuple[Extent, list[_Slice]]]:
    """Give the ranges to read, blob after blob, and what each of them holds."""
    by_blob: dict[BlobId, list[_Slice]] = {}
    for file in coming:
        for number, (blob, offset, length) in enumerate(file.wish.version.streams[0].extents):
            by_blob.setdefault(blob, []).append((offset, length, number, file))
    for blob, slices in by_blob.items():
        slices.sort(key=lambda one: one[0])
        run: list[_Slice] = []
        start = end = 0
        for one in slices:
            if run and (one[0] > end + GAP or one[0] + one[1] - start > RANGE):
                yield Extent(blob, start, end - start), run
                run = []
            if not run:
                start = end = one[0]
            run.append(one)
            end = max(end, one[0] + one[1])
        yield Extent(blob, start, end - start), run


class BulkDownload:
    """Brings groups of short files down."""

    def __init__(self, drive: Drive, in_thread: InThread, progress: Progress) -> None:
        self._drive = drive
        self._in_thread = in_thread
        self._progress = progress
        self._writing: Deferred[list[AnonymousCloudError | None]] | None = None
        self._under_way: list[_Coming] = []
        self._written: list[Wish] = []
        self._named: list[tuple[Wish, AnonymousCloudError | None]] = []

    async def group(self, wishes: list[Wish]) -> list[tuple[Wish, AnonymousCloudError | None]]:
        """Bring one group down; give for each file what went wrong, if something did."""
        for wish in wishes:
            check_version(wish.version)
        self._named = []
        coming = await self._still_missing(wishes)
        ranges = list(_ranges(coming))
        reader = Reader(self._drive, (extent for extent, _ in ranges))
        ready: list[_Coming] = []
        try:
            for extent, slices in ranges:
                view = memoryview(await self._read(reader, extent.length))
                for offset, length, number, file in slices:
                    at = offset - extent.offset
                    file.parts[number] = view[at : at + length]
                    file.missing -= 1
                    if not file.missing:
                        ready.append(file)
                if len(ready) >= WRITE_FILES:
                    await self._write(ready)
                    ready = []
            await self._write(ready)
            await self._await_written()
        finally:
            reader.close()
            if self._writing is not None:
                unheeded(self._writing)
        outcomes: list[AnonymousCloudError | None]
        outcomes = await self._in_thread(_settle, self._written)
        self._named += zip(self._written, outcomes, strict=True)
        self._written = []
        return self._named

    async def _still_missing(self, wishes: list[Wish]) -> list[_Coming]:
        """Sort out what an earlier try has written aside."""
        kept = await self._in_thread(_are_left, wishes, self._drive.prints)
        coming: list[_Coming] = []
        for wish, is_left in zip(wishes, kept, strict=True):
            if is_left:
                self._written.append(wish)
                pass_files(self._progress, skipped=wish.version.size)
            else:
                coming.append(_Coming(wish, len(wish.version.streams[0].extents)))
        return coming

    async def _read(self, reader: Reader, length: int) -> bytes:
        pieces: list[memoryview] = []
        while length > 0:
            data = await reader.next()
            if data is None:
                message = "the server sent less of a blob than was asked for"
                raise Tampered(message)
            pieces.append(data)
            length -= len(data)
        return b"".join(pieces)

    async def _write(self, ready: list[_Coming]) -> None:
        await self._await_written()
        if ready:
            self._writing = self._in_thread(_write_all, ready)
            self._under_way = ready

    async def _await_written(self) -> None:
        if self._writing is None:
            return
        writing, self._writing = self._writing, None
        for file, error in zip(self._under_way, await writing, strict=True):
            file.parts.clear()
            if error is None:
                self._written.append(file.wish)
                self._progress(file.wish.version.size)
                pass_files(self._progress)
            else:
                self._named.append((file.wish, error))
                pass_files(self._progress, skipped=file.wish.version.size)


def _are_left(wishes: list[Wish], prints: Fingerprints) -> list[bool]:
    return [_is_left(_part(wish), wish.version, prints) for wish in wishes]


def _is_left(part: str, version: Version, prints: Fingerprints) -> bool:
    """Whether *part* is ours, finished, and has the very content: time and mode come last."""
    try:
        with open(part, "rb", opener=_open_left) as file:
            status = os.fstat(file.fileno())
            found = (status.st_size, status.st_mtime_ns, stat.S_IMODE(status.st_mode))
            whole = found == (version.size, version.modified, version.mode & 0o777)
            mine = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
            return whole and mine and prints.whole(file.read(SHORT + 1)) == version.digest
    except OSError:
        return False


def _open_left(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _write_all(files: list[_Coming]) -> list[AnonymousCloudError | None]:
    return [_write_one(file.wish, file.sealed()) for file in files]


def _write_one(wish: Wish, sealed: bytes) -> AnonymousCloudError | None:
    """Open a file and write it aside; the error is given, so that the others go on."""
    version = wish.version
    try:
        (stream,) = version.streams
        plaintext = open_whole(FileKey(stream.key), stream.size, sealed)
        if version.expanded:
            expander = Expander(version.expanded)
            plaintext = expander.expand(plaintext)
            expander.finish()
        _write_part(_part(wish), version, plaintext)
    except OSError as error:
        return fault("writing", wish.path, error)
    except Tampered as error:
        return error
    return None


def _write_part(part: str, version: Version, plaintext: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(part, flags, 0o600)
    except FileExistsError:  # left by a try that was cut short; nobody else's may be written to
        os.unlink(part)
        descriptor = os.open(part, flags, 0o600)
    try:
        write_all(descriptor, [plaintext])
        os.fchmod(descriptor, version.mode & 0o777)
        os.utime(descriptor, ns=(version.modified, version.modified))
    except OSError:
        os.unlink(part)
        raise
    finally:
        os.close(descriptor)


def _settle(wishes: list[Wish]) -> list[AnonymousCloudError | None]:
    """Sync what lies aside, and give it its names."""
    sync_disk({os.path.dirname(wish.path) or "." for wish in wishes})
    outcomes: list[AnonymousCloudError | None] = []
    for wish in wishes:
        try:
            name_part(_part(wish), wish.path, overwrite=wish.overwrite, stands=wish.stands)
        except LocalError as error:
            with suppress(OSError):
                os.unlink(_part(wish))
            outcomes.append(error)
        else:
            outcomes.append(None)
    return outcomes


def _part(wish: Wish) -> str:
    return part_path(wish.path, wish.version.digest)
