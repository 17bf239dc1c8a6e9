"""Keys: they show nothing, differ by class, and sign and agree as the RFCs say."""

import copy
import pickle

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import AgreementKey, FileKey, Secret, SigningKey, UnlockKey, verify
from anoncloud.errors import Misuse, ProtocolBroken
from tests.support.damage import cuts, flips
from tests.support.entropy import counting, replaying
from tests.support.samples import SECRETS
from tests.support.vectors import load

SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
"""Points whose product with any scalar is zero (https://cr.yp.to/ecdh.html#validate)."""


def planted(kind: type[Secret]) -> bytes:
    """Give secret bytes of the right length that are easy to find again."""
    return (b"PLANTED-" * 8)[: kind.LENGTH]


def shows(text: str, raw: bytes) -> bool:
    """Tell whether *text* gives away a part of *raw*, as text or in hexadecimal."""
    lower = text.lower()
    return "planted" in lower or raw.hex()[:12] in lower


class SecretTests(SynchronousTestCase):
    """What holds for every class of keys."""

    def test_all_kinds_are_known(self) -> None:
        """The walk over the module finds the classes that it should."""
        found = set(SECRETS)
        self.assertTrue(
            {"Secret", "FileKey", "SigningKey", "AgreementKey", "AccountSecret"} <= found
        )
        self.assertGreaterEqual(len(found), 11)

    def test_nothing_is_shown(self) -> None:
        """No way of turning a key into text gives its bytes."""
        for kind in SECRETS.values():
            raw = planted(kind)
            key = kind(raw)
            for text in (repr(key), str(key), f"{key}", f"{key!r}", "%s" % key, repr([key])):  # noqa: UP031
                self.assertFalse(shows(text, raw), text)
                self.assertIn(kind.__name__, text)
            self.assertNotIn("_raw", getattr(key, "__dict__", {}))

    def test_the_finder_finds(self) -> None:
        """The check above would notice a key that shows itself."""
        raw = planted(FileKey)
        for text in (repr(raw), raw.decode(), raw.hex(), raw.hex().upper()):
            self.assertTrue(shows(text, raw))

    def test_pickle_and_copy_are_refused(self) -> None:
        """A key is not duplicated by accident."""
        for kind in SECRETS.values():
            key = kind(planted(kind))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                error = self.assertRaises(Misuse, pickle.dumps, key, protocol)
                self.assertFalse(shows(str(error), planted(kind)))
            self.assertRaises(Misuse, copy.copy, key)
            self.assertRaises(Misuse, copy.deepcopy, key)

    def test_keys_of_two_roles_are_never_equal(self) -> None:
        """The same bytes in two classes are two different keys."""
        same_length = [kind for kind in SECRETS.values() if kind.LENGTH == 32]
        for one in same_length:
            for other in same_length:
                equal = one(bytes(32)) == other(bytes(32))
                self.assertEqual(equal, one is other, (one, other))

    def test_equality(self) -> None:
        """Keys of one class are equal if their bytes are, and equal to nothing else."""
        self.assertTrue(FileKey(b"a" * 32) == FileKey(b"a" * 32))
        self.assertFalse(FileKey(b"a" * 32) != FileKey(b"a" * 32))
        self.assertTrue(FileKey(b"a" * 32) != FileKey(b"a" * 31 + b"b"))
        self.assertFalse(FileKey(b"a" * 32) == b"a" * 32)
        self.assertFalse(FileKey(b"a" * 32) == None)  # noqa: E711

    def test_no_hash(self) -> None:
        """A key is no dictionary key, because a hash would tell of its bytes."""
        self.assertRaises(TypeError, hash, FileKey(bytes(32)))

    def test_wrong_length_is_refused(self) -> None:
        """A key has exactly its length, and the refusal does not show what was given."""
        for kind in SECRETS.values():
            raw = planted(kind)
            for wrong in (raw[:-1], raw + b"x", b"", bytearray(raw), raw.hex(), None):
                error = self.assertRaises(Misuse, kind, wrong)
                self.assertFalse(shows(str(error) + repr(error), raw))
                self.assertIn(str(kind.LENGTH), str(error))

    def test_generate(self) -> None:
        """A fresh key takes exactly its length from the entropy that it is handed."""
        for kind in SECRETS.values():
            raw = planted(kind)
            self.assertEqual(kind.generate(replaying(raw)), kind(raw))
            self.assertEqual(kind(raw).expose(), raw)
        source = counting()
        self.assertNotEqual(UnlockKey.generate(source), UnlockKey.generate(source))


class SigningTests(SynchronousTestCase):
    """Ed25519 with a context."""

    def test_published_vectors(self) -> None:
        """RFC 8032 section 7.1, tests 1 to 3, wherever the context ends."""
        for vector in load("curve25519")["ed25519"]:
            key = SigningKey(bytes.fromhex(vector["secret"]))
            signed, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])
            self.assertEqual(key.public.hex(), vector["public"])
            for end in range(len(signed) + 1):
                self.assertEqual(key.sign(signed[:end], signed[end:]), signature)
                self.assertTrue(verify(key.public, signed[:end], signed[end:], signature))

    def test_independent_implementation(self) -> None:
        """Both sides agree with another library."""
        key = SigningKey(bytes(range(32)))
        other = Ed25519PrivateKey.from_private_bytes(key.expose())
        signature = other.sign(b"context" + b"message")
        self.assertEqual(key.sign(b"context", b"message"), signature)
        self.assertTrue(verify(key.public, b"context", b"message", signature))
        other.public_key().verify(key.sign(b"c", b"m"), b"cm")

    def test_any_flip_is_refused(self) -> None:
        """No bit of the signature, the key or what is signed can change."""
        key = SigningKey(bytes(range(32)))
        signature = key.sign(b"context", b"message")
        for changed in flips(signature):
            self.assertFalse(verify(key.public, b"context", b"message", changed))
        for changed in flips(key.public):
            self.assertFalse(verify(changed, b"context", b"message", signature))
        for changed in flips(b"message"):
            self.assertFalse(verify(key.public, b"context", changed, signature))
        for changed in flips(b"context"):
            self.assertFalse(verify(key.public, changed, b"message", signature))

    def test_lengths_are_exact(self) -> None:
        """A key or signature that is cut or carried on is refused."""
        key = SigningKey(bytes(range(32)))
        signature = key.sign(b"context", b"message")
        for cut in cuts(signature):
            self.assertFalse(verify(key.public, b"context", b"message", cut))
        for cut in cuts(key.public):
            self.assertFalse(verify(cut, b"context", b"message", signature))
        self.assertFalse(verify(key.public + b"\x00", b"context", b"message", signature))

    def test_signature_cannot_carry_a_context(self) -> None:
        """Bytes after a signature's 64 don't move what was signed to another context."""
        key = SigningKey(bytes(range(32)))
        signature = key.sign(b"another context ", b"contextmessage")
        self.assertFalse(
            verify(key.public, b"context", b"message", signature + b"another context ")
        )

    def test_small_order_key_is_refused(self) -> None:
        """A public key under which anything verifies is none."""
        for public in SMALL_ORDER[:2]:
            signature = bytes.fromhex(public) + bytes(32)
            self.assertFalse(verify(bytes.fromhex(public), b"context", b"message", signature))


class AgreementTests(SynchronousTestCase):
    """X25519."""

    def test_published_vectors(self) -> None:
        """RFC 7748 section 6.1."""
        vector = {name: bytes.fromhex(v) for name, v in load("curve25519")["x25519"].items()}
        alice, bob = AgreementKey(vector["alice"]), AgreementKey(vector["bob"])
        self.assertEqual(alice.public, vector["alice_public"])
        self.assertEqual(bob.public, vector["bob_public"])
        self.assertEqual(alice.agree(bob.public), vector["shared"])
        self.assertEqual(bob.agree(alice.public), vector["shared"])

    @given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
    def test_independent_implementation(self, one: bytes, two: bytes) -> None:
        """Any two keys agree as they do in another library."""
        ours, theirs = AgreementKey(one), X25519PrivateKey.from_private_bytes(two)
        public = theirs.public_key().public_bytes_raw()
        self.assertEqual(
            ours.agree(public), theirs.exchange(X25519PublicKey.from_public_bytes(ours.public))
        )

    def test_small_order_points_are_refused(self) -> None:
        """A peer can't force what is agreed on, with or without the top bit."""
        key = AgreementKey(bytes(range(32)))
        for point in SMALL_ORDER:
            raw = bytes.fromhex(point)
            for public in (raw, raw[:31] + bytes([raw[31] | 0x80])):
                self.assertRaises(ProtocolBroken, key.agree, public)

    def test_wrong_length_is_refused(self) -> None:
        """Anything but 32 bytes is no public key; nothing beside it in memory is read."""
        key = AgreementKey(bytes(range(32)))
        public = AgreementKey(bytes(32)).public
        for wrong in (*cuts(public), public + b"\x00", public * 2):
            self.assertRaises(ProtocolBroken, key.agree, wrong)
