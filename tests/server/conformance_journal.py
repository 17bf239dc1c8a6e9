"""The contract of ``JournalStore``, sentence by sentence; a store's test inherits it."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.contracts import Garbage, Head, JournalStore, Usage
from anoncloud.wire.records import genesis_hash, join, record_hash
from tests.server.conformance_accounts import NOW, StoreContract
from tests.support.server import ADA, BOB, Person, blob_name, record

ONE, TWO, THREE = (blob_name(number) for number in (1, 2, 3))
SIZE = 100


class JournalCase(StoreContract):
    """A journal with two drives."""

    async def open_journal(self, quota: int = 0) -> JournalStore:
        """Open the store with the drives of two people, who may store *quota* bytes."""
        accounts, journal = await self.open_stores()
        for person in (ADA, BOB):
            await accounts.register(person.new_account(quota), None, 0, NOW)
        return journal

    async def stage(self, journal: JournalStore, *blobs: bytes, by: Person = ADA) -> None:
        """Stage blobs of one size."""
        await journal.stage([(blob, by.drive, SIZE) for blob in blobs], NOW)

    async def commit(
        self,
        journal: JournalStore,
        adds: tuple[bytes, ...] = (),
        drops: tuple[bytes, ...] = (),
        by: Person = ADA,
    ) -> int:
        """Append a record that follows the head."""
        head = await journal.head(by.drive)
        return await journal.append(by.drive, record(by.drive, head, adds, drops), NOW)

    async def state(self, journal: JournalStore) -> Any:
        """Give all that can be seen of both drives."""
        return [
            (
                await journal.head(person.drive),
                await journal.usage(person.drive),
                await journal.read(person.drive, 0, 10**6),
                [await journal.holds(person.drive, blob) for blob in (ONE, TWO, THREE)],
            )
            for person in (ADA, BOB)
        ]


class RecordContract(JournalCase):
    """Records: their order, and what is refused."""

    async def test_append(self: Any) -> None:
        """A record that follows the head becomes the head, and its number is given."""
        journal = await self.open_journal()
        first = record(ADA.drive, Head(0, genesis_hash(ADA.drive)), body=b"first")
        self.assertEqual(await journal.append(ADA.drive, first, NOW), 1)
        head = Head(1, record_hash(first))
        self.assertEqual(await journal.head(ADA.drive), head)
        second = record(ADA.drive, head, body=b"second")
        self.assertEqual(await journal.append(ADA.drive, second, NOW), 2)
        self.assertEqual(await journal.read(ADA.drive, 0, 10**6), ([first, second], 2))
        self.assertEqual(await journal.head(BOB.drive), Head(0, genesis_hash(BOB.drive)))

    async def test_stored_in_all(self: Any) -> None:
        """All blobs of all drives count: staged, stored and dropped ones, until they are gone."""
        journal = await self.open_journal()
        self.assertEqual(await journal.stored_in_all(), 0)
        await self.stage(journal, ONE)
        await self.stage(journal, TWO, by=BOB)
        self.assertEqual(await journal.stored_in_all(), 2 * SIZE)
        await self.commit(journal, (ONE,))
        await self.commit(journal, drops=(ONE,))
        self.assertEqual(await journal.stored_in_all(), 2 * SIZE)
        await journal.collect(NOW + 1, NOW + 1, 1, NOW)
        self.assertEqual(await journal.stored_in_all(), SIZE)

    async def test_read(self: Any) -> None:
        """Records come in order after a number, within a length, but at least one."""
        journal = await self.open_journal()
        for _ in range(4):
            await self.commit(journal)
        whole, head = await journal.read(ADA.drive, 0, 10**6)
        self.assertEqual((len(whole), head), (4, 4))
        length = len(whole[1]) + len(whole[2])
        self.assertEqual(await journal.read(ADA.drive, 1, length), (whole[1:3], 4))
        self.assertEqual(await journal.read(ADA.drive, 1, length - 1), (whole[1:2], 4))
        self.assertEqual(await journal.read(ADA.drive, 1, 0), (whole[1:2], 4))
        for after in (4, 5, 2**63 - 1):
            self.assertEqual(await journal.read(ADA.drive, after, 10**6), ([], 4))
        self.assertEqual(await journal.read(BOB.drive, 0, 10**6), ([], 0))

    async def test_invalid(self: Any) -> None:
        """What is no record, another drive's, or names a blob twice, is refused."""
        journal = await self.open_journal()
        await self.stage(journal, ONE)
        genesis = Head(0, genesis_hash(ADA.drive))
        before = await self.state(journal)
        for wrong in (
            b"",
            b"no record",
            join(b"\xff", b"body"),
            record(ADA.drive, genesis, body=b""),
            record(BOB.drive, genesis),
            record(ADA.drive, genesis, (ONE, ONE)),
            record(ADA.drive, genesis, (), (ONE, ONE)),
            record(ADA.drive, genesis, (ONE,), (ONE,)),
        ):
            await self.refused(Code.RECORD_INVALID, journal.append(ADA.drive, wrong, NOW))
        self.assertEqual(await self.state(journal), before)

    async def test_head_moved(self: Any) -> None:
        """A record must have the next number and the hash of the newest record."""
        journal = await self.open_journal()
        genesis = await journal.head(ADA.drive)
        await self.commit(journal)
        head = await journal.head(ADA.drive)
        before = await self.state(journal)
        for other in (
            genesis,
            Head(0, head.hash),
            Head(2, head.hash),
            Head(1, genesis.hash),
            Head(2**62, head.hash),
        ):
            moved = record(ADA.drive, other, (ONE,))
            await self.refused(Code.HEAD_MOVED, journal.append(ADA.drive, moved, NOW))
        self.assertEqual(await self.state(journal), before)

    async def test_two_writers(self: Any) -> None:
        """Of two records that follow one head, appended at once, one is; its number is given."""
        journal = await self.open_journal()
        await self.stage(journal, ONE, TWO)
        for turn in range(3):
            head = await journal.head(ADA.drive)
            pair = [
                record(ADA.drive, head, (blob,) if not turn else (), body=blob)
                for blob in (ONE, TWO)
            ]
            outcomes = await self.outcomes(*(journal.append(ADA.drive, one, NOW) for one in pair))
            self.assertCountEqual(outcomes, [turn + 1, Code.HEAD_MOVED])
            winner = pair[outcomes.index(turn + 1)]
            self.assertEqual(await journal.read(ADA.drive, turn, 1), ([winner], turn + 1))
        self.assertEqual(await journal.usage(ADA.drive), Usage(2 * SIZE, 0, 0))


class GarbageContract(JournalCase):
    """What is forgotten, and what nobody knows."""

    async def test_collect(self: Any) -> None:
        """Blobs staged, or dropped, before their time are forgotten and not charged any more."""
        journal = await self.open_journal()
        await self.stage(journal, ONE, TWO, THREE)
        await self.commit(journal, adds=(ONE, TWO))
        head = await journal.head(ADA.drive)
        await journal.append(ADA.drive, record(ADA.drive, head, (), (ONE,)), NOW + 50)
        self.assertEqual(await journal.collect(NOW, NOW + 50, 10, NOW), Garbage(()))
        self.assertEqual(await journal.collect(NOW + 1, NOW + 50, 10, NOW), Garbage((THREE,)))
        self.assertEqual(await journal.usage(ADA.drive), Usage(SIZE, SIZE, 0))
        self.assertEqual(await journal.collect(NOW + 1, NOW + 51, 10, NOW), Garbage((ONE,)))
        self.assertEqual(await journal.usage(ADA.drive), Usage(SIZE, 0, 0))
        self.assertEqual(await journal.collect(2**40, 2**40, 10, NOW), Garbage(()))
        held = [await journal.holds(ADA.drive, blob) for blob in (ONE, TWO, THREE)]
        self.assertEqual(held, [0, SIZE, 0])

    async def test_forgotten(self: Any) -> None:
        """A forgotten blob can't be added; its name is free, also for another drive."""
        journal = await self.open_journal()
        await self.stage(journal, ONE)
        await journal.collect(NOW + 1, 0, 10, NOW)
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds=(ONE,)))
        await journal.removed([ONE])
        self.assertIs(await journal.may_stage(BOB.drive, ONE, SIZE), True)
        await self.stage(journal, ONE, by=BOB)
        self.assertEqual(await journal.holds(BOB.drive, ONE), SIZE)

    async def test_collect_most(self: Any) -> None:
        """At most so many are forgotten at once, of all drives."""
        journal = await self.open_journal()
        await self.stage(journal, ONE, TWO)
        await self.stage(journal, THREE, by=BOB)
        first = await journal.collect(NOW + 1, 0, 2, NOW)
        second = await journal.collect(NOW + 1, 0, 2, NOW)
        self.assertEqual((len(first.blobs), len(second.blobs)), (2, 1))
        self.assertEqual({*first.blobs, *second.blobs}, {ONE, TWO, THREE})

    async def test_condemn(self: Any) -> None:
        """Of many names, those without a row are let go; a blob in any state has one."""
        journal = await self.open_journal()
        self.assertEqual(await journal.condemn([], NOW), [])
        await self.stage(journal, ONE, TWO, THREE)
        await self.commit(journal, adds=(ONE, TWO))
        await self.commit(journal, drops=(ONE,))
        many = [blob_name(number) for number in range(1200)]
        self.assertEqual(await journal.condemn(many, NOW), [many[0], *many[4:]])


class DurableJournalContract(JournalCase):
    """What a store on a disk keeps besides."""

    async def test_reopened(self: Any) -> None:
        """Records and the states of blobs are there after the store was opened anew."""
        journal = await self.open_journal(quota=10 * SIZE)
        await self.stage(journal, ONE, TWO, THREE)
        await self.commit(journal, adds=(ONE, TWO))
        await self.commit(journal, drops=(ONE,))
        before = await self.state(journal)
        _, journal = await self.open_stores()
        self.assertEqual(await self.state(journal), before)
        self.assertEqual(await self.commit(journal, adds=(THREE,), drops=(TWO,)), 3)
