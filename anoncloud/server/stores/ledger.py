"""A database of a server, read in the thread that asks: beside a running server, or in a backup.

For the owner's command alone, which looks through all of it and may take its time.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from anoncloud.errors import LocalError
from anoncloud.ids import BlobId
from anoncloud.server.stores.journal import State

_BUSY: Final = 30.0
"""Seconds to wait for a database that another process has to itself."""
_ROWS: Final = 1000
_MOST_FAULTS: Final = 20
_PASSING: Final = ("errands", "going", "pairings")
"""Tables that mean something to a running server alone."""
_TIMES: Final = """
    SELECT max(latest) FROM (SELECT max(created) AS latest FROM accounts
        UNION ALL SELECT max(used) FROM invitations UNION ALL SELECT max(since) FROM blobs)
"""


@attrs.frozen
class Row:
    """What the database says of a blob; *checksum* is CRC-32, None if it is not known."""

    blob: BlobId
    size: int
    checksum: int | None
    state: State


class Ledger:
    """A database that is only read.

    :raises LocalError: from every method: it can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        quoted = path.absolute().as_uri()
        try:
            self._connection = sqlite3.connect(f"{quoted}?mode=ro", timeout=_BUSY, uri=True)
        except sqlite3.Error as error:
            raise _unreadable(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def version(self) -> int:
        """Give the number of the schema's newest step."""
        version: int = self._select("PRAGMA user_version")[0][0]
        return version

    def faults(self) -> list[str]:
        """Let SQLite look through the whole file; give what it finds, the first few."""
        found = [str(row[0]) for row in self._select(f"PRAGMA integrity_check({_MOST_FAULTS})")]
        strays = self._select("PRAGMA foreign_key_check")[:_MOST_FAULTS]
        lost = [f"a row of {table} belongs to no row of {parent}" for table, _, parent, _ in strays]
        return [*(one for one in found if one != "ok"), *lost]

    def newest(self) -> int:
        """Give the latest time that stands anywhere, in seconds since 1970; 0 for none."""
        return self._select(_TIMES)[0][0] or 0

    def totals(self) -> tuple[int, int]:
        """Give how many blobs there are, and their bytes."""
        count, size = self._select("SELECT count(*), coalesce(sum(size), 0) FROM blobs")[0]
        return count, size

    def page(self, after: bytes) -> list[Row]:
        """Give the rows of the next thousand blobs after *after*, in the order of their names."""
        rows = self._select(
            "SELECT blob, size, checksum, state FROM blobs WHERE blob > ? ORDER BY blob LIMIT ?",
            after,
            _ROWS,
        )
        return [_row(*row) for row in rows]

    def row(self, blob: bytes) -> Row | None:
        """Give what stands of one blob now."""
        rows = self._select("SELECT blob, size, checksum, state FROM blobs WHERE blob = ?", blob)
        return _row(*rows[0]) if rows else None

    def user(self, blob: bytes) -> str:
        """Give the account whose drive has a blob; "" if that is closed, or there is none."""
        rows = self._select(
            "SELECT name FROM accounts JOIN drives USING (account) JOIN blobs USING (drive)"
            " WHERE blob = ? AND closed = 0",
            blob,
        )
        return str(rows[0][0]) if rows else ""

    def _select(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, arguments).fetchall()
        except sqlite3.Error as error:
            raise _unreadable(self._path, error) from error


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes meanwhile.

    :raises LocalError: it can't be read, or the copy can't be written.
    """
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        message = f"copying the database {source} to {target}: {error}"
        raise LocalError(message, "check the disk, and who owns both folders") from error


def keep_stored(path: Path) -> None:
    """Take out of a copy all that no drive's journal names, and what only a running server needs.

    :raises LocalError: it can't be written.
    """
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM blobs WHERE state <> ?", (State.STORED,))
            for table in _PASSING:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our names
            connection.execute(
                "UPDATE drives SET dropped = 0, stored ="
                " (SELECT coalesce(sum(size), 0) FROM blobs WHERE blobs.drive = drives.drive)"
            )
    except sqlite3.Error as error:
        message = f"writing the copy of the database {path}: {error}"
        raise LocalError(message, "check the disk") from error


def _row(blob: bytes, size: int, checksum: int | None, state: int) -> Row:
    return Row(BlobId(blob), size, checksum, State(state))


def _unreadable(path: Path, error: sqlite3.Error) -> LocalError:
    message = f"reading the database {path}: {error}"
    return LocalError(message, "run 'anoncloud-admin doctor', or restore a backup")
