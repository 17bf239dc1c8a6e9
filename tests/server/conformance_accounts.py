"""The contract of ``AccountStore``, sentence by sentence; a store's test inherits it."""

from typing import Any

from twisted.internet.defer import Deferred, DeferredList

from anoncloud.errors import Code, Refused
from anoncloud.limits import MAX_DEVICES
from anoncloud.server.account_contract import Account, AccountStore
from anoncloud.server.contracts import Head, JournalStore, Usage
from anoncloud.wire.records import genesis_hash
from tests.support.server import ADA, BOB, Person

CODE = b"invitation code."
NOW = 1_000_000


class StoreContract:
    """What the contracts of accounts and of journals have in common."""

    async def open_stores(self) -> tuple[AccountStore, JournalStore]:
        """Open both stores; those of this test that were open before are closed."""
        raise NotImplementedError

    async def set_quota(self, person: Person, quota: int) -> None:
        """Change what somebody may store, as the server's owner does."""
        raise NotImplementedError

    async def refused(self: Any, code: Code, awaitable: Any) -> Refused:
        """See that *awaitable* ends with a refusal of *code*, and give it."""
        try:
            await awaitable
        except Refused as refusal:
            self.assertEqual(refusal.code, code)
            return refusal
        message = f"nothing was refused; {code.name} was expected"
        raise self.failureException(message)

    async def outcomes(self: Any, *coroutines: Any) -> list[Any]:
        """Run coroutines at once; give for each its result, or the code of its refusal."""
        began = [Deferred.fromCoroutine(one) for one in coroutines]
        found = await DeferredList(began, consumeErrors=True)
        return [one if fine else one.value.code for fine, one in found]


class AccountContract(StoreContract):
    """The contract, for stores of every kind."""

    async def open_with(self, *people: Person) -> AccountStore:
        """Open the store with accounts for *people*."""
        accounts, _ = await self.open_stores()
        for person in people:
            await accounts.register(person.new_account(), None, 0, NOW)
        return accounts

    async def test_register(self: Any) -> None:
        """A registration makes an account, its drive and an empty journal."""
        accounts, journal = await self.open_stores()
        await accounts.register(ADA.new_account(quota=7), None, 0, NOW)
        found = await accounts.find("ada", ADA.key().public)
        self.assertEqual(found, Account("ada", ADA.drive))
        self.assertEqual(await accounts.keyring("ada", ADA.key().public), ADA.keyring)
        self.assertEqual(await journal.head(ADA.drive), Head(0, genesis_hash(ADA.drive)))
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 0, 7))

    async def test_find(self: Any) -> None:
        """An account is found by name and key together, and by nothing else."""
        accounts = await self.open_with(ADA, BOB)
        self.assertIsNone(await accounts.find("ada", BOB.key().public))
        self.assertIsNone(await accounts.find("eve", ADA.key().public))
        self.assertIsNone(await accounts.find("Ada", ADA.key().public))
        self.assertIsNone(await accounts.find("ada", b""))
        self.assertEqual((await accounts.find("bob", BOB.key().public)).drive, BOB.drive)

    async def test_name_taken(self: Any) -> None:
        """A name is given once, and so is a drive's identifier; the first stays as it was."""
        accounts, journal = await self.open_stores()
        await accounts.register(ADA.new_account(quota=7), None, 0, NOW)
        bob = BOB.new_account(quota=9)
        for name, drive in (("ada", BOB.drive), ("bob", ADA.drive)):
            taken = type(bob)(name, bob.login_key, bob.keyring, drive, bob.quota)
            await self.refused(Code.NAME_TAKEN, accounts.register(taken, None, 0, NOW))
            self.assertIsNone(await accounts.find(name, bob.login_key))
        self.assertEqual(await accounts.keyring("ada", ADA.key().public), ADA.keyring)
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 0, 7))
        await accounts.register(bob, None, 0, NOW)

    async def test_names_at_once(self: Any) -> None:
        """Of two who want one name at once, one gets it."""
        accounts, _ = await self.open_stores()
        other = ADA.new_account()
        other = type(other)("ada", BOB.key().public, BOB.keyring, BOB.drive, 0)
        outcomes = await self.outcomes(
            accounts.register(ADA.new_account(), None, 0, NOW),
            accounts.register(other, None, 0, NOW),
        )
        self.assertCountEqual(outcomes, [None, Code.NAME_TAKEN])

    async def test_invitation(self: Any) -> None:
        """An invitation lets one account in, once."""
        accounts, _ = await self.open_stores()
        await self.refused(Code.INVITATION, accounts.register(ADA.new_account(), CODE, 0, NOW))
        self.assertIsNone(await accounts.find("ada", ADA.key().public))
        await accounts.invite(CODE, None, NOW + 1)
        for wrong in (b"", CODE[:-1], CODE + b"."):
            await self.refused(Code.INVITATION, accounts.register(ADA.new_account(), wrong, 0, NOW))
        await accounts.register(ADA.new_account(), CODE, 0, NOW)
        await self.refused(Code.INVITATION, accounts.register(BOB.new_account(), CODE, 0, NOW))
        self.assertIsNone(await accounts.find("bob", BOB.key().public))

    async def test_invitation_at_once(self: Any) -> None:
        """Of two who use one invitation at once, one gets in."""
        accounts, _ = await self.open_stores()
        await accounts.invite(CODE, None, NOW + 1)
        outcomes = await self.outcomes(
            *(accounts.register(one.new_account(), CODE, 0, NOW) for one in (ADA, BOB))
        )
        self.assertCountEqual(outcomes, [None, Code.INVITATION])

    async def test_invitation_expires(self: Any) -> None:
        """An invitation is good until its time, and no longer."""
        accounts, _ = await self.open_stores()
        await accounts.invite(CODE, None, NOW)
        for late in (NOW, NOW + 1):
            await self.refused(Code.INVITATION, accounts.register(ADA.new_account(), CODE, 0, late))
        await accounts.register(ADA.new_account(), CODE, 0, NOW - 1)

    async def test_invitation_quota(self: Any) -> None:
        """The invitation's quota replaces the account's, also by none at all, if it has one."""
        accounts, journal = await self.open_stores()
        for number, (quota, expected) in enumerate(((None, 7), (0, 0), (5, 5))):
            code, person = bytes([number] * 16), Person(f"guest{number}")
            await accounts.invite(code, quota, NOW + 1)
            await accounts.register(person.new_account(quota=7), code, 0, NOW)
            self.assertEqual((await journal.usage(person.drive)).quota, expected)

    async def test_invitation_kept(self: Any) -> None:
        """A registration that is refused for another reason does not use its invitation up."""
        accounts = await self.open_with(ADA)
        await accounts.invite(CODE, None, NOW + 1)
        await self.refused(Code.NAME_TAKEN, accounts.register(ADA.new_account(), CODE, 0, NOW))
        await self.refused(Code.TOO_MANY, accounts.register(BOB.new_account(), CODE, 1, NOW))
        await accounts.register(BOB.new_account(), CODE, 2, NOW)

    async def test_limit(self: Any) -> None:
        """There are no more accounts than the limit, and any number with 0."""
        accounts, _ = await self.open_stores()
        await accounts.register(ADA.new_account(), None, 1, NOW)
        await self.refused(Code.TOO_MANY, accounts.register(BOB.new_account(), None, 1, NOW))
        self.assertIsNone(await accounts.find("bob", BOB.key().public))
        await accounts.register(BOB.new_account(), None, 0, NOW)

    async def test_device(self: Any) -> None:
        """A device's key logs in to its account from enrol to forget."""
        accounts = await self.open_with(ADA, BOB)
        key = ADA.key("phone").public
        await accounts.forget("ada", key)
        self.assertIsNone(await accounts.find("ada", key))
        await accounts.enrol("ada", key)
        await accounts.enrol("ada", key)
        self.assertEqual((await accounts.find("ada", key)).drive, ADA.drive)
        self.assertIsNone(await accounts.find("bob", key))
        await accounts.forget("bob", key)
        self.assertIsNotNone(await accounts.find("ada", key))
        await accounts.forget("ada", key)
        await accounts.forget("ada", key)
        self.assertIsNone(await accounts.find("ada", key))

    async def test_login_key_stays(self: Any) -> None:
        """The login key is no device's: it can't be forgotten."""
        accounts = await self.open_with(ADA)
        await accounts.forget("ada", ADA.key().public)
        self.assertIsNotNone(await accounts.find("ada", ADA.key().public))

    async def test_too_many_devices(self: Any) -> None:
        """One device over the limit is refused and changes nothing; a known one never is."""
        accounts = await self.open_with(ADA, BOB)
        keys = [ADA.key(str(number)).public for number in range(MAX_DEVICES + 1)]
        for key in keys[:-1]:
            await accounts.enrol("ada", key)
        await self.refused(Code.TOO_MANY, accounts.enrol("ada", keys[-1]))
        self.assertIsNone(await accounts.find("ada", keys[-1]))
        await accounts.enrol("ada", keys[0])
        await accounts.enrol("bob", keys[-1])
        await accounts.forget("ada", keys[0])
        await accounts.enrol("ada", keys[-1])
        self.assertIsNotNone(await accounts.find("ada", keys[-1]))


class DurableAccountContract(StoreContract):
    """What a store on a disk keeps besides."""

    async def test_reopened(self: Any) -> None:
        """Accounts, devices and invitations are there after the store was opened anew."""
        accounts, _ = await self.open_stores()
        await accounts.invite(CODE, 5, NOW + 1)
        await accounts.invite(CODE[::-1], 6, NOW + 1)
        await accounts.register(ADA.new_account(), CODE, 0, NOW)
        await accounts.enrol("ada", ADA.key("phone").public)
        accounts, journal = await self.open_stores()
        for key in (ADA.key(), ADA.key("phone")):
            found = await accounts.find("ada", key.public)
            self.assertEqual(found, Account("ada", ADA.drive))
        self.assertEqual(await accounts.keyring("ada", ADA.key().public), ADA.keyring)
        self.assertEqual(await journal.usage(ADA.drive), Usage(0, 0, 5))
        await self.refused(Code.INVITATION, accounts.register(BOB.new_account(), CODE, 0, NOW))
        await accounts.register(BOB.new_account(), CODE[::-1], 0, NOW)
