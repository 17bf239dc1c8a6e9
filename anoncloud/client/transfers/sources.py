"""Local files and streams as sources, read in large pieces; blocking, called in threads.

A file is read as it was when it was opened: what grows is read to that length, what shrinks or was
written to meanwhile is refused, so that no half of one state is stored with half of another.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import attrs

from anoncloud.client.transfers.fingerprints import WORTHWHILE
from anoncloud.client.transfers.localfiles import fault, reported, show_local
from anoncloud.client.transfers.matching import Matcher, Old, Run
from anoncloud.client.transfers.unfinished import Identity
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.errors import LocalFileError
from anoncloud.limits import MIB

PIECE: Final = 2 * MIB
"""Plaintext that is read in one go: enough to be worth the way to a thread and back."""
SMALL: Final = WORTHWHILE - 1
"""Files of at most this are read and sealed whole, many in one go."""
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Source(Protocol):
    """Plaintext from anywhere, in order."""

    modified: int
    mode: int
    size: int
    """Bytes of it, as far as is known."""
    given: int
    """Bytes that were given so far."""

    def pieces(self) -> Iterator[bytes]:
        """Give the plaintext in pieces of at most PIECE bytes, none of them empty."""

    def check(self) -> None:
        """See that all that was given belongs together.

        :raises LocalFileError: it does not: the file changed meanwhile.
        """

    def close(self) -> None:
        """Let go of it."""


class StreamSource:
    """A stream of unknown length, such as standard input; it has no time and mode of its own."""

    def __init__(self, file: BinaryIO, shown: str, modified: int, mode: int) -> None:
        self.modified = modified
        self.mode = mode
        self.size = self.given = 0
        self._file = file
        self._shown = shown

    def pieces(self) -> Iterator[bytes]:
        while True:
            with reported("reading", self._shown):
                piece = self._file.read(PIECE)
            if not piece:
                return
            self.size += len(piece)
            self.given = self.size
            yield piece

    def check(self) -> None:
        """Take what came."""

    def close(self) -> None:
        """Leave the stream to whoever opened it."""


class FileSource:
    """A regular file."""

    def __init__(self, path: str | Path, *, follow: bool = True) -> None:
        self._path = path
        self._descriptor, self.status = _open_regular(path, follow=follow)
        self.modified = self.status.st_mtime_ns
        self.mode = stat.S_IMODE(self.status.st_mode)
        self.size = self.status.st_size
        self.given = 0
        self.identity = Identity.of(self.status)
        self._shrunk = False

    def read(self, offset: int, length: int) -> bytes:
        """Read *length* bytes at *offset*, or what is there of them."""
        with reported("reading", self._path):
            return os.pread(self._descriptor, length, offset)

    def pieces(self) -> Iterator[bytes]:
        os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        self.given = 0
        while self.given < self.size:
            piece = self.read(self.given, min(PIECE, self.size - self.given))
            if not piece:
                self._shrunk = True
                return
            self.given += len(piece)
            yield piece

    def runs(self, olds: list[Old], prints: Fingerprints) -> Iterator[Run]:
        """Give the file as runs of old segments and of new bytes."""
        return Matcher(self.read, self.size, olds, prints).runs()

    def check(self) -> None:
        with reported("reading", self._path):
            now = os.fstat(self._descriptor)
        if self._shrunk or _moment(now) != _moment(self.status):
            raise _changed(self._path)

    def close(self) -> None:
        os.close(self._descriptor)


@attrs.frozen
class ShortFile:
    """A file of at most SMALL bytes as it was when it was read."""

    plaintext: bytes = attrs.field(repr=False)
    modified: int
    mode: int


def read_short(path: str | Path, *, follow: bool = True) -> ShortFile:
    """Read a file of at most SMALL bytes.

    :raises LocalFileError: it can't be read, or changed meanwhile.
    """
    descriptor, before = _open_regular(path, follow=follow)
    try:
        plaintext = os.read(descriptor, SMALL + 1)
        after = os.fstat(descriptor)
    except OSError as error:
        raise fault("reading", path, error) from error
    finally:
        os.close(descriptor)
    if len(plaintext) != before.st_size or _moment(after) != _moment(before):
        raise _changed(path)
    return ShortFile(plaintext, before.st_mtime_ns, stat.S_IMODE(before.st_mode))


def _open_regular(path: str | Path, *, follow: bool) -> tuple[int, os.stat_result]:
    try:
        descriptor = os.open(path, _OPEN if follow else _OPEN | os.O_NOFOLLOW)
        status = os.fstat(descriptor)
    except OSError as error:
        raise fault("reading", path, error) from error
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        message = f"reading {show_local(path)}: it is not a regular file"
        raise LocalFileError(message, "only files, folders and symbolic links can be stored")
    return descriptor, status


def _moment(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _changed(path: str | Path) -> LocalFileError:
    message = f"reading {show_local(path)}: it changed while it was read"
    return LocalFileError(message, "store it again when nothing writes to it")
