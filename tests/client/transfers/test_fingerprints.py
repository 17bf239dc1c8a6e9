"""Lists of fingerprints: what they hold, and that they are what was stored or nothing."""

from anoncloud.client.transfers.fingerprints import (
    ENTRY,
    WORTHWHILE,
    Entry,
    entry,
    list_length,
    read_list,
)
from anoncloud.client.transfers.reading import read_fingerprints
from anoncloud.client.tree.versions import Stream
from anoncloud.errors import Tampered
from anoncloud.limits import MIB, SEGMENT
from tests.support.client_files import FilesTestCase, noise, olds_of
from tests.support.damage import cuts, flip


class EntryTests(FilesTestCase):
    """Entries, written and read."""

    def test_written(self) -> None:
        """An entry is the hash and the first bytes, padded with zeros."""
        self.assertEqual(entry(b"f" * 16, b"abc"), b"f" * 16 + b"abc" + bytes(13))
        self.assertEqual(entry(b"f" * 16, b"x" * 99), b"f" * 16 + b"x" * 16)

    def test_read(self) -> None:
        """A list has an entry for each segment; one of another length is refused."""
        stream = Stream(bytes(32), SEGMENT + 1, ())
        written = entry(b"a" * 16, b"one") + entry(b"b" * 16, b"two")
        self.assertEqual(list_length(stream), len(written))
        found = read_list(stream, written)
        self.assertEqual([each.fingerprint for each in found], [b"a" * 16, b"b" * 16])
        self.assertEqual(found[0], Entry(b"a" * 16, b"one" + bytes(13)))
        for bad in (*cuts(written), written + b"\x00", written + written[:ENTRY]):
            self.assertRaises(Tampered, read_list, stream, bad)


class StoredTests(FilesTestCase):
    """The list of a file in the drive."""

    def setUp(self) -> None:
        super().setUp()
        self.whole = noise(MIB + 5)
        self.put_up(self.write("long", self.whole))
        self.stream = self.version("long").streams[0]

    def test_whole(self) -> None:
        """It says of every segment what that is known by."""
        found = self.run_now(read_fingerprints(self.drive, self.stream))
        known = [(old.fingerprint, old.anchor) for old in olds_of(self.whole)]
        self.assertEqual([tuple(each) for each in found], known)

    def test_damage(self) -> None:
        """A list with any byte changed, cut off or from elsewhere is refused."""
        (extent,) = self.stream.fingerprints
        for place in (0, 15, 16, extent.length - 1):
            self.peer.damage = lambda _, content, at=place: flip(content, 8 * at)
            self.fails(Tampered, read_fingerprints(self.drive, self.stream))
        self.peer.damage = lambda _, content: content[:-1]
        self.fails(Tampered, read_fingerprints(self.drive, self.stream))

    def test_worthwhile(self) -> None:
        """Short streams have none."""
        self.put_up(self.write("short", bytes(WORTHWHILE - 1)), self.write("edge", bytes(MIB)))
        self.assertEqual(self.version("short").streams[0].fingerprints, ())
        self.assertEqual(len(self.version("edge").streams[0].fingerprints), 1)
