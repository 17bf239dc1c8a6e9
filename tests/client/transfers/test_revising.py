"""New versions out of pieces: they read back whatever was changed, and send only what is new."""

import io
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers import revising
from anoncloud.client.transfers.compressing import Expander
from anoncloud.client.transfers.fingerprints import Entry
from anoncloud.client.transfers.reading import open_whole
from anoncloud.client.transfers.revising import old_segments, seal_compressed
from anoncloud.client.transfers.sealer import Sealer
from anoncloud.client.transfers.sources import StreamSource
from anoncloud.client.tree.versions import Piece, Stream, Version
from anoncloud.crypto.keys import FileKey
from anoncloud.limits import MIB, SEGMENT, SMALL_BLOB
from tests.client.transfers.test_matching import edited, edits
from tests.support.client_files import PRINTS, FilesTestCase, noise

KEY = FileKey(b"\x07" * 32)


class RevisionTestCase(FilesTestCase):
    """A long file that is stored again and again."""

    def setUp(self) -> None:
        super().setUp()
        self.path = self.top / "f"
        self.time = 10**18

    def revise(self, content: bytes) -> Version:
        """Store the file with a new content and time."""
        self.time += 1
        self.put_up(self.write("f", content, modified=self.time))
        return self.version("f")


class RevisionTests(RevisionTestCase):
    """Versions by the uploader, read back."""

    @settings(max_examples=12)
    @given(st.lists(edits, min_size=1, max_size=3))
    def test_any_edits(self, rounds: list[Any]) -> None:
        """Every version of a file reads back as what was stored then."""
        self.setUp()
        content = noise(MIB + 5)
        stored = [content]
        self.revise(content)
        for changes in rounds:
            for change in changes:
                content = edited(content, change)
            stored.append(content)
            self.revise(content)
        kept = self.file("f").versions
        self.assertEqual([self.read(one.version) for one in kept], stored)
        self.assertEqual(self.read(kept[-1].version), Path(self.path).read_bytes())
        self.assert_counted()

    def test_only_new(self) -> None:
        """After one changed byte one segment is sent, in one small blob, and the rest is named."""
        content = bytearray(noise(2 * MIB))
        (whole,) = self.revise(bytes(content)).streams
        before = self.sent()
        content[MIB] ^= 1
        version = self.revise(bytes(content))
        self.assertEqual(self.sent() - before, SMALL_BLOB)
        self.assertEqual(version.streams[0], whole)
        self.assertEqual(version.streams[1].size, SEGMENT)
        pieces = (
            Piece(0, 0, MIB),
            Piece(1, 0, SEGMENT),
            Piece(0, MIB + SEGMENT, MIB - SEGMENT),
        )
        self.assertEqual(version.pieces, pieces)

    def test_unchanged(self) -> None:
        """A file with a new time but the old content sends nothing, and is its old stream."""
        content = noise(2 * MIB + 1)
        first = self.revise(content)
        before = self.sent()
        again = self.revise(content)
        self.assertEqual(self.sent(), before)
        self.assertEqual((again.streams, again.pieces), (first.streams, ()))
        self.assertNotEqual(again.modified, first.modified)
        self.assertEqual(self.read(again), content)

    def test_streams_vanish(self) -> None:
        """Streams that no piece uses any more are not named by the new version."""
        old, middle, new = (noise(2 * MIB, seed) for seed in "abc")
        (first,) = self.revise(old).streams
        second = self.revise(middle[:MIB] + old[MIB:]).streams
        self.assertEqual(second[0], first)
        third = self.revise(middle[:MIB] + new[MIB:]).streams
        self.assertEqual((third[0], len(third)), (second[1], 2))
        fourth = self.revise(new)
        self.assertNotIn(second[1].key, [stream.key for stream in fourth.streams])
        self.assertEqual(self.read(fourth), new)

    def test_too_many_pieces(self) -> None:
        """Where a version may not have so many pieces, the file is stored as one stream."""
        content = bytearray(noise(2 * MIB))
        self.revise(bytes(content))
        for number in range(3):
            content[(4 + 8 * number) * SEGMENT] ^= 1
        with patch.object(revising, "MAX_PIECES", 6):
            version = self.revise(bytes(content))
        self.assertEqual((len(version.streams), version.pieces), (1, ()))
        self.assertEqual(version.streams[0].size, len(content))
        self.assertEqual(self.read(version), content)
        content[MIB + 5 * SEGMENT] ^= 1
        with patch.object(revising, "MAX_PIECES", 3):
            self.assertEqual(len(self.revise(bytes(content)).pieces), 3)

    def test_truncated_to_nothing(self) -> None:
        """A file that has become empty is an empty stream."""
        self.revise(noise(MIB))
        version = self.revise(b"")
        self.assertEqual((version.size, version.pieces), (0, ()))
        self.assertEqual(self.read(version), b"")

    def test_many_rounds(self) -> None:
        """A file that is changed a hundred times never has more streams than it may."""
        content = bytearray(noise(2 * MIB))
        with patch.object(revising, "MAX_STREAMS", 5):
            for number in range(40):
                at = number * 3 % 32 * SEGMENT
                content[at : at + SEGMENT] = noise(SEGMENT, number)
                version = self.revise(bytes(content))
                self.assertLessEqual(len(version.streams), 5)
        self.assertEqual(self.read(version), content)


class OldSegmentTests(FilesTestCase):
    """Which segments of an earlier version count."""

    def version_of(self, *sizes: int, pieces: tuple[Piece, ...] = ()) -> Version:
        streams = (Stream(bytes([number]) * 32, size, ()) for number, size in enumerate(sizes))
        return Version(1, 0o600, bytes(16), tuple(streams), pieces)

    def entries(self, version: Version) -> dict[bytes, list[Entry]]:
        return {
            stream.key: [
                Entry(bytes([number, place]) * 8, bytes(16))
                for place in range(-(-stream.size // SEGMENT))
            ]
            for number, stream in enumerate(version.streams)
        }

    def test_whole_stream(self) -> None:
        """All segments of a stream, the short last one too, in order."""
        version = self.version_of(2 * SEGMENT + 5)
        olds = old_segments(version, self.entries(version))
        spans = [(old.offset, old.length) for old in olds]
        self.assertEqual(spans, [(0, SEGMENT), (SEGMENT, SEGMENT), (2 * SEGMENT, 5)])

    def test_cut_segments(self) -> None:
        """Segments of which a piece has only a part do not count."""
        pieces = (Piece(0, 5, 3 * SEGMENT), Piece(1, 0, SEGMENT - 1), Piece(1, SEGMENT, 7))
        version = self.version_of(4 * SEGMENT, 2 * SEGMENT, pieces=pieces)
        olds = old_segments(version, self.entries(version))
        places = [(old.stream, old.offset) for old in olds]
        self.assertEqual(places, [(0, SEGMENT), (0, 2 * SEGMENT)])

    def test_without_lists(self) -> None:
        """A stream whose list is not known counts for nothing."""
        version = self.version_of(SEGMENT, SEGMENT, pieces=(Piece(0, 0, 9), Piece(1, 0, SEGMENT)))
        lists = self.entries(version)
        del lists[version.streams[1].key]
        self.assertEqual(old_segments(version, lists), [])

    def test_largest_streams(self) -> None:
        """Of too many streams the largest count, so that there is room for the new one."""
        sizes = (SEGMENT, 3 * SEGMENT, 2 * SEGMENT)
        pieces = tuple(Piece(number, 0, size) for number, size in enumerate(sizes))
        version = self.version_of(*sizes, pieces=pieces)
        with patch.object(revising, "MAX_STREAMS", 3):
            olds = old_segments(version, self.entries(version))
        self.assertEqual({old.stream for old in olds}, {1, 2})


class SealCompressedTests(FilesTestCase):
    """Batches of a compressed stream."""

    @settings(max_examples=15)
    @given(st.integers(0, 5 * MIB))
    def test_batches(self, size: int) -> None:
        """Batches laid end to end open to the content; what was read adds up; the digest fits."""
        content = noise(size)
        source = StreamSource(io.BytesIO(content), "memory", 1, 0o600)
        sealer, digest = Sealer(KEY, PRINTS), PRINTS.content()
        batches = list(seal_compressed(source, sealer, digest))
        segments = b"".join(one for batch in batches for one in batch.segments)
        self.assertEqual(Expander(size).expand(open_whole(KEY, sealer.size, segments)), content)
        self.assertEqual(sum(batch.read for batch in batches), size)
        self.assertEqual(digest.digest(), PRINTS.whole(content))
        self.assertLessEqual(max(batch.read for batch in batches), 2 * MIB)
