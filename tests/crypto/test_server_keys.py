"""A server's keys: the conversion, and statements that lead from one key to the next."""

from itertools import pairwise

from nacl import bindings
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import AgreementKey, ServerSecret, verify
from anoncloud.crypto.server_keys import (
    CONTEXT,
    agreement_key,
    agreement_public,
    leading,
    sign_successor,
)
from anoncloud.errors import HandshakeFailed
from anoncloud.wire.fields import Statement
from tests.support.entropy import counting
from tests.support.vectors import load

SECRETS = [ServerSecret.generate(counting(b"server %d" % number)) for number in range(4)]
PUBLIC = [agreement_key(secret).public for secret in SECRETS]


def statement(signer: ServerSecret, key: ServerSecret) -> Statement:
    """Give the word of *signer* that *key* follows."""
    return Statement(signer.public, key.public, sign_successor(signer, key.public))


CHAIN = [statement(*pair) for pair in pairwise(SECRETS)]


class ConversionTests(SynchronousTestCase):
    """One pair for both: Ed25519 to sign, X25519 to agree."""

    def test_both_halves(self) -> None:
        """The converted private key has the converted public key, and agrees by it."""
        for secret in SECRETS:
            key = agreement_key(secret)
            self.assertIsInstance(key, AgreementKey)
            self.assertEqual(agreement_public(secret.public), key.public)
            peer = AgreementKey(bytes(range(32)))
            self.assertEqual(key.agree(peer.public), peer.agree(key.public))

    def test_known_pair(self) -> None:
        """Libsodium's own example of the conversion (test/default/ed25519_convert.c)."""
        seed = bytes.fromhex("421151a459faeade3d247115f94aedae42318124095afabe4d1451a559faedee")
        expected = "f1814f0e8ff1043d8a44d25babff3cedcae6c22c3edaa48f857ae70de2baae50"
        private = "8052030376d47112be7f73ed7a019293dd12ad910b654455798b4667d73de166"
        key = agreement_key(ServerSecret(seed))
        self.assertEqual(key.public.hex(), expected)
        # What is exposed may be clamped or not; scalar multiplication clamps.
        clamped = bytearray(key.expose())
        clamped[0] &= 248
        clamped[31] = clamped[31] & 127 | 64
        self.assertEqual(bytes(clamped).hex(), private)

    def test_no_key(self) -> None:
        """Bytes that are no point of the main subgroup, or too few, are refused alike."""
        small = [bytes(32), b"\x01" + bytes(31), bytes.fromhex("ec" + "ff" * 30 + "7f")]
        order = bindings.crypto_core_ed25519_add
        mixed = order(SECRETS[0].public, small[2])  # a good point and one of order 2
        for wrong in (*small, mixed, b"\x02" + bytes(31), b"", SECRETS[0].public[:31]):
            self.assertRaises(HandshakeFailed, agreement_public, wrong)


class ChainTests(SynchronousTestCase):
    """Statements, from the oldest key to the newest."""

    def test_frozen(self) -> None:
        """Keys and statement are as recorded, and lead from the first key to the second."""
        vector = {name: bytes.fromhex(value) for name, value in load("server_keys").items()}
        old, new = ServerSecret(vector["seed"]), ServerSecret(vector["next_seed"])
        self.assertEqual((old.public, new.public), (vector["signer"], vector["key"]))
        converted = vector["agreement_public"], vector["next_agreement_public"]
        self.assertEqual((agreement_key(old).public, agreement_key(new).public), converted)
        self.assertEqual(sign_successor(old, new.public), vector["signature"])
        word = Statement(vector["signer"], vector["key"], vector["signature"])
        self.assertEqual(leading(converted[0], [word]), (word,))
        self.assertEqual(leading(converted[1], [word]), ())

    def test_what_is_signed(self) -> None:
        """It is the context, the signer's key and the next one, as the protocol says."""
        self.assertEqual(CONTEXT, b"anoncloud 1 server key\0")
        for word in CHAIN:
            self.assertTrue(
                verify(word.signer, b"", CONTEXT + word.signer + word.key, word.signature)
            )

    def test_leading(self) -> None:
        """From each key on there are just the statements that follow it; from the newest, none."""
        for number, public in enumerate(PUBLIC):
            self.assertEqual(leading(public, CHAIN), tuple(CHAIN[number:]))

    def test_unknown(self) -> None:
        """A chain that does not come by the key that is known is refused, an empty one too."""
        stranger = agreement_key(ServerSecret(b"x" * 32)).public
        for known, chain in ((stranger, CHAIN), (PUBLIC[0], CHAIN[1:]), (PUBLIC[0], [])):
            self.assertRaises(HandshakeFailed, leading, known, chain)
        self.assertRaises(HandshakeFailed, leading, PUBLIC[3], CHAIN[:2])  # one that was cut short

    def test_gap(self) -> None:
        """Statements that leave a key out, or stand in another order, are refused."""
        self.assertRaises(HandshakeFailed, leading, PUBLIC[0], [CHAIN[0], CHAIN[2]])
        self.assertRaises(HandshakeFailed, leading, PUBLIC[0], CHAIN[::-1])

    def test_forged(self) -> None:
        """Every statement is looked at, also those before the known key, and each part of it."""
        evil = ServerSecret(b"e" * 32)
        own, other = SECRETS[0].public, SECRETS[2].public
        for word in (
            Statement(own, SECRETS[1].public, sign_successor(evil, SECRETS[1].public)),
            Statement(own, SECRETS[1].public, evil.sign(CONTEXT, own + SECRETS[1].public)),
            Statement(own, SECRETS[1].public, SECRETS[0].sign(b"", own + SECRETS[1].public)),
            Statement(own, SECRETS[1].public, sign_successor(SECRETS[0], other)),
            Statement(own, SECRETS[1].public, bytes(64)),
        ):
            for known in (PUBLIC[0], PUBLIC[1]):
                self.assertRaises(HandshakeFailed, leading, known, [word, *CHAIN[1:]])

    def test_flipped(self) -> None:
        """Any bit that is changed in any of it is noticed."""
        for place in range(128 * 8):
            whole = bytearray(CHAIN[0].signer + CHAIN[0].key + CHAIN[0].signature)
            whole[place // 8] ^= 1 << place % 8
            word = Statement(bytes(whole[:32]), bytes(whole[32:64]), bytes(whole[64:]))
            self.assertRaises(HandshakeFailed, leading, PUBLIC[0], [word])

    def test_there_and_back(self) -> None:
        """A key that comes twice leads on from its newest place."""
        back = [*CHAIN[:1], statement(SECRETS[1], SECRETS[0])]
        self.assertEqual(leading(PUBLIC[0], back), ())
        self.assertEqual(leading(PUBLIC[1], back), tuple(back[1:]))

    def test_by_the_other_sign(self) -> None:
        """The pair of the same X25519 key with the other sign can't be used without its secret."""
        turned = SECRETS[0].public[:31] + bytes([SECRETS[0].public[31] ^ 128])
        self.assertEqual(agreement_public(turned), PUBLIC[0])
        word = Statement(turned, SECRETS[1].public, CHAIN[0].signature)
        self.assertRaises(HandshakeFailed, leading, PUBLIC[0], [word])
