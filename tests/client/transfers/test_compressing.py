"""Contents as frames: what goes in comes out, and no frame becomes longer than it should."""

import os
from pathlib import Path

import zstandard
from hypothesis import given
from hypothesis import strategies as st

from anoncloud.client.transfers.bulk import BulkDownload, Wish
from anoncloud.client.transfers.compressing import Expander, compressed
from anoncloud.client.transfers.downloads import download
from anoncloud.client.transfers.targets import PartFile
from anoncloud.client.transfers.unfinished import Unfinished
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File
from anoncloud.errors import Tampered
from anoncloud.limits import KIB, MIB
from tests.support.client import KEYRING, DriveTestCase, in_thread
from tests.support.entropy import counting


def frame_of(*pieces: bytes) -> bytes:
    """Make one frame of *pieces*."""
    return b"".join(compressed(iter(pieces)))


class FrameTests(DriveTestCase):
    """Frames alone."""

    @given(st.lists(st.binary(min_size=1, max_size=200)), st.integers(1, 50))
    def test_round_trip(self, pieces: list[bytes], cut: int) -> None:
        """Whatever pieces a content comes in, and its frame, the same content comes out."""
        content, frame = b"".join(pieces), frame_of(*pieces)
        expander = Expander(len(content))
        parts = [frame[at : at + cut] for at in range(0, len(frame), cut)]
        self.assertEqual(b"".join(map(expander.expand, parts)), content)
        expander.finish()

    def test_anybody_can_read_it(self) -> None:
        """A frame is plain Zstandard."""
        content = b"hello " * 10_000
        opened = zstandard.ZstdDecompressor().decompress(frame_of(content), max_output_size=MIB)
        self.assertEqual(opened, content)

    def test_too_much(self) -> None:
        """A frame that holds more than it should is refused before it has become long."""
        frame = frame_of(bytes(200 * MIB))
        self.assertLess(len(frame), 40 * KIB)
        self.assertRaises(Tampered, Expander(10).expand, frame)

    def test_too_little(self) -> None:
        """A frame that is cut, or holds less, is refused at its end."""
        frame = frame_of(os.urandom(1000))
        for damaged, size in ((frame[:-200], 1000), (frame, 1001)):
            expander = Expander(size)
            expander.expand(damaged)
            self.assertRaises(Tampered, expander.finish)

    def test_no_frame(self) -> None:
        """Anything else is refused."""
        self.assertRaises(Tampered, Expander(10).expand, b"this is not a frame")


class DriveTests(DriveTestCase):
    """A drive whose owner has chosen compression."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.drive, self.peer = self.open()
        self.run_now(self.drive.change(lambda draft: draft.add(changes.SetOptions(compress=True))))

    def put(self, name: str, content: bytes) -> File:
        """Store *content*; give its node."""
        local = self.folder / name
        local.write_bytes(content)
        left = Unfinished(self.folder / "left", KEYRING, counting(b"left"), self.clock)
        uploader = Uploader(self.drive, in_thread, lambda _: None, self.fail_with, left, Terms())
        target = (name.encode(),)
        self.run_now(uploader.add(Item(str(local), local.stat(), target)))
        self.run_now(uploader.finish())
        node = self.drive.stat(target)
        assert isinstance(node, File)
        return node

    def fail_with(self, error: Exception) -> None:
        raise error

    def test_short(self) -> None:
        """A short file is compressed if that helps, and comes down as it was."""
        text, noise = self.put("text", b"hello " * 5000), self.put("noise", os.urandom(5000))
        empty = self.put("empty", b"")
        self.assertLess(text.version.streams[0].size, 1000)
        self.assertEqual([text.size, noise.size, empty.size], [30_000, 5000, 0])
        self.assertEqual([noise.version.expanded, empty.version.expanded], [0, 0])
        down = self.folder / "down"
        down.mkdir()
        wishes = [
            Wish(node.version, str(down / node.name.decode()), overwrite=False)
            for node in (text, noise, empty)
        ]
        outcomes = self.run_now(BulkDownload(self.drive, in_thread, lambda _: None).group(wishes))
        self.assertEqual([error for _, error in outcomes], [None] * 3)
        for name in ("text", "noise", "empty"):
            self.assertEqual((down / name).read_bytes(), (self.folder / name).read_bytes())

    def test_long(self) -> None:
        """A long file is one frame, has no fingerprints, and comes down as it was."""
        content = os.urandom(100 * KIB) * 30
        version = self.put("long", content).version
        self.assertEqual((version.size, version.expanded), (len(content), len(content)))
        self.assertEqual((len(version.streams), version.streams[0].fingerprints), (1, ()))
        self.assertLess(version.streams[0].size, len(content) // 2)
        target = self.folder / "again"
        part = PartFile(target, version.digest, overwrite=False)
        self.run_now(download(self.drive, version, part, in_thread, lambda _: None))
        self.assertEqual(target.read_bytes(), content)

    def test_another_frame(self) -> None:
        """A version whose frame holds another content does not come down."""
        version = self.put("long", bytes(3 * MIB)).version
        for expanded in (3 * MIB - 1, 3 * MIB + 1):
            wrong = changes.Version(
                version.modified, version.mode, version.digest, version.streams, (), expanded
            )
            target = self.folder / "again"
            part = PartFile(target, version.digest, overwrite=False)
            self.fails(Tampered, download(self.drive, wrong, part, in_thread, lambda _: None))
            self.assertEqual([p.name for p in self.folder.iterdir() if "again" in p.name], [])
