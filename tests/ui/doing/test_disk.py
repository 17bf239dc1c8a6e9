"""Changes of the local disk: done to the very names, and never over what is there."""

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.localtree import LocalItem, local_items
from anoncloud.errors import Exists, LocalFileError, UsageError
from anoncloud.ui.doing import disk

ODD = b"\xff \x1b[31m\n"


class DiskCase(SynchronousTestCase):
    def setUp(self):
        self.top = Path(self.mktemp()).absolute()
        self.folder, self.other = self.top / "folder", self.top / "other"
        for folder in (self.folder / "d", self.other):
            folder.mkdir(parents=True)
        (self.folder / "f").write_bytes(b"content")
        (self.folder / "d/in").write_bytes(b"inside")
        (self.folder / "link").symlink_to("d")

    def names(self, folder):
        return sorted(os.fsencode(path.name) for path in folder.iterdir())


class FolderTests(DiskCase):
    def test_made_with_those_above(self):
        disk.make_folder(str(self.folder), [b"a", ODD, b"b"])
        self.assertTrue((self.folder / "a" / os.fsdecode(ODD) / "b").is_dir())

    def test_taken(self):
        for name in (b"f", b"d", b"link"):
            self.assertRaises(Exists, disk.make_folder, str(self.folder), [name])

    def test_below_a_file(self):
        error = self.assertRaises(LocalFileError, disk.make_folder, str(self.folder), [b"f", b"a"])
        self.assertTrue(error.hint)


class RenameTests(DiskCase):
    def test_any_name(self):
        disk.rename(str(self.folder), b"f", ODD)
        self.assertIn(ODD, self.names(self.folder))

    def test_never_over_anything(self):
        """What has the name already stays, be it a file, a folder or a dangling link."""
        (self.folder / "dangling").symlink_to("nowhere")
        for name in (b"d", b"link", b"dangling"):
            self.assertRaises(Exists, disk.rename, str(self.folder), b"f", name)
        self.assertEqual((self.folder / "f").read_bytes(), b"content")

    def test_no_name(self):
        for name in (b"", b"..", b"a/b", b"a\0b"):
            self.assertRaises(UsageError, disk.rename, str(self.folder), b"f", name)

    def test_gone(self):
        self.assertRaises(LocalFileError, disk.rename, str(self.folder), b"gone", b"x")


class RemoveTests(DiskCase):
    def test_removed(self):
        """Links go, and what they lead to stays."""
        (self.other / "kept").write_bytes(b"kept")
        (self.folder / "d/out").symlink_to(self.other)
        disk.remove(str(self.folder), [b"f", b"d", b"link"])
        self.assertEqual(self.names(self.folder), [])
        self.assertEqual(self.names(self.other), [b"kept"])

    def test_gone(self):
        self.assertRaises(LocalFileError, disk.remove, str(self.folder), [b"gone"])

    def stored(self):
        """Give all of the folder as an upload has found it, itself first."""
        top = LocalItem(str(self.folder), (), self.folder.lstat())
        return [top, *local_items(str(self.folder), self.fail)]

    def test_stored(self):
        """What is stored elsewhere goes, with the folders that held it, and no link is followed."""
        (self.other / "kept").write_bytes(b"kept")
        (self.folder / "d/out").symlink_to(self.other)
        disk.remove_stored(self.stored())
        self.assertFalse(self.folder.exists())
        self.assertEqual(self.names(self.other), [b"kept"])

    def test_stored_and_something_new(self):
        """What has come or changed since stays, with the folders above it."""
        stored = self.stored()
        (self.folder / "d/new").write_bytes(b"new")
        (self.folder / "f").write_bytes(b"other content")
        disk.remove_stored(stored)
        self.assertEqual(self.names(self.folder), [b"d", b"f"])
        self.assertEqual(self.names(self.folder / "d"), [b"new"])
