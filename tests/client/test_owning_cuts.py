"""The owner of an account, cut off or ended at each step: one kit opens it, and all goes on."""

from typing import Any

from twisted.internet.error import ConnectionLost

from anoncloud.client.devices import choose, listed, revoke
from anoncloud.client.kit import Kit
from anoncloud.client.owning import Owner
from anoncloud.client.staying import stay_logged_in
from anoncloud.client.tree.changes import KeyEvent
from anoncloud.errors import Code, ConnectionCut, Unreachable
from anoncloud.wire import messages
from tests.evil.house import COST, PASSPHRASE
from tests.support.client_owning import CUTS, ENDINGS, Crash, Happening, OwningTestCase

NEW = "another battery staple horse"
OF_KIT = [
    messages.ReplaceKeyring,
    messages.DropRecovery,
    messages.Commit,
    messages.ReplaceKeyring,
]
"""What a new kit asks, in order."""
OF_PASSPHRASE = [messages.ReplaceKeyring, messages.Commit]


class StepTests(OwningTestCase):
    """The steps themselves."""

    def test_steps(self) -> None:
        """They are these, so that the other tests miss none."""
        owner = self.own()
        self.at(0, Happening.CRASH_BEFORE)
        self.now(owner.take_kit(owner.draw_kit(COST), PASSPHRASE))
        self.assertEqual(self.asked, OF_KIT)
        self.asked.clear()
        self.now(owner.change_passphrase(NEW))
        self.assertEqual(self.asked, OF_PASSPHRASE)
        self.close(owner)


class CutTests(OwningTestCase):
    """The connection is cut, and the next one carries on."""

    def test_kit(self) -> None:
        """A new kit is taken whole, wherever the connection is cut."""
        for number in range(1, len(OF_KIT) + 1):
            for happening in CUTS:
                self.setUp()
                owner = self.own()
                self.now(owner.take_recovery(owner.draw_recovery()))
                kit = owner.draw_kit(COST)
                end = self.at(number, happening)
                self.now(owner.take_kit(kit, PASSPHRASE))
                end()
                self.check_renewed(owner, kit)

    def check_renewed(self, owner: Owner, kit: Kit) -> None:
        """See that *kit* is taken, once."""
        self.assertEqual((owner.affairs.epoch, owner.kit), (1, kit))
        self.assertEqual([note.what for note in owner.affairs.notes], [3, 2])
        self.close(owner)
        self.assertEqual((self.opens(kit), self.opens(self.kit)), (True, False))
        listed = self.now(self.house.rooms.accounts.list_devices("ada"))
        self.assertFalse(listed.recovery)
        self.write(b"after")

    def test_passphrase(self) -> None:
        """So it is with another passphrase."""
        for number in range(1, len(OF_PASSPHRASE) + 1):
            for happening in CUTS:
                self.setUp()
                owner = self.own()
                end = self.at(number, happening)
                self.now(owner.change_passphrase(NEW))
                end()
                self.assertEqual([note.what for note in owner.affairs.notes], [1])
                self.close(owner)
                self.assertEqual((self.opens(self.kit, NEW), self.opens(self.kit)), (True, False))

    def test_for_good(self) -> None:
        """If no other connection comes, it is said that nobody knows which one opens."""
        owner = self.own()
        self.at(1, Happening.CUT_AFTER)
        self.house.is_away = True
        error = self.fault(owner.change_passphrase(NEW))
        self.assertIsInstance(error, Unreachable)
        self.assertIn("not known", error.message)
        self.assertIn("with the new kit or passphrase first", error.hint)

    def test_somebody_else(self) -> None:
        """If somebody else was quicker while the line was cut, that is said, and not "wrong"."""
        owner, other = self.own(), self.own()
        self.at(2, Happening.CUT_BEFORE)
        self.now(other.change_passphrase(NEW))
        error = self.fault(owner.change_passphrase("yet another staple"))
        self.assertIs(error.code, Code.CHANGED)
        self.close(other)

    def test_delete(self) -> None:
        """A deletion is never asked twice; a cut leaves it open, and that is said."""
        for carried_out in (False, True):
            self.setUp()
            owner = self.own()
            self.lose_answer(carried_out=carried_out)
            error = self.fault(owner.delete())
            self.assertIsInstance(error, ConnectionCut)
            self.assertIn("run it again", error.hint)
            self.assertEqual(self.opens(self.kit), not carried_out)

    def lose_answer(self, *, carried_out: bool) -> None:
        """Cut the connection at the deletion, after it is carried out or before."""
        accounts = self.house.rooms.accounts
        close = accounts.close_account

        async def cut(*arguments: Any) -> None:
            if carried_out:
                await close(*arguments)
            self.house.visits[-1].pipe.lose(ConnectionLost())

        self.patch(accounts, "close_account", cut)


class EndTests(OwningTestCase):
    """The program ends in the middle, and somebody comes later."""

    def end_at(self, number: int, happening: Happening) -> tuple[Kit, bool]:
        """Let it end in the middle of a new kit; give that kit, and whether it is the one."""
        owner = self.own()
        self.now(owner.take_recovery(owner.draw_recovery()))
        kit = owner.draw_kit(COST)
        end = self.at(number, happening)
        self.assertIsInstance(self.fault(owner.take_kit(kit, PASSPHRASE)), Crash)
        end()
        self.now(owner.opened.link.stop())
        replaced = number > 1 or happening is Happening.CRASH_AFTER
        return kit, replaced

    def test_kit(self) -> None:
        """Either kit opens the account, and never both; and the device goes on meanwhile."""
        for number in range(1, len(OF_KIT) + 1):
            for happening in ENDINGS:
                self.setUp()
                kit, replaced = self.end_at(number, happening)
                self.assertEqual((self.opens(kit), self.opens(self.kit)), (replaced, not replaced))
                self.write(b"meanwhile")
                owner = self.own(kit if replaced else self.kit)
                self.check_finished(owner, replaced)

    def check_finished(self, owner: Owner, replaced: bool) -> None:
        """See that the owner who came next has carried on what there was to carry on."""
        self.assertEqual(owner.affairs.epoch, int(replaced))
        events = [KeyEvent.RECOVERY_MADE, *([KeyEvent.KIT] if replaced else [])]
        self.assertEqual([note.what for note in owner.affairs.notes], events)
        listed = self.now(self.house.rooms.accounts.list_devices("ada"))
        self.assertEqual(listed.recovery, not replaced)
        self.assertEqual([node.name for node in owner.opened.drive.entries(())], [b"meanwhile"])
        self.close(owner)
        again = self.own(owner.kit)
        self.assertEqual(again.account.epochs, again.opened.keyring.epochs)
        self.assertEqual(again.affairs.epoch, int(replaced))
        self.close(again)
        self.assertEqual(self.read(), [b"meanwhile"])

    def test_device_in_between(self) -> None:
        """An epoch that a device begins before the rest is carried on is delivered all the same."""
        kit, _ = self.end_at(1, Happening.CRASH_AFTER)
        laptop = self.resume(self.laptop)
        tablet = self.machine(b"tablet")
        opened = self.now(self.log_in(kit))
        self.now(stay_logged_in(tablet, opened, b"tablet"))
        self.now(opened.close())
        self.now(revoke(laptop.drive, [choose(self.now(listed(laptop.drive)), "tablet")]))
        self.now(laptop.close())
        self.write(b"later")
        owner = self.own(kit)
        self.assertEqual((owner.affairs.epoch, len(owner.account.epochs)), (2, 3))
        self.assertEqual([node.name for node in owner.opened.drive.entries(())], [b"later"])
        self.close(owner)

    def test_passphrase(self) -> None:
        """One passphrase opens the account, and never both."""
        for number in range(1, len(OF_PASSPHRASE) + 1):
            for happening in ENDINGS:
                self.setUp()
                owner = self.own()
                end = self.at(number, happening)
                self.assertIsInstance(self.fault(owner.change_passphrase(NEW)), Crash)
                end()
                self.now(owner.opened.link.stop())
                done = number > 1 or happening is Happening.CRASH_AFTER
                opens = (self.opens(self.kit, NEW), self.opens(self.kit))
                self.assertEqual(opens, (done, not done))
                self.write(b"after")
