"""Versions: what fits together and what does not."""

from hypothesis import given
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.versions import Piece, Stream, Version, check_version
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Tampered
from anoncloud.limits import BULK_BLOB
from tests.support.client_samples import CHANGES, LONG, PIECED, SHORT, blob, stream, version
from tests.support.client_strategies import whole_versions


class VersionTests(SynchronousTestCase):
    """Sizes and parts."""

    def test_without_pieces(self) -> None:
        """A version without pieces is its one stream, whole."""
        self.assertEqual((SHORT.size, SHORT.parts()), (100, (Piece(0, 0, 100),)))

    def test_with_pieces(self) -> None:
        """A version with pieces is as long as they are together."""
        self.assertEqual(PIECED.size, 1_048_581)
        self.assertEqual(PIECED.parts(), PIECED.pieces)

    def test_nothing_shown(self) -> None:
        """Neither a stream nor a version nor an operation shows a key or a digest."""
        shown = repr(PIECED) + repr(LONG) + repr(CHANGES)
        self.assertIn("1048581", shown)
        self.assertNotIn("\\xc1\\xc1", shown)
        self.assertNotIn("\\xdd\\xdd", shown)


class CheckTests(SynchronousTestCase):
    """What a reader refuses to bring down."""

    def refused(self, made: Version) -> None:
        """See that a version is refused."""
        self.assertRaises(Tampered, check_version, made)

    @given(whole_versions())
    def test_whole(self, made: Version) -> None:
        """What fits together is taken; its size is that of its parts."""
        check_version(made)
        self.assertEqual(made.size, sum(part.length for part in made.parts()))

    def test_samples(self) -> None:
        """So are the sample versions, and an empty file."""
        for made in (SHORT, PIECED, version(LONG), version(stream(0, 0))):
            check_version(made)

    def test_extents_of_another_length(self) -> None:
        """A sealed stream is as long as its size needs it."""
        for length in (115, 117, 100):
            wrong = structs.replace(stream(0, 100), extents=(Extent(blob(0), 0, length),))
            self.refused(version(wrong))
        self.refused(version(structs.replace(stream(0, 100), extents=())))

    def test_extents_outside_their_blob(self) -> None:
        """An extent has bytes, and no blob is longer than the longest."""
        for extents in (
            (Extent(blob(0), -1, 116),),
            (Extent(blob(0), BULK_BLOB - 115, 116),),
            (Extent(blob(0), 0, 116), Extent(blob(0), 0, 0)),
            (Extent(blob(0), 0, 120), Extent(blob(0), 0, -4)),
        ):
            self.refused(version(structs.replace(stream(0, 100), extents=extents)))
        self.refused(version(structs.replace(LONG, fingerprints=(Extent(blob(0), 0, 0),))))

    def test_pieces_outside_their_stream(self) -> None:
        """A piece lies in a stream that is there."""
        for piece in (
            Piece(1, 0, 1),
            Piece(-1, 0, 1),
            Piece(0, -1, 1),
            Piece(0, 0, -1),
            Piece(0, 0, 101),
            Piece(0, 100, 1),
        ):
            self.refused(version(stream(0, 100), pieces=(Piece(0, 0, 9), piece)))
        check_version(version(stream(0, 100), pieces=(Piece(0, 100, 0), Piece(0, 99, 1))))

    def test_several_streams_without_pieces(self) -> None:
        """Only pieces can tell what several streams are together."""
        self.refused(version(stream(0, 100), Stream(b"k" * 32, 0, stream(1, 0).extents)))
