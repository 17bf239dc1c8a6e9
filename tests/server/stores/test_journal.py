"""Journals in SQL keep the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.errors import Code
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.journal import SqlJournal
from tests.server.conformance_accounts import NOW
from tests.server.conformance_blob_states import BlobStateContract
from tests.server.conformance_closed import ClosedContract
from tests.server.conformance_going import GoingContract
from tests.server.conformance_journal import (
    DurableJournalContract,
    GarbageContract,
    RecordContract,
)
from tests.support.server import ADA, blob_name, record
from tests.support.server_sql import InSql


class SqlClosedTests(InSql, ClosedContract, TestCase):
    """Drives of closed accounts in SQLite."""

    async def test_nothing_is_left(self) -> None:
        """No table has a row of a closed account, when all was collected."""
        _, journal = await self.open_closed()
        while await journal.collect_closed(100, 0) is not None:
            pass
        counts = await self.database.run(
            lambda cursor: [
                cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("accounts", "drives", "records", "blobs")
            ]
        )
        self.assertEqual(counts, [1, 1, 2, 5])


class SqlJournalTests(
    InSql,
    RecordContract,
    BlobStateContract,
    GarbageContract,
    GoingContract,
    DurableJournalContract,
    TestCase,
):
    """Journals in SQLite."""

    async def test_two_processes(self) -> None:
        """Compare-and-append holds between two that have opened one database."""
        journal = await self.open_journal()
        beside = Database(self.path)
        try:
            head = await journal.head(ADA.drive)
            outcomes = await self.outcomes(
                journal.append(ADA.drive, record(ADA.drive, head, body=b"one"), NOW),
                SqlJournal(beside).append(ADA.drive, record(ADA.drive, head, body=b"two"), NOW),
            )
        finally:
            beside.close()
        self.assertCountEqual(outcomes, [1, Code.HEAD_MOVED])

    async def test_coarse_times(self) -> None:
        """When blobs came into their states is written no finer than it should be."""
        await self.open_journal()
        journal = SqlJournal(self.database, 3600)
        names = [blob_name(number) for number in range(2)]
        await journal.stage([(name, ADA.drive, 7) for name in names], 2 * 3600 + 5)
        made = record(ADA.drive, await journal.head(ADA.drive), adds=(names[0],))
        await journal.append(ADA.drive, made, 3 * 3600 + 3599)
        times = await self.database.run(
            lambda cursor: cursor.execute(
                "SELECT state, since FROM blobs ORDER BY state"
            ).fetchall()
        )
        self.assertEqual(times, [(0, 2 * 3600), (1, 3 * 3600)])
