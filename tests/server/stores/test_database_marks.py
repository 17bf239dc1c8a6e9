"""SQLite: interactions that need less than others, among several processes."""

import sqlite3
from pathlib import Path

from twisted.trial.unittest import TestCase

from anoncloud.server.stores.database import Database
from anoncloud.server.stores.sql import Cursor, passing, reading


def waits(cursor: Cursor) -> int:
    """Tell how this transaction waits for the disk: 2 in full, 1 hardly."""
    found: int = cursor.execute("PRAGMA synchronous").fetchone()[0]
    return found


@passing
def waits_hardly(cursor: Cursor) -> int:
    """Tell the same, as one that may be lost."""
    return waits(cursor)


@reading
def count(cursor: Cursor) -> int:
    """Count rows, and change nothing."""
    found: int = cursor.execute("SELECT count(*) FROM invitations").fetchone()[0]
    return found


class MarkTests(TestCase):
    """One database, and another process that uses it too."""

    def setUp(self) -> None:
        path = Path(self.mktemp())
        self.database = Database(path)
        self.addCleanup(self.database.close)
        self.beside = sqlite3.connect(path, isolation_level=None, timeout=0)
        self.addCleanup(self.beside.close)

    async def test_passing(self) -> None:
        """What may be lost with the power does not wait for the disk; the next one does again."""
        found = [await self.database.run(one) for one in (waits, waits_hardly, waits)]
        self.assertEqual(found, [2, 1, 2])

    async def test_reading(self) -> None:
        """What changes nothing goes on while another process writes, and sees what was before."""
        self.beside.execute("BEGIN IMMEDIATE")
        self.beside.execute("INSERT INTO invitations (code_hash, expires) VALUES (x'01', 1)")
        self.assertEqual(await self.database.run(count), 0)
        self.beside.execute("COMMIT")
        self.assertEqual(await self.database.run(count), 1)
