"""The account behind the drive: a server that is not ours, and a device that is shut out."""

from typing import Any

from anoncloud.client.tree.affairs import Acceptance
from anoncloud.client.tree.changes import RevokeDevice
from anoncloud.errors import Code, HandshakeFailed, NotLoggedIn, Refused, RolledBack, Unreachable
from anoncloud.ui.dialogs.alarm import Alarm
from anoncloud.ui.doing.account import Account, is_shut_out
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.transfers import Queue
from anoncloud.ui.entering.door import Door
from anoncloud.ui.events import Link, Shown, StatusChanged, Told
from anoncloud.ui.model import Explorer
from tests.evil.histories import HistoriesTestCase
from tests.support.looking import text_of


class AccountTests(HistoriesTestCase):
    """A desk on the laptop."""

    def setUp(self) -> None:
        super().setUp()
        self.told: list[Any] = []
        self.state = Explorer()

        async def lend(words: list[str]) -> None:
            self.fail(f"the terminal was lent to {words}")

        self.desk = Desk(self.laptop, self.tell, lambda: self.state, lend)
        self.desk.queue = Queue(self.desk)
        self.account = Account(self.desk)

    def tell(self, event: Any) -> None:
        """Remember what is told; layers lie over the panes from then on."""
        self.told.append(event)
        if isinstance(event, Shown):
            self.state = self.state.over(event.layer)

    def open(self) -> None:
        """Open the account, for as long as that takes without any time passing."""
        self.running = self.desk.begin(self.account.open())
        self.settle()
        self.addCleanup(self.desk.cancel)

    def layers(self) -> list[Any]:
        """Give the layers that were shown."""
        return [event.layer for event in self.told if isinstance(event, Shown)]

    def link(self) -> Link:
        """Give what the status line says of the connection."""
        said = [event.status.link for event in self.told if isinstance(event, StatusChanged)]
        return said[-1]

    def close(self) -> None:
        """End the account."""
        assert self.desk.following is not None
        self.begin(self.desk.following.close())

    def test_rolled_back(self) -> None:
        """An alarm of the drive's history, and the line says that nothing is asked any more."""
        self.roll_back()
        self.open()
        (alarm,) = self.layers()
        self.assertIsInstance(alarm, Alarm)
        self.assertTrue(alarm.history)
        self.assertIs(self.link(), Link.OFFLINE)

    def test_stranger(self) -> None:
        """A server without our key is an alarm, once, until it is ours again."""
        for _ in range(3):
            self.account._hear_trouble(HandshakeFailed("no", "ask"))
        (alarm,) = self.layers()
        self.assertIsInstance(alarm, Alarm)
        self.assertFalse(alarm.history)
        self.state = Explorer()
        self.open()
        self.assertIs(self.link(), Link.ONLINE)
        self.account._hear_trouble(HandshakeFailed("no", "ask"))
        self.assertEqual(len(self.layers()), 2)
        self.close()

    def test_shut_out(self) -> None:
        """A device whose key is not taken any more is led to the ways in, once, in plain words."""
        for _ in range(2):
            self.account._hear_trouble(Refused(Code.LOGIN, "revoked", "log in"))
        (door,) = self.layers()
        self.assertIsInstance(door, Door)
        self.assertIn("This device was revoked", "\n".join(text_of(door.view(80, 20))))
        self.assertTrue(self.desk.shut_out)

    def test_revoked_by_the_journal(self) -> None:
        """The record that shuts it out leads there too, though the server still lets it in."""
        known = self.laptop.profile.load().keyring
        assert known.device is not None
        self.insert(known, 1, RevokeDevice(known.device))
        self.open()
        self.assertIsInstance(self.layers()[0], Door)

    def test_others(self) -> None:
        """Which errors say that the device is shut out."""
        self.assertTrue(is_shut_out(NotLoggedIn("it was revoked")))
        self.assertTrue(is_shut_out(Refused(Code.LOGIN, "no")))
        for error in (Refused(Code.QUOTA, "no"), Unreachable("no"), RolledBack("no")):
            self.assertFalse(is_shut_out(error))

    def test_nobody(self) -> None:
        """Where nobody is logged in, the ways in say so."""
        self.laptop.profile.forget()
        self.open()
        (door,) = self.layers()
        self.assertIn("Nobody is logged in", "\n".join(text_of(door.view(80, 20))))

    def test_told(self) -> None:
        """What another device has accepted is told when the drive is opened."""
        self.roll_back()
        self.now(self.accept(self.laptop, self.examine(self.laptop)))
        self.desk.here = self.tablet
        self.open()
        texts = [event.text for event in self.told if isinstance(event, Told)]
        self.assertEqual(len([text for text in texts if "accepted a history of" in text]), 1)
        self.assertIsInstance(self.desk.drive.tree.affairs.accepted[0], Acceptance)
        self.close()
