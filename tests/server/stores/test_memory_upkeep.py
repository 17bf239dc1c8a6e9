"""What the server's owner asks, in memory, keeps the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.server.stores.memory_upkeep import MemoryUpkeep
from anoncloud.server.upkeep_contract import UpkeepStore
from tests.server.conformance_upkeep import UpkeepContract
from tests.server.stores.test_memory import InMemory


class MemoryUpkeepTests(InMemory, UpkeepContract, TestCase):
    """Upkeep in memory."""

    async def open_upkeep(self) -> UpkeepStore:
        return MemoryUpkeep(self.journal, self.accounts)
