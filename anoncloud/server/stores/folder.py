"""Blobs as files in a local folder, under fake names with fake extensions.

Bytes come in aside, in ``incoming``; whole blobs are synced, renamed into a fanned-out tree, and
the folders synced, a group at a time. All of it runs in threads. A failed sync is never believed
the second time: the blob is discarded, and whoever sent it is told.
"""

import base64
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final
from zlib import crc32

from twisted.internet.defer import DeferredLock
from twisted.logger import Logger

from anoncloud.disk import direct
from anoncloud.disk.direct import DirectFile
from anoncloud.disk.replacing import sync_folder
from anoncloud.errors import Code, LocalError, Refused
from anoncloud.ids import ID_LENGTH, BlobId
from anoncloud.server.contracts import AsyncFilter, Incoming
from anoncloud.server.stores.coming import Comings, InThread, absent
from anoncloud.server.stores.placing import is_there, lay_out, place

EXTENSIONS: Final = (
    ".jpg", ".png", ".mp3", ".mp4", ".pdf", ".docx", ".xlsx", ".txt",
    ".zip", ".odt", ".csv", ".flac", ".avi", ".html", ".epub", ".gif",
)  # fmt: skip
"""What a blob may seem to be; which one says nothing, because its random name decides."""


def file_name(blob: BlobId) -> Path:
    """Make the fake name of a blob: two folders, then a name of 24 letters with an extension."""
    letters = base64.b32encode(blob).decode().rstrip("=").lower()
    return Path(letters[0], letters[1], letters[2:] + EXTENSIONS[blob[-1] % len(EXTENSIONS)])


def blob_of(path: Path) -> BlobId | None:
    """Undo :func:`file_name`; None for a file that is no blob."""
    first, second, name = path.parts[-3:]
    letters = (first + second + name.partition(".")[0]).upper()
    try:
        blob = BlobId(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    except ValueError:
        return None
    return blob if len(blob) == ID_LENGTH and path.match(str(file_name(blob))) else None


class FolderBlobs:
    """Fulfils :class:`~anoncloud.server.contracts.BlobStore` in *folder*."""

    def __init__(self, folder: Path, in_thread: InThread, holder: bytes = b"") -> None:
        """Make *folder* if need be; *holder* names the process to others that use it.

        :raises LocalError: it can't be made or used.
        """
        self._folder = folder
        self._aside = folder / "incoming"
        self._in_thread = in_thread
        self._names = Comings(in_thread, self._remove)
        self._begun = 0
        self._mark = f".{holder.hex()}" if holder else ""
        try:
            for made in (folder, self._aside):
                made.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(made.parent)
        except OSError as error:
            raise _unusable(folder, error) from error

    def tidy(self, holder: bytes | None = None) -> None:
        """Remove what was coming in when a server, or one process of it, was killed; blocking.

        Before anything begins, or after that process has ended.

        :raises LocalError: it can't be removed.
        """
        try:
            for left in self._aside.glob("*" if holder is None else f"*.{holder.hex()}.*"):
                left.unlink(missing_ok=True)  # a process that ends may still be clearing up
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def lay_out(self) -> None:
        """Get ready for several processes; blocking.

        :raises LocalError: a folder can't be made.
        """
        try:
            lay_out(self._folder)
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def begin(self, blob: BlobId) -> "FolderIncoming":
        let_go = self._names.begin(blob)
        self._begun += 1
        aside = self._aside / f"{blob.hex()}{self._mark}.{self._begun}"
        return FolderIncoming(blob, aside, self._in_thread, let_go)

    async def settle(self, incoming: Sequence[Incoming]) -> list[Refused | None]:
        ours = [one for one in incoming if isinstance(one, FolderIncoming)]
        outcomes: list[Refused | None] = await self._in_thread(self._settle, ours)
        for one, outcome in zip(ours, outcomes, strict=True):
            if outcome is None:
                one.let_go()
            else:
                await one.discard()
        return outcomes

    def _settle(self, incoming: list["FolderIncoming"]) -> list[Refused | None]:
        outcomes = [_attempt(one.sync) for one in incoming]
        folders: dict[Path, dict[int, bool]] = {}
        for number, one in enumerate(incoming):
            if outcomes[number] is None:
                target = self._folder / file_name(one.blob)
                folders.setdefault(target.parent, {})[number] = is_there(target)
                outcomes[number] = _attempt(partial(place, one.path, target))
        for folder, numbers in folders.items():
            fault = _attempt(partial(sync_folder, folder))
            for number, was_there in numbers.items() if fault else ():
                outcomes[number] = outcomes[number] or fault
                if not was_there:  # or what was promised before would go
                    placed = self._folder / file_name(incoming[number].blob)
                    _attempt(partial(placed.unlink, missing_ok=True))
        return outcomes

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        read: bytes = await self._in_thread(self._read, blob, offset, length)
        return read

    def _read(self, blob: BlobId, offset: int, length: int) -> bytes:
        try:
            descriptor = os.open(self._folder / file_name(blob), os.O_RDONLY | os.O_CLOEXEC)
            try:
                read = direct.read(descriptor, length, offset)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _refused(error) from error
        if len(read) != length:
            raise absent()
        return read

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        await self._names.remove(blobs)

    def _remove(self, blobs: Sequence[BlobId]) -> None:
        paths = [self._folder / file_name(blob) for blob in blobs]
        faults = [_attempt(partial(path.unlink, missing_ok=True)) for path in paths]
        for fault in filter(None, faults):
            raise fault

    async def free(self) -> int | None:
        told: os.statvfs_result = await self._in_thread(os.statvfs, self._folder)
        return told.f_bavail * told.f_frsize

    async def orphans(self, known: AsyncFilter, before: float) -> int:
        return await self._names.orphans(self._old_blobs(before), known)

    def _old_blobs(self, before: float) -> Iterator[BlobId]:
        for path in self._folder.glob("?/?/*"):
            blob = blob_of(path)
            with suppress(FileNotFoundError):
                if blob is not None and path.stat().st_mtime < before:
                    yield blob


class FolderIncoming:
    """Fulfils :class:`~anoncloud.server.contracts.Incoming`: one file in ``incoming``."""

    def __init__(
        self, blob: BlobId, path: Path, in_thread: InThread, let_go: Callable[[], None]
    ) -> None:
        self.blob = blob
        self.path = path
        self._let_go: Callable[[], None] | None = let_go
        self._in_thread = in_thread
        self._turn = DeferredLock()
        self._file = DirectFile()
        self._descriptor: int | None = None
        self._checksum = 0

    def checksum(self) -> int:
        return self._checksum

    def let_go(self) -> None:
        """Give the name back; from here on path and name may be another's."""
        if self._let_go is not None:
            let_go, self._let_go = self._let_go, None
            let_go()

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        async with self._turn:  # or a discard would close the file under a thread that writes
            for piece in pieces if self._let_go is not None else ():
                rest = memoryview(piece)
                while rest:
                    rest = rest[self._file.gather(rest) :]
                    if self._file.is_full:
                        await self._in_thread(self._drain)

    def _drain(self) -> None:
        try:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                self._descriptor = os.open(self.path, flags, 0o600)
            self._checksum = crc32(self._file.gathered, self._checksum)
            self._file.drain(self._descriptor)
        except OSError as error:
            raise _refused(error) from error

    def sync(self) -> None:
        """Make the bytes durable; blocking.

        :raises Refused: the disk's word.
        """
        self._drain()
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)
            self._close()

    async def discard(self) -> None:
        async with self._turn:
            if self._let_go is not None:
                await self._in_thread(self._discard)
                self.let_go()

    def _discard(self) -> None:
        _attempt(self._close)
        _attempt(partial(self.path.unlink, missing_ok=True))

    def _close(self) -> None:
        self._file.close()
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


_log = Logger()


def _attempt(step: Callable[[], None]) -> Refused | None:
    try:
        step()
    except Refused as refused:
        return refused
    except OSError as error:
        return _refused(error)
    return None


def _unusable(folder: Path, error: OSError) -> LocalError:
    message = f"opening the blob folder {folder}: {error.strerror}"
    return LocalError(message, "check the disk, and who owns the folder")


def _refused(error: OSError) -> Refused:
    """Turn a fault of the disk into the answer to the peer; the owner finds it in the log."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        message = "the server's disk is full"
        return Refused(Code.DISK_FULL, message, "tell the server's owner; nothing stored is lost")
    _log.error("the blob folder has a fault: {error}", error=error.strerror)
    message = "the server's disk has a fault"
    return Refused(Code.UNAVAILABLE, message, "try again, or tell the server's owner")
