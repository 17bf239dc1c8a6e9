"""What ``JournalStore`` says of the drives of closed accounts; a store's test inherits it."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.account_contract import AccountStore
from anoncloud.server.contracts import Garbage, JournalStore
from tests.server.conformance_accounts import NOW, StoreContract
from tests.support.server import ADA, BOB, Person, blob_name, record

SIZE = 100
MANY = 120
"""Records, more than one step removes."""


class ClosedContract(StoreContract):
    """The drive of somebody who has gone, beside that of somebody who stays."""

    async def open_closed(self) -> tuple[AccountStore, JournalStore]:
        """Open stores with blobs in every state of both people, and close Ada's account."""
        accounts, journal = await self.open_stores()
        for person, first in ((ADA, 0), (BOB, 10)):
            await accounts.register(person.new_account(), None, 0, NOW)
            blobs = [blob_name(first + number) for number in range(5)]
            await journal.stage([(blob, person.drive, SIZE) for blob in blobs], NOW)
            await self.commit(journal, person, (blobs[0], blobs[1]))
            await self.commit(journal, person, (blobs[2],), (blobs[0],))
        for _ in range(MANY):
            await self.commit(journal, ADA)
        await accounts.close_account("ada", ADA.key().public, NOW)
        return accounts, journal

    async def commit(
        self,
        journal: JournalStore,
        person: Person,
        adds: tuple[bytes, ...] = (),
        drops: tuple[bytes, ...] = (),
    ) -> None:
        """Append a record to a drive."""
        made = record(person.drive, await journal.head(person.drive), adds, drops)
        await journal.append(person.drive, made, NOW)

    async def test_shut(self: Any) -> None:
        """A closed drive can't be read, written or asked about, from the moment of its closing."""
        accounts, journal = await self.open_stores()
        await accounts.register(ADA.new_account(), None, 0, NOW)
        made = record(ADA.drive, await journal.head(ADA.drive))
        await accounts.close_account("ada", ADA.key().public, NOW)
        for _ in range(2):
            for asked in (
                journal.head(ADA.drive),
                journal.append(ADA.drive, made, NOW),
                journal.read(ADA.drive, 0, 10**6),
                journal.usage(ADA.drive),
                journal.may_stage(ADA.drive, blob_name(9), SIZE),
            ):
                refusal = await self.refused(Code.NOT_LOGGED_IN, asked)
                self.assertTrue(refusal.hint)
            while await journal.collect_closed(10, 0) is not None:  # so it is when nothing is left
                pass

    async def test_collected(self: Any) -> None:
        """All blobs of a closed drive go, a few at a time, and then all else; nobody's but its."""
        _, journal = await self.open_closed()
        steps: list[Garbage] = []
        while (step := await journal.collect_closed(2, 0)) is not None:
            steps.append(step)
        self.assertEqual([len(step.blobs) for step in steps[:4]], [2, 2, 1, 0])
        self.assertEqual(
            {blob for step in steps for blob in step.blobs},
            {blob_name(number) for number in range(5)},
        )
        self.assertEqual(len(await journal.condemn([blob_name(n) for n in range(15)], 0)), 5)
        self.assertEqual((await journal.head(BOB.drive)).number, 2)
        usage = await journal.usage(BOB.drive)
        self.assertEqual((usage.stored, usage.dropped), (4 * SIZE, SIZE))

    async def test_none(self: Any) -> None:
        """Nobody's drive goes while no account is closed."""
        accounts, journal = await self.open_stores()
        await accounts.register(ADA.new_account(), None, 0, NOW)
        self.assertIsNone(await journal.collect_closed(10, 0))

    async def test_late(self: Any) -> None:
        """What is staged after the closing goes too; and once the drive is gone, it is no row."""
        _, journal = await self.open_closed()
        late, later, fine = (blob_name(number) for number in (30, 31, 32))
        await journal.stage([(late, ADA.drive, SIZE)], NOW)
        gone: set[bytes] = set()
        while (step := await journal.collect_closed(100, 0)) is not None:
            gone.update(step.blobs)
        self.assertIn(late, gone)
        await journal.stage([(later, ADA.drive, SIZE), (fine, BOB.drive, SIZE)], NOW)
        self.assertEqual(await journal.condemn([later, fine], 0), [later])
        self.assertEqual(await journal.holds(BOB.drive, fine), SIZE)

    async def test_again(self: Any) -> None:
        """When all is gone, name and drive can be taken again, and begin with nothing."""
        accounts, journal = await self.open_closed()
        while await journal.collect_closed(100, 0) is not None:
            pass
        await accounts.register(ADA.new_account(), None, 2, NOW)
        self.assertEqual((await journal.head(ADA.drive)).number, 0)
        self.assertEqual((await journal.usage(ADA.drive)).stored, 0)
        await self.commit(journal, ADA)
