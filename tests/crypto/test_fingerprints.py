"""Fingerprints and digests: Poly1305 as published, keys as derived, pieces of any length."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.fingerprints import FINGERPRINT, ContentDigest, Fingerprints
from anoncloud.crypto.keys import DriveKey, FileKey, FingerprintKey
from anoncloud.crypto.segments import open_segment
from anoncloud.limits import SEGMENT
from tests.support.damage import flips, split
from tests.support.strategies import keys, places
from tests.support.vectors import load, plain

DRIVE = b"d" * 16
PRIME = 2**130 - 5


def poly1305(key: bytes, text: bytes) -> bytes:
    """Work Poly1305 out as RFC 8439 section 2.5 writes it."""
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at : at + 16] + b"\x01", "little")) * r % PRIME
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def digest_of(key: FingerprintKey, *parts: bytes) -> bytes:
    """Hash *parts* as one content."""
    digest = ContentDigest(key)
    for part in parts:
        digest.update(part)
    return digest.digest()


class PolyTests(SynchronousTestCase):
    """The hash itself."""

    def test_published_vectors(self) -> None:
        """RFC 8439, section 2.5.2 and appendix A.3, with the edges of the arithmetic."""
        vectors = load("published")["poly1305"]["vectors"]
        self.assertEqual(len(vectors), 7)
        for vector in vectors:
            key, text, tag = (bytes.fromhex(vector[name]) for name in ("key", "text", "tag"))
            self.assertEqual(digest_of(FingerprintKey(key), text), tag)
            self.assertEqual(poly1305(key, text), tag)

    @given(keys, st.binary(max_size=200), places)
    def test_any_split(self, key: bytes, text: bytes, at: list[int]) -> None:
        """However a content comes, its digest is the same, and what the arithmetic gives."""
        expected = poly1305(key, text)
        self.assertEqual(digest_of(FingerprintKey(key), *split(text, at)), expected)
        views = [memoryview(part) for part in split(text, at)]
        self.assertEqual(digest_of(FingerprintKey(key), *views), expected)


class FingerprintTests(SynchronousTestCase):
    """The hashes of a drive."""

    def test_frozen(self) -> None:
        """Each content has the recorded hash and digest."""
        vectors = load("fingerprints")
        prints = Fingerprints(
            DriveKey(bytes.fromhex(vectors["drive_key"])), bytes.fromhex(vectors["drive"])
        )
        self.assertEqual([each["size"] for each in vectors["contents"]][:3], [0, 1, 16])
        for content in vectors["contents"]:
            digest = prints.content()
            digest.update(plain(content["size"]))
            self.assertEqual(digest.digest().hex(), content["digest"])
            self.assertEqual(prints.whole(plain(content["size"])).hex(), content["digest"])
            if "fingerprint" in content:
                found = prints.segment(plain(content["size"]))
                self.assertEqual(found.hex(), content["fingerprint"])

    def test_frozen_list(self) -> None:
        """The recorded list opens under its key, and has a hash and an anchor for each segment."""
        vectors = load("fingerprints")
        recorded = vectors["list"]
        prints = Fingerprints(
            DriveKey(bytes.fromhex(vectors["drive_key"])), bytes.fromhex(vectors["drive"])
        )
        key = FileKey(bytes.fromhex(recorded["stream_key"]))
        list_key = derive(key, Purpose.FINGERPRINT_LIST, FileKey)
        whole = plain(recorded["size"])
        written = b"".join(
            prints.segment(whole[at : at + SEGMENT]) + whole[at : at + 16].ljust(16, b"\x00")
            for at in range(0, len(whole), SEGMENT)
        )
        self.assertEqual(written.hex(), recorded["written"])
        sealed = bytes.fromhex(recorded["sealed"])
        self.assertEqual(open_segment(list_key, 0, sealed, last=True), written)

    @given(keys, st.binary(max_size=100))
    def test_keys(self, raw: bytes, text: bytes) -> None:
        """Segments and contents have keys of their own, which come from the drive's."""
        prints, key = Fingerprints(DriveKey(raw), DRIVE), DriveKey(raw)
        segment = derive(key, Purpose.FINGERPRINT, FingerprintKey, DRIVE).expose()
        content = derive(key, Purpose.CONTENT_DIGEST, FingerprintKey, DRIVE).expose()
        self.assertNotEqual(segment, content)
        self.assertEqual(prints.segment(text), poly1305(segment, text))
        digest = prints.content()
        digest.update(text)
        self.assertEqual(digest.digest(), poly1305(content, text))

    def test_every_bit_counts(self) -> None:
        """Another plaintext, drive or drive key has another hash of 16 bytes."""
        text = plain(40)
        key = DriveKey(bytes(32))
        prints = Fingerprints(key, DRIVE)
        others = (text, text[:-1], text + b"\x00", b"", *flips(text))
        hashes = [prints.segment(other) for other in others]
        hashes += [
            Fingerprints(key, b"e" * 16).segment(text),
            Fingerprints(DriveKey(b"\x01" * 32), DRIVE).segment(text),
        ]
        self.assertEqual(len(set(hashes)), len(hashes))
        self.assertEqual({len(each) for each in hashes}, {FINGERPRINT})
