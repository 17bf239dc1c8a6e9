"""A backup folder: generations of a server's database and keys, and the blobs that they name.

::

    anoncloud-backup          what this folder is, and by which layout
    blobs/                    as in a state folder; each blob once, for all generations
    generations/NAME/         accounts.sqlite, server.key, server.older, address, manifest.json

A generation gets its name, a time in UTC, when all that it names is there and durable.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import MsgspecError, Struct, json

from anoncloud.disk.replacing import sync_folder, write_whole
from anoncloud.errors import LocalError, NotFound, UsageError
from anoncloud.server.assembly import BLOBS, DATABASE
from anoncloud.server.identity import KEY_FILE, OLDER_FILE
from anoncloud.server.occupancy import LOCK, occupy
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.shelf import Shelf

MARK: Final = "anoncloud-backup"
LAYOUT: Final = b"1\n"
MANIFEST: Final = "manifest.json"
GENERATIONS: Final = "generations"
FILES: Final = (DATABASE, OLDER_FILE, KEY_FILE, "address")
"""What a generation keeps of a state folder, in the order in which it is put back."""
_NEW: Final = ".new"
_NAME: Final = re.compile(r"\d{8}-\d{6}(-\d+)?")
"""A generation's: when it was made, and a number if one of that time was there."""
_STEM: Final = len("20260101-000000")


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a generation is: when it was *made*, of which *server*, with how much.

    :ivar server: the server's signing key, hexadecimal.
    :ivar files: SHA-256 of each file, hexadecimal.
    """

    made: int
    server: str
    blobs: int
    bytes: int
    files: dict[str, str]


_decoder: Final = json.Decoder(Manifest)


class Vault:
    """A backup folder that is there.

    :raises LocalError: from every method: the disk's word.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shelf = Shelf(folder / BLOBS)
        self._generations = folder / GENERATIONS

    def names(self) -> list[str]:
        """Give the names of all generations, the oldest first."""
        with on_disk(f"looking into the backup {self.folder}"):
            found = (path.name for path in self._generations.iterdir())
            return sorted(filter(_NAME.fullmatch, found), key=_order)

    def path(self, name: str) -> Path:
        """Give the folder of a generation."""
        return self._generations / name

    def chosen(self, name: str | None) -> str:
        """Find a generation, or with None the newest.

        :raises NotFound: there is none such.
        """
        names = self.names()
        if not names or (name is not None and name not in names):
            message = f"the backup {self.folder} has no generation {name or 'at all'}"
            raise NotFound(message, f"there are: {', '.join(names) or 'none'}")
        return names[-1] if name is None else name

    def manifest(self, name: str) -> Manifest:
        """Read what a generation says of itself."""
        path = self.path(name) / MANIFEST
        try:
            with on_disk(f"reading {path}"):
                return _decoder.decode(path.read_bytes())
        except MsgspecError as error:
            message = f"{path} is damaged"
            raise LocalError(message, "give another --generation") from error

    def begin(self) -> Path:
        """Make the folder of a generation without a name yet; what was begun before goes."""
        new = self._generations / _NEW
        with on_disk(f"writing the backup {self.folder}"):
            if new.exists():
                shutil.rmtree(new)
            self.shelf.tidy()
            new.mkdir(mode=0o700)
        return new

    def publish(self, manifest: Manifest) -> str:
        """Give the new generation its name, when all of it is durable.

        It is the last one, even if the clock is behind what it was when the one before was made.
        """
        new = self._generations / _NEW
        name = datetime.fromtimestamp(manifest.made, UTC).strftime("%Y%m%d-%H%M%S")
        if (taken := self.names()) and _order(name) <= _order(taken[-1]):
            stem, number = _order(taken[-1])
            name = f"{stem}-{number + 1}"
        with on_disk(f"writing the backup {self.folder}"):
            for file in manifest.files:
                _sync(new / file)
            write_whole(new / MANIFEST, json.encode(manifest), durable=True)
            new.rename(self.path(name))
            sync_folder(self._generations)
        return name

    def prune(self, keep: int) -> list[str]:
        """Remove all generations but the newest *keep*, then the blobs that only they named."""
        names = self.names()
        gone, kept = names[:-keep], names[-keep:]
        with on_disk(f"removing old generations from {self.folder}"), ExitStack() as opened:
            for name in gone:
                self.path(name).rename(self._generations / _NEW)  # or half of one would be left
                shutil.rmtree(self._generations / _NEW)
            if gone:
                ledgers = [
                    opened.enter_context(Ledger(self.path(name) / DATABASE)) for name in kept
                ]
                for blob, path in self.shelf.blobs():
                    if all(ledger.row(blob) is None for ledger in ledgers):
                        path.unlink()
        return gone


def open_vault(folder: Path) -> Vault:
    """Open a backup folder.

    :raises UsageError: it is none.
    """
    if _mark(folder) != LAYOUT:
        message = f"{folder} is not a backup that this release can read"
        raise UsageError(message, "give the folder that 'anoncloud-admin backup' was given")
    return Vault(folder)


def make_vault(folder: Path) -> Vault:
    """Open a backup folder, or make one where nothing is, or only half of one.

    :raises UsageError: something else is there.
    """
    with on_disk(f"making the backup {folder}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _mark(folder) is None:
            if any(one.name != LOCK and not one.name.startswith(MARK) for one in folder.iterdir()):
                message = f"{folder} is no backup, and not empty"
                raise UsageError(message, "give an empty folder, or one that does not exist yet")
            write_whole(folder / MARK, LAYOUT, durable=True)
            sync_folder(folder.absolute().parent)
        vault = open_vault(folder)
        for part in (BLOBS, GENERATIONS):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
    return vault


def occupied(vault: Vault) -> AbstractContextManager[object]:
    """Lock a backup folder until what is given ends; one that can't be written needs no lock.

    :raises LocalError: another command uses it.
    """
    if not os.access(vault.folder, os.W_OK):
        return nullcontext()
    try:
        return occupy(vault.folder)
    except LocalError as error:
        message = f"another command uses the backup {vault.folder}, or it can't be locked"
        raise LocalError(message, "let that one end, and see who owns the folder") from error


def digest(path: Path) -> str:
    """Hash a file with SHA-256.

    :raises LocalError: it can't be read.
    """
    with on_disk(f"reading {path}"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def on_disk(doing: str) -> Iterator[None]:
    """Turn the disk's word into an error that says what was being done.

    :raises LocalError: there was one.
    """
    try:
        yield
    except OSError as error:
        message = f"{doing}: {error.strerror}"
        raise LocalError(message, "see that there is room, and who owns the folder") from error


def _mark(folder: Path) -> bytes | None:
    try:
        return (folder / MARK).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{folder} can't be looked into: {error.strerror}"
        raise UsageError(message, "see who owns it, or give another folder") from error


def _order(name: str) -> tuple[str, int]:
    """Give what the names of generations are sorted by: their time and number."""
    stem, number = name[:_STEM], name[_STEM + 1 :]
    return stem, int(number or 1)


def _sync(path: Path) -> None:
    descriptor: Any = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
