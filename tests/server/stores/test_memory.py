"""The stores in memory keep the contracts."""

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from anoncloud.server.account_contract import AccountStore
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.stores.memory import MemoryBlobs, MemoryJournal
from anoncloud.server.stores.memory_accounts import MemoryAccounts
from tests.server.conformance_blob_states import BlobStateContract
from tests.server.conformance_blobs import BlobContract
from tests.server.conformance_closed import ClosedContract
from tests.server.conformance_going import GoingContract
from tests.server.conformance_journal import GarbageContract, RecordContract
from tests.support.server import Person


class InMemory:
    """Opens accounts and a journal in memory."""

    async def open_stores(self) -> tuple[AccountStore, JournalStore]:
        self.journal = journal = MemoryJournal()
        return MemoryAccounts(journal), journal

    async def set_quota(self, person: Person, quota: int) -> None:
        self.journal.drives[person.drive].quota = quota


class MemoryJournalTests(
    InMemory, RecordContract, BlobStateContract, GarbageContract, GoingContract, TestCase
):
    """Journals."""


class MemoryClosedTests(InMemory, ClosedContract, TestCase):
    """Drives of closed accounts."""


class MemoryBlobTests(BlobContract, TestCase):
    """Blobs, which age by a clock of their own."""

    def setUp(self) -> None:
        self.clock = Clock()

    async def open_blobs(self) -> BlobStore:
        return MemoryBlobs(self.clock.seconds)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def seconds(self) -> float:
        return self.clock.seconds()
