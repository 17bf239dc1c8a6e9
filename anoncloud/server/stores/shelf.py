"""A blob folder as the owner's command looks through it, in the thread that asks.

It reads what a server writes, and never removes anything from there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

from anoncloud.disk import direct
from anoncloud.disk.replacing import sync_folder
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB
from anoncloud.server.stores.folder import blob_of, file_name
from anoncloud.server.stores.ledger import Row

ASIDE: Final = "incoming"


class Shelf:
    """The blobs in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, blob: BlobId) -> Path:
        """Give a blob's file, which may not be there."""
        return self.folder / file_name(blob)

    def size(self, blob: BlobId) -> int | None:
        """Give a blob's length as it is; None if it is not there.

        :raises OSError: the disk's word.
        """
        try:
            return self.path(blob).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, blob: BlobId) -> bytes | None:
        """Read a whole blob, or as much as the longest one has; None if it is not there.

        :raises OSError: the disk's word.
        """
        try:
            descriptor = os.open(self.path(blob), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return direct.read(descriptor, BULK_BLOB + 1, 0)
        finally:
            os.close(descriptor)

    def put(self, blob: BlobId, content: bytes) -> None:
        """Write a blob: aside, durably, and then under its name.

        :raises OSError: the disk's word.
        """
        target = self.path(blob)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (target.parent.parent, self.folder):
                sync_folder(folder)
        aside = self.folder / ASIDE / blob.hex()
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fdatasync(file.fileno())
        aside.replace(target)

    def tidy(self) -> None:
        """Remove what an earlier :meth:`put` left aside.

        :raises OSError: the disk's word.
        """
        for left in self.aside():
            left.unlink()

    def aside(self) -> list[Path]:
        """Give the files of blobs that came, or come, in."""
        folder = self.folder / ASIDE
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def blobs(self) -> Iterator[tuple[BlobId, Path]]:
        """Give all blobs that are there, in no order."""
        for path in self.folder.glob("?/?/*"):
            blob = blob_of(path)
            if blob is not None:
                yield blob, path

    def strangers(self) -> list[Path]:
        """Give files that are no blobs, where blobs lie."""
        return sorted(path for path in self.folder.glob("?/?/*") if blob_of(path) is None)


def fault(row: Row, content: bytes | None) -> str:
    """Say what is wrong with a blob's bytes: "missing", "damaged", or "" for nothing."""
    if content is None:
        return "missing"
    if len(content) != row.size:
        return "damaged"
    is_as_it_came = row.checksum is None or crc32(content) == row.checksum
    return "" if is_as_it_came else "damaged"
