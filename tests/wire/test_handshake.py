"""The key agreement of two of our own ends, and every kind of damage to it."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import AgreementKey
from anoncloud.errors import HandshakeFailed, Misuse, ProtocolBroken
from anoncloud.wire.handshake import DH_KEY, NK, NK_HFS, Handshake, Pattern, Role, Token
from tests.crypto.test_keys import SMALL_ORDER
from tests.support.damage import cuts, flips
from tests.support.entropy import counting
from tests.support.pairs import STATIC, client_handshake, fixed_encapsulate, server_handshake

REFUSED = (HandshakeFailed, ProtocolBroken)
PATTERNS = (NK, NK_HFS)


class AgreementTests(SynchronousTestCase):
    """Two of our own ends."""

    def test_both_agree(self) -> None:
        """Both ends get one hash and ciphers that fit, and other ones in every run."""
        hashes = set()
        for pattern in PATTERNS:
            for run in range(2):
                client = client_handshake(pattern)
                server = Handshake(
                    pattern,
                    Role.SERVER,
                    prologue=b"p",
                    entropy=counting(bytes([run])),
                    static=STATIC,
                )
                self.assertEqual(server.read(client.write(b"one")), b"one")
                self.assertFalse(client.finished or server.finished)
                self.assertEqual(client.read(server.write(b"two")), b"two")
                self.assertTrue(client.finished and server.finished)
                self.assertEqual(client.hash, server.hash)
                hashes.add(client.hash)
                (up, down), (answers, asked) = client.split(), server.split()
                self.assertEqual(asked.open(up.seal(b"up")), b"up")
                self.assertEqual(down.open(answers.seal(b"down")), b"down")
        self.assertEqual(len(hashes), 4)
        self.assertEqual({len(made) for made in hashes}, {64})

    def test_patterns_do_not_mix(self) -> None:
        """A plain client and a hybrid server, or the reverse, fail."""
        for ours, theirs in (PATTERNS, PATTERNS[::-1]):
            self.assertRaises(
                REFUSED, server_handshake(theirs).read, client_handshake(ours).write()
            )

    def test_wrong_prologue(self) -> None:
        """Ends that began with different words don't agree."""
        for pattern in PATTERNS:
            message = client_handshake(pattern, prologue=b"p").write()
            server = server_handshake(pattern, prologue=b"q")
            self.assertRaises(HandshakeFailed, server.read, message)

    def test_wrong_server_key(self) -> None:
        """A server without the key that the client expects can't read, nor answer."""
        other = AgreementKey(bytes(32))
        for pattern in PATTERNS:
            message = client_handshake(pattern).write()
            server = server_handshake(pattern, static=other)
            self.assertRaises(HandshakeFailed, server.read, message)
            client = client_handshake(pattern)
            client.write()
            impostor, victim = (
                server_handshake(pattern, static=other),
                client_handshake(pattern, server_public=other.public),
            )
            impostor.read(victim.write())
            self.assertRaises(HandshakeFailed, client.read, impostor.write())

    def test_no_server_key(self) -> None:
        """A client that was given no key, or a part of one, goes no further."""
        for public in (b"", STATIC.public[:31], STATIC.public + b"\x00"):
            self.assertRaises(ProtocolBroken, client_handshake(server_public=public).write)

    def test_who_brings_a_static_key(self) -> None:
        """A server needs its key and a client must not bring one."""
        for role, static in ((Role.SERVER, None), (Role.CLIENT, STATIC)):
            with self.assertRaises(Misuse):
                Handshake(NK, role, prologue=b"", entropy=counting(), static=static)

    def test_out_of_turn(self) -> None:
        """Each end writes and reads in its turn only, and splits at the end only."""
        client, server = client_handshake(), server_handshake()
        self.assertRaises(Misuse, client.read, b"")
        self.assertRaises(Misuse, server.write)
        self.assertRaises(Misuse, client.split)
        message = client.write()
        self.assertRaises(Misuse, client.write)
        server.read(message)
        self.assertRaises(Misuse, server.read, message)
        self.assertRaises(Misuse, server.split)
        client.read(server.write())
        for end in (client, server):
            self.assertRaises(Misuse, end.write)
            self.assertRaises(Misuse, end.read, b"")
            self.assertEqual(len(end.split()), 2)

    def test_pattern_that_uses_a_key_too_early(self) -> None:
        """A table with a mistake in it is noticed."""
        for tokens in ((Token.EE,), (Token.ES,)):
            client = client_handshake(Pattern(b"x", (tokens,)))
            self.assertRaises(Misuse, client.write)
        server = server_handshake(Pattern(b"x", ((Token.EKEM1,),)))
        self.assertRaises(Misuse, server.read, bytes(2000))


class DamageTests(SynchronousTestCase):
    """Every bit and every length of both messages."""

    def setUp(self) -> None:
        """Record one good run, whose server always draws the same."""
        self.encapsulate = fixed_encapsulate()
        self.first = client_handshake().write()
        server = self.server()
        server.read(self.first)
        self.second = server.write()

    def server(self) -> Handshake:
        """Give the server of the run, fresh."""
        return server_handshake(encapsulate=self.encapsulate)

    def client(self) -> Handshake:
        """Give the client of the run, waiting for its answer."""
        client = client_handshake()
        client.write()
        return client

    def test_undamaged(self) -> None:
        """The run that is damaged below succeeds as it is."""
        self.assertEqual(self.server().read(self.first), b"")
        self.assertEqual(self.client().read(self.second), b"")

    def test_any_flip_of_the_first(self) -> None:
        """Every changed bit of the client's message is refused, X25519's ignored top bit too."""
        for changed in flips(self.first):
            self.assertRaises(REFUSED, self.server().read, changed)

    def test_any_flip_of_the_second(self) -> None:
        """Every changed bit of the server's message is refused."""
        for changed in flips(self.second):
            self.assertRaises(REFUSED, self.client().read, changed)

    def test_any_cut(self) -> None:
        """No beginning of either message, and no longer one, is accepted."""
        for wrong in (*cuts(self.first), self.first + b"\x00"):
            self.assertRaises(HandshakeFailed, self.server().read, wrong)
        for wrong in (*cuts(self.second), self.second + b"\x00"):
            self.assertRaises(HandshakeFailed, self.client().read, wrong)

    def test_small_order_points(self) -> None:
        """A peer that sends a point of small order is refused, by either end."""
        for point in SMALL_ORDER:
            public = bytes.fromhex(point)
            self.assertRaises(ProtocolBroken, self.server().read, public + self.first[DH_KEY:])
            self.assertRaises(ProtocolBroken, self.client().read, public + self.second[DH_KEY:])

    def test_another_runs_answer(self) -> None:
        """An answer to one client is none to another."""
        other = Handshake(
            NK_HFS, Role.CLIENT, prologue=b"p", entropy=counting(b"x"), server_public=STATIC.public
        )
        other.write()
        self.assertRaises(HandshakeFailed, other.read, self.second)

    def test_evil_kem_key(self) -> None:
        """A client with a KEM key that is no key is refused, though its message is sealed well."""
        client, server = client_handshake(), server_handshake()
        client._write_e()
        client._agree_es()
        sealed = client._symmetric.seal(b"\xff" * 1184)
        server.read(client._ephemeral.public + sealed + client._symmetric.seal(b""))  # type: ignore[union-attr]
        self.assertRaises(ProtocolBroken, server.write)

    def test_hybrid_secret_counts(self) -> None:
        """The keys rest on the KEM as well: another shared secret, and the answer does not open."""
        ciphertext, secret = self.encapsulate(b"")
        server = server_handshake(encapsulate=lambda _public: (ciphertext, secret[::-1]))
        server.read(self.first)
        self.assertRaises(HandshakeFailed, self.client().read, server.write())
