"""Ranges of contents: any of them, of every kind of version, and nothing that was not stored."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from anoncloud.client.transfers import ranges
from anoncloud.client.transfers.ranges import Ranges
from anoncloud.client.tree.changes import SetOptions
from anoncloud.client.tree.versions import Piece
from anoncloud.errors import Refused, Tampered
from anoncloud.limits import SEGMENT
from anoncloud.wire import messages
from tests.support.client_files import noise
from tests.support.client_keeping import KeepingTestCase

SIZE = 3 * SEGMENT + 100
EDGES = sorted({0, 1, 99, *(n * SEGMENT + by for n in (1, 2, 3) for by in (-1, 0, 1)), SIZE})


class RangesCase(KeepingTestCase):
    def of(self, name="f"):
        return Ranges(self.drive, self.file(name).version)

    def got(self, reading, offset, length):
        return self.run_now(reading.read(offset, length))


class ReadTests(RangesCase):
    def setUp(self):
        super().setUp()
        self.data = noise(SIZE)
        self.put(f=self.data, empty=b"")

    def test_every_edge(self):
        """Ranges that begin and end at, before and behind the edges of segments."""
        reading = self.of()
        self.assertEqual(reading.size, SIZE)
        for start in EDGES:
            for end in EDGES:
                got = self.got(reading, start, max(0, end - start))
                self.assertEqual(got, self.data[start:end] if end > start else b"")

    def test_past_the_end(self):
        reading = self.of()
        self.assertEqual(self.got(reading, SIZE - 10, 100), self.data[-10:])
        self.assertEqual(self.got(reading, SIZE + 10, 100), b"")
        self.assertEqual(self.got(self.of("empty"), 0, 100), b"")

    def test_only_what_is_needed_comes(self):
        """One byte costs one segment, not the file."""
        self.got(self.of(), 2 * SEGMENT + 5, 1)
        self.assertEqual(len(self.peer.readings), 1)
        self.assertEqual(self.peer.readings[0].length, SEGMENT + 16)

    def test_damage(self):
        """A flipped byte, a short answer and a refusal are all told."""
        self.peer.damage = lambda _, content: content[:-1] + bytes([content[-1] ^ 1])
        self.fails(Tampered, self.of().read(0, 10))
        self.peer.damage = lambda _, content: content[:-1]
        error = self.fails(Tampered, self.of().read(0, 10))
        self.assertTrue(error.hint)
        self.assertTrue(all(one.closed or one.is_read for one in self.peer.readings))
        self.peer.damage = lambda _, content: content
        self.peer.faults[messages.ReadBlob] = [Refused(8, "no")]
        reading = self.of()
        self.fails(Refused, reading.read(0, 10))
        self.assertEqual(self.got(reading, 0, 10), self.data[:10])


class PieceTests(RangesCase):
    def test_pieces_of_streams(self):
        """A version put together from pieces, in any order and more than once."""
        data = noise(SIZE)
        self.put(f=data)
        pieces = (
            Piece(0, 2 * SEGMENT - 5, 10),
            Piece(0, 0, 3),
            Piece(0, 0, 0),
            Piece(0, SEGMENT - 2, SEGMENT + 4),
        )
        whole = b"".join(data[p.offset : p.offset + p.length] for p in pieces)
        version = structs.replace(self.file("f").version, pieces=pieces)
        reading = Ranges(self.drive, version)
        self.assertEqual(reading.size, len(whole))
        for start in (0, 5, 9, 10, 12, 13, 14, len(whole) - 1):
            for length in (1, 4, 20, len(whole)):
                got = self.got(reading, start, length)
                self.assertEqual(got, whole[start : start + length])

    @settings(max_examples=30)
    @given(st.integers(0, SIZE), st.integers(0, SIZE))
    def test_segments(self, start, length):
        """The parts that are wanted of segments are together as long as the range."""
        self.setUp()
        self.put(f=noise(SIZE))
        end = min(start + length, SIZE)
        found = list(ranges.segments_between(self.file("f").version, start, end))
        self.assertEqual(sum(one.end - one.begin for one in found), end - start)


class CompressedTests(RangesCase):
    def setUp(self):
        super().setUp()
        self.run_now(self.drive.change(lambda draft: draft.add(SetOptions(compress=True))))
        self.data = b"".join(b"%08d" % number for number in range(100_000))
        self.put(f=self.data)
        self.assertTrue(self.file("f").version.expanded)

    def test_forth_and_back(self):
        """What is still remembered costs nothing more; what is not comes again."""
        self.patch(ranges, "REMEMBERED", 1000)
        reading = self.of()
        for offset in (0, 700_000, 699_990, 5, 300_000):
            self.assertEqual(self.got(reading, offset, 100), self.data[offset : offset + 100])

    def test_asked_for_once(self):
        reading = self.of()
        self.got(reading, 700_000, 100)
        asked = len(self.peer.readings)
        self.assertEqual(self.got(reading, 5, 100), self.data[5:105])
        self.assertEqual(len(self.peer.readings), asked)

    def test_damage(self):
        """After damage the next try begins anew."""
        reading = self.of()
        self.peer.damage = lambda _, content: content[:-1] + bytes([content[-1] ^ 1])
        self.fails(Tampered, reading.read(0, 10))
        self.peer.damage = lambda _, content: content
        self.assertEqual(self.got(reading, 0, 10), self.data[:10])

    def test_longer_than_it_is(self):
        """A version that promises more than is in its frame."""
        version = self.file("f").version
        longer = structs.replace(version, expanded=version.expanded + 1)
        self.fails(Tampered, Ranges(self.drive, longer).read(version.expanded, 1))
