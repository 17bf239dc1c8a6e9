"""Whole folders up: what goes where, what joins with what, and what is in the way."""

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from anoncloud.client.transfers import folders
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link
from anoncloud.errors import LocalFileError
from tests.support.client_files import FilesTestCase


class FoldersTests(FilesTestCase):
    """A local tree, and what is in the drive after it."""

    def setUp(self) -> None:
        super().setUp()
        self.write("a/one", b"1")
        self.write("a/b/two", b"2")
        self.write("three", b"3")
        (self.top / "void").mkdir(mode=0o751)
        (self.top / "void").chmod(0o751)
        (self.top / "link").symlink_to("a/one")
        os.utime(self.top / "link", ns=(5, 5), follow_symlinks=False)
        os.utime(self.top / "void", ns=(6, 6))

    def kinds(self) -> dict[str, str]:
        """Give everything in the drive by its path, with its kind."""
        return {
            names.show_path(path): type(node).__name__ for path, node in self.drive.walk(()) if path
        }

    def read_at(self, *path: bytes) -> bytes:
        node = self.drive.stat(path)
        self.assertIsInstance(node, File)
        return self.read(node.version)

    def test_everything(self) -> None:
        """Files, folders and links are there, with times and modes."""
        self.store_folder(target=(b"t",))
        self.assertEqual(
            self.kinds(),
            {
                "/t": "Folder",
                "/t/a": "Folder",
                "/t/a/b": "Folder",
                "/t/a/b/two": "File",
                "/t/a/one": "File",
                "/t/link": "Link",
                "/t/three": "File",
                "/t/void": "Folder",
            },
        )
        void, link = self.drive.stat((b"t", b"void")), self.drive.stat((b"t", b"link"))
        self.assertEqual((void.mode, void.modified), (0o751, 6))
        self.assertEqual((link.target, link.modified), (b"a/one", 5))
        self.assertEqual(self.read_at(b"t", b"a", b"b", b"two"), b"2")

    def test_into_the_root(self) -> None:
        """The root is a target like any other."""
        self.store_folder()
        self.assertIn("/a/b/two", self.kinds())

    def test_again(self) -> None:
        """A second time nothing is stored, and there is no further record."""
        self.store_folder()
        commits = self.peer.commits()
        uploader = self.store_folder()
        self.assertEqual((uploader.unchanged, uploader.stored), (3, []))
        self.assertEqual(self.peer.commits(), commits)

    def test_joined(self) -> None:
        """A folder joins the one that is there, and what else is in it stays."""
        self.run_now(self.drive.make_folder((b"a", b"own"), parents=True))
        self.store_folder()
        self.assertEqual(self.kinds()["/a/own"], "Folder")
        self.assertEqual(self.kinds()["/a/b/two"], "File")

    def test_links_followed(self) -> None:
        """Followed, a link is what it leads to."""
        (self.top / "to a").symlink_to("a")
        self.store_folder(follow=True)
        self.assertEqual(self.read_at(b"link"), b"1")
        self.assertEqual(self.read_at(b"to a", b"b", b"two"), b"2")

    def test_file_becomes_link(self) -> None:
        """A file that became a link since it was looked at is told, not followed."""
        walk = folders.local_items
        outside = self.write("../outside", b"secret")
        self.addCleanup(outside.unlink)

        def then_changed(*arguments: Any, **options: Any) -> Any:
            yield from walk(*arguments, **options)
            (self.top / "three").unlink()
            (self.top / "three").symlink_to(Path(outside).resolve())

        with patch.object(folders, "local_items", then_changed):
            self.store_folder()
        self.assertNotIn("/three", self.kinds())
        (error,) = self.complaints
        self.assertIsInstance(error, LocalFileError)
        self.assertEqual(self.read_at(b"a", b"one"), b"1")

    def test_link_changes(self) -> None:
        """A link that leads elsewhere now replaces the old one, which goes into the trash."""
        self.store_folder()
        (self.top / "link").unlink()
        (self.top / "link").symlink_to("three")
        self.store_folder()
        self.assertEqual(self.drive.stat((b"link",)).target, b"three")
        self.assertEqual([node.target for node in self.drive.trashed()], [b"a/one"])
        self.store_folder()
        self.assertEqual(len(self.drive.trashed()), 1)

    def test_in_the_way(self) -> None:
        """What is of another kind in the drive is told, and stays; the rest is stored."""
        self.run_now(self.drive.make_folder((b"three",)))
        self.run_now(self.drive.make_folder((b"link",)))
        self.store_folder()
        told = " ".join(error.message for error in self.complaints)
        self.assertEqual(len(self.complaints), 2)
        self.assertIn("/three is a folder", told)
        self.assertIn("/link is not a symbolic link", told)
        self.assertIsInstance(self.drive.stat((b"three",)), Folder)
        self.assertEqual(self.read_at(b"a", b"one"), b"1")

    def test_file_where_a_folder_should_be(self) -> None:
        """A file in the drive where a folder should be is told once, and all else is stored."""
        self.put(a=b"file")
        (self.top / "a/link").symlink_to("one")
        self.store_folder()
        (error,) = self.complaints
        self.assertIn("making /a: something that is no folder has that name", error.message)
        self.assertEqual(self.read_at(b"a"), b"file")
        self.assertEqual(self.read_at(b"three"), b"3")
        self.assertEqual(self.kinds()["/void"], "Folder")

    def test_file_where_the_target_should_be(self) -> None:
        """If it is the target itself, or one above it, nothing is stored, and that is told."""
        self.put(a=b"file")
        for target in ((b"a",), (b"a", b"b", b"c")):
            self.complaints.clear()
            self.store_folder(target=target)
            self.assertEqual(len(self.complaints), 1)
            self.assertEqual(self.kinds(), {"/a": "File"})

    def test_chosen(self) -> None:
        """What is not chosen stays here."""
        self.store_folder(chosen=lambda parts, _: parts[-1] != b"b")
        self.assertNotIn("/a/b", self.kinds())
        self.assertIn("/a/one", self.kinds())

    def test_link_gone(self) -> None:
        """A link that is gone since it was looked at is told, and the others are stored."""
        (self.top / "other").symlink_to("three")
        with patch("os.readlink", side_effect=[FileNotFoundError(2, "gone"), "three"]):
            self.store_folder()
        self.assertEqual(len(self.complaints), 1)
        self.assertIsInstance(self.drive.stat((b"other",)), Link)

    def test_many(self) -> None:
        """Very many folders and links go in several records."""
        for number in range(7):
            (self.top / f"d{number}").mkdir()
            (self.top / f"l{number}").symlink_to("a")
        with patch.object(folders, "OPERATIONS_PER_RECORD", 3):
            self.store_folder()
        self.assertEqual(sum(kind == "Folder" for kind in self.kinds().values()), 10)
        self.assertEqual(sum(kind == "Link" for kind in self.kinds().values()), 8)
        self.assertEqual(self.peer.commits(), 4 + 1 + 3)

    def test_no_such_folder(self) -> None:
        """A folder that is not there is an error."""
        self.top = self.top / "none"
        uploader = self.uploading()
        choice = folders.UploadChoice()
        upload = folders.upload_folder(
            self.drive, uploader, str(self.top), (), self.complaints.append, choice
        )
        self.fails(LocalFileError, upload)
        uploader.close()
