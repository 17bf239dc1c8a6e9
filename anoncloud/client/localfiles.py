"""Local files as sources and targets of transfers; blocking, so it is called in threads.

A target is written aside and appears under its name whole or not at all. Every fault of the local
disk becomes a :class:`LocalFileError` that names the file and what can be done.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

import attrs

from anoncloud.client.names import show
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import open_segment, seal_segment
from anoncloud.errors import Exists, LocalFileError
from anoncloud.limits import SEGMENT

BATCH: Final = 16
"""Segments that are read and sealed, or opened and written, in one go: 1 MiB."""


@attrs.frozen
class SealedBatch:
    """Sealed segments in order; *last* if the file ends with them."""

    segments: list[bytes]
    last: bool


class Source:
    """A file, or a stream of unknown length, read and sealed segment by segment.

    *size* bytes are read if it is known, however the file grows meanwhile; *modified* is in
    nanoseconds.
    """

    def __init__(self, file: BinaryIO, shown: str, modified: int, mode: int) -> None:
        self.modified = modified
        self.mode = mode
        self.read = 0
        self._file = file
        self._shown = shown
        self._number = 0
        self._ahead: bytes | None = None
        self._status: os.stat_result | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a regular file."""
        shown = show(os.fsencode(path))
        with reported("reading", shown):
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            file = os.fdopen(descriptor, "rb", buffering=0)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                file.close()
                message = f"reading {shown}: it is not a regular file"
                raise LocalFileError(message, "only files and folders can be stored")
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        source = cls(file, shown, status.st_mtime_ns, status.st_mode & 0o7777)
        source._status = status
        return source

    def seal_next(self, key: FileKey) -> SealedBatch:
        """Read and seal the next segments; each call carries on where the last one ended."""
        segments: list[bytes] = []
        with reported("reading", self._shown):
            if self._ahead is None:
                self._ahead = self._read_segment()
            while len(segments) < BATCH:
                current, self._ahead = self._ahead, self._read_segment()
                last = not self._ahead
                segments.append(seal_segment(key, self._number, current, last=last))
                self._number += 1
                if last:
                    return SealedBatch(segments, last=True)
        return SealedBatch(segments, last=False)

    def check_unchanged(self) -> None:
        """See that a file was not written to while it was read.

        :raises LocalFileError: it was, so what was read may be half of one and half of another.
        """
        if self._status is None:
            return
        with reported("reading", self._shown):
            now = os.fstat(self._file.fileno())
        before = self._status
        if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or (
            self.read != before.st_size
        ):
            message = f"reading {self._shown}: it changed while it was read"
            raise LocalFileError(message, "store it again when nothing writes to it")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read_segment(self) -> bytes:
        """Read 64 KiB, or what is left; pipes give less at a time than was asked for."""
        wanted = SEGMENT
        if self._status is not None:
            wanted = min(wanted, self._status.st_size - self.read)
        pieces: list[bytes] = []
        while wanted > 0 and (piece := self._file.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
            self.read += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Target(Protocol):
    """Where the plaintext of a file goes."""

    def write(self, plaintext: list[bytes]) -> None:
        """Write pieces in order."""

    def finish(self, modified: int, mode: int) -> None:
        """Say that all of it came and was authentic; *modified* in nanoseconds."""

    def abandon(self) -> None:
        """Leave no trace. Harmless after :meth:`finish`."""


class PartFile:
    """A local file in the making, hidden beside its place; it appears there by :meth:`finish`."""

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._path = path
        self._overwrite = overwrite
        self._shown = show(os.fsencode(path))
        stem = os.fsencode(path.name)[:200]
        aside = b"." + stem + b"." + os.urandom(4).hex().encode() + b".part"
        self._part = path.with_name(os.fsdecode(aside))
        with reported("writing", self._shown):
            if not overwrite and os.path.lexists(path):
                raise self._exists()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._descriptor = os.open(self._part, flags, 0o600)
        self._open = True

    def write(self, plaintext: list[bytes]) -> None:
        with reported("writing", self._shown):
            waiting: list[bytes | memoryview] = [piece for piece in plaintext if piece]
            while waiting:
                written = os.writev(self._descriptor, waiting)
                while waiting and written >= len(waiting[0]):
                    written -= len(waiting.pop(0))
                if written:
                    waiting[0] = memoryview(waiting[0])[written:]

    def finish(self, modified: int, mode: int) -> None:
        with reported("writing", self._shown):
            os.fchmod(self._descriptor, mode & 0o777)
            os.fsync(self._descriptor)
            os.utime(self._descriptor, ns=(modified, modified))
            self._close()
            if self._overwrite:
                self._part.replace(self._path)
            else:
                self._link()

    def abandon(self) -> None:
        self._close()
        self._part.unlink(missing_ok=True)

    def _link(self) -> None:
        """Take the final name only if nobody has it: a rename would replace."""
        try:
            os.link(self._part, self._path)
        except FileExistsError as error:
            raise self._exists() from error
        except OSError:  # no hard links here, so there is no better way than to look first
            if os.path.lexists(self._path):
                raise self._exists() from None
            self._part.rename(self._path)
        else:
            self._part.unlink()

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)

    def _exists(self) -> Exists:
        message = f"writing {self._shown}: something of that name exists"
        return Exists(message, "use --force to replace it, or choose another place")


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
        """What is in the stream stays there; the exit code says that it is not whole."""


def open_and_write(
    target: Target, key: FileKey, first: int, sealed: list[bytes], *, last: bool
) -> int:
    """Open sealed segments from number *first* on and write them; give the plaintext's length.

    Nothing of a batch is written unless all of it is authentic.
    """
    end = len(sealed) - 1
    plaintext = [
        open_segment(key, first + index, segment, last=last and index == end)
        for index, segment in enumerate(sealed)
    ]
    target.write(plaintext)
    return sum(len(piece) for piece in plaintext)


@contextmanager
def reported(doing: str, shown: str) -> Iterator[None]:
    """Turn a fault of the operating system into one that says what was done to which file."""
    try:
        yield
    except OSError as error:
        message = f"{doing} {shown}: {error.strerror or error}"
        raise LocalFileError(message, _advice(error, doing)) from error


def _advice(error: OSError, doing: str) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the name"
    if isinstance(error, PermissionError):
        return "check the permissions"
    if isinstance(error, BrokenPipeError):
        return "the reader of the pipe has gone"
    return "check the disk" if doing == "reading" else "check the space on the disk"
