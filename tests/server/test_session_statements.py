"""Sessions of a server that has changed its key: its statements come right behind LoggedIn."""

import attrs

from anoncloud.crypto.keys import ServerSecret
from anoncloud.crypto.server_keys import sign_successor
from anoncloud.errors import Code
from anoncloud.wire import messages
from anoncloud.wire.fields import Statement
from tests.support.server import ADA, ServerTestCase

OLD, NEW = ServerSecret(b"o" * 32), ServerSecret(b"n" * 32)
WORD = Statement(OLD.public, NEW.public, sign_successor(OLD, NEW.public))


class StatementTests(ServerTestCase):
    """Who hears a server's statements."""

    def setUp(self) -> None:
        super().setUp()
        self.peer(ADA, "laptop")
        self.rooms.house = attrs.evolve(self.rooms.house, statements=(WORD,))

    def test_after_each_login(self) -> None:
        """Owner and device are told once, before anything else can be."""
        for device in ("", "laptop"):
            peer = self.peer()
            number = peer.begin(messages.LogIn, *ADA.log_in(device))
            self.assertEqual(peer.heard[0].request, number)
            self.assertIsInstance(peer.heard[0], messages.LoggedIn)
            self.assertEqual(peer.heard[1:], [messages.ServerKeys((WORD,))])
            peer.ask(messages.Ping)
            self.assertEqual(len(peer.heard), 3)

    def test_not_without_a_login(self) -> None:
        """Who is refused, or only asks for the terms, is told nothing of it."""
        peer = self.peer()
        wrong = (*ADA.log_in()[:2], bytes(64))
        self.assert_refused(peer.ask(messages.LogIn, *wrong), Code.LOGIN)
        peer.ask(messages.ReadTerms)
        self.assertEqual([type(said) for said in peer.heard], [messages.Refusal, messages.Terms])

    def test_never_changed(self) -> None:
        """A server that has its first key says nothing of it."""
        self.rooms.house = attrs.evolve(self.rooms.house, statements=())
        peer = self.peer(ADA)
        self.assertEqual([type(said) for said in peer.heard], [messages.LoggedIn])
