"""Where plaintext goes: a local file, written aside and named at the end, or a stream; blocking.

A file appears under its name whole or not at all. What is unfinished lies beside it under a hidden
name that the same content always gets, so that a later try can carry it on.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from zlib import crc32

from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.policies import Seen
from anoncloud.disk.direct import DirectFile
from anoncloud.disk.syscalls import rename_new
from anoncloud.errors import Exists, LocalError

_STEM: Final = 200
"""Bytes of a file's name that its hidden name keeps; a longer one is told apart by its checksum."""


class Target(Protocol):
    """Where the plaintext of a file goes."""

    def write(self, plaintext: list[bytes]) -> None:
        """Write pieces in order."""

    def finish(self, modified: int, mode: int) -> None:
        """Say that all of it came and was authentic; *modified* in nanoseconds."""

    def abandon(self) -> None:
        """Leave no trace. Harmless after :meth:`finish`."""


def part_path(path: str, mark: bytes) -> str:
    """Give the hidden name of an unfinished *path* whose content has *mark*, at least 4 bytes."""
    folder, slash, name = path.rpartition("/")
    whole = os.fsencode(name)
    stem = os.fsdecode(whole if len(whole) <= _STEM else b"%b.%08x" % (whole[:_STEM], crc32(whole)))
    return f"{folder}{slash}.{stem}.{mark[:4].hex()}.part"


class PartFile:
    """A local file in the making; it appears under its name by :meth:`finish`."""

    def __init__(
        self, path: Path, mark: bytes, *, overwrite: bool, stands: Seen | None = None
    ) -> None:
        self._path = path
        self._stands = stands
        self._part = Path(part_path(str(path), mark))
        self._overwrite = overwrite
        with reported("writing", path):
            if not overwrite and os.path.lexists(path):
                raise exists(path)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._part, flags, 0o600)
        self._open = True
        self._file = DirectFile()
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._close()
            message = f"writing {show_local(path)}: another program is bringing this file here"
            raise Exists(message, "wait for it") from error

    def kept(self, offset: int, length: int) -> bytes:
        """Read what an earlier try has left at *offset*; shorter, or empty, past its end."""
        with reported("reading", self._part):
            return os.pread(self._descriptor, length, offset)

    def cut(self, length: int) -> None:
        """Keep the first *length* bytes, and go on writing behind them."""
        with reported("writing", self._path):
            os.ftruncate(self._descriptor, length)
            self._file = DirectFile(length)

    def write(self, plaintext: list[bytes]) -> None:
        with reported("writing", self._path):
            self._file.write(self._descriptor, plaintext)

    def finish(self, modified: int, mode: int) -> None:
        with reported("writing", self._path):
            self._file.drain(self._descriptor)
            os.fchmod(self._descriptor, mode & 0o777)
            os.fsync(self._descriptor)
            os.utime(self._descriptor, ns=(modified, modified))
            self._close()
        try:
            name_part(self._part, self._path, overwrite=self._overwrite, stands=self._stands)
        except LocalError:
            self._part.unlink(missing_ok=True)
            raise

    def abandon(self) -> None:
        self._close()
        self._part.unlink(missing_ok=True)

    def leave(self) -> None:
        """Close it, and leave what came for a later try. Harmless after :meth:`finish`."""
        if self._open:
            with suppress(OSError):  # what is not written comes again
                self._file.drain(self._descriptor)
        self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._file.close()
            os.close(self._descriptor)


class StreamTarget:
    """A stream such as standard output; what was written can't be taken back."""

    def __init__(self, file: BinaryIO, shown: str) -> None:
        self._file = file
        self._shown = shown

    def write(self, plaintext: list[bytes]) -> None:
        with reported("writing", self._shown):
            self._file.writelines(plaintext)

    def finish(self, modified: int, mode: int) -> None:
        del modified, mode
        with reported("writing", self._shown):
            self._file.flush()

    def abandon(self) -> None:
        """Leave what is in the stream; the exit code says that it is not whole."""


def write_all(descriptor: int, pieces: list[bytes]) -> None:
    """Write all of *pieces*, however often the system writes a part of them."""
    waiting: list[bytes | memoryview] = [piece for piece in pieces if piece]
    while waiting:
        written = os.writev(descriptor, waiting)
        while waiting and written >= len(waiting[0]):
            written -= len(waiting.pop(0))
        if written:
            waiting[0] = memoryview(waiting[0])[written:]


def name_part(
    part: str | Path, path: str | Path, *, overwrite: bool, stands: Seen | None = None
) -> None:
    """Give a finished part its name; unless *overwrite* only if nobody has that name.

    With *stands* it replaces nothing that looks otherwise.
    """
    with reported("writing", path):
        if overwrite:
            if stands is not None and look(path) not in {None, stands}:
                message = f"writing {show_local(path)}: it has changed meanwhile"
                raise Exists(message, "look at it, and try again")
            os.replace(part, path)
            return
        try:
            rename_new(str(part), str(path))
        except FileExistsError as error:
            raise exists(path) from error


def look(path: str | Path) -> Seen | None:
    """Tell what that looks like which is at *path*, if anything is.

    :raises OSError: the disk's word.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return Seen(status.st_size, status.st_mtime_ns)


def exists(path: str | Path) -> Exists:
    """Say that something is in the way."""
    message = f"writing {show_local(path)}: something of that name exists"
    return Exists(message, "use --force to replace it, or choose another place")
