"""Journals in SQL keep the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.errors import Code
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.journal import SqlJournal
from tests.server.conformance_accounts import NOW
from tests.server.conformance_blob_states import BlobStateContract
from tests.server.conformance_journal import (
    DurableJournalContract,
    GarbageContract,
    RecordContract,
)
from tests.support.server import ADA, record
from tests.support.server_sql import InSql


class SqlJournalTests(
    InSql, RecordContract, BlobStateContract, GarbageContract, DurableJournalContract, TestCase
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
