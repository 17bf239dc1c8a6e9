"""Rehearsals: they say what an upload then does, and leave drive and server as they are."""

import io
import os
from pathlib import Path

from anoncloud.client.transfers.folders import UploadChoice, upload_folder
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.transfers.rehearsing import RehearsedDrive, RehearsedUploader
from anoncloud.client.transfers.sources import StreamSource
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree.nodes import find
from anoncloud.errors import Exists, LocalError
from tests.support.client import KEYRING, in_thread
from tests.support.client_keeping import KeepingTestCase, silent
from tests.support.entropy import counting


class RehearsingTests(KeepingTestCase):
    """A local folder that goes up twice: once rehearsed, once in earnest."""

    def setUp(self) -> None:
        super().setUp()
        self.here = Path(self.mktemp())
        (self.here / "d").mkdir(parents=True)
        for name in ("one", "two", "d/three"):
            (self.here / name).write_text(name)
        (self.here / "link").symlink_to("one")

    def rehearsed(self, terms: Terms) -> "tuple[RehearsedDrive, Uploader]":
        drive = RehearsedDrive(self.drive, self.clock())
        unfinished = Unfinished(Path(self.mktemp()), KEYRING, counting(b"lists"), self.clock)
        complain = self.complaints.append
        return drive, RehearsedUploader(drive, in_thread, silent, complain, unfinished, terms)

    def upload(self, drive: RehearsedDrive, uploader: Uploader) -> "list[tuple[object, ...]]":
        async def run() -> None:
            await upload_folder(
                drive, uploader, str(self.here), (b"t",), self.complaints.append, UploadChoice()
            )
            await uploader.finish()
            uploader.close()

        self.run_now(run())
        return [(placed.path, placed.size, placed.renamed) for placed in uploader.stored]

    def both(
        self, policy: Existing = Existing.REPLACE, *, by_content: bool = False
    ) -> list[object]:
        """Rehearse, see that nothing happened, do it, and see that it was as rehearsed."""
        terms = Terms(Policy(policy), by_content)
        records, blobs = len(self.store.journal), len(self.store.staged)
        would_drive, would_uploader = self.rehearsed(terms)
        would = self.upload(would_drive, would_uploader)
        self.assertEqual((len(self.store.journal), len(self.store.staged)), (records, blobs))
        uploader = self.uploader(terms)
        self.assertEqual(self.upload(self.drive, uploader), would)
        self.assertEqual(uploader.unchanged, would_uploader.unchanged)
        for path, _, _ in would:
            self.assertIsNotNone(find(self.drive.tree, path))
        return would

    def test_as_rehearsed(self) -> None:
        """New, unchanged and changed files, under every policy."""
        self.assertEqual(len(self.both()), 3)
        self.assertEqual(self.both(), [])
        (self.here / "one").write_text("ONE, and more")
        self.assertEqual(len(self.both(Existing.SKIP)), 0)
        ((path, _, renamed),) = self.both(Existing.RENAME)
        self.assertEqual((path, renamed), ((b"t", b"one (copy)"), True))
        self.assertEqual(len(self.both()), 1)

    def test_by_content(self) -> None:
        """A file that was only touched is read, and left out."""
        self.both()
        os.utime(self.here / "one", ns=(5, 5))
        self.assertEqual(self.both(by_content=True), [])
        (self.here / "two").write_text("TWO")
        self.assertEqual(len(self.both(by_content=True)), 1)

    def test_links_and_folders(self) -> None:
        """A rehearsed drive shows what would be made in it; the drive itself does not."""
        drive, uploader = self.rehearsed(Terms())
        self.upload(drive, uploader)
        self.assertIsNotNone(find(drive.tree, (b"t", b"link")))
        self.assertEqual(self.drive.entries(()), [])

    def test_refusals(self) -> None:
        """What would be refused is refused in rehearsal."""
        self.both()
        (self.here / "one").write_text("ONE, and more")
        _, uploader = self.rehearsed(Terms(Policy(Existing.FAIL)))
        item = Item(str(self.here / "one"), (self.here / "one").stat(), (b"t", b"one"))
        self.fails(Exists, uploader.add(item))
        folder = Item(str(self.here / "one"), (self.here / "one").stat(), (b"t", b"d"))
        self.fails(LocalError, uploader.add(folder))

    def test_streams(self) -> None:
        """A stream is not read."""
        _, uploader = self.rehearsed(Terms())
        stream = io.BytesIO(b"content")
        source = StreamSource(stream, "memory", 0, 0o600)
        self.run_now(uploader.add_source(lambda: source, (b"s",)))
        self.assertEqual([placed.path for placed in uploader.stored], [(b"s",)])
        self.assertEqual(stream.tell(), 0)
