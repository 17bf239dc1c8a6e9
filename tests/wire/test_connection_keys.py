"""A server that has changed its long-term key: peers come by the newest or by an older one."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import AgreementKey
from anoncloud.errors import HandshakeFailed
from anoncloud.wire.connection import Connection, Established, State
from anoncloud.wire.handshake import Role
from tests.support.entropy import counting
from tests.support.pairs import hear, sent

KEYS = tuple(AgreementKey.generate(counting(b"key %d" % number)) for number in range(3))


class SeveralKeysTests(SynchronousTestCase):
    """A server that brings several keys."""

    def client(self, key: AgreementKey) -> tuple[Connection, bytes]:
        """Give a client that expects *key*, and what it says first."""
        client = Connection(Role.CLIENT, entropy=counting(b"client"), server_public=key.public)
        client.begin()
        return client, sent(client)

    def test_each_fits(self) -> None:
        """Whichever of them a client expects, both ends agree, and messages go both ways."""
        for key in KEYS:
            client, said = self.client(key)
            server = Connection(Role.SERVER, entropy=counting(b"server"), statics=KEYS)
            (ours,) = hear(server, said)
            (theirs,) = hear(client, sent(server))
            self.assertEqual(ours, theirs)
            self.assertIsInstance(ours, Established)
            client.end()
            server.end()
            hear(server, sent(client))
            hear(client, sent(server))
            self.assertEqual((server.state, client.state), (State.ENDED, State.ENDED))

    def test_none_fits(self) -> None:
        """A client of another server is cut off, and told nothing but the greeting."""
        for length in range(1, len(KEYS) + 1):
            _, said = self.client(AgreementKey(b"x" * 32))
            server = Connection(Role.SERVER, entropy=counting(b"server"), statics=KEYS[:length])
            self.assertRaises(HandshakeFailed, hear, server, said)
            self.assertEqual(server.state, State.BROKEN)
            self.assertEqual(sent(server), b"anoncloud 1\n")

    def test_nothing_drawn_for_the_wrong_ones(self) -> None:
        """What fits is as if it were the only one: the same randomness, the same answer."""
        answers = []
        for statics in (KEYS, KEYS[2:]):
            _, said = self.client(KEYS[2])
            server = Connection(Role.SERVER, entropy=counting(b"server"), statics=statics)
            hear(server, said)
            answers.append(sent(server)[:48])  # greeting, length, and the fresh public key
        self.assertEqual(answers[0], answers[1])
