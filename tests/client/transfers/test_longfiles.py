"""Long files up: carried on where an upload was cut off, and never under an old key by mistake."""

import os
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers import longfiles
from anoncloud.client.transfers.uploads import Item, Terms, Uploader
from anoncloud.client.tree.versions import check_version
from anoncloud.errors import Code, LocalFileError, Refused, Tampered
from anoncloud.limits import BULK_BLOB, MIB, SEALED_SEGMENT, SEGMENT
from anoncloud.wire import messages
from tests.support.client_files import FilesTestCase, noise

SIZE = 4 * BULK_BLOB + 12345
GONE = Refused(Code.UNAVAILABLE, "the server goes down")


class LongFilesTestCase(FilesTestCase):
    """Uploads that end too early, and those that carry them on."""

    def cut_off(self, path: Path, blobs: int, terms: Terms | None = None) -> None:
        """Store a file until so many blobs are durable; then there is no server any more."""
        faults: list = [None] * blobs
        self.peer.faults[messages.StageBlob] = [*faults, *([GONE] * 20)]
        self.fails(Refused, self.put_files([path], terms))
        self.peer.faults.clear()

    def carry_on(self, path: Path, target: bytes = b"") -> tuple[Uploader, int]:
        """Store it again; give the uploader, and how many bytes of blobs that took."""
        before = self.sent()
        uploader = self.uploading()

        async def store() -> None:
            item = self.item(path)
            await uploader.add(Item(item.path, item.status, (target or item.target[0],)))
            await uploader.finish()
            uploader.close()

        self.run_now(store())
        return uploader, self.sent() - before


class CarryingOnTests(LongFilesTestCase):
    """Uploads that are cut off between two blobs."""

    def test_anywhere(self) -> None:
        """Wherever it was cut off, only the rest is sent, and the file reads back."""
        path = self.write("f", noise(SIZE))
        for blobs in range(5):
            self.drive, self.peer = self.open(b"again%d" % blobs)
            self.cut_off(path, blobs)
            uploader, sent = self.carry_on(path, b"f%d" % blobs)
            self.assertEqual(uploader.carries_on, blobs > 0)
            self.assertLessEqual(sent, SIZE - blobs * BULK_BLOB + MIB)
            version = self.version(f"f{blobs}")
            check_version(version)
            self.assertEqual(self.read(version), noise(SIZE))
        self.assertFalse(any(self.lists.iterdir()))

    def test_cut_off_again_and_again(self) -> None:
        """Each attempt brings it on by what it sent, however often that is."""
        path = self.write("f", noise(SIZE))
        for _ in range(3):
            self.cut_off(path, 1)
        _, sent = self.carry_on(path)
        self.assertLessEqual(sent, SIZE - 3 * BULK_BLOB + MIB)
        self.assertEqual(self.content("f"), noise(SIZE))

    def test_all_but_the_commit(self) -> None:
        """If only the commit is missing, next to nothing is sent again."""
        path = self.write("f", noise(SIZE))
        self.peer.faults[messages.Commit] = [GONE]
        self.fails(Refused, self.put_files([path]))
        _, sent = self.carry_on(path)
        self.assertLessEqual(sent, MIB)
        check_version(self.version("f"))
        self.assertEqual(self.content("f"), noise(SIZE))

    def test_exact_ends(self) -> None:
        """Streams that end where a segment or a blob does are carried on from their very end."""
        for number, size in enumerate((64 * SEGMENT, 63 * SEGMENT, BULK_BLOB - 64 * 16)):
            path = self.write(f"f{number}", noise(size, number))
            self.peer.faults[messages.Commit] = [GONE]
            self.fails(Refused, self.put_files([path]))
            self.carry_on(path)
            check_version(self.version(path.name))
            self.assertEqual(self.content(path.name), noise(size, number))

    def test_several_files(self) -> None:
        """Short and long files that were sent together are carried on together."""
        paths = [self.write(f"f{n}", noise(n * 700_000, n)) for n in range(12)]
        total = sum(path.stat().st_size for path in paths)
        self.peer.faults[messages.StageBlob] = [None] * 6 + [GONE] * 20
        self.fails(Refused, self.put_files(paths))
        self.peer.faults.clear()
        before = self.sent()
        self.assertTrue(self.put_up(*paths).carries_on)
        self.assertLessEqual(self.sent() - before, total - 5 * BULK_BLOB)
        for number, path in enumerate(paths):
            check_version(self.version(path.name))
            self.assertEqual(self.content(path.name), noise(number * 700_000, number))

    @settings(max_examples=15)
    @given(st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(1, 40))
    def test_revisions(self, attempts: list[int], segments: int) -> None:
        """A new version that is cut off now and then is carried on, too, and reads back."""
        self.setUp()
        old = noise(12 * MIB)
        self.put_up(self.write("f", old, modified=1))
        new = old[:MIB] + noise(segments * SEGMENT * 3, "new") + old[2 * MIB :]
        path = self.write("f", new, modified=2)
        for blobs in attempts:
            if segments * SEGMENT * 3 > (blobs + 1) * BULK_BLOB:
                self.cut_off(path, blobs)
        self.carry_on(path)
        check_version(self.version("f"))
        self.assertEqual(self.content("f"), new)


class OtherContentTests(LongFilesTestCase):
    """What was begun is not what is stored now."""

    def test_changed_just_now(self) -> None:
        """What is left of a file that may still be being written to is not carried on."""
        path = self.write("f", noise(SIZE))
        now = path.stat().st_ctime_ns // 1000
        with patch("tests.support.client_files.LATER", now - self.clock.now):
            self.cut_off(path, 2)
        uploader, sent = self.carry_on(path)
        self.assertFalse(uploader.carries_on)
        self.assertGreaterEqual(sent, SIZE)

    def test_changed(self) -> None:
        """A file that was changed since is sealed anew, whole, under another key."""
        path = self.write("f", noise(SIZE))
        self.cut_off(path, 2)
        self.write("f", noise(SIZE, 1))
        uploader, _ = self.carry_on(path)
        self.assertFalse(uploader.carries_on)
        self.assertEqual(self.content("f"), noise(SIZE, 1))

    def test_changed_unseen(self) -> None:
        """So is one whose change the file system does not tell: the content is compared."""
        path = self.write("f", noise(SIZE))
        status = path.stat()
        self.cut_off(path, 2)
        path.write_bytes(noise(SIZE, 1))
        real = os.fstat

        def fstat(descriptor: int) -> os.stat_result:
            found = real(descriptor)
            return status if found.st_ino == status.st_ino else found

        with patch("os.fstat", fstat):
            self.carry_on(path)
        self.assertEqual(self.content("f"), noise(SIZE, 1))

    def test_whole_then_revision(self) -> None:
        """A file begun as a whole, then stored where an earlier version is, reads back there."""
        old = noise(8 * MIB, "old")
        self.put_up(self.write("old", old))
        for number, (new, tail) in enumerate(
            (
                (64 * SEGMENT, 4 * MIB),
                (65 * SEGMENT + 5, 4 * MIB),
                (2 * SEGMENT, 8 * MIB),
            )
        ):
            content = noise(new, number) + old[:tail]
            path = self.write("new", content)
            for durable in (1, 2):
                self.cut_off(path, durable)
                self.carry_on(path, b"old")
                check_version(self.version("old"))
                self.assertEqual(self.content("old"), content)
                self.put_up(self.write("old", old))

    def test_revision_then_whole(self) -> None:
        """A file begun as a revision, then stored elsewhere, reads back there."""
        old = noise(8 * MIB, "old")
        for number, new in enumerate((64 * SEGMENT, 128 * SEGMENT, 70 * SEGMENT + 9)):
            self.put_up(self.write("old", old))
            content = noise(new, number) + old
            path = self.write("old", content)
            self.cut_off(path, 1)
            self.carry_on(path, b"elsewhere%d" % number)
            version = self.version(f"elsewhere{number}")
            check_version(version)
            self.assertEqual(self.read(version), content)

    def test_collected(self) -> None:
        """What the server has collected meanwhile is told as such, and not tried again."""
        path = self.write("f", noise(SIZE))
        self.cut_off(path, 3)
        self.store.staged.clear()
        uploader = self.uploading()

        async def store() -> None:
            await uploader.add(self.item(path))
            await uploader.finish()

        error = self.fails(Refused, store())
        self.assertIs(error.code, Code.BLOB_UNKNOWN)
        self.assertTrue(uploader.carries_on)
        uploader.close()
        uploader, _ = self.carry_on(path)
        self.assertFalse(uploader.carries_on)
        self.assertEqual(self.content("f"), noise(SIZE))


class LimitTests(LongFilesTestCase):
    """What a long file may not be."""

    def test_too_many_extents(self) -> None:
        """A file that no record could hold is refused by name; the others go on."""
        paths = [self.write("huge", noise(4 * BULK_BLOB)), self.write("f", b"f")]
        with patch.object(longfiles, "EXTENTS_PER_FILE", 2):
            self.put_up(*paths)
        (error,) = self.complaints
        self.assertIsInstance(error, LocalFileError)
        self.assertEqual([node.name for node in self.drive.entries(())], [b"f"])

    def test_changing(self) -> None:
        """A file that is written to while it goes up is refused; its earlier version stays."""
        path = self.write("f", noise(2 * BULK_BLOB), modified=1)
        self.put_up(path)
        self.write("f", noise(2 * BULK_BLOB, 1))
        stage = self.peer.stage

        async def meanwhile(*arguments: object) -> None:
            os.utime(path, ns=(7, 7))
            await stage(*arguments)

        self.peer.stage = meanwhile
        uploader = self.put_up(path)
        self.assertEqual((uploader.stored, len(self.complaints)), ([], 1))
        self.assertEqual(self.content("f"), noise(2 * BULK_BLOB))

    def test_damaged_list(self) -> None:
        """An earlier version that is damaged, or lost, is told; the file is stored whole."""
        self.put_up(self.write("f", noise(2 * MIB)))
        (extent,) = self.version("f").streams[0].fingerprints
        content = bytearray(self.store.blobs[extent.blob])
        content[extent.offset] ^= 1
        self.store.blobs[extent.blob] = bytes(content)
        self.put_up(self.write("f", noise(2 * MIB, 1)))
        self.assertIsInstance(self.complaints.pop(), Tampered)
        self.assertEqual(self.content("f"), noise(2 * MIB, 1))
        (extent,) = self.version("f").streams[0].fingerprints
        del self.store.blobs[extent.blob]
        self.put_up(self.write("f", noise(2 * MIB, 2)))
        self.assertIn("/f: there is no such blob", self.complaints.pop().message)
        self.assertEqual(self.content("f"), noise(2 * MIB, 2))

    def test_refused_list(self) -> None:
        """A refusal that says nothing of the file ends the upload."""
        self.put_up(self.write("f", noise(2 * MIB)))
        stop = Refused(Code.NOT_LOGGED_IN, "this device was revoked")
        self.peer.faults[messages.ReadBlob] = [stop]
        path = self.write("f", noise(2 * MIB, 1))
        self.assertIs(self.fails(Refused, self.put_files([path])), stop)

    def test_segments_are_whole(self) -> None:
        """A stream in the drive is as long as its plaintext needs it, segment by segment."""
        self.put_up(self.write("f", noise(MIB + 1)))
        (stream,) = self.version("f").streams
        length = sum(extent.length for extent in stream.extents)
        self.assertEqual(length, 16 * SEALED_SEGMENT + 17)
