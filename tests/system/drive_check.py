"""What a server has on its disk, judged with a client's keys: no record names a missing blob.

Opens the database and the blob folder of a server that is stopped, or between two lives; folds
each drive's journal as a client does, and compares what its files say with what is there.
"""

import contextlib
import hashlib
import sqlite3
from pathlib import Path

import attrs

from anoncloud.client.cache import Cache
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import Keyring
from anoncloud.client.nodes import File
from anoncloud.client.profile import Profile
from anoncloud.client.tree import Tree
from anoncloud.crypto.entropy import system_entropy
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import open_segment, segment_count
from anoncloud.limits import SEALED_SEGMENT
from anoncloud.server.stores.folder import file_name

STORED = 1


@attrs.define
class Disk:
    """The disk of a server, opened for reading."""

    state: Path

    def journal(self, drive: bytes) -> list[bytes]:
        """Give the records of a drive in order."""
        return [
            row[0]
            for row in self._select(
                "SELECT record FROM records WHERE drive = ? ORDER BY number", drive
            )
        ]

    def stored(self, drive: bytes) -> dict[bytes, int]:
        """Give the blobs that the database calls the drive's, and their sizes."""
        return dict(
            self._select("SELECT blob, size FROM blobs WHERE drive = ? AND state = ?", drive, STORED)
        )

    def blob(self, blob: bytes) -> Path:
        """Give the file of a blob."""
        return self.state / "blobs" / file_name(blob)

    def _select(self, query: str, *arguments: object) -> list[tuple]:
        # The write-ahead log of a killed server is a part of its database; a reader takes it in.
        with contextlib.closing(sqlite3.connect(self.state / "accounts.sqlite")) as connection:
            return connection.execute(query, arguments).fetchall()


def fold(disk: Disk, keyring: Keyring, scratch: Path) -> Tree:
    """Fold a drive's journal from the server's disk; raises if it is broken anywhere."""
    journal = Journal(keyring, Cache(scratch), system_entropy)
    journal.absorb(disk.journal(keyring.drive))
    return journal.tree


def faults(disk: Disk, tree: Tree, keyring: Keyring) -> list[str]:
    """Give all that does not fit between a tree, the database and the blobs."""
    found = []
    stored = disk.stored(keyring.drive)
    if set(tree.blobs) != set(stored):
        found.append(f"{len(set(tree.blobs) ^ set(stored))} blobs in one of tree and database only")
    for blob, size in stored.items():
        try:
            actual = disk.blob(blob).stat().st_size
        except FileNotFoundError:
            found.append(f"blob {blob.hex()} is missing")
            continue
        if actual != size:
            found.append(f"blob {blob.hex()} has {actual} bytes instead of {size}")
    for node in tree.nodes.values():
        for version in node.versions if isinstance(node, File) else ():
            for extent in version.extents:
                if extent.offset + extent.length > stored.get(extent.blob, 0):
                    found.append(f"an extent of {node.name!r} is not in its blob")
    return found


def digest(disk: Disk, file: File) -> str:
    """Hash the newest version of a file, read from the server's disk and opened."""
    version = file.version
    sealed = bytearray()
    for blob, offset, length in version.extents:
        with disk.blob(blob).open("rb") as stored:
            stored.seek(offset)
            sealed += stored.read(length)
    count = segment_count(version.size)
    known = hashlib.sha256()
    for number in range(count):
        segment = bytes(sealed[number * SEALED_SEGMENT : (number + 1) * SEALED_SEGMENT])
        opened = open_segment(FileKey(version.key), number, segment, last=number == count - 1)
        known.update(opened)
    return known.hexdigest()


def keyring_of(state: Path) -> Keyring:
    """Give the keyring that a device keeps."""
    return Profile(state).load().keyring
