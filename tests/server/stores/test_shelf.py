"""A blob folder as the owner's command looks through it."""

import os
from pathlib import Path
from zlib import crc32

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.limits import BULK_BLOB
from anoncloud.server.stores.folder import file_name
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.ledger import Row
from anoncloud.server.stores.shelf import Shelf, fault
from tests.support.server import blob_name
from tests.support.server_folder import FolderCase

ONE, TWO = blob_name(1), blob_name(2)


class ShelfTests(FolderCase):
    """A shelf over the folder of a server."""

    def setUp(self) -> None:
        super().setUp()
        self.shelf = Shelf(self.folder)

    def test_what_a_server_wrote(self) -> None:
        """Blobs of a server are found and read; one that is not there is none."""
        self.now(self.blobs.settle([self.incoming(ONE)]))
        self.assertEqual(self.shelf.read(ONE), b"content")
        self.assertEqual(self.shelf.size(ONE), 7)
        self.assertIsNone(self.shelf.read(TWO))
        self.assertIsNone(self.shelf.size(TWO))
        self.assertEqual(list(self.shelf.blobs()), [(ONE, self.folder / file_name(ONE))])

    def test_put(self) -> None:
        """What is put there a server reads; nothing stays aside, and nobody else may read it."""
        for content in (b"first", b"second"):
            self.shelf.put(ONE, content)
            self.assertEqual(self.now(self.blobs.read(ONE, 0, len(content))), content)
        self.assertEqual(self.files(), [str(file_name(ONE))])
        self.assertEqual(self.shelf.path(ONE).stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.shelf.path(ONE).parent.stat().st_mode & 0o777, 0o700)

    def test_put_anew(self) -> None:
        """It makes the folders that it needs."""
        shelf = Shelf(Path(self.mktemp()))
        shelf.put(ONE, b"content")
        self.assertEqual(shelf.read(ONE), b"content")

    def test_put_cut_off(self) -> None:
        """A put that fails leaves nothing under the blob's name; what it left aside can go."""
        self.break_os("fdatasync", 28)
        self.assertRaises(OSError, self.shelf.put, ONE, b"content")
        self.assertIsNone(self.shelf.size(ONE))
        self.assertEqual(len(self.shelf.aside()), 1)
        self.shelf.tidy()
        self.assertEqual(self.shelf.aside(), [])

    def test_too_long(self) -> None:
        """Of a file that is longer than any blob no more is read than shows that."""
        self.shelf.put(ONE, bytes(BULK_BLOB + 9))
        self.assertEqual(len(self.shelf.read(ONE)), BULK_BLOB + 1)

    def test_strangers(self) -> None:
        """Files that are no blobs are told apart."""
        self.shelf.put(ONE, b"content")
        stranger = self.shelf.path(ONE).with_name("notes.txt")
        stranger.touch()
        self.assertEqual(self.shelf.strangers(), [stranger])
        self.assertEqual([blob for blob, _ in self.shelf.blobs()], [ONE])

    def test_no_folder(self) -> None:
        """Where no folder is, nothing is there."""
        shelf = Shelf(Path(self.mktemp()))
        self.assertEqual((shelf.aside(), list(shelf.blobs()), shelf.size(ONE)), ([], [], None))

    def test_unreadable(self) -> None:
        """What the disk says is passed on."""
        self.shelf.put(ONE, b"content")
        self.break_os("open", 5)
        self.assertRaises(OSError, self.shelf.read, ONE)


class FaultTests(SynchronousTestCase):
    """Bytes against their row."""

    def test_faults(self) -> None:
        """No bytes are missing; other ones, fewer and more are damaged."""
        content = os.urandom(100)
        row = Row(ONE, 100, crc32(content), State.STORED)
        flipped = bytes([content[0] ^ 1]) + content[1:]
        for given, expected in (
            (content, ""),
            (None, "missing"),
            (flipped, "damaged"),
            (content[:-1], "damaged"),
            (content + b"x", "damaged"),
            (b"", "damaged"),
        ):
            self.assertEqual(fault(row, given), expected)

    def test_no_checksum(self) -> None:
        """Without a checksum only the length is looked at."""
        row = Row(ONE, 3, None, State.STORED)
        self.assertEqual([fault(row, b"abc"), fault(row, b"ab")], ["", "damaged"])
