"""The contract of ``JournalStore`` on what becomes of blobs; a store's test inherits it."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.contracts import Head, Usage
from tests.server.conformance_accounts import NOW
from tests.server.conformance_journal import ONE, SIZE, THREE, TWO, JournalCase
from tests.support.server import ADA, BOB, blob_name, record


class BlobStateContract(JournalCase):
    """What becomes of blobs: staged, stored, dropped, and gone."""

    async def test_states(self: Any) -> None:
        """A blob is staged, stored and dropped in turn, and is held in each state."""
        journal = await self.open_journal()
        self.assertEqual(await journal.holds(ADA.drive, ONE), 0)
        await self.stage(journal, ONE, TWO)
        self.assertEqual(await journal.usage(ADA.drive), Usage(2 * SIZE, 0, 0))
        await self.commit(journal, adds=(ONE,))
        self.assertEqual(await journal.usage(ADA.drive), Usage(2 * SIZE, 0, 0))
        await self.commit(journal, adds=(TWO,), drops=(ONE,))
        self.assertEqual(await journal.usage(ADA.drive), Usage(SIZE, SIZE, 0))
        self.assertEqual(await journal.holds(ADA.drive, ONE), SIZE)
        self.assertEqual(await journal.holds(BOB.drive, ONE), 0)
        self.assertEqual(await journal.usage(BOB.drive), Usage(0, 0, 0))

    async def test_wrong_state(self: Any) -> None:
        """Only what this drive staged can be added, and only what it stores be dropped."""
        journal = await self.open_journal()
        await self.stage(journal, ONE, TWO)
        await self.stage(journal, THREE, by=BOB)
        await self.commit(journal, adds=(ONE, TWO))
        await self.commit(journal, drops=(TWO,))
        await self.commit(journal, adds=(THREE,), by=BOB)
        await self.stage(journal, blob_name(4), by=BOB)
        before = await self.state(journal)
        for adds, drops in (
            ((ONE,), ()),  # stored
            ((TWO,), ()),  # dropped
            ((blob_name(4),), ()),  # another's
            ((blob_name(5),), ()),  # nobody's
            ((), (TWO,)),
            ((), (THREE,)),
            ((), (blob_name(5),)),
        ):
            await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds, drops))
        self.assertEqual(await self.state(journal), before)

    async def test_all_or_nothing(self: Any) -> None:
        """One unknown blob among hundreds leaves all the others as they were."""
        journal = await self.open_journal()
        many = tuple(blob_name(number) for number in range(10, 1210))
        await self.stage(journal, *many, ONE)
        await self.commit(journal, adds=(ONE,))
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds=(*many, TWO), drops=(ONE,)))
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds=many, drops=(ONE, TWO)))
        self.assertEqual(await journal.usage(ADA.drive), Usage(1201 * SIZE, 0, 0))
        self.assertEqual(await self.commit(journal, adds=many, drops=(ONE,)), 2)
        self.assertEqual(await journal.usage(ADA.drive), Usage(1200 * SIZE, SIZE, 0))
        self.assertEqual(await self.commit(journal, drops=many), 3)
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 1201 * SIZE, 0))

    async def test_stage_again(self: Any) -> None:
        """A blob that has a state keeps it, and is charged once; the rest of a group is staged."""
        journal = await self.open_journal()
        await self.stage(journal, ONE)
        await self.commit(journal, adds=(ONE,))
        await self.stage(journal, ONE, TWO)
        await self.stage(journal, TWO, by=BOB)
        self.assertEqual(await journal.usage(ADA.drive), Usage(2 * SIZE, 0, 0))
        self.assertEqual(await journal.usage(BOB.drive), Usage(0, 0, 0))
        self.assertEqual(await journal.holds(BOB.drive, TWO), 0)
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds=(ONE,)))
        await self.commit(journal, adds=(TWO,))

    async def test_unstage(self: Any) -> None:
        """Staged blobs are forgotten and not charged any more; what was added stays, or dropped."""
        journal = await self.open_journal(quota=2 * SIZE)
        await self.stage(journal, ONE, TWO)
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, THREE, SIZE))
        self.assertEqual(await journal.unstage(ADA.drive, [TWO, ONE, TWO], NOW), (TWO, ONE))
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 0, 2 * SIZE))
        held = [await journal.holds(ADA.drive, blob) for blob in (ONE, TWO)]
        self.assertEqual(held, [0, 0])
        await journal.removed([ONE, TWO])
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, adds=(ONE,)))
        self.assertIs(await journal.may_stage(ADA.drive, ONE, 2 * SIZE), True)
        self.assertEqual(await journal.unstage(ADA.drive, [ONE, TWO], NOW), ())

    async def test_unstage_others(self: Any) -> None:
        """What is not staged, or not by this drive, is passed over, among many that are."""
        journal = await self.open_journal()
        many = tuple(blob_name(number) for number in range(10, 1210))
        await self.stage(journal, ONE, TWO, *many)
        await self.stage(journal, THREE, by=BOB)
        await self.commit(journal, adds=(ONE, TWO))
        await self.commit(journal, drops=(TWO,))
        before = await self.state(journal)
        for blobs in ((), (ONE, TWO, THREE, blob_name(4))):
            self.assertEqual(await journal.unstage(ADA.drive, blobs, NOW), ())
        self.assertEqual(await self.state(journal), before)
        self.assertEqual(await journal.unstage(ADA.drive, [ONE, THREE, *many, TWO], NOW), many)
        self.assertEqual(await journal.usage(ADA.drive), Usage(SIZE, SIZE, 0))
        self.assertEqual(await journal.usage(BOB.drive), Usage(SIZE, 0, 0))

    async def test_may_stage(self: Any) -> None:
        """The bytes of a new blob are wanted; not of one that the drive has in any state."""
        journal = await self.open_journal()
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE), True)
        await self.stage(journal, ONE)
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE), False)
        await self.refused(Code.NOT_ALLOWED, journal.may_stage(BOB.drive, ONE, SIZE))
        await self.commit(journal, adds=(ONE,))
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE), False)
        await self.commit(journal, drops=(ONE,))
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE), False)
        await self.refused(Code.NOT_ALLOWED, journal.may_stage(BOB.drive, ONE, SIZE))

    async def test_quota(self: Any) -> None:
        """A drive may stage up to its quota to the byte; what it has already it may repeat."""
        journal = await self.open_journal(quota=2 * SIZE)
        await self.stage(journal, ONE)
        self.assertIs(await journal.may_stage(ADA.drive, TWO, SIZE), True)
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, TWO, SIZE + 1))
        await self.stage(journal, TWO)
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, THREE, 1))
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE), False)
        self.assertIs(await journal.may_stage(BOB.drive, THREE, SIZE), True)
        self.assertEqual(await self.commit(journal, adds=(ONE, TWO)), 1)

    async def test_quota_of_incoming(self: Any) -> None:
        """What is coming in takes room as if it were there; what is there takes it once."""
        journal = await self.open_journal(quota=3 * SIZE)
        await self.stage(journal, ONE)
        coming = ((ONE, SIZE), (TWO, SIZE))
        self.assertIs(await journal.may_stage(ADA.drive, THREE, SIZE, coming), True)
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, THREE, SIZE + 1, coming))
        self.assertIs(await journal.may_stage(ADA.drive, ONE, SIZE, coming), False)
        await self.stage(journal, TWO)
        self.assertIs(await journal.may_stage(ADA.drive, THREE, SIZE, coming), True)
        coming = tuple((blob_name(number), SIZE) for number in range(1000, 2000))
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, THREE, SIZE, coming))
        self.assertIs(await journal.may_stage(BOB.drive, THREE, SIZE), True)

    async def test_quota_of_dropped(self: Any) -> None:
        """Dropped blobs make room for new ones, but no more than a quota of them is kept so."""
        journal = await self.open_journal(quota=2 * SIZE)
        await self.stage(journal, ONE, TWO)
        await self.commit(journal, adds=(ONE, TWO))
        await self.commit(journal, drops=(ONE, TWO))
        self.assertIs(await journal.may_stage(ADA.drive, THREE, 2 * SIZE), True)
        await self.stage(journal, THREE)
        await self.commit(journal, adds=(THREE,))
        await self.commit(journal, drops=(THREE,))
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 3 * SIZE, 2 * SIZE))
        self.assertIs(await journal.may_stage(ADA.drive, blob_name(4), SIZE), True)
        await self.refused(Code.QUOTA, journal.may_stage(ADA.drive, blob_name(4), SIZE + 1))

    async def test_over_quota(self: Any) -> None:
        """A drive over its quota gets no more blobs, may lose some, and may change names."""
        journal = await self.open_journal(quota=3 * SIZE)
        await self.stage(journal, ONE)
        await self.commit(journal, adds=(ONE,))
        await self.stage(journal, TWO, THREE)
        await self.set_quota(ADA, 2 * SIZE)
        before = await self.state(journal)
        await self.refused(Code.QUOTA, self.commit(journal, adds=(TWO,)))
        await self.refused(Code.QUOTA, self.commit(journal, adds=(TWO,), drops=(ONE,)))
        self.assertEqual(await self.state(journal), before)
        await self.commit(journal)
        await self.commit(journal, drops=(ONE,))
        await self.commit(journal, adds=(TWO, THREE))

    async def test_order_of_checks(self: Any) -> None:
        """Invalid comes before moved, moved before full, full before unknown."""
        journal = await self.open_journal(quota=2 * SIZE)
        await self.stage(journal, ONE, TWO)
        await self.set_quota(ADA, SIZE)
        moved = Head(5, bytes(32))
        twice = record(ADA.drive, moved, (THREE, THREE))
        await self.refused(Code.RECORD_INVALID, journal.append(ADA.drive, twice, NOW))
        later = record(ADA.drive, moved, (THREE,))
        await self.refused(Code.HEAD_MOVED, journal.append(ADA.drive, later, NOW))
        await self.refused(Code.QUOTA, self.commit(journal, adds=(THREE,)))
        await self.refused(Code.BLOB_UNKNOWN, self.commit(journal, drops=(THREE,)))
