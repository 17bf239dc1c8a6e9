"""What goes wrong with one thing that comes down, and what comes all the same."""

import os
from pathlib import Path
from unittest.mock import patch

from anoncloud.client.peer import Reading
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Code, Exists, LocalFileError, Refused, Tampered
from anoncloud.wire import messages
from tests.client.transfers.test_fetching import FetchingTestCase
from tests.support.client import MemoryPeer
from tests.support.client_mirrors import picture
from tests.support.damage import flip


class FaultTests(FetchingTestCase):
    """Damage at the server, and faults here."""

    def damage(self, *path: bytes) -> bytes:
        """Change a byte of a file at the server."""
        extent = self.drive.stat((b"d", *path)).version.streams[0].extents[0]
        content = self.store.blobs[extent.blob]
        self.store.blobs[extent.blob] = flip(content, 8 * extent.offset)
        return extent.blob

    def test_damaged(self) -> None:
        """A damaged file is named as an alarm, long or short, and the rest comes."""
        for path in ((b"in", b"long"), (b"short",)):
            self.damage(*path)
        self.bring()
        self.assertEqual([type(error) for error in self.complaints], [Tampered] * 2)
        self.assertIn("/in/long down", self.told())
        self.assertIn("/short down", self.told())
        expected = {"in", "in/ner", "in/ner/empty", "void", "link", "broken"}
        self.assertEqual(self.names(), expected)

    def test_lost(self) -> None:
        """So is what lay in a blob that the server has lost."""
        self.store_folder(target=(b"e",))
        lost = self.drive.stat((b"d", b"short")).version.streams[0].extents[0].blob
        del self.store.blobs[lost]
        self.complaints.clear()
        self.fetch((), self.target)
        self.assertEqual([type(error) for error in self.complaints], [Tampered] * 3)
        self.assertIn("/d/short down", self.told())
        self.assertEqual(picture(self.target / "e"), picture(self.top))
        self.assertTrue((self.target / "d/void").is_dir())

    def test_refused(self) -> None:
        """A refusal that says nothing of a file ends the work."""
        stop = Refused(Code.NOT_LOGGED_IN, "this device was revoked")
        for readings in (0, 2):
            self.peer.faults[messages.ReadBlob] = [None] * readings + [stop]
            node = self.drive.stat((b"d",))
            self.assertIs(self.fails(Refused, self.fetcher().fetch(node, self.target)), stop)

    def test_folder_that_cannot_be_made(self) -> None:
        """A folder that can't be made is told once; what is beside it comes."""
        mkdir = Path.mkdir

        def full(path: Path, mode: int = 0o777) -> None:
            if path.name == "in":
                raise OSError(28, "No space left on device")
            mkdir(path, mode)

        with patch.object(Path, "mkdir", full):
            self.bring()
        (error,) = self.complaints
        self.assertIsInstance(error, LocalFileError)
        self.assertIn("/in: No space left", error.message)
        self.assertEqual(self.names(), {"short", "void", "link", "broken"})

    def test_names_too_long_for_here(self) -> None:
        """A name that the local disk does not take is told, and the rest comes."""
        deep = "/".join("d" * 250 for _ in range(10))
        self.write(f"{deep}/file", b"deep")
        self.store_folder(target=(b"d",))
        self.target = Path("/".join([str(self.target), *["t" * 250] * 7]))
        self.target.mkdir(parents=True)
        self.bring()
        self.assertTrue(self.complaints)
        self.assertIn("File name too long", self.told())
        self.assertTrue((self.target / "short").exists())

    def test_changed_while_it_came(self) -> None:
        """What changes here while a newer file comes stays, long or short; "replace" replaces."""
        places = [self.target / "in/long", self.target / "short"]
        (self.target / "in").mkdir(parents=True)
        read = MemoryPeer.read

        async def reading(peer: MemoryPeer, drive: bytes, extent: Extent) -> Reading:
            while waiting:
                waiting.pop().write_bytes(b"mine, new")
            return await read(peer, drive, extent)

        for existing, stays in (("newer", True), ("replace", False)):
            waiting = list(places)
            for place in places:
                place.write_bytes(b"mine")
                os.utime(place, ns=(1, 1))
            with patch.object(MemoryPeer, "read", reading):
                self.bring(existing)
            for place in places:
                self.assertEqual(place.read_bytes() == b"mine, new", stays)
            self.assertEqual([type(one) for one in self.complaints], [Exists] * 2 * stays)
            self.assertEqual(list(self.target.rglob("*.part")), [])
