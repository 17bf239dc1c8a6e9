"""Ranges of blobs read in order, a few ahead, and opened only if they are what was sealed."""

from hypothesis import given
from hypothesis import strategies as st

from anoncloud.client.transfers.reading import READ_AHEAD, Reader, open_whole, sealed_ranges
from anoncloud.client.transfers.sealer import seal_all
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Code, Refused, Tampered
from anoncloud.ids import BlobId
from anoncloud.limits import SEGMENT, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client_files import FilesTestCase, noise
from tests.support.damage import flip

BLOBS = [BlobId(bytes([number]) * 16) for number in range(8)]
KEY = FileKey(b"\x07" * 32)
extents = st.lists(
    st.builds(Extent, st.sampled_from(BLOBS), st.integers(0, 50), st.integers(1, 50)), max_size=6
)


class RangesTests(FilesTestCase):
    """Parts of a stream."""

    @given(extents, st.integers(0, 400), st.integers(0, 400))
    def test_ranges(self, laid: list[Extent], start: int, end: int) -> None:
        """A range of a stream is just those bytes of its extents."""
        places = [(blob, offset + at) for blob, offset, length in laid for at in range(length)]
        found = [
            (blob, offset + at)
            for blob, offset, length in sealed_ranges(laid, start, end)
            for at in range(length)
        ]
        self.assertEqual(found, places[start:end])


class ReaderTests(FilesTestCase):
    """Reading from a store."""

    def setUp(self) -> None:
        super().setUp()
        self.store.blobs = {blob: noise(SMALL_BLOB, blob) for blob in BLOBS}
        self.wanted = [Extent(blob, 10, 1000) for blob in BLOBS]

    def test_whole(self) -> None:
        """All ranges come, one behind the other, in whatever pieces."""
        expected = b"".join(self.store.blobs[blob][10:1010] for blob in BLOBS)
        for chunk in (1, 999, 5000):
            self.peer.chunk = chunk
            self.assertEqual(self.run_now(Reader(self.drive, self.wanted).whole()), expected)
        self.assertEqual(self.run_now(Reader(self.drive, []).whole()), b"")

    def test_ahead(self) -> None:
        """A few ranges are asked for ahead, and no more."""
        reader = Reader(self.drive, self.wanted)
        self.run_now(reader.next())
        self.assertEqual(len(self.peer.readings), READ_AHEAD)
        reader.close()
        self.assertTrue(all(reading.closed for reading in self.peer.readings))

    def test_refused(self) -> None:
        """A refusal is told, and what was asked for before it can be closed."""
        self.peer.faults[messages.ReadBlob] = [None, None, Refused(Code.BLOB_UNKNOWN, "gone")]
        reader = Reader(self.drive, self.wanted)
        self.fails(Refused, reader.next())
        reader.close()
        self.assertEqual([reading.closed for reading in self.peer.readings], [True, True])


class OpenWholeTests(FilesTestCase):
    """Sealed streams in memory."""

    def test_open(self) -> None:
        """What was sealed opens, and nothing else does."""
        for size in (0, 1, SEGMENT, 2 * SEGMENT + 5):
            sealed = b"".join(seal_all(KEY, noise(size)))
            self.assertEqual(open_whole(KEY, size, sealed), noise(size))
            for wrong in (sealed + b"x", sealed[:-1], b"", flip(sealed, 8 * (len(sealed) - 1))):
                self.assertRaises(Tampered, open_whole, KEY, size, wrong)
            self.assertRaises(Tampered, open_whole, FileKey(bytes(32)), size, sealed)

    def test_order(self) -> None:
        """Segments in another order do not open."""
        one, other, last = seal_all(KEY, noise(2 * SEGMENT + 5))
        self.assertRaises(Tampered, open_whole, KEY, 2 * SEGMENT + 5, other + one + last)
