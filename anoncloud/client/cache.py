"""A drive's files on this machine: the sealed records as they came, a checkpoint, the head.

Everything here but the head may be lost at any time: it is read again from the server. The *head*,
the newest (number, hash) this device has ever seen, is what catches a server that goes back; it is
written aside and renamed, and outlives the rest of the cache.
"""

import fcntl
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import attrs
from msgspec import msgpack

from anoncloud.disk import replacing
from anoncloud.errors import LocalFileError
from anoncloud.limits import MAX_RECORD
from anoncloud.wire.messages import Hash, Number

_LENGTH: Final = 4
_SEEN: Final = ("head", "checkpoint", "records")
"""What a journal is read from."""
_BOUND: Final = ("undone", "unfinished")
"""What names records and blobs of one history."""


@attrs.frozen
class Head:
    """The newest record that was seen: its number (0: none yet) and its hash."""

    number: Number
    hash: Hash


class Cache:
    """The files of one drive in *folder*, which is made with mode 0700.

    It keeps no more once another one has taken over another history (:meth:`take_shown`).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next_aside = self._free_folder()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"making the cache folder: {error.strerror}"
            raise LocalFileError(message, "check the disk, and who owns the folder") from error

    @property
    def unfinished(self) -> Path:
        """Where uploads that are under way write down what is on the server already."""
        return self._folder / "unfinished"

    @property
    def transfers(self) -> Path:
        """Where the explorer remembers what it was transferring (``client.interrupted``)."""
        return self._folder / "transfers"

    @property
    def undone(self) -> Path:
        """Where the undos of this device are remembered (``client.undone``)."""
        return self._folder / "undone"

    @property
    def shown(self) -> "Cache":
        """Where another history lies that the server shows, until it is accepted."""
        return Cache(self._folder / "shown")

    def head(self) -> Head | None:
        """Read the remembered head."""
        try:
            return Head(
                *msgpack.decode((self._folder / "head").read_bytes(), type=tuple[Number, Hash])
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(error) from error
        except ValueError as error:
            message = f"the file {self._folder / 'head'} is damaged"
            hint = "remove that folder to trust the server's journal as it is now"
            raise LocalFileError(message, hint) from error

    def remember(self, head: Head) -> None:
        """Remember *head*, unless a newer one is remembered already by another process."""
        with self._locked():
            known = self.head()
            if self._is_current() and (known is None or known.number <= head.number):
                write_whole(self._folder / "head", msgpack.encode((head.number, head.hash)))

    def checkpoint(self) -> bytes | None:
        """Read the sealed checkpoint."""
        try:
            return (self._folder / "checkpoint").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(error) from error

    def keep_checkpoint(self, sealed: bytes) -> None:
        """Keep a sealed checkpoint, and none of the records: they lie before it."""
        with self._locked():
            if self._is_current():
                write_whole(self._folder / "checkpoint", sealed)
                (self._folder / "records").unlink(missing_ok=True)

    def records(self) -> Iterator[bytes]:
        """Give the cached records in order, up to the first that a crash cut short."""
        try:
            with (self._folder / "records").open("rb") as file:
                while record := _next_record(file):
                    yield record
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._fault(error) from error

    def append(self, records: list[bytes]) -> None:
        """Add records at the end."""
        with self._locked():
            if self._is_current():
                with open(self._folder / "records", "ab", opener=_private) as file:
                    file.write(b"".join(len(r).to_bytes(_LENGTH, "big") + r for r in records))

    def forget_records(self) -> None:
        """Throw the records and the checkpoint away; the head stays."""
        with self._locked():
            (self._folder / "records").unlink(missing_ok=True)
            (self._folder / "checkpoint").unlink(missing_ok=True)

    def begin_anew(self) -> None:
        """Throw the head away, too: from now on nothing was ever seen."""
        self.forget_records()
        with self._locked():
            (self._folder / "head").unlink(missing_ok=True)

    def take_shown(self) -> Path:
        """Take over the records and the head of :attr:`shown`; give where the old ones lie aside.

        The head comes last, so that after a crash the old one still stands for what was seen.
        """
        with self._locked():
            aside = self._free_folder()
            aside.mkdir(mode=0o700)
            for name in _SEEN:
                with suppress(FileNotFoundError):
                    shutil.copy2(self._folder / name, aside / name)
            for name in _BOUND:
                with suppress(FileNotFoundError):
                    (self._folder / name).rename(aside / name)
            (self._folder / "checkpoint").unlink(missing_ok=True)
            for name in ("records", "head"):
                (self._folder / "shown" / name).replace(self._folder / name)
        return aside

    def _is_current(self) -> bool:
        """Whether the history here is the one that was here when this was made."""
        return not self._next_aside.exists()

    def _free_folder(self) -> Path:
        folders = (self._folder / f"given-up-{number}" for number in itertools.count(1))
        return next(folder for folder in folders if not folder.exists())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes of this user out; a fault of the disk becomes a LocalFileError."""
        try:
            with open(self._folder / "lock", "wb", opener=_private) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: OSError) -> LocalFileError:
        message = f"keeping the journal in {self._folder}: {error.strerror}"
        return LocalFileError(message, "check the disk, and who owns the folder")


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else may read."""
    return os.open(path, flags, 0o600)


def _next_record(file: BinaryIO) -> bytes:
    header = file.read(_LENGTH)
    length = int.from_bytes(header, "big")
    if len(header) < _LENGTH or length > MAX_RECORD:
        return b""
    record = file.read(length)
    return record if len(record) == length else b""


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file of the cache or the profile whole (``disk.replacing``).

    :raises LocalFileError: it can't be written; what was there stays.
    """
    try:
        replacing.write_whole(path, content, durable=durable)
    except OSError as error:
        message = f"writing {path}: {error.strerror}"
        raise LocalFileError(message, "check the disk, and who owns the folder") from error
