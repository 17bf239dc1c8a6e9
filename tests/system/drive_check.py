"""What a server has on its disk, judged with a client's keys: no record names a missing blob.

Opens the database and the blob folder of a server that is stopped, or between two lives; folds
each drive's journal as a client does, and compares what its files say with what is there.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import attrs

from anoncloud.client.cache import Cache
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import Keyring
from anoncloud.client.profile import Profile
from anoncloud.client.transfers.reading import open_whole
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.entropy import system_entropy
from anoncloud.crypto.keys import FileKey
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
            self._select(
                "SELECT blob, size FROM blobs WHERE drive = ? AND state = ?", drive, STORED
            )
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
    for name, stream in streams(tree):
        found.extend(
            f"an extent of {name!r} is not in its blob"
            for extent in (*stream.extents, *stream.fingerprints)
            if extent.offset + extent.length > stored.get(extent.blob, 0)
        )
    return found


def streams(tree: Tree) -> Iterator[tuple[bytes, Stream]]:
    """Give every sealed stream that the journal names, and the name of its file."""
    for node in tree.nodes.values():
        for kept in node.versions if isinstance(node, File) else ():
            for stream in kept.version.streams:
                yield node.name, stream


def digest(disk: Disk, file: File) -> str:
    """Hash the newest version of a file, read from the server's disk and opened."""
    version = file.version
    opened = [
        open_whole(FileKey(stream.key), stream.size, sealed(disk, stream))
        for stream in version.streams
    ]
    known = hashlib.sha256()
    for number, offset, length in version.parts():
        known.update(opened[number][offset : offset + length])
    return known.hexdigest()


def sealed(disk: Disk, stream: Stream) -> bytes:
    """Read a stream's sealed bytes from the server's disk."""
    found = bytearray()
    for blob, offset, length in stream.extents:
        with disk.blob(blob).open("rb") as stored:
            stored.seek(offset)
            found += stored.read(length)
    return bytes(found)


def keyring_of(state: Path) -> Keyring:
    """Give the keyring that a device keeps."""
    return Profile(state).load().keyring
