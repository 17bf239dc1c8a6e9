"""Short files written whole: as they were or as they are to be, and nothing left aside."""

import errno
import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.disk import replacing
from anoncloud.disk.replacing import write_new, write_whole


class FolderTestCase(SynchronousTestCase):
    """A folder of the test's own, and what is synced in it."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.path = self.folder / "file"
        self.synced: list[str] = []
        fsync = os.fsync

        def noting(descriptor: int) -> None:
            self.synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
            fsync(descriptor)

        self.patch(replacing.os, "fsync", noting)

    def fail(self, *_: object) -> None:
        """Fail as a disk does."""
        raise OSError(errno.EIO, "Input/output error")


class WriteWholeTests(FolderTestCase):
    """One file that may be there."""

    def test_new_and_replaced(self) -> None:
        """It holds what was written last, for its owner alone, and nothing lies beside it."""
        for content in (b"first", b"", b"third"):
            write_whole(self.path, content)
            self.assertEqual(self.path.read_bytes(), content)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["file"])
        self.assertEqual(self.synced, [])

    def test_durable(self) -> None:
        """The content is synced before it gets its name, and the name after."""
        write_whole(self.path, b"content", durable=True)
        self.assertEqual(self.synced, [f"file.{os.getpid()}.new", self.folder.name])

    def test_fault(self) -> None:
        """What can't be written leaves what was there, and nothing aside."""
        self.path.write_bytes(b"before")
        for broken in ("fsync", "fdopen"):
            whole = self.patch(replacing.os, broken, self.fail)
            raised = self.assertRaises(OSError, write_whole, self.path, b"after", durable=True)
            whole.restore()
            self.assertEqual(raised.errno, errno.EIO)
            self.assertEqual(self.path.read_bytes(), b"before")
            self.assertEqual([path.name for path in self.folder.iterdir()], ["file"])

    def test_no_folder(self) -> None:
        """A folder that is not there is the fault that is told."""
        raised = self.assertRaises(OSError, write_whole, self.folder / "none" / "file", b"content")
        self.assertEqual(raised.errno, errno.ENOENT)


class WriteNewTests(FolderTestCase):
    """One file that must not be there."""

    def test_written(self) -> None:
        """It is for its owner alone, and content and name are synced."""
        write_new(self.path, b"secret")
        self.assertEqual(self.path.read_bytes(), b"secret")
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.synced, ["file", self.folder.name])

    def test_in_the_way(self) -> None:
        """What is there stays, also a link that leads nowhere."""
        self.path.write_bytes(b"before")
        self.assertRaises(FileExistsError, write_new, self.path, b"after")
        self.assertEqual(self.path.read_bytes(), b"before")
        link = self.folder / "link"
        link.symlink_to("nowhere")
        self.assertRaises(FileExistsError, write_new, link, b"after")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["file", "link"])

    def test_fault(self) -> None:
        """No half of it stays."""
        for broken in ("fsync", "fdopen"):
            whole = self.patch(replacing.os, broken, self.fail)
            raised = self.assertRaises(OSError, write_new, self.path, b"content")
            whole.restore()
            self.assertEqual((raised.errno, list(self.folder.iterdir())), (errno.EIO, []))
