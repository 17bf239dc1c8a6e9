"""The database: its schema's versions, its transactions, its faults."""

import re
import sqlite3
import stat
from importlib.resources import files
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import SynchronousTestCase, TestCase

from anoncloud.errors import Code, LocalError
from anoncloud.ids import DriveId
from anoncloud.server.account_contract import Access, Account, Attempt, Enrolled, Entry
from anoncloud.server.delays import Schedules
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Cursor, Database
from anoncloud.server.stores.journal import SqlJournal
from tests.server.conformance_databases import INVITATION, DatabaseContract, count, insert


class OpeningTests(SynchronousTestCase):
    """A database is made, taken as it is, or refused."""

    def open(self, path: Path) -> Database:
        """Open a database for this test."""
        database = Database(path)
        self.addCleanup(database.close)
        return database

    def version(self, path: Path) -> int:
        """Read the schema's version."""
        connection = sqlite3.connect(path)
        try:
            return connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()

    def test_new(self) -> None:
        """A new one has the newest schema, and only its owner may read it."""
        path = Path(self.mktemp())
        self.open(path)
        self.assertGreaterEqual(self.version(path), 1)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_again(self) -> None:
        """Opening one that is up to date changes nothing in it."""
        path = Path(self.mktemp())
        Database(path).close()
        connection = sqlite3.connect(path)
        connection.execute(INVITATION, (b"code",))
        connection.commit()
        before = connection.execute("SELECT sql FROM sqlite_master ORDER BY sql").fetchall()
        self.open(path)
        after = connection.execute("SELECT sql FROM sqlite_master ORDER BY sql").fetchall()
        self.assertEqual(after, before)
        self.assertEqual(connection.execute("SELECT count(*) FROM invitations").fetchone(), (1,))
        connection.close()

    def test_newer(self) -> None:
        """One that a newer release made is refused, and stays as it is."""
        path = Path(self.mktemp())
        Database(path).close()
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA user_version = 999")
        connection.close()
        error = self.assertRaises(LocalError, Database, path)
        self.assertIn("newer release", error.message)
        self.assertEqual(self.version(path), 999)

    def test_half_made(self) -> None:
        """A step that fails is undone whole, so the next start finds no half of it."""
        path = Path(self.mktemp())
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE blobs (in_the_way)")
        connection.close()
        self.assertRaises(LocalError, Database, path)
        self.assertEqual(self.version(path), 0)
        connection = sqlite3.connect(path)
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        self.assertEqual(tables, [("blobs",)])

    def test_no_database(self) -> None:
        """A file that is none, a folder, or a place where nothing can be made are refused."""
        file = Path(self.mktemp())
        file.write_bytes(b"this is no database, and it is long enough to be sure of that" * 9)
        folder = Path(self.mktemp())
        folder.mkdir()
        for path in (file, folder, file / "below", folder / "none" / "below"):
            error = self.assertRaises(LocalError, Database, path)
            self.assertIn(str(path), error.message)
            self.assertTrue(error.hint)


class SchemaTests(SynchronousTestCase):
    """The two folders of schema files."""

    def test_alike(self) -> None:
        """SQLite and PostgreSQL have the same steps, each with the same tables and columns."""
        folder = files("anoncloud.server.stores") / "schema"
        steps = {step.name: step.read_text() for step in folder.iterdir() if step.is_file()}
        others = {step.name: step.read_text() for step in (folder / "postgres").iterdir()}
        self.assertEqual(sorted(others), sorted(steps))
        named = re.compile(r"CREATE TABLE (\w+)|^    (\w+) |ADD COLUMN (\w+)", re.MULTILINE)
        for name, script in steps.items():
            self.assertEqual(named.findall(others[name]), named.findall(script), name)


class TransactionTests(DatabaseContract, TestCase):
    """One transaction at a time, whole or not at all."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.database = Database(self.path)
        self.addCleanup(self.database.close)

    async def test_full(self) -> None:
        """A full disk is told as such; what is stored can still be read and removed."""

        def no_more_pages(cursor: Cursor) -> None:
            used = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {used}")

        await self.database.run(insert, b"a")
        await self.database.run(no_more_pages)
        await self.refused(Code.DISK_FULL, insert, bytes(100_000))
        self.assertEqual(await self.database.run(count), 1)
        await self.database.run(lambda cursor: cursor.execute("DELETE FROM invitations").rowcount)
        self.assertEqual(await self.database.run(count), 0)

    async def test_in_order(self) -> None:
        """Interactions run one after the other, in the order in which they were asked for."""

        def add(cursor: Cursor) -> int:
            number = count(cursor)
            insert(cursor, b"%d" % number)
            return number

        running = [Deferred.fromCoroutine(self.database.run(add)) for _ in range(20)]
        self.assertEqual(await gatherResults(running), list(range(20)))

    async def test_durable(self) -> None:
        """Every commit waits for the disk, and other processes may read meanwhile."""

        def pragmas(cursor: Cursor) -> list[Any]:
            names = ("synchronous", "journal_mode", "foreign_keys")
            return [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

        self.assertEqual(await self.database.run(pragmas), [2, "wal", 1])
        await self.database.run(insert, b"a")
        beside = sqlite3.connect(self.path)
        self.addCleanup(beside.close)
        self.assertEqual(count(beside.cursor()), 1)


class UpgradeTests(TestCase):
    """Databases of older releases."""

    async def test_from_the_first_schema(self) -> None:
        """One that was made with the first schema alone is brought up to date by its opening."""
        path = Path(self.mktemp())
        key, device, drive = bytes(32), b"d" * 32, b"1" * 16
        step = files("anoncloud.server.stores") / "schema" / "001.sql"
        connection = sqlite3.connect(path)
        connection.executescript(step.read_text())
        connection.execute("INSERT INTO accounts VALUES (7, 'ada', ?, x'73', 1000)", (key,))
        connection.execute("INSERT INTO devices VALUES (7, ?)", (device,))
        connection.execute("INSERT INTO drives VALUES (?, 7, 0, x'00', 5, 0, 9)", (drive,))
        connection.execute("INSERT INTO invitations VALUES (x'01', NULL, 2000, 7, 1000)")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
        connection.close()

        database = Database(path)
        self.addCleanup(database.close)
        accounts = SqlAccounts(database)
        entry = await accounts.enter(Attempt("ada", key, "192.0.2.1", 1000), Schedules())
        self.assertEqual(entry, Entry(Account("ada", DriveId(drive)), Access.OWNER))
        self.assertEqual(await accounts.keyring("ada", key), b"s")
        self.assertEqual(await accounts.list_devices("ada"), Enrolled((device,), recovery=False))
        (invitation,) = await accounts.invitations()
        self.assertEqual((invitation.expires, invitation.used), (2000, 1000))
        self.assertEqual((await SqlJournal(database).usage(DriveId(drive))).stored, 5)

        fresh = Database(Path(self.mktemp()))
        self.addCleanup(fresh.close)
        self.assertEqual(await self.schema(database), await self.schema(fresh))

    async def schema(self, database: Database) -> list[Any]:
        """Give the schema's version and all that is in it."""

        def read(cursor: Cursor) -> list[Any]:
            version = cursor.execute("PRAGMA user_version").fetchone()
            return [version, *cursor.execute("SELECT sql FROM sqlite_master ORDER BY name, sql")]

        return await database.run(read)
