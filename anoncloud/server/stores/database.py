"""SQLite as the SQL database: opened, brought up to date, and asked one transaction at a time.

By Twisted's adbapi, in one thread of its own: WAL, so that another process may read beside
it, and ``synchronous=FULL``, so that what was committed outlives a power loss.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from twisted.enterprise.adbapi import ConnectionPool
from twisted.logger import Logger

from anoncloud.errors import Code, LocalError, Refused
from anoncloud.server.stores.sql import Cursor, Result, faulty, may_write, must_last, steps

_BUSY: Final = 5000


class Database:
    """A database file and the one thread that uses it.

    Fulfils :class:`~anoncloud.server.stores.sql.SqlDatabase`.
    """

    _log = Logger()

    def __init__(self, path: Path) -> None:
        """Open, make or upgrade *path*.

        :raises LocalError: it can't be opened, or comes from a newer release.
        """
        self._path = path
        try:
            _upgrade(path)
        except (sqlite3.Error, OSError) as error:
            message = f"opening the database {path}: {error}"
            raise LocalError(message, "check the disk, and who owns the folder") from error
        self._pool: Any = ConnectionPool(
            "sqlite3",
            str(path),
            check_same_thread=False,
            isolation_level=None,
            cp_min=1,
            cp_max=1,
            cp_openfun=_prepare,
            cp_noisy=False,
        )

    async def run(self, interaction: Callable[..., Result], *arguments: Any) -> Result:
        try:
            result: Result = await self._pool.runInteraction(_transaction, interaction, arguments)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL"):
                message = "the server's disk is full"
                raise Refused(Code.DISK_FULL, message, "tell the server's owner") from error
            self._log.error("the database has a fault: {error}", error=str(error))
            raise faulty() from error
        return result

    def close(self) -> None:
        self._pool.close()


def _transaction(
    transaction: Any, interaction: Callable[..., Result], arguments: tuple[Any, ...]
) -> Result:
    # Not within a transaction, and it holds until it is said again; there is one thread.
    transaction.execute(f"PRAGMA synchronous = {'FULL' if must_last(interaction) else 'NORMAL'}")
    # One that reads sees the database as it was when it began, and waits for nobody.
    begin = "BEGIN IMMEDIATE" if may_write(interaction) else "BEGIN"
    cursor: Cursor = transaction.execute(begin)  # adbapi's own can't be iterated
    return interaction(cursor, *arguments)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_BUSY}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")  # a worker's sandbox has no other place


def newest_step() -> int:
    """Give the number of the last step that this release knows."""
    return steps()[-1][0]


def _upgrade(path: Path) -> None:
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        _prepare(connection)
        known = steps()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > known[-1][0]:
            message = f"the database {path} was made by a newer release"
            raise LocalError(message, "update the server")
        for number, script in known:
            if number > version:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
                )
    finally:
        connection.close()
