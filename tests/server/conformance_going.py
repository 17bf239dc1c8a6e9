"""What ``JournalStore`` says of blobs that are going, and of room that others have taken."""

from typing import Any

from anoncloud.errors import Code
from tests.server.conformance_accounts import NOW
from tests.server.conformance_journal import ONE, SIZE, THREE, TWO, JournalCase
from tests.support.server import ADA, BOB


class GoingContract(JournalCase):
    """The contract; a store's test inherits it."""

    async def assert_going(self: Any, journal: Any, *blobs: bytes) -> None:
        """See that none of *blobs* can come in, and what is staged under their names is refused."""
        for blob in blobs:
            await self.refused(Code.UNAVAILABLE, journal.may_stage(BOB.drive, blob, SIZE))
            refused = await journal.stage([(blob, BOB.drive, SIZE)], NOW)
            self.assertEqual([refused[blob].code], [Code.UNAVAILABLE])
            self.assertEqual(await journal.holds(BOB.drive, blob), 0)

    async def test_all_that_goes(self: Any) -> None:
        """Whatever way a blob is let go, none of its name is staged until its bytes are gone."""
        journal = await self.open_journal()
        await self.stage(journal, ONE, TWO)
        await self.stage(journal, THREE, by=BOB)
        await self.commit(journal, adds=(TWO,))
        await self.commit(journal, drops=(TWO,))
        await journal.unstage(ADA.drive, [ONE], NOW)
        await self.assert_going(journal, ONE)
        await journal.collect(0, NOW + 1, 9, NOW)
        await self.assert_going(journal, ONE, TWO)
        await journal.condemn([THREE], NOW)
        self.assertEqual(await journal.holds(BOB.drive, THREE), SIZE)
        await journal.removed([ONE, TWO])
        await self.stage(journal, ONE, TWO, by=BOB)
        self.assertEqual((await journal.usage(BOB.drive)).stored, 3 * SIZE)

    async def test_condemned_once(self: Any) -> None:
        """What is going already is another's to remove."""
        journal = await self.open_journal()
        self.assertEqual(await journal.condemn([ONE, TWO, ONE], NOW), [ONE, TWO])
        self.assertEqual(await journal.condemn([ONE, TWO, THREE], NOW), [THREE])
        await self.assert_going(journal, ONE, TWO, THREE)

    async def test_still_going(self: Any) -> None:
        """What nobody said to be gone is told after a while, until somebody does."""
        journal = await self.open_journal()
        await journal.condemn([ONE], NOW)
        await journal.condemn([TWO, THREE], NOW + 5)
        await journal.removed([THREE])
        self.assertEqual(await journal.still_going(NOW), [])
        self.assertEqual(await journal.still_going(NOW + 5), [ONE])
        self.assertCountEqual(await journal.still_going(NOW + 6), [ONE, TWO])
        await journal.removed([ONE, TWO])
        self.assertEqual(await journal.still_going(NOW + 6), [])

    async def test_room_is_taken(self: Any) -> None:
        """Of blobs that were all let come in, so many are staged as the quota has room for."""
        journal = await self.open_journal(quota=2 * SIZE)
        for blob in (ONE, TWO, THREE):
            self.assertIs(await journal.may_stage(ADA.drive, blob, SIZE), True)
        rows = [(blob, ADA.drive, SIZE) for blob in (ONE, TWO, THREE)]
        self.assertEqual(await journal.stage(rows[:1], NOW), {})
        refused = await journal.stage(rows[1:], NOW)
        self.assertEqual({blob: one.code for blob, one in refused.items()}, {THREE: Code.QUOTA})
        self.assertEqual((await journal.usage(ADA.drive)).stored, 2 * SIZE)
        self.assertEqual(await journal.stage(rows[:2], NOW), {})  # they are there already
        self.assertEqual((await journal.usage(ADA.drive)).stored, 2 * SIZE)
