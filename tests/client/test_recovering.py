"""An account opened by its recovery key: proven first, then with a new kit, once."""

from typing import Any

from attrs import evolve
from msgspec import structs

from anoncloud.client import owning
from anoncloud.client.keyring import seal_keyring
from anoncloud.client.kit import Kit
from anoncloud.client.owning import Owner
from anoncloud.client.recovering import Recovering, recover
from anoncloud.client.recovery import Recovery, draw_recovery
from anoncloud.client.tree.changes import KeyEvent
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import (
    Code,
    Forked,
    NotLoggedIn,
    RolledBack,
    Tampered,
    Unreachable,
    UsageError,
    WrongPassphrase,
)
from anoncloud.limits import MIB
from anoncloud.wire import messages
from tests.evil.house import COST, PASSPHRASE
from tests.support.client_owning import CUTS, ENDINGS, Crash, Happening, OwningTestCase
from tests.support.entropy import counting

NEW = "another battery staple horse"
STEPS = [
    messages.ReplaceKeyring,
    messages.DropRecovery,
    messages.Commit,
    messages.ReplaceKeyring,
]


class RecoveringTestCase(OwningTestCase):
    """Ada, who has a recovery key, and a folder in her drive."""

    def setUp(self) -> None:
        super().setUp()
        self.write(b"papers")
        self.key = self.make_key()

    def make_key(self) -> Recovery:
        """Make a recovery key."""
        owner = self.own()
        recovery = owner.draw_recovery()
        self.now(owner.take_recovery(recovery))
        self.close(owner)
        return recovery

    def recover(self, key: Recovery | None = None) -> Recovering:
        """Open the account by its recovery key, from a machine that remembers nothing."""
        found: Recovering = self.now(recover(self.machine(b"new"), key or self.key))
        return found

    def take(self, found: Recovering) -> tuple[Owner, Kit]:
        """Take a new kit and passphrase."""
        kit = found.draw_kit(COST)
        owner: Owner = self.now(found.take_kit(kit, NEW))
        return owner, kit

    def recovery_is_set(self) -> bool:
        """Ask the store whether there is a recovery key."""
        listed = self.now(self.house.rooms.accounts.list_devices("ada"))
        return bool(listed.recovery)


class RecoverTests(RecoveringTestCase):
    """From the recovery key to a new kit."""

    def test_without_a_kit(self) -> None:
        """The recovery key alone gives a kit and a passphrase that open everything."""
        owner, kit = self.take(self.recover())
        self.assertEqual([node.name for node in owner.opened.drive.entries(())], [b"papers"])
        self.close(owner)
        self.assertTrue(self.opens(kit, NEW))
        self.assertFalse(self.opens(self.kit))
        self.write(b"after")

    def test_no_argon2(self) -> None:
        """Opening it costs no Argon2id: the key has bits enough."""
        self.made.clear()
        found = self.recover()
        self.assertEqual(self.made, {})
        self.now(found.close())

    def test_used_up(self) -> None:
        """It is noted, new keys are there, and the recovery key opens nothing any more."""
        owner, _ = self.take(self.recover())
        self.assertEqual([note.what for note in owner.affairs.notes], [3, KeyEvent.RECOVERY_USED])
        self.assertEqual(owner.affairs.epoch, 1)
        self.close(owner)
        self.assertFalse(self.recovery_is_set())
        refusal = self.fault(recover(self.machine(b"thief"), self.key))
        self.assertIs(refusal.code, Code.LOGIN)
        self.assertIn("used", refusal.message)

    def test_after_another_passphrase(self) -> None:
        """It opens the account still when the passphrase was changed, and epochs were begun."""
        owner = self.own()
        self.now(owner.change_passphrase("a passphrase between"))
        self.close(owner)
        laptop = self.resume(self.laptop)
        self.now(laptop.drive.make_folder((b"more",)))
        self.now(laptop.close())
        owner, kit = self.take(self.recover())
        self.close(owner)
        self.assertTrue(self.opens(kit, NEW))
        self.assertFalse(self.opens(self.kit, "a passphrase between"))

    def test_nothing_changed_before(self) -> None:
        """To open it changes nothing: neither keys nor journal."""
        found = self.recover()
        self.assertEqual([node.name for node in found.drive.entries(())], [b"papers"])
        refusal = self.fault(found.drive.make_folder((b"x",)))
        self.assertIs(refusal.code, Code.NOT_ALLOWED)
        self.now(found.close())
        self.assertTrue(self.opens(self.kit))
        self.assertTrue(self.recovery_is_set())

    def test_cost(self) -> None:
        """The kit is no cheaper than what was noted, and the program's own choice at least else."""
        owner = self.own()
        kit = owner.draw_kit(Argon2(4, COST.memory + MIB))
        self.now(owner.take_kit(kit, PASSPHRASE))
        self.now(owner.take_recovery(key := owner.draw_recovery()))
        self.close(owner)
        found = self.recover(key)
        self.assertEqual(found.least_cost, Argon2(4, Argon2().memory))
        self.assertRaises(UsageError, found.draw_kit, COST)
        found.draw_kit(kit.cost)
        self.now(found.close())

    def test_last_epoch(self) -> None:
        """An account whose drive can have no other key is recovered all the same."""
        self.patch(owning, "has_room", lambda affairs: False)
        owner, kit = self.take(self.recover())
        self.assertEqual(owner.affairs.epoch, 0)
        self.close(owner)
        self.assertEqual((self.opens(kit, NEW), self.opens(self.kit)), (True, False))
        self.write(b"after")


class RefusedTests(RecoveringTestCase):
    """What does not fit."""

    def test_another_key(self) -> None:
        """A key of another secret or account is refused, as if there were none."""
        other = draw_recovery(self.house.address, "ada", counting(b"other"))
        for key in (other, evolve(self.key, account="bob")):
            self.assertIs(self.fault(recover(self.machine(b"x"), key)).code, Code.LOGIN)

    def test_dropped_meanwhile(self) -> None:
        """A key that is dropped while its owner thinks changes nothing any more."""
        found = self.recover()
        owner = self.own()
        self.now(owner.drop_recovery())
        self.close(owner)
        refusal = self.fault(found.take_kit(found.draw_kit(COST), NEW))
        self.assertIs(refusal.code, Code.LOGIN)
        self.now(found.close())
        self.assertTrue(self.opens(self.kit))

    def swap(self, copy: bytes) -> None:
        """Let the server keep another copy for the recovery key."""
        login, public = self.kit.keys(PASSPHRASE).login.public, self.key.login.public
        self.now(self.house.rooms.accounts.set_recovery("ada", login, public, copy))

    def test_another_copy(self) -> None:
        """A copy that the server changed, or took from elsewhere, opens nothing."""
        (asked,) = self.house.heard(messages.SetRecovery)
        (registered,) = self.house.heard(messages.Register)
        for copy in (asked.keyring[:-1], registered.keyring, asked.keyring[::-1]):
            self.swap(copy)
            error = self.fault(recover(self.machine(b"x"), self.key))
            self.assertIsInstance(error, WrongPassphrase)
            self.assertIn("recovery", error.message)
        self.assertEqual(len(self.house.heard(messages.ReplaceKeyring)), 0)

    def test_old_copy(self) -> None:
        """A copy from before the newest kit does not fit the journal, and replaces nothing."""
        owner = self.own()
        old = owner.newest()
        kit = owner.draw_kit(COST)
        self.now(owner.take_kit(kit, PASSPHRASE))
        self.now(owner.take_recovery(self.key))
        sealed = seal_keyring(old, self.key.unlock, self.key.place, counting())
        login = kit.keys(PASSPHRASE).login.public
        store = self.house.rooms.accounts
        self.now(store.set_recovery("ada", login, self.key.login.public, sealed))
        self.close(owner)
        error = self.fault(recover(self.machine(b"x"), self.key))
        self.assertIsInstance(error, NotLoggedIn)
        self.assertTrue(self.opens(kit))

    def lie(self, **changes: Any) -> None:
        """Answer logins with another head or drive."""

        def trick(message: Any) -> Any:
            if isinstance(message, messages.LoggedIn):
                return [structs.replace(message, **changes)]
            return None

        self.house.tricks[:] = [trick]

    def test_lying_server(self) -> None:
        """Another drive, and a journal that is not the one that is named, are noticed."""
        for changes, kind in (
            ({"drive": b"e" * 16}, Tampered),
            ({"head": 99}, RolledBack),
            ({"head_hash": bytes(32)}, Forked),
        ):
            self.lie(**changes)
            self.assertIsInstance(self.fault(recover(self.machine(b"x"), self.key)), kind)
        self.assertEqual(len(self.house.heard(messages.ReplaceKeyring)), 0)


class CutTests(RecoveringTestCase):
    """Cut, or ended, at each step."""

    def test_steps(self) -> None:
        """The steps are these."""
        found = self.recover()
        self.at(0, Happening.CRASH_BEFORE)
        owner, _ = self.take(found)
        self.assertEqual(self.asked, STEPS)
        self.close(owner)

    def test_cuts(self) -> None:
        """A cut at any of them is got over."""
        for number in range(1, len(STEPS) + 1):
            for happening in CUTS:
                self.setUp()
                found = self.recover()
                end = self.at(number, happening)
                owner, kit = self.take(found)
                end()
                self.assertEqual((owner.affairs.epoch, owner.kit), (1, kit))
                self.assertEqual([note.what for note in owner.affairs.notes], [3, 5])
                self.close(owner)
                self.assertEqual((self.opens(kit, NEW), self.opens(self.kit)), (True, False))
                self.assertFalse(self.recovery_is_set())

    def test_ends(self) -> None:
        """Wherever it ends, one kit opens the account; who comes with it carries the rest on."""
        for number in range(1, len(STEPS) + 1):
            for happening in ENDINGS:
                self.setUp()
                found = self.recover()
                kit = found.draw_kit(COST)
                end = self.at(number, happening)
                self.assertIsInstance(self.fault(found.take_kit(kit, NEW)), Crash)
                end()
                done = number > 1 or happening is Happening.CRASH_AFTER
                opens = (self.opens(kit, NEW), self.opens(self.kit))
                self.assertEqual(opens, (done, not done))
                self.write(b"meanwhile")
                owner = self.own(kit, NEW) if done else self.own()
                self.assertEqual(owner.affairs.epoch, int(done))
                self.close(owner)
                self.assertEqual(self.recovery_is_set(), not done)
                self.assertEqual(self.read(), [b"meanwhile", b"papers"])

    def test_again(self) -> None:
        """Who lost the new kit before all was done recovers once more by the same key."""
        found = self.recover()
        end = self.at(1, Happening.CRASH_AFTER)
        self.assertIsInstance(self.fault(found.take_kit(found.draw_kit(COST), NEW)), Crash)
        end()
        owner, kit = self.take(self.recover())
        self.close(owner)
        self.assertTrue(self.opens(kit, NEW))
        self.assertEqual(self.read(), [b"papers"])

    def test_for_good(self) -> None:
        """If no other connection comes, it is said that nobody knows what opens it."""
        found = self.recover()
        self.at(1, Happening.CUT_AFTER)
        self.house.is_away = True
        error = self.fault(found.take_kit(found.draw_kit(COST), NEW))
        self.assertIsInstance(error, Unreachable)
        self.assertIn("not known", error.message)
