"""Removing on the local disk: what was named goes, and nothing else."""

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.removing import remove_below
from anoncloud.errors import LocalFileError


class RemovingTests(SynchronousTestCase):
    """A folder with something in it, and another one outside."""

    def setUp(self) -> None:
        self.top, self.outside = Path(self.mktemp()), Path(self.mktemp())
        (self.top / "d").mkdir(parents=True)
        (self.top / "d/file").write_text("x")
        self.outside.mkdir()
        (self.outside / "file").write_text("outside")

    def remove(self, *parts: bytes) -> None:
        remove_below(str(self.top), parts)

    def test_files_and_folders(self) -> None:
        """A file goes, and then the folder that was around it."""
        self.remove(b"d", b"file")
        self.remove(b"d")
        self.assertEqual(list(self.top.iterdir()), [])

    def test_full_folders_stay(self) -> None:
        """A folder with something in it is not removed."""
        self.assertRaises(LocalFileError, self.remove, b"d")
        self.assertTrue((self.top / "d/file").exists())

    def test_gone_already(self) -> None:
        """What is not there is no fault."""
        self.remove(b"d", b"none")
        self.remove(b"none", b"none")

    def test_links(self) -> None:
        """A link goes itself, and one on the way is never followed."""
        (self.top / "way").symlink_to(self.outside.resolve())
        self.assertRaises(LocalFileError, self.remove, b"way", b"file")
        self.remove(b"way")
        self.assertFalse(os.path.lexists(self.top / "way"))
        self.assertEqual((self.outside / "file").read_text(), "outside")
