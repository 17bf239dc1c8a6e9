"""What the server's owner asks and sets, in SQL."""

from typing import Final

from anoncloud.ids import DriveId
from anoncloud.server.stores import owning
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.sql import Cursor, SqlDatabase, once
from anoncloud.server.times import DAY, coarse
from anoncloud.server.upkeep_contract import Day, Due, Errand, ErrandKind, Totals, User

_USERS: Final = """
    SELECT name, stored, dropped, quota,
        (SELECT count(*) FROM blobs WHERE blobs.drive = drives.drive),
        (SELECT count(*) FROM devices WHERE devices.account = accounts.account),
        locked, seen
    FROM accounts JOIN drives USING (account) WHERE closed = 0 ORDER BY name
"""
_TOTALS: Final = """
    SELECT (SELECT count(*) FROM accounts WHERE closed = 0),
        (SELECT count(*) FROM accounts WHERE closed = 0 AND locked <> 0),
        (SELECT CAST(coalesce(sum(stored), 0) AS bigint) FROM drives),
        (SELECT CAST(coalesce(sum(dropped), 0) AS bigint) FROM drives),
        (SELECT count(*) FROM blobs)
"""


class SqlUpkeep:
    """Fulfils :class:`~anoncloud.server.upkeep_contract.UpkeepStore`.

    Times are kept to *coarse_times* seconds.
    """

    def __init__(self, database: SqlDatabase, coarse_times: int = 0) -> None:
        self._database = database
        self._coarse = coarse_times

    async def users(self) -> list[User]:
        return await self._database.run(_users)

    async def lock(self, name: str, now: int) -> bool:
        return await self._database.run(_lock, name, max(coarse(now, self._coarse), 1))

    async def unlock(self, name: str) -> bool:
        return await self._database.run(_unlock, name)

    async def set_quota(self, name: str, quota: int) -> bool:
        return await self._database.run(_set_quota, name, quota)

    async def delete(self, name: str, now: int) -> bool:
        return await self._database.run(_delete, name, coarse(now, self._coarse))

    async def totals(self, since: int) -> Totals:
        return await self._database.run(_totals, since)

    async def due(self) -> Due:
        return await self._database.run(_due)

    async def ask(self, kind: ErrandKind) -> int:
        return await self._database.run(_ask, kind)

    async def answer(self, number: int, answer: str) -> None:
        await self._database.run(_answer, number, answer)

    async def answered(self, number: int) -> str | None:
        return await self._database.run(_answered, number)

    async def take_back(self, number: int) -> None:
        await self._database.run(_take_back, number)


def _users(cursor: Cursor) -> list[User]:
    return [User(*row) for row in cursor.execute(_USERS)]


def _lock(cursor: Cursor, name: str, now: int) -> bool:
    cursor.execute(
        "UPDATE accounts SET locked = CASE locked WHEN 0 THEN ? ELSE locked END"
        " WHERE name = ? AND closed = 0",
        (now, name),
    )
    return cursor.rowcount > 0


def _unlock(cursor: Cursor, name: str) -> bool:
    cursor.execute("UPDATE accounts SET locked = 0 WHERE name = ? AND closed = 0", (name,))
    return cursor.rowcount > 0


def _set_quota(cursor: Cursor, name: str, quota: int) -> bool:
    cursor.execute(
        "UPDATE drives SET quota = ?"
        " WHERE account = (SELECT account FROM accounts WHERE name = ? AND closed = 0)",
        (quota, name),
    )
    return cursor.rowcount > 0


@once
def _delete(cursor: Cursor, name: str, now: int) -> bool:
    cursor.execute(
        "SELECT account, drive FROM accounts JOIN drives USING (account)"
        " WHERE name = ? AND closed = 0",
        (name,),
    )
    row: tuple[int, bytes] | None = cursor.fetchone()
    if row is None:
        return False
    owning.close(cursor, *row, now)
    return True


def _totals(cursor: Cursor, since: int) -> Totals:
    accounts, locked, stored, dropped, blobs = cursor.execute(_TOTALS).fetchone()
    cursor.execute(
        "SELECT since / ? AS day, CAST(sum(size) AS bigint) FROM blobs"
        " WHERE state <> ? AND since >= ? GROUP BY day ORDER BY day",
        (DAY, State.DROPPED, since),
    )
    growth = tuple(Day(day * DAY, size) for day, size in cursor)
    return Totals(accounts, locked, stored, dropped, blobs, growth)


def _due(cursor: Cursor) -> Due:
    cursor.execute(
        "SELECT drive FROM drives WHERE account IN (SELECT account FROM accounts WHERE locked <> 0"
        " UNION SELECT account FROM accounts WHERE closed <> 0)"
    )
    ended = tuple(DriveId(row[0]) for row in cursor)
    cursor.execute("SELECT errand, kind FROM errands WHERE answer IS NULL ORDER BY errand")
    return Due(ended, tuple(Errand(number, ErrandKind(kind)) for number, kind in cursor))


@once
def _ask(cursor: Cursor, kind: ErrandKind) -> int:
    number: int
    (number,) = cursor.execute(
        "INSERT INTO errands (kind) VALUES (?) RETURNING errand", (kind.value,)
    ).fetchone()
    return number


def _answer(cursor: Cursor, number: int, answer: str) -> None:
    cursor.execute("UPDATE errands SET answer = ? WHERE errand = ?", (answer, number))


def _answered(cursor: Cursor, number: int) -> str | None:
    row = cursor.execute("SELECT answer FROM errands WHERE errand = ?", (number,)).fetchone()
    return row[0] if row else None


def _take_back(cursor: Cursor, number: int) -> None:
    cursor.execute("DELETE FROM errands WHERE errand = ?", (number,))
