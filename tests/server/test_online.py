"""Who is online, and how many may be."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.server.online import Online
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, ServerTestCase

ONE, TWO, THREE = (DriveId(bytes([number]) * 16) for number in (1, 2, 3))


class OnlineTests(SynchronousTestCase):
    """Counting."""

    def test_limit(self) -> None:
        """So many accounts, each as often as it likes, until the last connection of one ends."""
        online = Online()
        first, again = online.enter(ONE, 2), online.enter(ONE, 2)
        online.enter(TWO, 2)
        again_and_again = online.enter(ONE, 2)
        self.assertEqual(len(online), 2)
        for leave in (again, first):
            leave()
            refusal = self.assertRaises(Refused, online.enter, THREE, 2)
            self.assertEqual(refusal.code, Code.TOO_MANY)
        again_and_again()
        self.assertEqual(len(online), 1)
        online.enter(THREE, 2)

    def test_no_limit(self) -> None:
        """0 is any number; and a limit that was lowered sends nobody away."""
        online = Online()
        for drive in (ONE, TWO, THREE):
            online.enter(drive, 0)
        online.enter(TWO, 1)
        self.assertEqual(len(online), 3)


class LoginTests(ServerTestCase):
    """The limit where people log in."""

    def allow(self, users: int) -> None:
        """Let so many be online."""
        house = self.rooms.house
        house.allowance = type(house.allowance)(users_online=users)

    def test_refused(self) -> None:
        """One too many is told so and may try again, until somebody leaves."""
        self.allow(1)
        ada = self.peer(ADA)
        self.now(self.rooms.accounts.register(BOB.new_account(), None, 0, 0))
        bob = self.peer()
        for _ in range(4):
            self.assert_refused(bob.ask(messages.LogIn, *BOB.log_in()), Code.TOO_MANY)
        self.assertFalse(bob.hung_up)
        self.assertFalse(bob.trusted)
        ada.session.close()
        self.assertIsInstance(bob.ask(messages.LogIn, *BOB.log_in()), messages.LoggedIn)

    def test_again(self) -> None:
        """Who is online logs in once more from elsewhere."""
        self.allow(1)
        self.peer(ADA)
        self.peer(ADA, "device")
        self.assertEqual(len(self.rooms.house.online), 1)
