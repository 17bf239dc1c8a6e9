"""Whole trees down: all of it, where it belongs, and nothing through a link."""

import os
from pathlib import Path
from unittest.mock import patch

from anoncloud.client.transfers.fetching import Fetcher
from anoncloud.client.tree import names
from anoncloud.errors import Exists
from anoncloud.limits import MIB
from tests.support.client_files import FilesTestCase, noise
from tests.support.client_mirrors import picture


class FetchingTestCase(FilesTestCase):
    """A tree in the drive as ``/d``, which comes down as *target*."""

    def setUp(self) -> None:
        super().setUp()
        self.write("short", b"short", 0o604, 10**9)
        self.write("in/long", noise(MIB + 5), 0o640, 2 * 10**9)
        self.write("in/ner/empty", b"", 0o600, 3 * 10**9)
        (self.top / "void").mkdir(mode=0o750)
        (self.top / "link").symlink_to("in/long")
        (self.top / "broken").symlink_to("../nowhere")
        os.utime(self.top / "link", ns=(7, 7), follow_symlinks=False)
        for folder in ("in/ner", "in", "void", "."):
            os.utime(self.top / folder, ns=(4, 4 * 10**9))
        self.store_folder(target=(b"d",))
        self.target = Path(self.mktemp())

    def bring(self, existing: str = "fail", *path: bytes, **terms: object) -> Fetcher:
        self.complaints.clear()
        return self.fetch((b"d", *path), self.target, existing, **terms)

    def told(self) -> str:
        return " ".join(error.message for error in self.complaints)

    def names(self) -> set[str]:
        return {str(path.relative_to(self.target)) for path in self.target.rglob("*")}


class TreeTests(FetchingTestCase):
    """What comes."""

    def test_everything(self) -> None:
        """Contents, times, modes, links and empty folders are as they were."""
        fetcher = self.bring()
        self.assertEqual(picture(self.target), picture(self.top))
        self.assertEqual(len(fetcher.fetched), 5)
        self.assertEqual(self.complaints, [])

    def test_again(self) -> None:
        """A second time nothing comes, and everything stays."""
        self.bring()
        readings = len(self.peer.readings)
        fetcher = self.bring()
        self.assertEqual((fetcher.fetched, fetcher.unchanged), ([], 5))
        self.assertEqual(len(self.peer.readings), readings)
        self.assertEqual(picture(self.target), picture(self.top))

    def test_one_file(self) -> None:
        """One file comes as the target; so does one version of it."""
        self.bring("fail", b"in", b"long")
        self.assertEqual(self.target.read_bytes(), noise(MIB + 5))
        version = self.drive.stat((b"d", b"short")).version
        self.run_now(self.fetcher("replace").version(version, self.target))
        self.assertEqual(self.target.read_bytes(), b"short")
        self.assertEqual(self.target.stat().st_mode & 0o777, 0o604)

    def test_root(self) -> None:
        """The drive's root, which has neither time nor mode, comes too."""
        self.fetch((), self.target)
        self.assertEqual(picture(self.target / "d"), picture(self.top))

    def test_joined(self) -> None:
        """A folder that is there is joined, and what else is in it stays."""
        (self.target / "in").mkdir(parents=True)
        (self.target / "in/own").write_bytes(b"own")
        self.bring()
        self.assertEqual((self.target / "in/own").read_bytes(), b"own")
        self.assertEqual((self.target / "in/long").read_bytes(), noise(MIB + 5))
        self.assertEqual((self.target / "in").stat().st_mtime_ns, 4 * 10**9)

    def test_chosen(self) -> None:
        """What is not chosen stays away, with all below it."""

        def chosen(parts: names.Path, is_folder: bool) -> bool:
            del is_folder
            return parts[-1] not in {b"in", b"link"}

        self.bring(chosen=chosen)
        self.assertEqual(self.names(), {"short", "void", "broken"})

    def test_dry_run(self) -> None:
        """A rehearsal says what would come, and nothing does."""
        fetcher = self.bring(dry_run=True)
        self.assertEqual(len(fetcher.fetched), 5)
        self.assertFalse(self.target.exists())

    def test_private_until_the_end(self) -> None:
        """A folder that nobody else may read is never open to others while it fills."""
        (self.top / "void").chmod(0o700)
        made: list[int] = []
        mkdir = Path.mkdir

        def watched(path: Path, mode: int = 0o777) -> None:
            made.append(mode)
            mkdir(path, mode)

        with patch.object(Path, "mkdir", watched):
            self.bring()
        self.assertEqual(set(made), {0o700})

    def test_read_only_folders(self) -> None:
        """A folder without permission to write is filled before it gets its mode."""
        (self.top / "in").chmod(0o555)
        self.addCleanup((self.top / "in").chmod, 0o755)
        self.run_now(self.drive.trash((b"d",)))
        self.store_folder(target=(b"d",))
        self.bring()
        self.addCleanup((self.target / "in").chmod, 0o755)
        self.assertEqual((self.target / "in").stat().st_mode & 0o777, 0o555)
        self.assertEqual(picture(self.target), picture(self.top))


class LinkTests(FetchingTestCase):
    """Links on the local disk, where something is to be written."""

    def setUp(self) -> None:
        super().setUp()
        self.outside = Path(self.mktemp())
        self.outside.mkdir()
        (self.outside / "long").write_bytes(b"outside")
        self.target.mkdir()

    def assert_untouched(self) -> None:
        self.assertEqual([path.name for path in self.outside.iterdir()], ["long"])
        self.assertEqual((self.outside / "long").read_bytes(), b"outside")

    def test_folder_is_a_link(self) -> None:
        """Nothing goes through a link where a folder should be, whatever the policy."""
        (self.target / "in").symlink_to(self.outside.resolve())
        for existing in ("fail", "replace", "skip", "newer", "rename"):
            self.bring(existing)
            self.assert_untouched()
            self.assertIn("/in: something that is no folder has that name", self.told())
            self.assertTrue((self.target / "short").exists())

    def test_file_is_a_link(self) -> None:
        """Where a file should be, a link is in the way, or replaced itself."""
        (self.target / "in").mkdir()
        (self.target / "in/long").symlink_to((self.outside / "long").resolve())
        self.bring()
        self.assertIn("in/long", self.told())
        self.bring("replace")
        self.assert_untouched()
        self.assertFalse((self.target / "in/long").is_symlink())
        self.assertEqual((self.target / "in/long").read_bytes(), noise(MIB + 5))

    def test_target_is_a_link(self) -> None:
        """The target itself may be a link to a folder: its user has named it."""
        self.target.rmdir()
        self.target.symlink_to(self.outside.resolve())
        self.bring()
        self.assertTrue((self.outside / "in/ner/empty").exists())

    def test_links_come_last(self) -> None:
        """A link of the drive is made when nothing more is written; one in its way stays."""
        self.put_up(self.write("x", b"x"))
        self.bring()
        self.assertTrue((self.target / "link").is_symlink())
        (self.target / "link").unlink()
        (self.target / "link").symlink_to(self.outside.resolve())
        self.bring()
        self.assertIn("/link: something of that name exists", self.told())
        self.assert_untouched()


class ExistingTests(FetchingTestCase):
    """Local files that differ."""

    def setUp(self) -> None:
        super().setUp()
        self.target.mkdir()
        self.there = self.target / "short"
        self.there.write_bytes(b"mine, and longer")

    def test_policies(self) -> None:
        """Each policy does as it says."""
        for existing, age, expected in (
            ("fail", 1, b"mine, and longer"),
            ("skip", 1, b"mine, and longer"),
            ("ask", 1, b"mine, and longer"),
            ("newer", 1, b"short"),
            ("newer", 2 * 10**9, b"mine, and longer"),
            ("replace", 2 * 10**9, b"short"),
        ):
            self.there.write_bytes(b"mine, and longer")
            os.utime(self.there, ns=(age, age))
            fetcher = self.bring(existing)
            self.assertEqual(self.there.read_bytes(), expected, existing)
            self.assertEqual(len(self.complaints), int(existing == "fail"))
            self.assertEqual((self.target / "in/long").stat().st_size, MIB + 5)
            self.assertEqual(fetcher.fetched.count(str(self.there)), int(expected == b"short"))

    def test_rename(self) -> None:
        """Beside what is there, under the first free name; once, if it stays there."""
        beside, other = self.target / "short (copy)", self.target / "short (copy 2)"
        self.bring("rename")
        self.assertEqual(self.there.read_bytes(), b"mine, and longer")
        self.assertEqual(beside.read_bytes(), b"short")
        self.bring("rename")
        self.assertFalse(other.exists())
        beside.write_bytes(b"mine, too")
        self.bring("rename")
        self.assertEqual((beside.read_bytes(), other.read_bytes()), (b"mine, too", b"short"))

    def test_folder_in_the_way(self) -> None:
        """A folder where a file should be is never replaced."""
        self.there.unlink()
        self.there.mkdir()
        (self.there / "own").touch()
        for existing in ("fail", "replace"):
            self.bring(existing)
            self.assertEqual(len(self.complaints), 1)
            self.assertTrue((self.there / "own").exists())
            self.assertTrue((self.target / "in/long").exists())
        self.assertEqual(len([name for name in self.names() if name.endswith(".part")]), 0)

    def test_file_in_the_way(self) -> None:
        """A file where a folder should be is told, and what was to be in it does not come."""
        (self.target / "in").write_bytes(b"mine")
        self.bring("replace")
        self.assertEqual((self.target / "in").read_bytes(), b"mine")
        self.assertIsInstance(self.complaints[0], Exists)
        self.assertEqual(len(self.complaints), 1)

    def test_always(self) -> None:
        """What looks the same comes all the same, if that is wanted."""
        self.bring("replace")
        status = self.there.stat()
        self.there.write_bytes(b"SHORT")
        os.utime(self.there, ns=(status.st_mtime_ns, status.st_mtime_ns))
        self.bring("replace")
        self.assertEqual(self.there.read_bytes(), b"SHORT")
        self.bring("replace", always=True)
        self.assertEqual(self.there.read_bytes(), b"short")
