"""Drives, their records and the states of their blobs in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any

from anoncloud.errors import Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.server.appending import (
    check_follows,
    check_quota,
    check_wanted,
    closed_drive,
    is_head,
    over_quota,
    read_header,
    unknown_blob,
)
from anoncloud.server.contracts import NO_CHECKSUMS, Garbage, Head, Usage
from anoncloud.server.entering import locked
from anoncloud.server.stores import going, owning
from anoncloud.server.stores.going import chunks
from anoncloud.server.stores.sql import Cursor, SqlDatabase, once, reading
from anoncloud.server.times import coarse
from anoncloud.wire.records import record_hash


class State(IntEnum):
    """What a blob is to its drive."""

    STAGED = 0
    STORED = 1
    DROPPED = 2


class SqlJournal:
    """Fulfils :class:`~anoncloud.server.contracts.JournalStore`.

    Times are kept to *coarse_times* seconds.
    """

    def __init__(self, database: SqlDatabase, coarse_times: int = 0) -> None:
        self._database = database
        self._coarse = coarse_times

    async def head(self, drive: DriveId) -> Head:
        return await self._database.run(_head, drive)

    async def append(self, drive: DriveId, record: bytes, now: int) -> int:
        return await self._database.run(_append, drive, record, coarse(now, self._coarse))

    async def read(self, drive: DriveId, after: int, length: int) -> tuple[list[bytes], int]:
        return await self._database.run(_read, drive, after, length)

    async def may_stage(
        self, drive: DriveId, blob: BlobId, size: int, others: Sequence[tuple[BlobId, int]] = ()
    ) -> bool:
        return await self._database.run(_may_stage, drive, blob, size, others)

    async def stage(
        self,
        blobs: Sequence[tuple[BlobId, DriveId, int]],
        now: int,
        checksums: Mapping[BlobId, int] = NO_CHECKSUMS,
    ) -> dict[BlobId, Refused]:
        return await self._database.run(_stage, blobs, coarse(now, self._coarse), checksums)

    async def unstage(
        self, drive: DriveId, blobs: Sequence[BlobId], now: int
    ) -> tuple[BlobId, ...]:
        return await self._database.run(_unstage, drive, blobs, now)

    async def holds(self, drive: DriveId, blob: BlobId) -> int:
        return await self._database.run(_holds, drive, blob)

    async def usage(self, drive: DriveId) -> Usage:
        return await self._database.run(_usage, drive)

    async def stored_in_all(self) -> int:
        return await self._database.run(_stored_in_all)

    async def collect(
        self, staged_before: int, dropped_before: int, most: int, now: int
    ) -> Garbage:
        return await self._database.run(_collect, staged_before, dropped_before, most, now)

    async def collect_closed(self, most: int, now: int) -> Garbage | None:
        return await self._database.run(owning.collect_closed, most, now)

    async def condemn(self, blobs: Sequence[BlobId], now: int) -> list[BlobId]:
        return await self._database.run(going.condemn, blobs, now)

    async def removed(self, blobs: Sequence[BlobId]) -> None:
        await self._database.run(going.removed, blobs)

    async def still_going(self, before: int) -> list[BlobId]:
        return await self._database.run(going.still_going, before)


@reading
def _head(cursor: Cursor, drive: DriveId) -> Head:
    return Head(*_of_open(cursor, "head, head_hash", drive))


@reading
def _usage(cursor: Cursor, drive: DriveId) -> Usage:
    return Usage(*_of_open(cursor, "stored, dropped, quota", drive))


@reading
def _stored_in_all(cursor: Cursor) -> int:
    row = cursor.execute("SELECT coalesce(sum(stored + dropped), 0) FROM drives").fetchone()
    return int(row[0])


def _of_open(cursor: Cursor, columns: str, drive: DriveId) -> tuple[Any, ...]:
    """Give columns of a drive whose account is not closed."""
    cursor.execute(
        f"SELECT locked, {columns} FROM drives JOIN accounts USING (account)"  # noqa: S608 - our columns
        " WHERE drive = ? AND closed = 0",
        (drive,),
    )
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise closed_drive()
    if row[0]:
        raise locked()
    return row[1:]


def _append(cursor: Cursor, drive: DriveId, record: bytes, now: int) -> int:
    header = read_header(drive, record)
    head = _head(cursor, drive)
    if is_head(header, record, head):
        return header.number
    check_follows(header, head)
    check_quota(_usage(cursor, drive), header)
    _change_state(cursor, drive, header.adds, State.STAGED, State.STORED, now)
    dropped = _change_state(cursor, drive, header.drops, State.STORED, State.DROPPED, now)
    cursor.execute(
        "INSERT INTO records (drive, number, record) VALUES (?, ?, ?)",
        (drive, header.number, record),
    )
    cursor.execute(
        "UPDATE drives SET head = ?, head_hash = ?, stored = stored - ?, dropped = dropped + ?"
        " WHERE drive = ?",
        (header.number, record_hash(record), dropped, dropped, drive),
    )
    return header.number


def _change_state(  # noqa: PLR0913 - a row's key, its two states, and when
    cursor: Cursor, drive: DriveId, blobs: Iterable[bytes], old: State, new: State, now: int
) -> int:
    """Bring blobs from one state into the next; give their bytes."""
    length = 0
    for chunk in chunks(blobs):
        marks = ",".join("?" * len(chunk))
        cursor.execute(
            f"SELECT count(*), coalesce(sum(size), 0) FROM blobs"  # noqa: S608 - only question marks
            f" WHERE drive = ? AND state = ? AND blob IN ({marks})",
            (drive, old, *chunk),
        )
        found, size = cursor.fetchone()
        if found != len(chunk):
            raise unknown_blob()
        length += int(size)
        cursor.execute(
            f"UPDATE blobs SET state = ?, since = ? WHERE blob IN ({marks})",  # noqa: S608
            (new, now, *chunk),
        )
    return length


@reading
def _read(cursor: Cursor, drive: DriveId, after: int, length: int) -> tuple[list[bytes], int]:
    head = _head(cursor, drive).number
    found: list[bytes] = []
    cursor.execute(
        "SELECT record FROM records WHERE drive = ? AND number > ? ORDER BY number",
        (drive, after),
    )
    for (record,) in cursor:
        length -= len(record)
        if found and length < 0:
            break
        found.append(record)
    return found, head


@reading
def _may_stage(
    cursor: Cursor, drive: DriveId, blob: BlobId, size: int, others: Sequence[tuple[BlobId, int]]
) -> bool:
    going.check_stays(cursor, blob)
    row = cursor.execute("SELECT drive FROM blobs WHERE blob = ?", (blob,)).fetchone()
    incoming = sum(size for other, size in others if not _is_known(cursor, other))
    return check_wanted(row and row[0], drive, _usage(cursor, drive).with_incoming(incoming), size)


def _stage(
    cursor: Cursor,
    blobs: Sequence[tuple[BlobId, DriveId, int]],
    now: int,
    checksums: Mapping[BlobId, int],
) -> dict[BlobId, Refused]:
    refused: dict[BlobId, Refused] = {}
    for blob, drive, size in blobs:
        try:
            _check_room(cursor, blob, drive, size)
        except Refused as refusal:
            refused[blob] = refusal
            continue
        cursor.execute(
            "INSERT INTO blobs (blob, drive, size, state, since)"
            " SELECT ?, drive, ?, ?, ? FROM drives WHERE drive = ? ON CONFLICT DO NOTHING",
            (blob, size, State.STAGED, now, drive),
        )
        if cursor.rowcount:
            cursor.execute("UPDATE drives SET stored = stored + ? WHERE drive = ?", (size, drive))
        cursor.execute(
            "UPDATE blobs SET checksum = ? WHERE blob = ? AND drive = ?",
            (checksums.get(blob), blob, drive),
        )
    return refused


def _check_room(cursor: Cursor, blob: BlobId, drive: DriveId, size: int) -> None:
    """See that a blob whose bytes are here may be staged, whoever has staged what meanwhile."""
    going.check_stays(cursor, blob)
    if _is_known(cursor, blob):
        return
    cursor.execute("SELECT stored, dropped, quota FROM drives WHERE drive = ?", (drive,))
    row = cursor.fetchone()
    if row is not None and not Usage(*row).has_room(size):
        raise over_quota(Usage(*row), size)


def _is_known(cursor: Cursor, blob: bytes) -> bool:
    return cursor.execute("SELECT 1 FROM blobs WHERE blob = ?", (blob,)).fetchone() is not None


@once
def _unstage(
    cursor: Cursor, drive: DriveId, blobs: Sequence[BlobId], now: int
) -> tuple[BlobId, ...]:
    sizes: dict[bytes, int] = {}
    for chunk in chunks(blobs):
        marks = ",".join("?" * len(chunk))
        cursor.execute(
            f"SELECT blob, size FROM blobs WHERE drive = ? AND state = ? AND blob IN ({marks})",  # noqa: S608
            (drive, State.STAGED, *chunk),
        )
        sizes.update(cursor)
    for chunk in chunks(sizes):
        marks = ",".join("?" * len(chunk))
        cursor.execute(f"DELETE FROM blobs WHERE blob IN ({marks})", chunk)  # noqa: S608
    going.let_go(cursor, sizes, now)
    length = sum(sizes.values())
    cursor.execute("UPDATE drives SET stored = stored - ? WHERE drive = ?", (length, drive))
    return tuple(blob for blob in dict.fromkeys(blobs) if blob in sizes)


@reading
def _holds(cursor: Cursor, drive: DriveId, blob: BlobId) -> int:
    row = cursor.execute("SELECT size FROM blobs WHERE blob = ? AND drive = ?", (blob, drive))
    found: tuple[int] | None = row.fetchone()
    return found[0] if found else 0


@once
def _collect(
    cursor: Cursor, staged_before: int, dropped_before: int, most: int, now: int
) -> Garbage:
    cursor.execute(
        "SELECT blob, drive, size, state FROM blobs"
        " WHERE (state = ? AND since < ?) OR (state = ? AND since < ?) LIMIT ?",
        (State.STAGED, staged_before, State.DROPPED, dropped_before, most),
    )
    garbage = cursor.fetchall()
    for blob, drive, size, state in garbage:
        cursor.execute("DELETE FROM blobs WHERE blob = ?", (blob,))
        column = "stored" if state == State.STAGED else "dropped"
        cursor.execute(
            f"UPDATE drives SET {column} = {column} - ? WHERE drive = ?",  # noqa: S608 - of two words
            (size, drive),
        )
    going.let_go(cursor, (row[0] for row in garbage), now)
    return Garbage(tuple(BlobId(row[0]) for row in garbage))
