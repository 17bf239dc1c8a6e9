"""Segments: numbered, ended, and readable one by one."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from nacl.secret import SecretBox
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto import segments
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import (
    NONCE_CONTEXT,
    open_segment,
    seal_segment,
    sealed_length,
    sealed_span,
    segment_count,
)
from anoncloud.errors import Misuse, Tampered
from anoncloud.limits import SEAL_OVERHEAD, SEALED_SEGMENT, SEGMENT
from tests.support.damage import cuts, flip, flips
from tests.support.vectors import load, plain

KEY = FileKey(bytes(range(32)))
EDGES = [
    0,
    1,
    100,
    SEGMENT - 1,
    SEGMENT,
    SEGMENT + 1,
    2 * SEGMENT,
    2 * SEGMENT + 1,
    3 * SEGMENT - 1,
]
sizes = st.sampled_from(EDGES) | st.integers(0, 4 * SEGMENT)


def seal_file(whole: bytes) -> bytes:
    """Seal *whole* into its stream."""
    count = segment_count(len(whole))
    return b"".join(
        seal_segment(
            KEY, number, whole[number * SEGMENT : (number + 1) * SEGMENT], last=number == count - 1
        )
        for number in range(count)
    )


def open_file(stream: bytes) -> bytes:
    """Open a stream as a reader does that knows no size: the last segment is where it ends."""
    pieces = [
        stream[offset : offset + SEALED_SEGMENT] for offset in range(0, len(stream), SEALED_SEGMENT)
    ] or [b""]
    return b"".join(
        open_segment(KEY, number, piece, last=number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    )


class FormatTests(SynchronousTestCase):
    """The bytes themselves."""

    def test_published_vector(self) -> None:
        """What seals a segment is NaCl's SecretBox."""
        vector = dict(load("published")["secretbox"])
        self.assertIn("NaCl", vector.pop("source"))
        raw = {name: bytes.fromhex(v) for name, v in vector.items()}
        self.patch(segments, "_nonce", lambda _number, *, last: raw["nonce"][: 24 * last])
        key = FileKey(raw["key"])
        self.assertEqual(seal_segment(key, 0, raw["plaintext"], last=True), raw["sealed"])
        self.assertEqual(open_segment(key, 0, raw["sealed"], last=True), raw["plaintext"])

    def test_frozen(self) -> None:
        """Recorded files seal to the recorded bytes."""
        vectors = load("segments")
        self.assertEqual(vectors["key"], KEY.expose().hex())
        for vector in vectors["files"]:
            whole = plain(vector["size"])
            stream = seal_file(whole)
            self.assertEqual(sha256(stream).hexdigest(), vector["sealed_sha256"])
            self.assertEqual(stream.hex(), vector.get("sealed", stream.hex()))
            lengths = [sealed_span(len(whole), n)[1] for n in range(segment_count(len(whole)))]
            self.assertEqual(lengths, vector["sealed_lengths"])
        far = vectors["far"]
        self.assertEqual(
            seal_segment(KEY, far["number"], bytes.fromhex(far["plaintext"]), last=True).hex(),
            far["sealed"],
        )

    @given(st.integers(0, 2**64 - 1), st.booleans(), st.binary(max_size=99))
    def test_nonce(self, number: int, last: bool, plaintext: bytes) -> None:
        """The nonce is the context, the number and the flag: 24 bytes, as documented."""
        nonce = NONCE_CONTEXT + number.to_bytes(8, "big") + bytes([last])
        self.assertEqual(len(nonce), 24)
        plaintext = plaintext if last else plaintext.ljust(SEGMENT, b"x")
        sealed = seal_segment(KEY, number, plaintext, last=last)
        self.assertEqual(SecretBox(KEY.expose()).decrypt(sealed, nonce), plaintext)

    def test_wrong_lengths_are_refused(self) -> None:
        """Only the last segment may be short, and none may be long."""
        for length in (0, 1, SEGMENT - 1, SEGMENT + 1):
            self.assertRaises(Misuse, seal_segment, KEY, 0, bytes(length), last=False)
        self.assertRaises(Misuse, seal_segment, KEY, 0, bytes(SEGMENT + 1), last=True)
        for length, last in ((SEGMENT, False), (SEGMENT, True), (0, True)):
            sealed = seal_segment(KEY, 0, bytes(length), last=last)
            self.assertEqual(len(sealed), length + SEAL_OVERHEAD)


class GeometryTests(SynchronousTestCase):
    """Where segments lie."""

    def test_counts(self) -> None:
        """An empty file has one segment, and a full last one is not followed by an empty one."""
        for size, count in ((0, 1), (1, 1), (SEGMENT, 1), (SEGMENT + 1, 2), (2 * SEGMENT, 2)):
            self.assertEqual(segment_count(size), count)
            self.assertEqual(sealed_length(size), size + 16 * count)

    @given(sizes)
    def test_spans_tile_the_stream(self, size: int) -> None:
        """The spans of all segments lie end to end from 0 to the stream's length."""
        end = 0
        for number in range(segment_count(size)):
            offset, length = sealed_span(size, number)
            self.assertEqual(offset, end)
            self.assertEqual(offset, number * SEALED_SEGMENT)
            self.assertTrue(SEAL_OVERHEAD <= length <= SEALED_SEGMENT)
            end = offset + length
        self.assertEqual(end, sealed_length(size))

    def test_no_such_segment(self) -> None:
        """A number outside the file is the caller's mistake."""
        for size, number in ((0, 1), (0, -1), (SEGMENT, 1), (SEGMENT + 1, 2)):
            self.assertRaises(Misuse, sealed_span, size, number)


class ReadingTests(SynchronousTestCase):
    """Whole files, parts of them, and damage."""

    @given(sizes)
    def test_round_trip(self, size: int) -> None:
        """A sealed file opens to itself and is as long as foretold."""
        stream = seal_file(plain(size))
        self.assertEqual(len(stream), sealed_length(size))
        self.assertEqual(open_file(stream), plain(size))

    @given(sizes, st.data())
    def test_random_access(self, size: int, data: st.DataObject) -> None:
        """Any segment, read alone, is that part of the whole."""
        whole = plain(size)
        number = data.draw(st.integers(0, segment_count(size) - 1))
        offset, length = sealed_span(size, number)
        opened = open_segment(
            KEY,
            number,
            seal_file(whole)[offset : offset + length],
            last=number == segment_count(size) - 1,
        )
        self.assertEqual(opened, whole[number * SEGMENT : (number + 1) * SEGMENT])

    @given(sizes, st.data())
    def test_truncation_is_refused(self, size: int, data: st.DataObject) -> None:
        """A stream cut anywhere does not open, not even between two segments."""
        stream = seal_file(plain(size))
        borders = st.sampled_from(range(0, len(stream), SEALED_SEGMENT))
        length = data.draw(borders | st.integers(0, len(stream) - 1))
        self.assertRaises(Tampered, open_file, stream[:length])

    @given(sizes, st.integers(1, 99))
    def test_extension_is_refused(self, size: int, more: int) -> None:
        """A stream with more bytes, or with its own segments again, does not open."""
        stream = seal_file(plain(size))
        last = sealed_span(size, segment_count(size) - 1)[0]
        for longer in (stream + bytes(more), stream + stream[last:], stream + stream):
            self.assertRaises(Tampered, open_file, longer)

    @given(sizes, st.data())
    def test_any_flip_is_refused(self, size: int, data: st.DataObject) -> None:
        """No bit of a stream can change."""
        stream = seal_file(plain(size))
        bit = data.draw(st.integers(0, len(stream) * 8 - 1))
        self.assertRaises(Tampered, open_file, flip(stream, bit))

    def test_every_flip_and_cut_of_a_short_segment(self) -> None:
        """The whole sweep over one segment."""
        sealed = seal_segment(KEY, 3, b"plaintext", last=True)
        for wrong in (*flips(sealed), *cuts(sealed)):
            self.assertRaises(Tampered, open_segment, KEY, 3, wrong, last=True)

    def test_elsewhere(self) -> None:
        """A segment opens under no other number, flag or key, and the error names its number."""
        full = seal_segment(KEY, 3, bytes(SEGMENT), last=False)
        for number, last in ((3, True), (2, False), (4, False), (3 + 2**8, False), (2**63, False)):
            error = self.assertRaises(Tampered, open_segment, KEY, number, full, last=last)
            self.assertIn(f"segment {number} ", str(error))
        other = FileKey(bytes(32))
        self.assertRaises(Tampered, open_segment, other, 3, full, last=False)
        self.assertEqual(open_segment(KEY, 3, full, last=False), bytes(SEGMENT))

    def test_swapped_and_repeated(self) -> None:
        """Whole segments that change places, or stand in for each other, are refused."""
        stream = seal_file(plain(3 * SEGMENT))
        one, two, three = (stream[n * SEALED_SEGMENT : (n + 1) * SEALED_SEGMENT] for n in range(3))
        for wrong in (two + one + three, one + one + three, one + three + two, one + three):
            self.assertRaises(Tampered, open_file, wrong)
