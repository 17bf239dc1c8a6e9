"""Ranges of blobs read in few requests: each gets its own bytes."""

from hypothesis import given
from hypothesis import strategies as st

from anoncloud.client.transfers.gathering import GAP, RUN, Gatherer, runs
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Tampered
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB
from tests.support.client_keeping import KeepingTestCase
from tests.support.entropy import counting

BLOBS = [BlobId(bytes([number]) * 16) for number in range(3)]
spans = st.tuples(st.integers(0, BULK_BLOB - 1), st.integers(1, BULK_BLOB))
extents = st.builds(
    lambda blob, span: Extent(blob, span[0], min(span[1], BULK_BLOB - span[0])),
    st.sampled_from(BLOBS),
    spans,
)


class RunsTests(KeepingTestCase):
    """What is read for what is wanted."""

    @given(st.lists(extents, max_size=20).map(sorted))
    def test_every_range_lies_in_its_run(self, wanted: list[Extent]) -> None:
        """All that is wanted is read, in order; a run is no longer than it may be."""
        found = list(runs(wanted))
        self.assertEqual([each for _, inside in found for each in inside], wanted)
        for whole, inside in found:
            for each in inside:
                self.assertEqual(each.blob, whole.blob)
                self.assertLessEqual(whole.offset, each.offset)
                self.assertLessEqual(each.offset + each.length, whole.offset + whole.length)
            self.assertTrue(whole.length <= RUN or len(inside) == 1)

    def test_neighbours(self) -> None:
        """Ranges side by side are one request, those far apart are two."""
        near = [Extent(BLOBS[0], 0, 10), Extent(BLOBS[0], 10 + GAP, 10)]
        self.assertEqual(len(list(runs(near))), 1)
        far = [Extent(BLOBS[0], 0, 10), Extent(BLOBS[0], 11 + GAP, 10)]
        self.assertEqual(len(list(runs(far))), 2)
        other = [Extent(BLOBS[0], 0, 10), Extent(BLOBS[1], 10, 10)]
        self.assertEqual(len(list(runs(other))), 2)


class GathererTests(KeepingTestCase):
    """Reading from a store."""

    def setUp(self) -> None:
        super().setUp()
        drawn = counting(b"blobs")
        self.store.blobs = {blob: drawn(BULK_BLOB) for blob in BLOBS}

    def gather(self, wanted: list[Extent]) -> dict[Extent, bytes]:
        async def all_of_it() -> dict[Extent, bytes]:
            gatherer = Gatherer(self.drive, wanted)
            found: dict[Extent, bytes] = {}
            while (come := await gatherer.next()) is not None:
                found |= {extent: bytes(data) for extent, data in come}
            gatherer.close()
            return found

        return self.run_now(all_of_it())

    @given(st.lists(extents, max_size=6).map(sorted))
    def test_bytes(self, wanted: list[Extent]) -> None:
        """Each range comes with the bytes that lie there."""
        found = self.gather(wanted)
        self.assertEqual(set(found), set(wanted))
        for (blob, offset, length), data in found.items():
            self.assertEqual(data, self.store.blobs[blob][offset : offset + length])

    def test_too_little(self) -> None:
        """A server that sends less than was asked for is named."""
        self.peer.damage = lambda _, content: content[:-1]
        gatherer = Gatherer(self.drive, [Extent(BLOBS[0], 0, 100)])
        self.fails(Tampered, gatherer.next())
