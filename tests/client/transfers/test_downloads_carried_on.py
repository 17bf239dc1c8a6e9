"""Downloads that were cut short: carried on as far as what is there is proven."""

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers.downloads import download
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Refused
from anoncloud.limits import MIB, SEGMENT
from anoncloud.wire import messages
from tests.client.transfers.test_downloads import GONE, SIZE, DownloadTestCase
from tests.support.client import in_thread
from tests.support.client_files import noise
from tests.support.client_keeping import silent
from tests.support.damage import flip


class CarryingOnTests(DownloadTestCase):
    """What an earlier try has left."""

    def left(self, version: Version, content: bytes) -> None:
        self.part_of(version).write_bytes(content)
        self.target.unlink(missing_ok=True)

    def test_every_length(self) -> None:
        """From whatever length the part has, the file becomes whole, and no segment comes twice."""
        (version, _), content = self.versions, self.whole
        places = [number * SEGMENT + more for number in range(33) for more in (-1, 0, 1)]
        for length in (*(place for place in places if place >= 0), SIZE - 1, SIZE):
            self.left(version, content[:length])
            came = self.bring(version)
            self.assertEqual(self.target.read_bytes(), content)
            kept = SIZE if length >= SIZE else length // SEGMENT * SEGMENT
            if length:
                self.assertLessEqual(came, (SIZE - kept) * 1.001 + 2000, length)

    def test_longer(self) -> None:
        """What the part has behind the file's end goes."""
        self.left(self.versions[0], self.whole + b"more")
        self.bring(self.versions[0])
        self.assertEqual(self.target.read_bytes(), self.whole)

    @settings(max_examples=25)
    @given(st.integers(0, 8 * SIZE - 1))
    def test_damaged_part(self, bit: int) -> None:
        """A part that was changed anywhere is kept up to there, and the file is right."""
        self.left(self.versions[0], flip(self.whole, bit))
        came = self.bring(self.versions[0])
        self.assertEqual(self.target.read_bytes(), self.whole)
        self.assertGreaterEqual(came, SIZE - bit // 8)

    def test_pieces(self) -> None:
        """A version out of pieces is carried on as far as its pieces are whole segments."""
        version = self.versions[1]
        for length in (1, MIB - 1, MIB, MIB + 3, len(self.pieced) - 1):
            self.left(version, self.pieced[:length])
            self.bring(version)
            self.assertEqual(self.target.read_bytes(), self.pieced)
        self.left(version, self.pieced[:MIB])
        self.assertLess(self.bring(version), SIZE - MIB + 200_000)

    def test_part_of_another(self) -> None:
        """Whatever lies there that is no part of this file, is not taken."""
        for content in (noise(SIZE, 1), bytes(SIZE), b"x"):
            self.left(self.versions[0], content)
            self.bring(self.versions[0])
            self.assertEqual(self.target.read_bytes(), self.whole)

    def test_cut(self) -> None:
        """A download that is cut short leaves its part, which the next one carries on."""
        version = self.versions[0]
        self.peer.faults[messages.ReadBlob] = [None] * 6 + [GONE]
        target = self.part(version)
        self.fails(Refused, download(self.drive, version, target, in_thread, silent))
        self.assertFalse(self.target.exists())
        self.assertTrue(self.part_of(version).exists())
        self.bring(version)
        self.assertEqual(self.target.read_bytes(), self.whole)

    def test_short_files(self) -> None:
        """A file without fingerprints begins anew."""
        self.put_up(self.write("g", noise(SEGMENT * 3)))
        version = self.version("g")
        self.left(version, noise(SEGMENT * 3)[:SEGMENT])
        self.bring(version)
        self.assertEqual(self.target.read_bytes(), noise(SEGMENT * 3))
