"""Boxes: small sealed things open where they were sealed, and nowhere else."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.boxes import (
    COMMITMENT,
    NONCE,
    TAG,
    open_box,
    open_committed,
    seal,
    seal_committed,
)
from anoncloud.crypto.derive import Purpose, derive, keyed_digest
from anoncloud.crypto.keys import SealingKey, UnlockKey
from anoncloud.errors import Tampered
from tests.support.damage import cuts, flip, flips
from tests.support.entropy import counting, replaying
from tests.support.vectors import load

SEAL, UNLOCK = SealingKey(bytes(range(32))), UnlockKey(bytes(range(32)))


class BoxTests(SynchronousTestCase):
    """Plain boxes."""

    def test_published_vector(self) -> None:
        """The XChaCha20-Poly1305 draft's example comes out, after its nonce."""
        vector = dict(load("published")["xchacha20poly1305"])
        source = vector.pop("source")
        self.assertIn("xchacha", source)
        raw = {name: bytes.fromhex(v) for name, v in vector.items()}
        key = SealingKey(raw["key"])
        box = seal(key, raw["plaintext"], raw["place"], replaying(raw["nonce"]))
        self.assertEqual(box, raw["nonce"] + raw["ciphertext"] + raw["tag"])
        self.assertEqual(open_box(key, box, raw["place"], "it"), raw["plaintext"])

    def test_frozen(self) -> None:
        """Recorded boxes open, and sealing with the recorded nonce gives them again."""
        vectors = load("boxes")
        key, nonce, place = (bytes.fromhex(vectors[name]) for name in ("key", "nonce", "place"))
        for vector in vectors["boxes"]:
            plaintext = bytes.fromhex(vector["plaintext"])
            box, committed = bytes.fromhex(vector["sealed"]), bytes.fromhex(vector["committed"])
            self.assertEqual(seal(SealingKey(key), plaintext, place, replaying(nonce)), box)
            self.assertEqual(open_box(SealingKey(key), box, place, "it"), plaintext)
            self.assertEqual(
                seal_committed(UnlockKey(key), plaintext, place, replaying(nonce)), committed
            )
            self.assertEqual(open_committed(UnlockKey(key), committed, place, "it"), plaintext)

    @given(st.binary(max_size=300), st.binary(max_size=40))
    def test_round_trip(self, plaintext: bytes, place: bytes) -> None:
        """Anything opens at its place; the box is longer by nonce and tag."""
        box = seal(SEAL, plaintext, place, counting(place))
        self.assertEqual(len(box), len(plaintext) + NONCE + TAG)
        self.assertEqual(open_box(SEAL, box, place, "it"), plaintext)

    def test_every_nonce_is_fresh(self) -> None:
        """The same thing sealed twice makes two boxes that share nothing."""
        source = counting()
        one, two = seal(SEAL, bytes(64), b"", source), seal(SEAL, bytes(64), b"", source)
        self.assertNotEqual(one[:NONCE], two[:NONCE])
        self.assertNotEqual(one[NONCE:], two[NONCE:])

    @given(st.binary(max_size=64), st.data())
    def test_any_flip_is_refused(self, plaintext: bytes, data: st.DataObject) -> None:
        """No bit of a box can change."""
        box = seal(SEAL, plaintext, b"place", counting())
        bit = data.draw(st.integers(0, len(box) * 8 - 1))
        self.assertRaises(Tampered, open_box, SEAL, flip(box, bit), b"place", "it")

    def test_cut_and_extended(self) -> None:
        """No beginning of a box, and nothing with more bytes, opens."""
        box = seal(SEAL, b"plaintext", b"place", counting())
        for wrong in (*cuts(box), box + b"\x00", box + box):
            self.assertRaises(Tampered, open_box, SEAL, wrong, b"place", "it")

    def test_elsewhere(self) -> None:
        """A box opens neither at another place nor under another key."""
        box = seal(SEAL, b"plaintext", b"place", counting())
        for place in (b"", b"plac", b"place\x00", b"Place"):
            self.assertRaises(Tampered, open_box, SEAL, box, place, "it")
        for raw in flips(SEAL.expose()):
            self.assertRaises(Tampered, open_box, SealingKey(raw), box, b"place", "it")

    def test_error_names_the_thing_and_not_the_reason(self) -> None:
        """Every failure reads the same: what was opened, and nothing of why or of the key."""
        box = seal(SEAL, b"plaintext", b"place", counting())
        committed = seal_committed(UNLOCK, b"plaintext", b"place", counting())
        inner = COMMITMENT + NONCE
        said = {
            str(self.assertRaises(Tampered, open_box, SEAL, wrong, place, "the tree"))
            for wrong, place in ((box[:3], b"place"), (flip(box, 300), b"place"), (box, b""))
        } | {
            str(self.assertRaises(Tampered, open_committed, UNLOCK, wrong, b"place", "the tree"))
            for wrong in (b"", committed[:40], flip(committed, 0), flip(committed, inner * 8))
        }
        self.assertEqual(said, {"opening the tree: it is not what was sealed there"})


class CommittedTests(SynchronousTestCase):
    """Boxes that only one key can ever open."""

    @given(st.binary(max_size=300), st.binary(max_size=40))
    def test_round_trip(self, plaintext: bytes, place: bytes) -> None:
        """Anything opens at its place; the commitment adds 32 bytes."""
        sealed = seal_committed(UNLOCK, plaintext, place, counting(place))
        self.assertEqual(len(sealed), len(plaintext) + COMMITMENT + NONCE + TAG)
        self.assertEqual(open_committed(UNLOCK, sealed, place, "it"), plaintext)

    def test_any_flip_cut_or_extension_is_refused(self) -> None:
        """Every bit and every byte counts."""
        sealed = seal_committed(UNLOCK, b"plaintext", b"place", counting())
        for wrong in (*flips(sealed), *cuts(sealed), sealed + b"\x00"):
            self.assertRaises(Tampered, open_committed, UNLOCK, wrong, b"place", "it")

    def test_elsewhere(self) -> None:
        """It opens neither at another place nor under another key."""
        sealed = seal_committed(UNLOCK, b"plaintext", b"place", counting())
        self.assertRaises(Tampered, open_committed, UNLOCK, sealed, b"palce", "it")
        for raw in flips(UNLOCK.expose()):
            self.assertRaises(Tampered, open_committed, UnlockKey(raw), sealed, b"place", "it")

    def test_commitment_comes_first_and_covers_all(self) -> None:
        """The commitment is a keyed hash of box and place; a good box under a bad one is shut."""
        sealed = seal_committed(UNLOCK, b"plaintext", b"place", counting())
        box = sealed[COMMITMENT:]
        expected = keyed_digest(UNLOCK, Purpose.KEYRING_COMMIT, box, b"place")
        self.assertEqual(sealed[:COMMITMENT], expected)
        key = derive(UNLOCK, Purpose.KEYRING_SEAL, SealingKey)
        self.assertEqual(open_box(key, box, b"place", "it"), b"plaintext")
        other = keyed_digest(UnlockKey(bytes(32)), Purpose.KEYRING_COMMIT, box, b"place")
        self.assertRaises(Tampered, open_committed, UNLOCK, other + box, b"place", "it")

    def test_a_good_commitment_does_not_open_a_bad_box(self) -> None:
        """Both locks are checked: a box that is wrong under a right commitment stays shut."""
        box = bytes(NONCE + TAG)
        commitment = keyed_digest(UNLOCK, Purpose.KEYRING_COMMIT, box, b"place")
        self.assertRaises(Tampered, open_committed, UNLOCK, commitment + box, b"place", "it")
