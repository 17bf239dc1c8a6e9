"""The contract of ``UpkeepStore``, sentence by sentence; a store's test inherits it."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.account_contract import Access, AccountStore, Attempt
from anoncloud.server.contracts import JournalStore, Usage
from anoncloud.server.delays import Schedules
from anoncloud.server.upkeep_contract import (
    Day,
    Due,
    Errand,
    ErrandKind,
    Totals,
    UpkeepStore,
    User,
)
from tests.server.conformance_accounts import NOW, StoreContract
from tests.support.server import ADA, BOB, Person, blob_name, record

DAY = 24 * 3600
TODAY = NOW // DAY * DAY


class UpkeepContract(StoreContract):
    """The contract, for stores of every kind."""

    accounts: AccountStore
    journal: JournalStore
    upkeep: UpkeepStore

    async def open_upkeep(self) -> UpkeepStore:
        """Open the store beside ``self.accounts`` and ``self.journal``, which are open."""
        raise NotImplementedError

    async def open_with(self, *people: Person) -> UpkeepStore:
        """Open the stores with accounts for *people*."""
        self.accounts, self.journal = await self.open_stores()
        self.upkeep = await self.open_upkeep()
        for person in people:
            await self.accounts.register(person.new_account(9), None, 0, NOW)
        return self.upkeep

    async def enter(self: Any, name: str, key: bytes, late: int = 0) -> Any:
        """Try to log in; give how it got in, or the code of the refusal."""
        attempt = Attempt(name, key, "", NOW + late)
        (outcome,) = await self.outcomes(self.accounts.enter(attempt, Schedules()))
        return getattr(outcome, "access", outcome)

    async def commit(self: Any, adds: tuple[int, ...], drops: tuple[int, ...] = ()) -> None:
        """Commit a record of Ada's."""
        head = await self.journal.head(ADA.drive)
        names = (tuple(map(blob_name, adds)), tuple(map(blob_name, drops)))
        await self.journal.append(ADA.drive, record(ADA.drive, head, *names), NOW)

    async def test_users(self: Any) -> None:
        """All accounts are told in order, with what they take and may take."""
        upkeep = await self.open_with(BOB, ADA)
        await self.accounts.enrol("ada", ADA.key("phone").public)
        stage = [(blob_name(number), ADA.drive, number) for number in (1, 2, 3)]
        await self.journal.stage(stage, NOW)
        await self.commit((1, 2))
        await self.commit((), (2,))
        self.assertEqual(
            await upkeep.users(),
            [
                User("ada", 4, 2, 9, blobs=3, devices=1, locked=0, seen=0),
                User("bob", 0, 0, 9, blobs=0, devices=0, locked=0, seen=0),
            ],
        )

    async def test_seen(self: Any) -> None:
        """The day of the last login is kept, by whatever key, and no more of it."""
        upkeep = await self.open_with(ADA, BOB)
        await self.accounts.enrol("ada", ADA.key("phone").public)
        await self.enter("ada", BOB.key().public)
        self.assertEqual((await upkeep.users())[0].seen, 0)
        for key, late in ((ADA.key(), 5), (ADA.key("phone"), DAY), (ADA.key(), 2 * DAY + 7)):
            self.assertIsInstance(await self.enter("ada", key.public, late), Access)
            self.assertEqual((await upkeep.users())[0].seen, (NOW + late) // DAY * DAY)
        self.assertEqual((await upkeep.users())[1].seen, 0)

    async def test_lock(self: Any) -> None:
        """Nobody who holds a key gets in, and is told so; whoever holds none is not."""
        upkeep = await self.open_with(ADA, BOB)
        keys = {"": Access.OWNER, "phone": Access.DEVICE, "recovery": Access.RECOVERY}
        own, recovery = ADA.key().public, ADA.key("recovery").public
        await self.accounts.enrol("ada", ADA.key("phone").public)
        await self.accounts.set_recovery("ada", own, recovery, b"copy")
        self.assertIs(await upkeep.lock("ada", NOW), True)
        for key in keys:
            self.assertEqual(await self.enter("ada", ADA.key(key).public), Code.LOCKED, key)
        for name in ("ada", "eve"):
            self.assertEqual(await self.enter(name, BOB.key().public), Code.LOGIN)
        self.assertEqual(await self.enter("bob", BOB.key().public), Access.OWNER)
        self.assertEqual([user.locked for user in await upkeep.users()], [NOW, 0])
        self.assertIs(await upkeep.unlock("ada"), True)
        for key, access in keys.items():
            self.assertEqual(await self.enter("ada", ADA.key(key).public), access)
        self.assertEqual([user.locked for user in await upkeep.users()], [0, 0])

    async def test_lock_sessions(self: Any) -> None:
        """What an open session asks of the drive is refused at once, and nothing is changed."""
        upkeep = await self.open_with(ADA)
        head = await self.journal.head(ADA.drive)
        await upkeep.lock("ada", NOW)
        journal, made = self.journal, record(ADA.drive, head)
        for asked in (
            journal.head(ADA.drive),
            journal.append(ADA.drive, made, NOW),
            journal.read(ADA.drive, 0, 100),
            journal.may_stage(ADA.drive, blob_name(1), 5),
            journal.usage(ADA.drive),
        ):
            await self.refused(Code.LOCKED, asked)
        await upkeep.unlock("ada")
        self.assertEqual(await journal.head(ADA.drive), head)

    async def test_lock_again(self: Any) -> None:
        """Locking twice keeps the first time; unlocking twice does no harm."""
        upkeep = await self.open_with(ADA)
        for late in (0, 50):
            self.assertIs(await upkeep.lock("ada", NOW + late), True)
        self.assertEqual((await upkeep.users())[0].locked, NOW)
        for _ in range(2):
            self.assertIs(await upkeep.unlock("ada"), True)
        self.assertEqual(await self.enter("ada", ADA.key().public), Access.OWNER)

    async def test_quota(self: Any) -> None:
        """A quota holds from now on; what is stored stays."""
        upkeep = await self.open_with(ADA, BOB)
        await self.journal.stage([(blob_name(1), ADA.drive, 8)], NOW)
        self.assertIs(await upkeep.set_quota("ada", 5), True)
        self.assertEqual(await self.journal.usage(ADA.drive), Usage(8, 0, 5))
        self.assertEqual((await self.journal.usage(BOB.drive)).quota, 9)
        asked = self.journal.may_stage(ADA.drive, blob_name(2), 1)
        await self.refused(Code.QUOTA, asked)
        await upkeep.set_quota("ada", 0)
        self.assertIs(await self.journal.may_stage(ADA.drive, blob_name(2), 10**12), True)

    async def test_delete(self: Any) -> None:
        """A deleted account is closed: nobody gets in, its name is free, its blobs go."""
        upkeep = await self.open_with(ADA, BOB)
        await self.journal.stage([(blob_name(1), ADA.drive, 8)], NOW)
        await upkeep.lock("ada", NOW)
        self.assertIs(await upkeep.delete("ada", NOW), True)
        self.assertEqual(await self.enter("ada", ADA.key().public), Code.LOGIN)
        self.assertEqual([user.name for user in await upkeep.users()], ["bob"])
        self.assertEqual((await self.journal.collect_closed(9, 0)).blobs, (blob_name(1),))
        again = Person("ada").new_account()
        fresh = type(again)(again.name, again.login_key, again.keyring, blob_name(7), 0)
        await self.accounts.register(fresh, None, 0, NOW)
        self.assertEqual(await self.enter("ada", ADA.key().public), Access.OWNER)

    async def test_nobody(self: Any) -> None:
        """What is asked of an account that is not there, or closed, gives False."""
        upkeep = await self.open_with(ADA)
        await upkeep.delete("ada", NOW)
        for name in ("eve", "ada", ""):
            self.assertIs(await upkeep.lock(name, NOW), False)
            self.assertIs(await upkeep.unlock(name), False)
            self.assertIs(await upkeep.set_quota(name, 5), False)
            self.assertIs(await upkeep.delete(name, NOW), False)

    async def test_totals(self: Any) -> None:
        """All is counted together; days on which nothing came, or before, are left out."""
        upkeep = await self.open_with(ADA, BOB)
        self.assertEqual(await upkeep.totals(0), Totals(2, 0, 0, 0, 0, ()))
        await self.journal.stage([(blob_name(n), ADA.drive, n) for n in (1, 2)], NOW)
        await self.journal.stage([(blob_name(4), BOB.drive, 4)], NOW + 3 * DAY)
        await self.commit((1, 2))
        await self.commit((), (2,))
        await upkeep.lock("bob", NOW)
        days = (Day(TODAY, 1), Day(TODAY + 3 * DAY, 4))
        self.assertEqual(await upkeep.totals(TODAY), Totals(2, 1, 5, 2, 3, days))
        self.assertEqual((await upkeep.totals(TODAY + DAY)).growth, days[1:])

    async def test_due(self: Any) -> None:
        """A running server is told of drives that are locked or deleted, until they are not."""
        upkeep = await self.open_with(ADA, BOB)
        self.assertEqual(await upkeep.due(), Due((), ()))
        await upkeep.lock("ada", NOW)
        await upkeep.delete("bob", NOW)
        self.assertCountEqual((await upkeep.due()).ended, (ADA.drive, BOB.drive))
        await upkeep.unlock("ada")
        self.assertEqual((await upkeep.due()).ended, (BOB.drive,))

    async def test_errands(self: Any) -> None:
        """Each errand is told until it is answered; its answer stands until it is taken back."""
        upkeep = await self.open_with()
        first = await upkeep.ask(ErrandKind.COLLECT)
        second = await upkeep.ask(ErrandKind.STATUS)
        errands = (Errand(first, ErrandKind.COLLECT), Errand(second, ErrandKind.STATUS))
        self.assertEqual((await upkeep.due()).errands, errands)
        self.assertIsNone(await upkeep.answered(first))
        await upkeep.answer(first, "done")
        self.assertEqual((await upkeep.due()).errands, errands[1:])
        self.assertEqual(await upkeep.answered(first), "done")
        self.assertIsNone(await upkeep.answered(second))
        for number in (first, second, 99):
            await upkeep.take_back(number)
            await upkeep.answer(number, "too late")
            self.assertIsNone(await upkeep.answered(number))
        self.assertEqual((await upkeep.due()).errands, ())
