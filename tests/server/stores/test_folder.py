"""Blobs in a folder: the contract, their fake names, and what a killed server leaves."""

import os
import stat
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase, TestCase

from anoncloud.errors import LocalError
from anoncloud.ids import BlobId
from anoncloud.limits import MIB
from anoncloud.server.contracts import BlobStore
from anoncloud.server.stores.folder import EXTENSIONS, FolderBlobs, blob_of, file_name
from tests.server.conformance_blobs import BlobContract, DurableBlobContract
from tests.support.server import blob_name
from tests.support.server_folder import FolderCase, at_once

LONG = bytes(MIB)
"""What is not only gathered, but written at once."""
ids = st.binary(min_size=16, max_size=16).map(BlobId)


class FolderBlobTests(BlobContract, DurableBlobContract, TestCase):
    """The contract; blobs age by the times of their files."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())

    async def open_blobs(self) -> BlobStore:
        return FolderBlobs(self.folder, at_once)

    def pass_time(self, seconds: float) -> None:
        for path in self.folder.rglob("*"):
            then = path.stat().st_mtime - seconds
            os.utime(path, (then, then))

    def seconds(self) -> float:
        return time.time()


class NameTests(SynchronousTestCase):
    """Fake names."""

    def test_form(self) -> None:
        """Two folders of one letter, 24 letters or digits, and an extension by the last byte."""
        self.assertEqual(file_name(BlobId(bytes(15) + b"\x02")), Path("a/a/" + "a" * 22 + "ai.mp3"))
        self.assertEqual(file_name(BlobId(b"\xff" * 16)), Path("7/7/" + "7" * 23 + "4.gif"))

    @given(ids)
    def test_round_trip(self, blob: BlobId) -> None:
        """A blob is known by its file name, wherever the folder is; nothing else is like it."""
        path = Path("/srv/blobs") / file_name(blob)
        self.assertEqual(blob_of(path), blob)
        self.assertEqual(blob_of(file_name(blob)), blob)
        self.assertIn(path.suffix, EXTENSIONS)
        self.assertIsNone(blob_of(path.with_suffix("")))
        self.assertIsNone(blob_of(path.with_suffix(".exe")))
        self.assertIsNone(blob_of(path.with_name(path.name.upper())))
        self.assertIsNone(blob_of(path.with_name(path.name[1:])))

    @given(st.text(st.characters(blacklist_characters="/\0"), min_size=1))
    def test_strangers(self, name: str) -> None:
        """A file that somebody else put there is no blob."""
        self.assertIsNone(blob_of(Path("/srv/blobs/a/b") / name))

    def test_extensions_differ(self) -> None:
        """Every extension stands for a sixteenth of the names."""
        found = [file_name(BlobId(bytes(15) + bytes([last]))).suffix for last in range(256)]
        self.assertEqual({found.count(one) for one in EXTENSIONS}, {16})


class FilesTests(FolderCase):
    """What stands in the folder."""

    def test_places(self) -> None:
        """Bytes come in aside, and stand under the blob's fake name when they are settled."""
        blob = blob_name(1)
        incoming, again = self.incoming(blob, LONG), self.incoming(blob, LONG)
        aside = [f"incoming/{blob.hex()}.{number}" for number in (1, 2)]
        self.assertEqual(self.files(), aside)
        self.now(again.discard())
        self.assertEqual(self.files(), aside[:1])
        self.now(self.blobs.settle([incoming]))
        self.assertEqual(self.files(), [str(file_name(blob))])
        self.now(self.blobs.remove([blob]))
        self.assertEqual(self.files(), [])

    def test_modes(self) -> None:
        """Nobody else may look in, whatever the umask is."""
        previous = os.umask(0)
        self.addCleanup(os.umask, previous)
        self.folder = Path(self.mktemp())
        self.blobs = FolderBlobs(self.folder, at_once)
        self.now(self.blobs.settle([self.incoming(blob_name(1))]))
        self.incoming(blob_name(2), LONG)
        found = [self.folder, *self.folder.rglob("*")]
        self.assertEqual(len(found), 6)
        for path in found:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)

    def test_left_by_a_killed_server(self) -> None:
        """What was coming in when the server was killed is gone after tidying up, not before."""
        self.incoming(blob_name(1), LONG)
        self.now(self.blobs.settle([self.incoming(blob_name(2))]))
        blobs = FolderBlobs(self.folder, at_once)
        self.assertEqual(len(self.files()), 2)
        blobs.tidy()
        self.assertEqual(self.files(), [str(file_name(blob_name(2)))])

    def test_left_by_one_process(self) -> None:
        """Of one process that has ended only its own is gone, and its names are no other's."""
        here, there = (FolderBlobs(self.folder, at_once, holder) for holder in (b"\x01", b"\x02"))
        for blobs in (here, there):
            incoming = blobs.begin(blob_name(1))
            self.now(incoming.write([LONG]))
        self.assertEqual(len(self.files()), 2)
        here.tidy(b"\x01")
        self.assertEqual(self.files(), [f"incoming/{blob_name(1).hex()}.02.1"])

    def test_left_and_gone(self) -> None:
        """What the process that ends has cleared up meanwhile itself is nobody's fault."""
        gone = self.folder / "incoming" / "gone"
        self.patch(Path, "glob", lambda *_: iter([gone]))
        self.blobs.tidy(b"\x01")
        self.assertFalse(gone.exists())

    def test_laid_out(self) -> None:
        """All folders are made beforehand, so that no process finds one that is not durable yet."""
        for _ in range(2):
            self.blobs.lay_out()
        made = {path.relative_to(self.folder) for path in self.folder.glob("?/?")}
        self.assertEqual(len(made), 32 * 32)
        for number in range(200):
            self.assertIn(file_name(blob_name(number)).parent, made)

    def test_untidy(self) -> None:
        """What can't be tidied up is told, with the folder."""
        (self.folder / "incoming" / "folder").mkdir()
        self.assertIn(str(self.folder), self.assertRaises(LocalError, self.blobs.tidy).message)

    def test_strange_files_stay(self) -> None:
        """The search for orphans touches no file that is no blob."""
        self.now(self.blobs.settle([self.incoming(blob_name(1))]))
        stranger = self.folder / file_name(blob_name(1)).parent / "notes.txt"
        stranger.write_bytes(b"mine")
        asked = []

        async def known(some: list[BlobId]) -> list[BlobId]:
            asked.extend(some)
            return some

        self.assertEqual(self.now(self.blobs.orphans(known, time.time() + 60)), 1)
        self.assertEqual(asked, [blob_name(1)])
        self.assertTrue(stranger.exists())

    def test_orphans_in_groups(self) -> None:
        """Names are asked about some at a time, and all of them."""
        names = [blob_name(number) for number in range(1100)]
        for name in names:
            path = self.folder / file_name(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        asked: list[list[BlobId]] = []

        async def known(some: list[BlobId]) -> list[BlobId]:
            asked.append(list(some))
            return some

        self.assertEqual(self.now(self.blobs.orphans(known, time.time() + 60)), 1100)
        self.assertEqual([len(some) for some in asked], [500, 500, 100])
        self.assertEqual(self.files(), [])

    def test_gone_meanwhile(self) -> None:
        """A blob that is removed while orphans are looked for is no fault."""
        self.now(self.blobs.settle([self.incoming(blob_name(1))]))
        path = self.folder / file_name(blob_name(1))
        path.unlink()
        path.symlink_to("nowhere")  # listed, and not there when it is looked at

        async def known(some: list[BlobId]) -> list[BlobId]:
            return some

        self.assertEqual(self.now(self.blobs.orphans(known, time.time() + 60)), 0)

    def test_unusable(self) -> None:
        """A folder that can't be made is named, with its fault."""
        file = Path(self.mktemp())
        file.touch()
        error = self.assertRaises(LocalError, FolderBlobs, file / "blobs", at_once)
        self.assertIn(str(file / "blobs"), error.message)
        self.assertTrue(error.hint)
