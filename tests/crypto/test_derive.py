"""Derivation: every purpose has bytes of its own, and each value is frozen."""

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_generichash_blake2b_salt_personal
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.derive import Purpose, derive, digest, keyed_digest
from anoncloud.crypto.keys import DriveKey, FileKey, UnlockKey
from tests.support.samples import SECRETS
from tests.support.vectors import load


class PurposeTests(SynchronousTestCase):
    """The table of purposes."""

    def test_all_differ_as_blake2b_sees_them(self) -> None:
        """BLAKE2b fills ``person`` up with zeros, so purposes differ without them too."""
        values = [purpose.value for purpose in Purpose]
        self.assertEqual(len(set(values)), len(Purpose.__members__))
        for value in values:
            self.assertTrue(0 < len(value) <= blake2b.PERSON_SIZE, value)
            self.assertTrue(value.startswith(b"ac1 "), value)
            self.assertFalse(value.endswith(b"\x00"), value)


class DeriveTests(SynchronousTestCase):
    """Keys from keys, and hashes."""

    def test_frozen(self) -> None:
        """Every purpose gives the recorded key, hash and keyed hash."""
        vectors = load("derive")
        parent = DriveKey(bytes.fromhex(vectors["parent"]))
        context = bytes.fromhex(vectors["context"])
        parts = [bytes.fromhex(part) for part in vectors["parts"]]
        self.assertEqual(set(vectors["purposes"]), set(Purpose.__members__))
        for name, vector in vectors["purposes"].items():
            purpose = Purpose[name]
            self.assertEqual(purpose.value.decode(), vector["person"])
            derived = derive(parent, purpose, UnlockKey, context)
            self.assertEqual(derived.expose().hex(), vector["derived"])
            self.assertEqual(digest(purpose, *parts).hex(), vector["digest"])
            self.assertEqual(keyed_digest(parent, purpose, *parts).hex(), vector["keyed_digest"])

    def test_kinds(self) -> None:
        """A derived key is of the class and the length asked for."""
        vectors = load("derive")
        parent = DriveKey(bytes.fromhex(vectors["parent"]))
        for name, kind in SECRETS.items():
            derived = derive(parent, Purpose.UNLOCK, kind)
            self.assertIs(type(derived), kind)
            self.assertEqual(len(derived.expose()), kind.LENGTH)
            self.assertEqual(derived.expose().hex(), vectors["lengths"][name])

    @given(st.binary(min_size=32, max_size=32), st.sampled_from(Purpose), st.binary(max_size=99))
    def test_independent_implementation(self, key: bytes, purpose: Purpose, context: bytes) -> None:
        """Libsodium's BLAKE2b gives the same keys and hashes."""
        person = purpose.value.ljust(16, b"\x00")

        def other(content: bytes, key: bytes = b"", length: int = 32) -> bytes:
            return crypto_generichash_blake2b_salt_personal(
                content, digest_size=length, key=key, person=person
            )

        framed = len(context).to_bytes(8, "big") + context
        self.assertEqual(
            derive(FileKey(key), purpose, FileKey, context).expose(), other(context, key)
        )
        self.assertEqual(digest(purpose, context, length=16), other(framed, length=16))
        self.assertEqual(keyed_digest(FileKey(key), purpose, context), other(framed, key))

    def test_everything_counts(self) -> None:
        """Another parent, purpose or context gives another key."""
        keys = [
            derive(parent, purpose, UnlockKey, context).expose()
            for parent in (DriveKey(bytes(32)), DriveKey(bytes(31) + b"\x01"))
            for purpose in Purpose
            for context in (b"", b"\x00", b"a")
        ]
        self.assertEqual(len(set(keys)), len(keys))

    @given(st.lists(st.binary(max_size=9), max_size=4), st.lists(st.binary(max_size=9), max_size=4))
    def test_parts_do_not_run_together(self, one: list[bytes], two: list[bytes]) -> None:
        """Hashes are of the parts as they were divided, not of their bytes in a row."""
        key = UnlockKey(bytes(32))
        same = one == two
        self.assertEqual(digest(Purpose.RECORD, *one) == digest(Purpose.RECORD, *two), same)
        self.assertEqual(
            keyed_digest(key, Purpose.RECORD, *one) == keyed_digest(key, Purpose.RECORD, *two), same
        )

    def test_parts_do_not_run_together_at_all(self) -> None:
        """The property above, where the bytes in a row are the same for sure."""
        divided = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"abc", b""), (b"", b"abc")]
        self.assertEqual(len({digest(Purpose.RECORD, *parts) for parts in divided}), 5)
