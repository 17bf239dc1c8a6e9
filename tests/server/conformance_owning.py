"""What ``AccountStore`` says of keyrings, recovery keys, lists, and the end of accounts."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.server.account_contract import Access, Account, Attempt, Enrolled, Invitation
from anoncloud.server.delays import Schedules
from anoncloud.server.invitations import code_hash
from tests.server.conformance_accounts import CODE, NOW, AccountContract
from tests.support.server import ADA, BOB, Person

LOGIN, NEW, RECOVERY = (ADA.key(name).public for name in ("", "new", "recovery"))


class OwningContract(AccountContract):
    """The contract, for stores of every kind; with all that it says of accounts as such."""

    async def access(self: Any, accounts: Any, key: bytes, name: str = "ada") -> Access | None:
        """Tell what *key* is to an account; None if it can't log in."""
        entry, *_ = await self.outcomes(accounts.enter(Attempt(name, key, "", NOW), Schedules()))
        return None if entry is Code.LOGIN else entry.access

    async def test_replace(self: Any) -> None:
        """A new login key and keyring take the place of the old, whose key is given."""
        accounts = await self.open_with(ADA, BOB)
        before = await accounts.replace_keyring("ada", LOGIN, NEW, b"sealed anew")
        self.assertEqual(before, LOGIN)
        self.assertEqual(await accounts.keyring("ada", NEW), b"sealed anew")
        await self.refused(Code.CHANGED, accounts.keyring("ada", LOGIN))
        self.assertIsNone(await self.access(accounts, LOGIN))
        self.assertEqual(await self.access(accounts, NEW), Access.OWNER)
        self.assertEqual(await accounts.keyring("bob", BOB.key().public), BOB.keyring)

    async def test_replaced_meanwhile(self: Any) -> None:
        """Of two who replace one keyring at once, one does; a device's key never may."""
        accounts = await self.open_with(ADA)
        phone = ADA.key("phone").public
        await accounts.enrol("ada", phone)
        for key in (phone, NEW, b"", BOB.key().public):
            replace = accounts.replace_keyring("ada", key, NEW, b"stolen")
            await self.refused(Code.CHANGED, replace)
            await self.refused(Code.CHANGED, accounts.keyring("ada", key))
        self.assertEqual(await accounts.keyring("ada", LOGIN), ADA.keyring)
        outcomes = await self.outcomes(
            *(accounts.replace_keyring("ada", LOGIN, new, new) for new in (NEW, NEW[::-1]))
        )
        self.assertCountEqual(outcomes, [LOGIN, Code.CHANGED])

    async def test_recovery(self: Any) -> None:
        """A recovery key logs in, has its own copy, and may replace the keyring; until dropped."""
        accounts = await self.open_with(ADA)
        self.assertEqual(await accounts.list_devices("ada"), Enrolled((), recovery=False))
        self.assertIsNone(await accounts.set_recovery("ada", LOGIN, RECOVERY, b"copy"))
        self.assertEqual(await accounts.list_devices("ada"), Enrolled((), recovery=True))
        self.assertEqual(await self.access(accounts, RECOVERY), Access.RECOVERY)
        self.assertEqual(await accounts.find("ada", RECOVERY), Account("ada", ADA.drive))
        self.assertEqual(await accounts.keyring("ada", RECOVERY), b"copy")
        self.assertEqual(await accounts.keyring("ada", LOGIN), ADA.keyring)
        self.assertEqual(await accounts.replace_keyring("ada", RECOVERY, NEW, b"anew"), LOGIN)
        self.assertEqual(await accounts.keyring("ada", RECOVERY), b"copy")
        self.assertEqual(await accounts.drop_recovery("ada", NEW), RECOVERY)
        self.assertIsNone(await accounts.drop_recovery("ada", NEW))
        self.assertIsNone(await self.access(accounts, RECOVERY))
        self.assertIsNone(await accounts.find("ada", RECOVERY))
        await self.refused(Code.CHANGED, accounts.keyring("ada", RECOVERY))

    async def test_recovery_replaced(self: Any) -> None:
        """There is one recovery key; a second takes the place of the first."""
        accounts = await self.open_with(ADA)
        await accounts.set_recovery("ada", LOGIN, RECOVERY, b"copy")
        before = await accounts.set_recovery("ada", LOGIN, RECOVERY[::-1], b"other")
        self.assertEqual(before, RECOVERY)
        self.assertIsNone(await self.access(accounts, RECOVERY))
        self.assertEqual(await accounts.keyring("ada", RECOVERY[::-1]), b"other")

    async def test_recovery_is_the_owners(self: Any) -> None:
        """Only the login key sets and drops a recovery key, and closes the account."""
        accounts = await self.open_with(ADA)
        phone = ADA.key("phone").public
        await accounts.enrol("ada", phone)
        await accounts.set_recovery("ada", LOGIN, RECOVERY, b"copy")
        for key in (phone, RECOVERY, NEW, b""):
            for asked in (
                accounts.set_recovery("ada", key, NEW, b"stolen"),
                accounts.drop_recovery("ada", key),
                accounts.close_account("ada", key, NOW),
            ):
                await self.refused(Code.CHANGED, asked)
        self.assertEqual(await accounts.keyring("ada", RECOVERY), b"copy")
        self.assertEqual(await self.access(accounts, LOGIN), Access.OWNER)

    async def test_list_devices(self: Any) -> None:
        """The list has the account's own devices, in order, and not its login key."""
        accounts = await self.open_with(ADA, BOB)
        keys = [ADA.key(name).public for name in ("phone", "tablet", "desk")]
        for key in keys:
            await accounts.enrol("ada", key)
        await accounts.enrol("bob", BOB.key("phone").public)
        listed = await accounts.list_devices("ada")
        self.assertEqual(listed, Enrolled(tuple(sorted(keys)), recovery=False))
        await accounts.forget("ada", keys[0])
        listed = await accounts.list_devices("ada")
        self.assertEqual(listed, Enrolled(tuple(sorted(keys[1:])), recovery=False))
        self.assertEqual(await accounts.list_devices("eve"), Enrolled((), recovery=False))

    async def test_enrolled_login_key(self: Any) -> None:
        """A login key that is enrolled as a device's is one, until it is forgotten."""
        accounts = await self.open_with(ADA)
        await accounts.enrol("ada", LOGIN)
        self.assertEqual(await self.access(accounts, LOGIN), Access.DEVICE)
        await accounts.forget("ada", LOGIN)
        self.assertEqual(await self.access(accounts, LOGIN), Access.OWNER)

    async def test_close(self: Any) -> None:
        """A closed account lets nobody in, does not count, and its name can be taken again."""
        accounts, journal = await self.open_stores()
        await accounts.register(ADA.new_account(), None, 1, NOW)
        phone = ADA.key("phone").public
        await accounts.enrol("ada", phone)
        await accounts.set_recovery("ada", LOGIN, RECOVERY, b"copy")
        await accounts.close_account("ada", LOGIN, NOW)
        for key in (LOGIN, phone, RECOVERY, b""):
            self.assertIsNone(await accounts.find("ada", key))
            self.assertIsNone(await self.access(accounts, key))
        await self.refused(Code.CHANGED, accounts.keyring("ada", LOGIN))
        await self.refused(Code.CHANGED, accounts.close_account("ada", LOGIN, NOW))
        await accounts.enrol("ada", phone)
        await accounts.forget("ada", phone)
        self.assertEqual(await accounts.list_devices("ada"), Enrolled((), recovery=False))
        await self.refused(Code.NOT_LOGGED_IN, journal.head(ADA.drive))
        again = Person("second ada").new_account()
        again = type(again)("ada", again.login_key, again.keyring, again.drive, 0)
        await accounts.register(again, None, 1, NOW)
        self.assertEqual((await accounts.find("ada", again.login_key)).drive, again.drive)
        self.assertIsNone(await accounts.find("ada", phone))

    async def test_closed_drive(self: Any) -> None:
        """The identifier of a closed account's drive stays taken; several can be closed."""
        accounts = await self.open_with(ADA, BOB)
        await accounts.close_account("ada", LOGIN, 0)
        await accounts.close_account("bob", BOB.key().public, 0)
        await self.refused(Code.NAME_TAKEN, accounts.register(ADA.new_account(), None, 0, NOW))

    async def test_invitations(self: Any) -> None:
        """All invitations are listed, used ones too; those that are not can be withdrawn."""
        accounts, _ = await self.open_stores()
        first, second, third = CODE, CODE[::-1], CODE[1:]
        await accounts.invite(second, None, NOW + 2)
        await accounts.invite(first, 5, NOW + 1)
        await accounts.invite(third, 0, NOW + 3)
        await accounts.register(ADA.new_account(), first, 0, NOW)
        self.assertTrue(await accounts.withdraw(code_hash(third)))
        for gone in (third, first, b"unknown"):
            self.assertFalse(await accounts.withdraw(code_hash(gone)))
        self.assertEqual(
            await accounts.invitations(),
            [
                Invitation(code_hash(first), 5, NOW + 1, NOW),
                Invitation(code_hash(second), None, NOW + 2, 0),
            ],
        )
        await self.refused(Code.INVITATION, accounts.register(BOB.new_account(), third, 0, NOW))
        await accounts.register(BOB.new_account(), second, 0, NOW)
