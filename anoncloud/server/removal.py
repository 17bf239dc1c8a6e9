"""Bytes of blobs that have been let go: removed, and their names free again after that."""

from collections.abc import Sequence

from anoncloud.ids import BlobId
from anoncloud.server.contracts import BlobStore, JournalStore


async def remove(journal: JournalStore, blobs: BlobStore, names: Sequence[BlobId]) -> None:
    """Remove the bytes of blobs that *journal* has let go.

    If that fails, their names stay unusable until the collector has done it.
    """
    if names:
        await blobs.remove(names)
        await journal.removed(names)
