"""The owner of an account: another passphrase, a recovery key, and the end of it."""

from attrs import evolve

from anoncloud.client.keyring import account_place, open_keyring
from anoncloud.client.owning import own
from anoncloud.client.tree.changes import KeyEvent
from anoncloud.errors import (
    Code,
    NotLoggedIn,
    Refused,
    UsageError,
    WrongPassphrase,
)
from anoncloud.limits import KIB
from anoncloud.wire import messages
from tests.evil.house import COST, PASSPHRASE
from tests.support.client_owning import OwningTestCase

NEW = "another battery staple horse"


class PassphraseTests(OwningTestCase):
    """Another passphrase."""

    def test_change(self) -> None:
        """The new one opens the account by the same kit, and the old one nothing."""
        owner = self.own()
        self.now(owner.change_passphrase(NEW))
        self.assertEqual(owner.affairs.notes[-1].what, KeyEvent.PASSPHRASE)
        self.close(owner)
        self.assertTrue(self.opens(self.kit, NEW))
        self.assertFalse(self.opens(self.kit))

    def test_moves_no_data(self) -> None:
        """Keys and epochs stay as they were; one record says that it happened, and the cost."""
        self.write(b"papers")
        owner = self.own()
        before, records = owner.account, owner.opened.drive.journal.head.number
        self.now(owner.change_passphrase(NEW))
        self.assertEqual(owner.opened.drive.journal.head.number, records + 1)
        self.assertEqual(owner.affairs.epoch, 0)
        cost = (owner.affairs.passes, owner.affairs.memory_kib * KIB)
        self.assertEqual(cost, (COST.passes, COST.memory))
        self.close(owner)
        again = self.own(passphrase=NEW)
        self.assertEqual(again.account, before)
        self.close(again)

    def test_beside_a_device(self) -> None:
        """A device that is at work goes on working, and hears of it."""
        laptop = self.resume(self.laptop)
        self.now(laptop.drive.make_folder((b"before",)))
        owner = self.own()
        self.now(owner.change_passphrase(NEW))
        self.now(laptop.drive.make_folder((b"after",)))
        self.assertEqual([note.what for note in laptop.drive.tree.affairs.notes], [1])
        self.now(laptop.close())
        self.now(owner.opened.drive.catch_up())
        self.assertEqual(len(owner.opened.drive.entries(())), 2)
        self.close(owner)

    def test_two_at_once(self) -> None:
        """Of two who change it at once, the second is told that somebody else was quicker."""
        one, two = self.own(), self.own()
        self.now(one.change_passphrase(NEW))
        refusal = self.fault(two.change_passphrase("yet another staple"))
        self.assertIs(refusal.code, Code.CHANGED)
        self.assertTrue(refusal.hint)
        for owner in (one, two):
            self.close(owner)
        self.assertTrue(self.opens(self.kit, NEW))
        self.assertFalse(self.opens(self.kit, "yet another staple"))

    def test_same(self) -> None:
        """The old one is no new one; nothing is asked."""
        owner = self.own()
        self.assertIsInstance(self.fault(owner.change_passphrase(PASSPHRASE)), UsageError)
        self.assertNotIn("ReplaceKeyring", self.house.asked())
        self.close(owner)

    def test_wrong(self) -> None:
        """Without the passphrase, or with another kit, nobody is the owner."""
        for kit, passphrase in ((self.kit, NEW), (evolve(self.kit, account="bob"), PASSPHRASE)):
            refusal = self.fault(own(self.machine(b"thief"), kit, passphrase))
            self.assertIs(refusal.code, Code.LOGIN)

    def test_nothing_secret_goes_out(self) -> None:
        """The server hears a public key and sealed bytes, and no passphrase."""
        owner = self.own()
        self.now(owner.change_passphrase(NEW))
        (asked,) = self.house.heard(messages.ReplaceKeyring)
        keys = self.kit.keys(NEW)
        self.assertEqual(asked.login_key, keys.login.public)
        kept = open_keyring(asked.keyring, keys.unlock, account_place(self.kit))
        self.assertEqual(kept, owner.account)
        sent = b"".join(bytes(visit.server.received) for visit in self.house.visits)
        for secret in (NEW.encode(), keys.unlock.expose(), kept.signing.expose()):
            self.assertNotIn(secret, sent)
            self.assertNotIn(secret, asked.keyring)
        self.close(owner)


class RecoveryKeyTests(OwningTestCase):
    """Making and dropping the recovery key."""

    def test_make(self) -> None:
        """The server gets the key's public half, and a copy that it opens."""
        owner = self.own()
        recovery = owner.draw_recovery()
        self.now(owner.take_recovery(recovery))
        (asked,) = self.house.heard(messages.SetRecovery)
        self.assertEqual(asked.key, recovery.login.public)
        copy = open_keyring(asked.keyring, recovery.unlock, recovery.place)
        self.assertEqual(copy, owner.account)
        self.assertRaises(
            WrongPassphrase, open_keyring, asked.keyring, recovery.unlock, account_place(self.kit)
        )
        self.assertEqual(owner.affairs.notes[-1].what, KeyEvent.RECOVERY_MADE)
        self.close(owner)

    def test_drop(self) -> None:
        """It is dropped once; where there is none, nothing is noted."""
        owner = self.own()
        self.assertFalse(self.now(owner.drop_recovery()))
        self.assertEqual(owner.affairs.notes, ())
        self.now(owner.take_recovery(owner.draw_recovery()))
        self.assertTrue(self.now(owner.drop_recovery()))
        self.assertFalse(self.now(owner.drop_recovery()))
        self.assertEqual([note.what for note in owner.affairs.notes], [3, 4])
        self.close(owner)

    def test_stays(self) -> None:
        """It outlives another passphrase, and goes with another kit: its copy has the old keys."""
        owner = self.own()
        self.now(owner.take_recovery(owner.draw_recovery()))
        self.now(owner.change_passphrase(NEW))
        name, key = "ada", self.kit.keys(NEW).login.public
        accounts = self.house.rooms.accounts
        self.assertTrue(self.now(accounts.list_devices(name)).recovery)
        self.now(owner.take_kit(owner.draw_kit(COST), NEW))
        self.assertFalse(self.now(accounts.list_devices(name)).recovery)
        self.assertIs(self.fault(accounts.keyring(name, key)).code, Code.CHANGED)
        self.close(owner)

    def test_replaced_meanwhile(self) -> None:
        """Who has lost the account to another kit makes no recovery key any more."""
        one, two = self.own(), self.own()
        self.now(one.take_kit(one.draw_kit(COST), PASSPHRASE))
        for asked in (two.take_recovery(two.draw_recovery()), two.drop_recovery(), two.delete()):
            self.assertIs(self.fault(asked).code, Code.CHANGED)
        for owner in (one, two):
            self.close(owner)


class DeleteTests(OwningTestCase):
    """The end of an account."""

    def test_delete(self) -> None:
        """Nobody gets in any more, and who is in is put out; the name can be taken again."""
        laptop = self.resume(self.laptop)
        owner = self.own()
        self.now(owner.delete())
        self.close(owner)
        refusal = self.fault(laptop.drive.make_folder((b"after",)))
        self.assertIsInstance(refusal, Refused)
        self.assertFalse(self.opens(self.kit))
        _, kit = self.register()
        self.assertTrue(self.opens(kit))
        self.assertFalse(self.opens(self.kit))


class PutBackTests(OwningTestCase):
    """A keyring that the server lost, from a copy."""

    def test_put_back(self) -> None:
        """With a copy at hand the owner opens the drive, and the server keeps the keyring again."""
        owner = self.own()
        kept = owner.newest()
        self.close(owner)
        key = self.kit.keys(PASSPHRASE).login.public
        accounts = self.house.rooms.accounts
        self.now(accounts.replace_keyring("ada", key, key, b"rotten"))
        self.assertIsInstance(self.fault(self.log_in(self.kit)), WrongPassphrase)
        restorer = self.now(own(self.machine(b"desk"), self.kit, PASSPHRASE, account=kept))
        self.now(restorer.put_back())
        self.close(restorer)
        self.assertTrue(self.opens(self.kit))

    def test_old_copy(self) -> None:
        """A copy from before another kit does not fit the journal, and is not put back."""
        owner = self.own()
        kept = owner.newest()
        kit = owner.draw_kit(COST)
        self.now(owner.take_kit(kit, PASSPHRASE))
        self.close(owner)
        replaced = len(self.house.heard(messages.ReplaceKeyring))
        error = self.fault(own(self.machine(b"desk"), kit, PASSPHRASE, account=kept))
        self.assertIsInstance(error, NotLoggedIn)
        self.assertEqual(len(self.house.heard(messages.ReplaceKeyring)), replaced)
        self.assertTrue(self.opens(kit))
