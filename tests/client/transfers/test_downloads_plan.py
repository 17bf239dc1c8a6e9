"""Which bytes are read for a version, and how they are cut into segments."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.downloads import SegmentCutter, ranges_of, segments_of
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.segments import sealed_span
from anoncloud.limits import SEGMENT
from tests.support.client_files import noise
from tests.support.client_strategies import whole_versions
from tests.support.damage import split


class PlanTests(SynchronousTestCase):
    """Which bytes are read for a version."""

    @given(whole_versions())
    def test_segments(self, version: Version) -> None:
        """What is wanted of the segments, in order, is the file."""
        plain = [noise(stream.size, number) for number, stream in enumerate(version.streams)]
        found = b"".join(
            plain[one.stream][one.number * SEGMENT :][one.begin : one.end]
            for one in segments_of(version)
        )
        whole = b"".join(plain[n][offset : offset + size] for n, offset, size in version.parts())
        self.assertEqual(found, whole)

    @given(whole_versions())
    def test_ranges(self, version: Version) -> None:
        """The ranges laid end to end are the sealed segments, each where its stream has it."""
        read = [
            (extent.blob, extent.offset, extent.length)
            for extent in ranges_of(version, segments_of(version))
        ]
        wanted = [
            place
            for one in segments_of(version)
            for place in _places(version.streams[one.stream], one.number)
        ]
        self.assertEqual(_joined(read), _joined(wanted))

    @given(st.binary(max_size=200), st.lists(st.integers(0, 200)), st.lists(st.integers(1, 40)))
    def test_cutter(self, content: bytes, at: list[int], lengths: list[int]) -> None:
        """However bytes come, they are cut as asked; what has not come is waited for."""
        cutter = SegmentCutter()
        taken = b""
        waiting = [memoryview(piece) for piece in split(content, at)]
        for length in lengths:
            while (cut := cutter.cut(length)) is None and waiting:
                cutter.feed(waiting.pop(0))
            if cut is None:
                self.assertLess(len(content) - len(taken), length)
                return
            self.assertEqual(len(cut), length)
            taken += cut
            self.assertTrue(content.startswith(taken))


def _places(stream: Stream, number: int) -> list[tuple[bytes, int, int]]:
    """Give where a sealed segment lies: blob, offset, length."""
    start, length = sealed_span(stream.size, number)
    found = []
    at = 0
    for blob, offset, run in stream.extents:
        first, last = max(start, at), min(start + length, at + run)
        if first < last:
            found.append((blob, offset + first - at, last - first))
        at += run
    return found


def _joined(places: list[tuple[bytes, int, int]]) -> list[tuple[bytes, int, int]]:
    """Join neighbours."""
    found: list[tuple[bytes, int, int]] = []
    for blob, offset, length in places:
        if found and found[-1][0] == blob and sum(found[-1][1:]) == offset:
            found[-1] = (blob, found[-1][1], found[-1][2] + length)
        else:
            found.append((blob, offset, length))
    return found
