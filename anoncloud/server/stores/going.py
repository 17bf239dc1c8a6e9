"""Blobs that are going, in SQL: their rows are gone, and their bytes are about to be."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from anoncloud.ids import BlobId
from anoncloud.server.appending import being_removed
from anoncloud.server.stores.sql import Cursor, once, passing, reading

_CHUNK: Final = 500
"""Blobs named in one statement; SQLite takes at most 32,766 variables."""


def chunks(blobs: Iterable[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Give blobs in pieces that one statement can name."""
    rest = iter(blobs)
    while chunk := tuple(islice(rest, _CHUNK)):
        yield chunk


def let_go(cursor: Cursor, blobs: Iterable[bytes], now: int) -> None:
    """Note that the bytes of *blobs* are about to go."""
    cursor.executemany(
        "INSERT INTO going (blob, since) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(blob, now) for blob in blobs],
    )


def check_stays(cursor: Cursor, blob: bytes) -> None:
    """See that no blob of that name is going.

    :raises Refused: UNAVAILABLE.
    """
    if cursor.execute("SELECT 1 FROM going WHERE blob = ?", (blob,)).fetchone():
        raise being_removed()


@once
def condemn(cursor: Cursor, blobs: Sequence[BlobId], now: int) -> list[BlobId]:
    """Let those go that have no row, and are not going yet."""
    known: set[bytes] = set()
    for chunk in chunks(blobs):
        marks = ",".join("?" * len(chunk))
        for table in ("blobs", "going"):
            cursor.execute(f"SELECT blob FROM {table} WHERE blob IN ({marks})", chunk)  # noqa: S608
            known.update(blob for (blob,) in cursor.fetchall())
    found = [blob for blob in dict.fromkeys(blobs) if blob not in known]
    let_go(cursor, found, now)
    return found


@passing
def removed(cursor: Cursor, blobs: Sequence[BlobId]) -> None:
    """Free the names of *blobs*."""
    cursor.executemany("DELETE FROM going WHERE blob = ?", [(blob,) for blob in blobs])


@reading
def still_going(cursor: Cursor, before: int) -> list[BlobId]:
    """Give those that were let go before *before*."""
    cursor.execute("SELECT blob FROM going WHERE since < ?", (before,))
    return [BlobId(blob) for (blob,) in cursor.fetchall()]
