"""Pairings in memory keep the contract."""

from twisted.trial.unittest import TestCase

from anoncloud.errors import Code
from anoncloud.limits import MAX_SLOT
from anoncloud.server.pairing_contract import PairingStore
from anoncloud.server.stores.memory_pairings import Kept, MemoryPairings
from tests.server.conformance_accounts import NOW
from tests.server.conformance_pairings import HERE, THERE, PairingContract, opening
from tests.support.server import Person


class MemoryPairingTests(PairingContract, TestCase):
    """Pairings in memory."""

    async def open_pairings(self) -> tuple[PairingStore, PairingStore]:
        slots: dict[int, Kept] = {}
        return MemoryPairings(HERE, slots), MemoryPairings(THERE, slots)

    async def test_all_taken(self) -> None:
        """There are so many slots, and no more until one is free; one's own earlier one is."""
        here, _ = await self.open_pairings()
        people = [Person(str(number)) for number in range(MAX_SLOT)]
        for number, person in enumerate(people):
            await here.open(opening(b"%d" % number, person), NOW)
        refusal = await self.refused(Code.TOO_MANY, here.open(opening(b"more"), NOW))
        self.assertTrue(refusal.hint)
        again = await here.open(opening(b"again", people[17]), NOW)
        self.assertEqual(again.closed, b"17".ljust(16))
