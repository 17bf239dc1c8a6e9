"""PostgreSQL as the SQL database: for more than one machine.

psycopg 3 by Twisted's adbapi. Every transaction is SERIALIZABLE, so what holds in SQLite, where one
comes after the other, holds here too; one that PostgreSQL can't put into an order with the others
is run again.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Self

import psycopg
from psycopg import errors
from twisted.enterprise.adbapi import ConnectionLost, ConnectionPool
from twisted.logger import Logger

from anoncloud.errors import Code, LocalError, Refused
from anoncloud.server.stores.sql import Result, faulty, may_repeat, must_last, steps

CONNECTIONS: Final = 5
"""For each process; PostgreSQL takes 100 in all by default."""
_TRIES: Final = 30
"""Conflicts of one transaction with others until it is given up."""
_RECONNECTS: Final = 2
"""Times that one transaction is begun anew after its connection was lost."""
_CONNECT_TIMEOUT: Final = 5
_UPGRADE_LOCK: Final = 0x616E6F6E
"""The advisory lock of whoever changes the schema: a number that nobody else uses."""
_CONFLICTS: Final = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
"""UniqueViolation too: what was looked up and not there has been put there meanwhile."""
_CUTS: Final = (ConnectionLost, psycopg.OperationalError, psycopg.InterfaceError)


class PostgresDatabase:
    """Fulfils :class:`~anoncloud.server.stores.sql.SqlDatabase`, with a thread a connection."""

    _log = Logger()

    def __init__(self, place: str, connections: int = CONNECTIONS) -> None:
        """Connect to *place*, and make or upgrade what is there.

        :param place: a URI, "postgresql://user@host/name", or libpq's "host=... dbname=...".
        :raises LocalError: it can't be reached, or comes from a newer release.
        """
        try:
            _upgrade(place)
        except psycopg.Error as error:
            message = f"opening the database: {_first_line(error)}"
            hint = "see that PostgreSQL runs there, and that this user may use the database"
            raise LocalError(message, hint) from error
        self._pool: Any = ConnectionPool(
            "psycopg",
            place,
            connect_timeout=_CONNECT_TIMEOUT,
            cp_min=1,
            cp_max=connections,
            cp_openfun=_prepare,
            cp_reconnect=True,
            cp_good_sql="SELECT 1",
            cp_noisy=False,
        )

    async def run(self, interaction: Callable[..., Result], *arguments: Any) -> Result:
        conflicts, cuts = 0, 0
        while True:
            ended: list[None] = []
            try:
                result: Result = await self._pool.runInteraction(
                    _run, interaction, arguments, ended
                )
            except _CONFLICTS as error:
                conflicts += 1
                if conflicts == _TRIES:
                    raise self._fault(error) from error
            except errors.DiskFull as error:
                message = "the database's disk is full"
                raise Refused(Code.DISK_FULL, message, "tell the server's owner") from error
            except _CUTS as error:
                cuts += 1
                if cuts > _RECONNECTS or (ended and not may_repeat(interaction)):
                    raise self._fault(error) from error
            except psycopg.Error as error:
                raise self._fault(error) from error
            else:
                return result

    def close(self) -> None:
        self._pool.close()

    def _fault(self, error: Exception) -> Refused:
        """Log what is wrong with the database; give what peers are told."""
        self._log.error("the database has a fault: {error}", error=_first_line(error))
        return faulty()


class _Cursor:
    """Fulfils :class:`~anoncloud.server.stores.sql.Cursor` over one of psycopg's."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        count: int = self._cursor.rowcount
        return count

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Self:
        self._cursor.execute(_translate(sql), parameters)
        return self

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]], /) -> Self:
        self._cursor.executemany(_translate(sql), rows)
        return self

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.fetchall())


@lru_cache(maxsize=1024)
def _translate(sql: str) -> str:
    """Write parameters as psycopg does; none of our statements has a ``?`` or ``%`` of its own."""
    return sql.replace("?", "%s")


def _run(
    transaction: Any,
    interaction: Callable[..., Result],
    arguments: tuple[Any, ...],
    ended: list[None],
) -> Result:
    """Run an interaction; *ended* tells that only the commit is left."""
    if not must_last(interaction):
        transaction.execute("SET LOCAL synchronous_commit = off")
    result = interaction(_Cursor(transaction), *arguments)
    ended.append(None)
    return result


def _prepare(connection: psycopg.Connection[Any]) -> None:
    connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    connection.execute("SET synchronous_commit = on")
    connection.commit()


def _first_line(error: Exception) -> str:
    """Give what PostgreSQL says, without the statement and its parameters."""
    return str(error).partition("\n")[0] or type(error).__name__


def _upgrade(place: str) -> None:
    """Bring the schema up to date, while no other node does."""
    with psycopg.connect(place, connect_timeout=_CONNECT_TIMEOUT) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_UPGRADE_LOCK,))
        connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)")
        row = connection.execute("SELECT max(version) FROM schema_version").fetchone()
        version = (row and row[0]) or 0
        known = steps("postgres")
        if version > known[-1][0]:
            message = "the database was made by a newer release"
            raise LocalError(message, "update the server")
        for number, script in known:
            if number > version:
                connection.execute(script.encode())
                connection.execute("INSERT INTO schema_version VALUES (%s)", (number,))
