"""Pairings in SQL, so that two devices meet whichever processes have their connections."""

from anoncloud.limits import MAX_PAIRING_MESSAGES
from anoncloud.server.entering import milliseconds
from anoncloud.server.pairing_contract import (
    Joined,
    Opened,
    Opening,
    all_said,
    free_slot,
    no_such_slot,
    nobody_there,
)
from anoncloud.server.stores.sql import Cursor, SqlDatabase, once, passing


class SqlPairings:
    """Fulfils :class:`~anoncloud.server.pairing_contract.PairingStore` for the process *holder*."""

    def __init__(self, database: SqlDatabase, holder: bytes) -> None:
        self._database = database
        self._holder = holder

    async def open(self, opening: Opening, now: float) -> Opened:
        return await self._database.run(_open, opening, self._holder, milliseconds(now))

    async def join(self, slot: int, now: float) -> Joined:
        return await self._database.run(_join, slot, self._holder, milliseconds(now))

    async def count(self, pairing: bytes) -> None:
        await self._database.run(_count, pairing)

    async def close(self, pairing: bytes) -> bool:
        return await self._database.run(_close, pairing)

    async def close_of(self, holder: bytes) -> list[bytes]:
        return await self._database.run(_close_of, holder)


@passing
@once
def _open(cursor: Cursor, opening: Opening, holder: bytes, now: int) -> Opened:
    cursor.execute("DELETE FROM pairings WHERE until <= ?", (now,))
    row = cursor.execute("SELECT pairing FROM pairings WHERE drive = ?", (opening.drive,))
    earlier: tuple[bytes] | None = row.fetchone()
    cursor.execute("DELETE FROM pairings WHERE drive = ?", (opening.drive,))
    taken = {slot for (slot,) in cursor.execute("SELECT slot FROM pairings").fetchall()}
    slot = free_slot(opening.start, taken)
    until = milliseconds(opening.until)
    cursor.execute(
        "INSERT INTO pairings (slot, pairing, drive, opener, first, said, until)"
        " VALUES (?, ?, ?, ?, ?, 1, ?)",
        (slot, opening.pairing, opening.drive, holder, opening.first, until),
    )
    return Opened(slot, earlier[0] if earlier else None)


@passing
@once
def _join(cursor: Cursor, slot: int, holder: bytes, now: int) -> Joined:
    cursor.execute(
        "UPDATE pairings SET joiner = ? WHERE slot = ? AND joiner IS NULL AND until > ?",
        (holder, slot, now),
    )
    if not cursor.rowcount:
        raise no_such_slot()
    cursor.execute("SELECT pairing, first FROM pairings WHERE slot = ?", (slot,))
    pairing, first = cursor.fetchone()
    return Joined(pairing, first)


@passing
def _count(cursor: Cursor, pairing: bytes) -> None:
    cursor.execute(
        "UPDATE pairings SET said = said + 1 WHERE pairing = ? AND joiner IS NOT NULL AND said < ?",
        (pairing, MAX_PAIRING_MESSAGES),
    )
    if cursor.rowcount:
        return
    cursor.execute("SELECT joiner FROM pairings WHERE pairing = ?", (pairing,))
    row = cursor.fetchone()
    raise all_said() if row and row[0] is not None else nobody_there()


@passing
def _close(cursor: Cursor, pairing: bytes) -> bool:
    cursor.execute("DELETE FROM pairings WHERE pairing = ?", (pairing,))
    return cursor.rowcount > 0


@passing
@once
def _close_of(cursor: Cursor, holder: bytes) -> list[bytes]:
    mine = (holder, holder)
    cursor.execute("SELECT pairing FROM pairings WHERE opener = ? OR joiner = ?", mine)
    found = [pairing for (pairing,) in cursor.fetchall()]
    cursor.execute("DELETE FROM pairings WHERE opener = ? OR joiner = ?", mine)
    return found
