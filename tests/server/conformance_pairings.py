"""The contract of ``PairingStore``, sentence by sentence; a store's test inherits it."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import MAX_PAIRING_MESSAGES, MAX_SLOT
from anoncloud.server.pairing_contract import Joined, Opened, Opening, PairingStore
from tests.server.conformance_accounts import NOW, StoreContract
from tests.support.server import ADA, BOB, Person

UNTIL = NOW + 600
HERE, THERE = b"one process", b"another one"


def opening(name: bytes, person: Person = ADA, *, start: int = 4, until: float = UNTIL) -> Opening:
    """Say what a slot is opened with."""
    return Opening(name.ljust(16), person.drive, b"first of " + name, start, until)


class PairingContract(StoreContract):
    """The contract, for two processes over one store."""

    async def open_pairings(self) -> tuple[PairingStore, PairingStore]:
        """Open the store for the processes HERE and THERE."""
        raise NotImplementedError

    async def test_join(self: Any) -> None:
        """The place is taken once, from whichever process; a wrong slot is refused alike."""
        here, there = await self.open_pairings()
        opened = await here.open(opening(b"a"), NOW)
        self.assertEqual(opened, Opened(5, None))
        said = [str(await self.refused(Code.NOT_ALLOWED, there.join(6, NOW)))]
        self.assertEqual(await there.join(5, NOW), Joined(b"a".ljust(16), b"first of a"))
        late = [await self.refused(Code.NOT_ALLOWED, one.join(5, NOW)) for one in (here, there)]
        said.extend(map(str, late))
        self.assertEqual(len(set(said)), 1)

    async def test_joined_at_once(self: Any) -> None:
        """Of two that come at once one gets in."""
        here, there = await self.open_pairings()
        await here.open(opening(b"a"), NOW)
        outcomes = await self.outcomes(here.join(5, NOW), there.join(5, NOW))
        self.assertCountEqual(outcomes, [Joined(b"a".ljust(16), b"first of a"), Code.NOT_ALLOWED])

    async def test_bound(self: Any) -> None:
        """So many messages are counted, whoever says them; before somebody joins, none."""
        here, there = await self.open_pairings()
        pairing = b"a".ljust(16)
        await here.open(opening(b"a"), NOW)
        await self.refused(Code.NOT_ALLOWED, here.count(pairing))
        await there.join(5, NOW)
        for number in range(MAX_PAIRING_MESSAGES - 1):
            await (here, there)[number % 2].count(pairing)
        for one in (here, there):
            await self.refused(Code.TOO_MANY, one.count(pairing))
        await self.refused(Code.NOT_ALLOWED, here.count(b"b".ljust(16)))

    async def test_close(self: Any) -> None:
        """Who closes it first is told so; its slot is free then, and nothing is said in it."""
        here, there = await self.open_pairings()
        await here.open(opening(b"a"), NOW)
        await there.join(5, NOW)
        self.assertIs(await there.close(b"a".ljust(16)), True)
        self.assertIs(await here.close(b"a".ljust(16)), False)
        await self.refused(Code.NOT_ALLOWED, here.count(b"a".ljust(16)))
        await self.refused(Code.NOT_ALLOWED, here.join(5, NOW))
        self.assertEqual(await there.open(opening(b"b"), NOW), Opened(5, None))

    async def test_one_each(self: Any) -> None:
        """A drive that opens a slot loses the one that it had; another drive does not."""
        here, there = await self.open_pairings()
        await here.open(opening(b"a"), NOW)
        self.assertEqual(await here.open(opening(b"b", BOB), NOW), Opened(6, None))
        self.assertEqual(await there.open(opening(b"c"), NOW), Opened(5, b"a".ljust(16)))
        self.assertIs(await here.close(b"a".ljust(16)), False)
        self.assertEqual((await here.join(6, NOW)).pairing, b"b".ljust(16))

    async def test_time(self: Any) -> None:
        """A slot whose time is over can't be joined, and is free for another drive."""
        here, there = await self.open_pairings()
        await here.open(opening(b"a"), NOW)
        await self.refused(Code.NOT_ALLOWED, there.join(5, UNTIL))
        later = opening(b"b", BOB, until=UNTIL + 1)
        self.assertEqual(await there.open(later, UNTIL - 0.5), Opened(6, None))
        self.assertEqual(await there.open(opening(b"c", BOB), UNTIL), Opened(5, b"b".ljust(16)))

    async def test_wraps(self: Any) -> None:
        """After the last slot comes the first; any number is a place to begin at."""
        here, _ = await self.open_pairings()
        first = await here.open(opening(b"a", start=10 * MAX_SLOT - 1), NOW)
        second = await here.open(opening(b"b", BOB, start=MAX_SLOT - 1), NOW)
        self.assertEqual((first.slot, second.slot), (MAX_SLOT, 1))

    async def test_close_of(self: Any) -> None:
        """What a process that has ended had an end of is closed, and nothing else."""
        here, there = await self.open_pairings()
        for name, person in ((b"a", ADA), (b"b", BOB), (b"c", Person("carol"))):
            await here.open(opening(name, person), NOW)
        await there.join(5, NOW)
        await there.open(opening(b"d", Person("dora")), NOW)
        await here.join(8, NOW)
        self.assertCountEqual(await here.close_of(THERE), [b"a".ljust(16), b"d".ljust(16)])
        self.assertEqual(await here.close_of(THERE), [])
        self.assertEqual((await here.join(6, NOW)).pairing, b"b".ljust(16))
