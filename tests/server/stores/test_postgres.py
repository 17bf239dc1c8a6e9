"""The SQL stores in PostgreSQL keep the same contracts, and outlive its restarts."""

import psycopg
from twisted.enterprise.adbapi import ConnectionLost
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from anoncloud.errors import Code, LocalError
from anoncloud.server.stores import postgres
from anoncloud.server.stores.journal import SqlJournal
from anoncloud.server.stores.postgres import PostgresDatabase
from anoncloud.server.stores.sql import Cursor, once
from tests.server.conformance_accounts import NOW, DurableAccountContract
from tests.server.conformance_blob_states import BlobStateContract
from tests.server.conformance_closed import ClosedContract
from tests.server.conformance_databases import INVITATION, DatabaseContract, count, insert
from tests.server.conformance_going import GoingContract
from tests.server.conformance_journal import (
    DurableJournalContract,
    GarbageContract,
    RecordContract,
)
from tests.server.conformance_owning import OwningContract
from tests.support.postgres import cluster
from tests.support.server import ADA, record
from tests.support.server_sql import InPostgres


class PostgresAccountTests(InPostgres, OwningContract, DurableAccountContract, TestCase):
    """Accounts in PostgreSQL."""


class PostgresClosedTests(InPostgres, ClosedContract, TestCase):
    """Drives of closed accounts in PostgreSQL."""


class PostgresJournalTests(
    InPostgres,
    RecordContract,
    BlobStateContract,
    GarbageContract,
    GoingContract,
    DurableJournalContract,
    TestCase,
):
    """Journals in PostgreSQL."""

    async def test_two_nodes(self) -> None:
        """Compare-and-append holds between two nodes, whoever comes first."""
        journal = await self.open_journal()
        beside = PostgresDatabase(self.place)
        try:
            for turn in range(10):
                head = await journal.head(ADA.drive)
                one, two = (record(ADA.drive, head, body=b"%d" % each) for each in range(2))
                outcomes = await self.outcomes(
                    journal.append(ADA.drive, one, NOW),
                    SqlJournal(beside).append(ADA.drive, two, NOW),
                )
                self.assertCountEqual(outcomes, [turn + 1, Code.HEAD_MOVED])
        finally:
            beside.close()


class TransactionTests(DatabaseContract, TestCase):
    """Transactions are whole, come one after the other, and are run again where that is safe."""

    def setUp(self) -> None:
        self.place = cluster().new_database()
        self.database = PostgresDatabase(self.place)
        self.addCleanup(self.database.close)

    async def test_as_if_in_order(self) -> None:
        """What many transactions read and then write fits together, as if each had been alone."""

        def add(cursor: Cursor) -> int:
            number = count(cursor)
            insert(cursor, b"%d" % number)
            return number

        running = [Deferred.fromCoroutine(self.database.run(add)) for _ in range(10)]
        self.assertEqual(sorted(await gatherResults(running)), list(range(10)))

    def cut(self) -> None:
        """Let the server end all other connections."""
        with psycopg.connect(self.place, autocommit=True) as beside:
            beside.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    def assert_cuts(self, number: int) -> None:
        """See that adbapi has logged so many lost connections, and what it could not undo."""
        errors = self.flushLoggedErrors(ConnectionLost, psycopg.OperationalError)
        self.assertEqual(len(errors), 2 * number)

    async def test_cut_before(self) -> None:
        """A connection that was cut while nothing was asked is made anew, without a word."""
        await self.database.run(insert, b"a")
        self.cut()
        self.assertEqual(await self.database.run(count), 1)
        self.assert_cuts(1)

    async def test_cut_in_the_middle(self) -> None:
        """A transaction whose connection is cut in its middle is run again, and counts once."""
        cuts = [self.cut]

        def cut_off(cursor: Cursor) -> None:
            insert(cursor, b"a")
            if cuts:
                cuts.pop()()
            insert(cursor, b"b")

        await self.database.run(once(cut_off))
        self.assertEqual(await self.database.run(count), 2)
        self.assert_cuts(1)

    async def test_cut_at_the_commit(self) -> None:
        """Where nobody knows whether it was committed, only what may be repeated is."""
        runs: list[None] = []

        def cut_off(cursor: Cursor) -> None:
            cursor.execute(INVITATION + " ON CONFLICT DO NOTHING", (b"a",))
            runs.append(None)
            if len(runs) % 2:
                self.cut()

        await self.database.run(cut_off)
        self.assertEqual(len(runs), 2)
        await self.refused(Code.UNAVAILABLE, once(cut_off))
        self.assertEqual(len(runs), 3)
        self.assert_cuts(2)

    async def test_server_is_away(self) -> None:
        """While the server is away all is refused; when it is back, all goes on."""
        await self.database.run(insert, b"a")
        cluster().stop()
        try:
            await self.refused(Code.UNAVAILABLE, count)
        finally:
            cluster().start()
        self.assertEqual(await self.database.run(count), 1)
        self.assertNotEqual(self.flushLoggedErrors(), [])

    async def test_no_end(self) -> None:
        """A transaction that always conflicts is given up."""
        self.patch(postgres, "_TRIES", 3)
        runs: list[None] = []

        def conflict(cursor: Cursor) -> None:
            runs.append(None)
            insert(cursor, b"a", b"a")

        await self.refused(Code.UNAVAILABLE, conflict)
        self.assertEqual(len(runs), 3)


class OpeningTests(TestCase):
    """A database is made, taken as it is, or refused."""

    def test_again(self) -> None:
        """Opening one that is up to date changes nothing; a newer one is refused."""
        place = cluster().new_database()
        for _ in range(2):
            PostgresDatabase(place).close()
        with psycopg.connect(place) as connection:
            steps = connection.execute("SELECT version FROM schema_version").fetchall()
            self.assertEqual(len(steps), len(set(steps)))
            connection.execute("INSERT INTO schema_version VALUES (999)")
        error = self.assertRaises(LocalError, PostgresDatabase, place)
        self.assertIn("newer release", error.message)

    def test_nobody_there(self) -> None:
        """A place where no server is, or no such database, is refused with what to do."""
        for place in (f"host={self.mktemp()} dbname=none", cluster().place("none")):
            error = self.assertRaises(LocalError, PostgresDatabase, place)
            self.assertIn("opening the database", error.message)
            self.assertTrue(error.hint)
