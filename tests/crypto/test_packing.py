"""Packing: blobs of two sizes, and extents that find every stream again."""

from collections import defaultdict
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.entropy import filler
from anoncloud.crypto.packing import Extent, PackedBlob, Packer
from anoncloud.ids import BlobId
from anoncloud.limits import BLOB_SIZES, BULK_BLOB, MIN_PACKET, SEALED_SEGMENT, SMALL_BLOB
from tests.support.entropy import counting
from tests.support.vectors import load, plain

segment_lengths = st.integers(1, SEALED_SEGMENT) | st.sampled_from([1, 16, SEALED_SEGMENT])
streams = st.lists(
    st.tuples(st.integers(0, 4), segment_lengths | st.just(SEALED_SEGMENT)), max_size=150
)


def pack(pieces: list[tuple[int, bytes]], seed: bytes = b"packing") -> list[PackedBlob]:
    """Pack *pieces* and give every blob."""
    packer = Packer(counting(seed))
    filled = [packer.add(token, sealed) for token, sealed in pieces]
    return [blob for blob in filled if blob] + packer.flush()


def content(blob: PackedBlob) -> bytes:
    """Lay the pieces of *blob* end to end."""
    return b"".join(blob.pieces)


class VectorTests(SynchronousTestCase):
    """The recorded blobs."""

    def test_frozen(self) -> None:
        """Known streams and known random bytes give the recorded extents and bytes."""
        for run in load("packing")["runs"]:
            blobs = pack([(token, plain(length)) for token, length in enumerate(run["lengths"])])
            made = [
                {
                    "blob": blob.blob.hex(),
                    "size": blob.size,
                    "sha256": sha256(content(blob)).hexdigest(),
                    "extents": [
                        [token, extent.offset, extent.length] for token, extent in blob.runs
                    ],
                }
                for blob in blobs
            ]
            self.assertEqual(made, run["blobs"], run["name"])


class PackerTests(SynchronousTestCase):
    """What holds for any list of streams."""

    @given(streams)
    def test_round_trip(self, lengths: list[tuple[int, int]]) -> None:
        """Sizes are exact, extents tile blobs and streams in order, and the bytes come back."""
        material = plain(SEALED_SEGMENT + 256)
        pieces = [
            (token, material[index % 250 : index % 250 + length])
            for index, (token, length) in enumerate(lengths)
        ]
        given_streams: dict[object, bytes] = defaultdict(bytes)
        for token, sealed in pieces:
            given_streams[token] += sealed
        unpacked: dict[object, bytes] = defaultdict(bytes)
        blobs = pack(pieces)
        self.assertEqual(len({blob.blob for blob in blobs}), len(blobs))
        for blob in blobs:
            whole = content(blob)
            self.assertIn(blob.size, BLOB_SIZES)
            self.assertEqual(len(whole), blob.size)
            end = 0
            for before, (token, extent) in zip([None, *blob.runs], blob.runs, strict=False):
                self.assertEqual((extent.blob, extent.offset), (blob.blob, end))
                self.assertGreater(extent.length, 0)
                self.assertTrue(before is None or before[0] != token, "two runs could be one")
                end += extent.length
                unpacked[token] += whole[extent.offset : end]
            self.assertTrue(0 < end <= blob.size)
            if blob is not blobs[-1]:
                self.assertEqual(end, blob.size, "only the last blob has filler")
        self.assertEqual(unpacked, given_streams)

    @given(streams)
    def test_waiting(self, lengths: list[tuple[int, int]]) -> None:
        """What waits is what was added and not packed: less than a bulk blob, and none at last."""
        packer = Packer(counting())
        expected = 0
        for token, length in lengths:
            blob = packer.add(token, bytes(length))
            expected += length - (BULK_BLOB if blob else 0)
            self.assertTrue(blob is None or blob.size == BULK_BLOB)
            self.assertEqual(packer.waiting, expected)
            self.assertLess(packer.waiting, BULK_BLOB)
        packer.flush()
        self.assertEqual(packer.waiting, 0)
        self.assertEqual(packer.flush(), [])

    def test_choice_of_sizes(self) -> None:
        """What is left goes to small blobs, or to a bulk blob if that lacks less than four."""
        border = BULK_BLOB - 4 * SMALL_BLOB
        for length, expected in (
            (1, [SMALL_BLOB]),
            (SMALL_BLOB, [SMALL_BLOB]),
            (SMALL_BLOB + 1, [SMALL_BLOB] * 2),
            (border, [SMALL_BLOB] * (border // SMALL_BLOB)),
            (border + 1, [BULK_BLOB]),
            (BULK_BLOB, [BULK_BLOB]),
            (BULK_BLOB + 1, [BULK_BLOB, SMALL_BLOB]),
        ):
            whole = [(7, bytes(SEALED_SEGMENT))] * (length // SEALED_SEGMENT)
            rest = length % SEALED_SEGMENT
            blobs = pack(whole + ([(7, bytes(rest))] if rest else []))
            self.assertEqual([blob.size for blob in blobs], expected, length)
            self.assertEqual(sum(e.length for blob in blobs for _, e in blob.runs), length)

    def test_exactly_full_has_no_filler(self) -> None:
        """A blob that is full to the byte draws a name and nothing else."""
        drawn: list[int] = []

        def source(length: int) -> bytes:
            drawn.append(length)
            return bytes(length)

        packer = Packer(source)
        for _ in range(4):
            packer.add("a", bytes(SMALL_BLOB // 4))
        (blob,) = packer.flush()
        self.assertEqual((drawn, blob.size), ([16], SMALL_BLOB))
        self.assertEqual(blob.runs, (("a", Extent(blob.blob, 0, SMALL_BLOB)),))

    def test_filler_is_drawn(self) -> None:
        """What is left of a blob is fresh filler, not zeros and not another file's bytes."""
        (blob,) = pack([(0, b"\x00" * 100)], seed=b"s")
        source = counting(b"s")
        name = source(16)
        self.assertEqual(blob.blob, name)
        self.assertEqual(content(blob)[100:], filler(SMALL_BLOB - 100, source))

    def test_runs_join_only_within_a_token(self) -> None:
        """Segments of one token in a row are one extent; another token between parts them."""
        (blob,) = pack([(1, b"a" * 10), (1, b"b" * 10), (2, b"c" * 5), (1, b"d" * 10)])
        runs = [(token, extent.offset, extent.length) for token, extent in blob.runs]
        self.assertEqual(runs, [(1, 0, 20), (2, 20, 5), (1, 25, 10)])

    def test_nothing_shown(self) -> None:
        """A packed blob shows its name and size, and none of its bytes or files."""
        (blob,) = pack([("a secret token", b"planted")])
        self.assertNotIn("planted", repr(blob))
        self.assertNotIn("secret token", repr(blob))

    def test_nothing_to_pack(self) -> None:
        """No streams make no blobs."""
        self.assertEqual(pack([]), [])


class PacketTests(SynchronousTestCase):
    """Blobs on their way: pieces put together for frames."""

    @given(
        st.lists(st.binary(max_size=3 * MIN_PACKET), max_size=12),
        st.integers(MIN_PACKET, 4 * MIN_PACKET),
    )
    def test_whole(self, pieces: list[bytes], size: int) -> None:
        """Packets laid end to end are the blob; only the last one may be short, none is long."""
        blob = PackedBlob(BlobId(b"b" * 16), sum(map(len, pieces)), tuple(pieces), ())
        packets = list(blob.packets(size))
        self.assertEqual(b"".join(part for _, parts in packets for part in parts), content(blob))
        lengths = [sum(map(len, parts)) for _, parts in packets]
        self.assertEqual(lengths, [length for length, _ in packets])
        self.assertTrue(all(MIN_PACKET <= length <= size for length in lengths[:-1]), lengths)
        self.assertTrue(all(0 < length <= size for length in lengths[-1:]), lengths)

    def test_as_they_are(self) -> None:
        """Pieces that fit are not copied, and short ones go together."""
        pieces = tuple(bytes(SEALED_SEGMENT) for _ in range(5)) + tuple(
            b"x" * 100 for _ in range(50)
        )
        blob = PackedBlob(BlobId(b"b" * 16), 5 * SEALED_SEGMENT + 5000, pieces, ())
        first, second = blob.packets(4 * SEALED_SEGMENT)
        self.assertTrue(all(part is piece for part, piece in zip(first[1], pieces, strict=False)))
        self.assertEqual((len(first[1]), len(second[1])), (4, 51))
