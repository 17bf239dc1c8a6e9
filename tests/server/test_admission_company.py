"""Logging in to a server of several processes: nothing falls between two of them."""

from anoncloud.errors import Code
from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Allowance
from anoncloud.server.contracts import Head
from anoncloud.wire import messages
from tests.support.server import ADA, Peer, ServerTestCase

KEY = ADA.key("laptop").public
GREW = messages.JournalGrew(ADA.drive, 1)


class CompanyTests(ServerTestCase):
    """A house that is told what happened while it got in step with the others."""

    def setUp(self) -> None:
        super().setUp()
        self.peer(ADA, "laptop").session.close()
        self.online = 1
        self.rooms.house.in_step = self.step

    async def step(self) -> int:
        """Get in step; meanwhile something happens elsewhere."""
        await self.meanwhile()
        return self.online

    async def meanwhile(self) -> None:
        """Nothing happens."""

    async def revoke(self) -> None:
        """Revoke the key, as a process does that does not know yet who listens here."""
        await self.rooms.accounts.forget("ada", KEY)

    async def grow(self) -> None:
        """Append a record elsewhere, and tell."""
        self.rooms.house.drives.hear(ADA.drive, GREW)

    def log_in(self) -> Peer:
        """Try to log in with the laptop's key."""
        peer = Peer(self.rooms.house)
        peer.begin(messages.LogIn, *ADA.log_in("laptop"))
        self.rooms.clock.advance(PACE)
        return peer

    def assert_nobody(self) -> None:
        """See that nobody is online here, and that nothing is listened to."""
        house = self.rooms.house
        self.assertEqual(len(house.online), 0)
        for board in (house.drives, house.revoked):
            self.assertEqual(dict(board._listeners), {})

    def test_nothing(self) -> None:
        """If nothing happens the login succeeds."""
        self.assertIsInstance(self.log_in().heard[0], messages.LoggedIn)

    def test_heard_once(self) -> None:
        """What happens afterwards goes to the peer and is kept nowhere else."""
        peer = self.log_in()
        (listener,) = self.rooms.house.drives._listeners[ADA.drive]
        self.assertEqual(listener, peer.send)

    def test_revoked_meanwhile(self) -> None:
        """A key that was revoked after it was looked up, before anybody listened, is refused."""
        self.patch(self, "meanwhile", self.revoke)
        peer = self.log_in()
        self.assert_refused(peer.heard[0], Code.LOGIN)
        self.assertFalse(peer.session.logged_in)
        self.assert_nobody()

    def test_gone_meanwhile(self) -> None:
        """Whoever goes while it is let in is not counted, and hears nothing."""
        peer = Peer(self.rooms.house)

        async def go() -> None:
            peer.session.close()

        self.patch(self, "meanwhile", go)
        peer.begin(messages.LogIn, *ADA.log_in("laptop"))
        self.assert_nobody()

    def test_told_after_the_answer(self) -> None:
        """What was told before the head was read is in it; what was told later comes behind it."""
        self.patch(self, "meanwhile", self.grow)
        head, grown = self.log_in().heard
        self.assertIsInstance(head, messages.LoggedIn)
        self.assertEqual((head.head, grown), (0, GREW))

    def test_not_told_twice(self) -> None:
        """A record that the head has already is not told again."""

        async def append() -> None:
            await self.grow()
            self.rooms.journal.drives[ADA.drive].head = Head(1, bytes(32))

        self.patch(self, "meanwhile", append)
        (head,) = self.log_in().heard
        self.assertEqual(head.head, 1)

    def test_online(self) -> None:
        """As many accounts as may be are counted in all processes together."""
        self.rooms.house.allowance = Allowance(users_online=2)
        for online, is_let_in in ((2, True), (3, False)):
            self.online = online
            peer = self.log_in()
            self.assertEqual(peer.session.logged_in, is_let_in)
            if not is_let_in:
                self.assert_refused(peer.heard[0], Code.TOO_MANY)
                self.assert_nobody()
            peer.session.close()
