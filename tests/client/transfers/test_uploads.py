"""Files up: each whole, what is unchanged skipped, and one bad file never stops the others."""

import io
import os
from pathlib import Path
from unittest.mock import patch

from anoncloud.client.transfers import uploads
from anoncloud.client.transfers.sources import SMALL, StreamSource
from anoncloud.client.transfers.uploads import Item, Terms
from anoncloud.client.tree.nodes import File
from anoncloud.errors import Code, Exists, LocalFileError, NotFound, Refused
from anoncloud.limits import BULK_BLOB, KIB, MIB, SEGMENT
from anoncloud.wire import messages
from tests.support.client import Fault
from tests.support.client_files import FilesTestCase, noise, policy

LENGTHS = (0, 1, SEGMENT, SEGMENT + 1, SMALL, SMALL + 1, BULK_BLOB, BULK_BLOB + 17)
FULL = Refused(Code.QUOTA, "there is no more room")


class UploadingTests(FilesTestCase):
    """Files of every kind, together."""

    def files(self) -> dict[str, Path]:
        return {
            f"f{length}": self.write(f"f{length}", noise(length), 0o640, 10**9 + length)
            for length in LENGTHS
        }

    def test_lengths(self) -> None:
        """Short and long files go up together, with times and modes, in one record."""
        uploader = self.put_up(*self.files().values())
        for length in LENGTHS:
            version = self.version(f"f{length}")
            self.assertEqual(self.read(version), noise(length))
            self.assertEqual((version.size, version.mode), (length, 0o640))
            self.assertEqual(version.modified, 10**9 + length)
        self.assertEqual(len(uploader.stored), len(LENGTHS))
        self.assertEqual(self.peer.commits(), 1)
        self.assertEqual(self.complaints, [])
        self.assert_counted()

    def test_unchanged(self) -> None:
        """A file of the same size and time is not even read."""
        files = self.files()
        self.put_up(*files.values())
        before = self.sent()
        with patch("os.open", side_effect=AssertionError("it was read")):
            uploader = self.run_now(self.put_files(list(files.values())))
        self.assertEqual((uploader.unchanged, uploader.stored), (len(LENGTHS), []))
        self.assertEqual((self.sent(), self.peer.commits()), (before, 1))

    def test_by_content(self) -> None:
        """With --checksum contents count: a touched file is unchanged, a forged one is not."""
        terms = Terms(by_content=True)
        names = ("short", "long")
        for name, length in zip(names, (1000, 2 * MIB), strict=True):
            self.put_up(self.write(name, noise(length), modified=5))
        for name, length in zip(names, (1000, 2 * MIB), strict=True):
            touched = self.put_up(self.write(name, noise(length), modified=6), terms=terms)
            self.assertEqual((touched.unchanged, touched.stored), (1, []), name)
            forged = self.put_up(self.write(name, noise(length, 1), modified=5), terms=terms)
            self.assertEqual(len(forged.stored), 1, name)
            self.assertEqual(self.content(name), noise(length, 1))

    def test_new_version(self) -> None:
        """A file that changed gets a version more, and the old one stays."""
        for length in (10, 2 * MIB):
            name = f"f{length}"
            self.put_up(self.write(name, noise(length)))
            self.put_up(self.write(name, noise(length + 1, 1)))
            contents = [self.read(kept.version) for kept in self.file(name).versions]
            self.assertEqual(contents, [noise(length), noise(length + 1, 1)])

    def test_nothing(self) -> None:
        """Without files there is no record."""
        self.put_up()
        self.assertEqual(self.peer.commits(), 0)

    def test_source(self) -> None:
        """A stream of unknown length becomes a file."""
        for length in (0, 5, BULK_BLOB + 3):
            self.put(stream=noise(length))
            self.assertEqual(self.content("stream"), noise(length))


class BadFileTests(FilesTestCase):
    """One bad file among good ones."""

    def test_each_kind(self) -> None:
        """Whatever is wrong with one file, the others are stored, and it is told by name."""
        good = [self.write(f"good{number}", noise(SMALL * number)) for number in range(3)]
        os.mkfifo(self.top / "fifo")
        gone = [self.write(f"gone{length}", bytes(length)) for length in (5, 2 * MIB)]
        changed = self.write("changed", b"before")
        items = [self.item(path) for path in (*gone, changed, *good, self.top / "fifo")]
        for path in gone:
            path.unlink()
        changed.unlink()
        changed.mkdir()
        uploader = self.uploading()

        async def store() -> None:
            for item in items:
                await uploader.add(item)
            await uploader.finish()

        self.run_now(store())
        self.assertEqual(
            sorted(placed.path[0] for placed in uploader.stored),
            [
                b"good0",
                b"good1",
                b"good2",
            ],
        )
        told = " ".join(error.message for error in self.complaints)
        for name in ("fifo", "gone5", f"gone{2 * MIB}", "changed"):
            self.assertIn(f"/{name}:", told)
        self.assertEqual(len(self.complaints), 4)

    def test_growing_log(self) -> None:
        """A short file that grows past what is read in one go is told, not stored by half."""
        path = self.write("log", b"line")
        item = self.item(path)
        path.write_bytes(bytes(2 * MIB))
        uploader = self.uploading()

        async def store() -> None:
            await uploader.add(item)
            await uploader.finish()

        self.run_now(store())
        self.assertEqual(len(self.complaints), 1)
        self.assertIsInstance(self.complaints[0], LocalFileError)
        self.assertEqual(self.drive.entries(()), [])

    def test_places(self) -> None:
        """What can't be placed is refused at once; nothing of it is read."""
        self.run_now(self.drive.make_folder((b"folder",)))
        path = self.write("folder", b"content")
        uploader = self.uploading()
        self.fails(Exists, uploader.add(self.item(path)))
        nowhere = Item(str(path), path.stat(), (b"none", b"f"))
        self.fails(NotFound, uploader.add(nowhere, parents=False))
        uploader.close()


class PolicyTests(FilesTestCase):
    """What happens to files that exist and differ."""

    def setUp(self) -> None:
        super().setUp()
        self.put_up(self.write("f", b"old", modified=1000))

    def again(self, existing: str, modified: int, *, answer: bool = False) -> list[bytes]:
        """Store another content; give the names that are in the drive then."""
        path = self.write("f", b"new content", modified=modified)
        self.put_up(path, terms=Terms(policy(existing, answer=answer)))
        return [node.name for node in self.drive.entries(())]

    def test_replace(self) -> None:
        """It gets a new version, even of an older file."""
        self.assertEqual(self.again("replace", 900), [b"f"])
        self.assertEqual(self.content("f"), b"new content")

    def test_skip(self) -> None:
        """It stays."""
        self.assertEqual(self.again("skip", 2000), [b"f"])
        self.assertEqual(self.content("f"), b"old")

    def test_newer(self) -> None:
        """Only what is older is replaced."""
        self.again("newer", 1000)
        self.assertEqual(self.content("f"), b"old")
        self.again("newer", 1001)
        self.assertEqual(self.content("f"), b"new content")

    def test_rename(self) -> None:
        """The new one stands beside it."""
        self.assertEqual(self.again("rename", 2000), [b"f", b"f (copy)"])
        self.assertEqual(self.content("f"), b"old")
        self.assertEqual(self.content("f (copy)"), b"new content")

    def test_ask(self) -> None:
        """The answer decides."""
        self.again("ask", 2000)
        self.assertEqual(self.content("f"), b"old")
        self.again("ask", 2000, answer=True)
        self.assertEqual(self.content("f"), b"new content")

    def test_fail(self) -> None:
        """It is in the way, and stays."""
        path = self.write("f", b"new content", modified=2000)
        self.fails(Exists, self.put_files([path], Terms(policy("fail"))))
        self.assertEqual(self.content("f"), b"old")


class BatchTests(FilesTestCase):
    """More than one record, and faults between them."""

    def test_many(self) -> None:
        """Very many files go in several records, each whole."""
        paths = [self.write(f"f{number}", b"%d" % number) for number in range(10)]
        with (
            patch.object(uploads, "FILES_PER_RECORD", 4),
            patch.object(uploads, "GROUP_FILES", 3),
        ):
            self.put_up(*paths)
        self.assertEqual(self.peer.commits(), 3)
        for number in range(10):
            self.assertEqual(self.content(f"f{number}"), b"%d" % number)

    def test_much(self) -> None:
        """So do very many bytes."""
        paths = [self.write(f"f{number}", noise(MIB, number)) for number in range(4)]
        with patch.object(uploads, "BYTES_PER_RECORD", 2 * MIB):
            self.put_up(*paths)
        self.assertEqual(self.peer.commits(), 2)
        for number in range(4):
            self.assertEqual(self.content(f"f{number}"), noise(MIB, number))

    def test_groups(self) -> None:
        """Groups are sealed by number and by length, and no file is lost between them."""
        lengths = [0, 300 * KIB, 5, 900 * KIB, 2 * MIB, 1, 700 * KIB, 0, 3]
        paths = [self.write(f"f{n}", noise(length, n)) for n, length in enumerate(lengths)]
        for limit in (1, 2, 100):
            with (
                patch.object(uploads, "GROUP_FILES", limit),
                patch.object(uploads, "GROUP_BYTES", MIB),
            ):
                self.setUp()
                self.put_up(*[self.write(path.name, path.read_bytes()) for path in paths])
            for number, length in enumerate(lengths):
                self.assertEqual(self.content(f"f{number}"), noise(length, number))

    def test_no_room(self) -> None:
        """A server that is full ends the upload, and nothing of the record is there."""
        path = self.write("f", noise(2 * BULK_BLOB))
        self.peer.faults[messages.StageBlob] = [FULL]
        self.assertIs(self.fails(Refused, self.put_files([path])), FULL)
        self.assertEqual(self.drive.entries(()), [])
        self.put_up(path)
        self.assertEqual(self.content("f"), noise(2 * BULK_BLOB))

    def test_cut_commit(self) -> None:
        """A commit whose answer is lost is found, and nothing is there twice."""
        self.peer.faults[messages.Commit] = [Fault.CUT_AFTER]
        self.put_up(self.write("f", b"content"))
        self.assertEqual([node.name for node in self.drive.entries(())], [b"f"])
        self.assertEqual(len(self.file("f").versions), 1)

    def test_conflict(self) -> None:
        """What another device stores meanwhile stays; ours stands beside it and says so."""
        other, _ = self.open(b"other")
        source = StreamSource(io.BytesIO(b"theirs"), "memory", 1, 0o600)
        theirs = self.uploading(drive=other)

        async def other_is_faster() -> None:
            await theirs.add_source(lambda: source, (b"f",))
            await theirs.finish()

        self.peer.before_commit.append(other_is_faster)
        (placed,) = self.put_up(self.write("f", b"ours")).stored
        self.assertEqual((placed.path, placed.renamed), ((b"f (conflict)",), True))
        self.assertIsInstance(self.drive.stat((b"f",)), File)
        self.assertEqual(self.content("f (conflict)"), b"ours")
