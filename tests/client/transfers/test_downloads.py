"""Long files down: whole and authentic, or not at all; carried on as far as that is proven."""

from pathlib import Path
from random import Random

from anoncloud.client.transfers.downloads import (
    download,
    ranges_of,
    segments_of,
)
from anoncloud.client.transfers.targets import PartFile, StreamTarget, part_path
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Code, LocalFileError, Refused, Tampered
from anoncloud.limits import MIB
from anoncloud.wire import messages
from tests.support.client import in_thread
from tests.support.client_files import FilesTestCase, noise
from tests.support.client_keeping import silent
from tests.support.damage import flip

SIZE = 2 * MIB + 12345
GONE = Refused(Code.NOT_LOGGED_IN, "this device was revoked")


class DownloadTestCase(FilesTestCase):
    """A long file in the drive, whole and out of pieces."""

    def setUp(self) -> None:
        super().setUp()
        self.whole = noise(SIZE)
        self.put_up(self.write("f", self.whole, 0o640, 5))
        self.pieced = self.whole[:MIB] + b"new" + self.whole[MIB:]
        self.put_up(self.write("f", self.pieced, 0o640, 6))
        self.versions = [kept.version for kept in self.file("f").versions]
        self.contents = [self.whole, self.pieced]
        self.target = self.top / "target"

    def part(self, version: Version, *, overwrite: bool = False) -> PartFile:
        return PartFile(self.target, version.digest, overwrite=overwrite)

    def part_of(self, version: Version) -> Path:
        return Path(part_path(str(self.target), version.digest))

    def bring(self, version: Version, **options: bool) -> int:
        """Bring a version down; tell how many bytes came for that."""
        before = len(self.peer.readings)
        came: list[int] = []
        target = self.part(version, **options)
        self.run_now(download(self.drive, version, target, in_thread, came.append))
        self.assertEqual(sum(came), version.size)
        return sum(reading.length for reading in self.peer.readings[before:])

    def assert_nothing(self) -> None:
        """See that neither the file is there, nor a part of it."""
        self.assertEqual([path.name for path in self.top.iterdir()], ["f"])


class DownloadTests(DownloadTestCase):
    """Files that come down undisturbed, or not."""

    def test_whole(self) -> None:
        """Content, time and mode come; nothing else is left."""
        for version, content in zip(self.versions, self.contents, strict=True):
            self.bring(version, overwrite=True)
            self.assertEqual(self.target.read_bytes(), content)
            self.assertEqual(self.target.stat().st_mtime_ns, version.modified)
            self.assertEqual(self.target.stat().st_mode & 0o777, 0o640)
            self.assertFalse(self.part_of(version).exists())

    def test_any_pieces(self) -> None:
        """However the bytes come from the network, the file is the same."""
        for chunk in (777, 1000, 65_552, 2**20):
            self.peer.chunk = chunk
            self.bring(self.versions[1], overwrite=True)
            self.assertEqual(self.target.read_bytes(), self.pieced)

    def test_damage(self) -> None:
        """A change anywhere in what comes is an alarm, and there is no file."""
        drawn = Random(1)
        for version in self.versions:
            for stream in version.streams:
                for extent in stream.extents:
                    for place in (0, extent.length - 1, drawn.randrange(extent.length)):
                        if not self.read_there(version, extent.blob, extent.offset + place):
                            continue
                        self.damage(extent.blob, extent.offset + place)
                        self.fails(Tampered, self.downloading(version))
                        self.assert_nothing()
                        self.peer.damage = lambda _, content: content
        self.bring(self.versions[0])

    def read_there(self, version: Version, blob: bytes, place: int) -> bool:
        """Whether a byte of a blob is read for a version."""
        return any(
            extent.blob == blob and extent.offset <= place < extent.offset + extent.length
            for extent in ranges_of(version, segments_of(version))
        )

    def damage(self, blob: bytes, place: int) -> None:
        """Let the server change a byte of a blob."""

        def change(extent: Extent, content: bytes) -> bytes:
            at = place - extent.offset
            hit = extent.blob == blob and 0 <= at < len(content)
            return flip(content, 8 * at) if hit else content

        self.peer.damage = change

    def downloading(self, version: Version) -> object:
        return download(self.drive, version, self.part(version), in_thread, silent)

    def test_too_little(self) -> None:
        """A server that sends less than was asked for is found out."""
        self.peer.damage = lambda _, content: content[:-1]
        for version in self.versions:
            self.fails(Tampered, self.downloading(version))
        self.assert_nothing()

    def test_swapped(self) -> None:
        """So is one that sends other parts of the same file."""
        blobs = self.store.blobs

        def other(extent: Extent, content: bytes) -> bytes:
            again = blobs[extent.blob][extent.offset + 65_552 :][: len(content)]
            return again + content[len(again) :]

        self.peer.damage = other
        self.fails(Tampered, self.downloading(self.versions[0]))
        self.assert_nothing()

    def test_contradiction(self) -> None:
        """A record that contradicts itself is found out before anything is read."""
        version = self.versions[0]
        (stream,) = version.streams
        longer = Stream(stream.key, stream.size + 1, stream.extents)
        wrong = Version(1, 0o600, version.digest, (longer,))
        reads = len(self.peer.readings)
        self.fails(Tampered, self.downloading(wrong))
        self.assertEqual(len(self.peer.readings), reads)

    def test_wrong_digest(self) -> None:
        """Pieces that all open, but are not what was put together, are no file."""
        version = self.versions[1]
        wrong = Version(1, 0o600, bytes(16), version.streams, version.pieces)
        self.fails(Tampered, self.downloading(wrong))
        self.assert_nothing()

    def test_full_disk(self) -> None:
        """A disk that is full ends the download, and the part goes, to make room."""
        target = self.part(self.versions[0])

        def full(plaintext: list[bytes]) -> None:
            del plaintext
            message = "no space"
            raise LocalFileError(message)

        target.write = full
        self.fails(
            LocalFileError, download(self.drive, self.versions[0], target, in_thread, silent)
        )
        self.assert_nothing()

    def test_readings_are_closed(self) -> None:
        """Whatever happens, no reading goes on behind the download's back."""
        self.peer.faults[messages.ReadBlob] = [None, GONE]
        self.fails(Refused, self.downloading(self.versions[1]))
        self.assertTrue(all(r.closed or r.is_read for r in self.peer.readings))


class StreamTests(DownloadTestCase):
    """Downloads that go to a stream."""

    def test_stream(self) -> None:
        """All of it comes, in order."""
        with (self.top / "out").open("wb") as file:
            target = StreamTarget(file, "standard output")
            self.run_now(download(self.drive, self.versions[1], target, in_thread, silent))
        self.assertEqual((self.top / "out").read_bytes(), self.pieced)

    def test_damage(self) -> None:
        """What was written before the damage was authentic."""
        blob, offset, length = self.versions[0].streams[0].extents[-1]

        def change(extent: Extent, content: bytes) -> bytes:
            hit = extent.blob == blob and extent.offset <= offset < extent.offset + len(content)
            return flip(content, 8 * (offset - extent.offset)) if hit and length else content

        self.peer.damage = change
        with (self.top / "out").open("wb") as file:
            target = StreamTarget(file, "standard output")
            self.fails(Tampered, download(self.drive, self.versions[0], target, in_thread, silent))
        self.assertTrue(self.whole.startswith((self.top / "out").read_bytes()))
