"""Noise's primitives and symmetric objects, each against another implementation or a vector."""

import hmac
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto import noise
from anoncloud.crypto.noise import CipherState, KemKey, SymmetricState, encapsulate, hkdf
from anoncloud.errors import HandshakeFailed, Misuse, ProtocolBroken
from tests.support.damage import cuts, flips
from tests.support.entropy import counting, replaying
from tests.support.pairs import ciphers
from tests.support.vectors import load


class CipherTests(SynchronousTestCase):
    """CipherState."""

    @given(st.lists(st.tuples(st.binary(max_size=99), st.binary(max_size=9)), max_size=9))
    def test_in_order(self, sealed: list[tuple[bytes, bytes]]) -> None:
        """Two ciphers of one key keep in step; a nonce is four zeros and a counter."""
        sender, receiver = ciphers(b"k" * 32)
        for number, (plaintext, place) in enumerate(sealed):
            self.assertEqual(sender.counter, number)
            box = sender.seal(plaintext, place)
            nonce = bytes(4) + number.to_bytes(8, "little")
            self.assertEqual(ChaCha20Poly1305(b"k" * 32).encrypt(nonce, plaintext, place), box)
            self.assertEqual(receiver.open(box, place), plaintext)
        self.assertEqual(receiver.counter, len(sealed))

    def test_damage_is_refused(self) -> None:
        """Any flip, cut or other place is refused."""
        box = CipherState(b"k" * 32).seal(b"plaintext", b"place")
        for wrong in (*flips(box), *cuts(box), box + b"\x00"):
            self.assertRaises(ProtocolBroken, CipherState(b"k" * 32).open, wrong, b"place")
        self.assertRaises(ProtocolBroken, CipherState(b"k" * 32).open, box, b"")
        self.assertRaises(ProtocolBroken, CipherState(b"j" * 32).open, box, b"place")

    def test_replayed_and_reordered(self) -> None:
        """A box opens at its own number only."""
        sender = CipherState(b"k" * 32)
        one, two = sender.seal(b"one"), sender.seal(b"two")
        receiver = CipherState(b"k" * 32)
        self.assertRaises(ProtocolBroken, receiver.open, two)
        receiver = CipherState(b"k" * 32)
        self.assertEqual(receiver.open(one), b"one")
        self.assertRaises(ProtocolBroken, receiver.open, one)

    def test_rekey(self) -> None:
        """The next key is Noise's REKEY of this one, the counter begins anew, with no way back."""
        cipher = CipherState(b"k" * 32)
        cipher.seal(b"before")
        cipher.rekey()
        nonce = bytes(4) + b"\xff" * 8
        following = ChaCha20Poly1305(b"k" * 32).encrypt(nonce, bytes(32), b"")[:32]
        self.assertEqual(cipher.counter, 0)
        self.assertEqual(cipher.seal(b"after"), CipherState(following).seal(b"after"))
        cipher.rekey()
        self.assertNotEqual(cipher.seal(b"after"), CipherState(following).seal(b"after"))

    def test_nonces_run_out(self) -> None:
        """The last nonce is kept for the rekey: one before it works, it does not."""
        cipher = CipherState(b"k" * 32)
        cipher.counter = noise.MAX_NONCE - 1
        cipher.seal(b"last")
        self.assertRaises(Misuse, cipher.seal, b"one too many")
        self.assertRaises(Misuse, cipher.open, bytes(16))


class HkdfTests(SynchronousTestCase):
    """HKDF."""

    @given(st.binary(min_size=64, max_size=64), st.binary(max_size=64), st.integers(1, 3))
    def test_definition(self, chaining: bytes, material: bytes, outputs: int) -> None:
        """It is Noise 4.3 word for word, with hashlib's BLAKE2b and the standard HMAC."""
        temporary = hmac.new(chaining, material, blake2b).digest()
        expected = [hmac.new(temporary, b"\x01", blake2b).digest()]
        for number in (2, 3):
            expected.append(hmac.new(temporary, expected[-1] + bytes([number]), blake2b).digest())
        self.assertEqual(hkdf(chaining, material, outputs), tuple(expected[:outputs]))


class SymmetricTests(SynchronousTestCase):
    """SymmetricState."""

    def test_begins_with_the_name(self) -> None:
        """A name of up to 64 bytes is filled up with zeros, a longer one is hashed."""
        self.assertEqual(SymmetricState(b"name").hash, b"name" + bytes(60))
        self.assertEqual(SymmetricState(b"n" * 64).hash, b"n" * 64)
        self.assertEqual(SymmetricState(b"n" * 65).hash, blake2b(b"n" * 65).digest())

    def test_mix_hash(self) -> None:
        """The hash is BLAKE2b-512 (RFC 7693's own example) of what it was and what comes."""
        state = SymmetricState(b"")
        state.hash = b"a"
        state.mix_hash(b"bc")
        self.assertEqual(state.hash.hex(), load("published")["blake2b"]["abc"])

    def test_before_the_first_key(self) -> None:
        """Without a key, sealing leaves the bytes alone and still counts them."""
        one, two = SymmetricState(b"n"), SymmetricState(b"n")
        before = one.hash
        self.assertEqual(
            (one.overhead, one.seal(b"clear"), two.open(b"clear")), (0, b"clear", b"clear")
        )
        self.assertEqual(one.hash, two.hash)
        self.assertNotEqual(one.hash, before)

    def test_with_a_key(self) -> None:
        """Two states that mixed the same agree on everything after, the split included."""
        one, two = SymmetricState(b"n"), SymmetricState(b"n")
        for state in (one, two):
            state.mix_hash(b"prologue")
            state.mix_key(b"shared")
        sealed = one.seal(b"secret")
        self.assertEqual((one.overhead, len(sealed)), (noise.TAG, 6 + noise.TAG))
        self.assertEqual(two.open(sealed), b"secret")
        self.assertEqual(one.hash, two.hash)
        ours, theirs = one.split(), two.split()
        for sender, receiver in zip(ours, theirs, strict=True):
            self.assertEqual(receiver.open(sender.seal(b"frame")), b"frame")
        self.assertNotEqual(one.split()[0].seal(b""), one.split()[1].seal(b""))

    def test_any_difference_fails(self) -> None:
        """Another prologue, another key or a changed byte is a failed handshake."""
        for prologue, shared in ((b"other", b"shared"), (b"prologue", b"other")):
            one, two = SymmetricState(b"n"), SymmetricState(b"n")
            one.mix_hash(b"prologue")
            one.mix_key(b"shared")
            two.mix_hash(prologue)
            two.mix_key(shared)
            self.assertRaises(HandshakeFailed, two.open, one.seal(b"secret"))


class KemTests(SynchronousTestCase):
    """ML-KEM-768."""

    def test_frozen(self) -> None:
        """The recorded seed gives the recorded key, and the recorded ciphertext the secret."""
        vector = load("noise_nkhfs")
        key = KemKey(replaying(bytes.fromhex(vector["kem_seed"])))
        secret = key.decapsulate(bytes.fromhex(vector["kem_ciphertext"]))
        self.assertEqual(secret.hex(), vector["kem_secret"])

    def test_round_trip(self) -> None:
        """Both sides get the same 32 bytes, new ones each time, of the sizes in the standard."""
        key = KemKey(counting())
        self.assertEqual(len(key.public), noise.KEM_PUBLIC)
        made = [encapsulate(key.public) for _ in range(3)]
        for ciphertext, secret in made:
            self.assertEqual((len(ciphertext), len(secret)), (noise.KEM_CIPHERTEXT, 32))
            self.assertEqual(key.decapsulate(ciphertext), secret)
        self.assertEqual(len({secret for _, secret in made}), 3)

    def test_changed_ciphertext(self) -> None:
        """A changed ciphertext gives other bytes and no error (implicit rejection, FIPS 203)."""
        key = KemKey(counting())
        ciphertext, secret = encapsulate(key.public)
        changed = bytes([ciphertext[0] ^ 1]) + ciphertext[1:]
        self.assertNotEqual(key.decapsulate(changed), secret)

    def test_unusable_public_key(self) -> None:
        """A key of a wrong length, or with numbers that are not reduced, is refused."""
        public = KemKey(counting()).public
        for wrong in (b"", public[:-1], public + b"\x00", b"\xff" * noise.KEM_PUBLIC):
            self.assertRaises(ProtocolBroken, encapsulate, wrong)
