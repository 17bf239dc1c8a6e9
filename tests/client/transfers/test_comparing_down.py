"""The drive against a local folder: what comes down, and what may go on the local disk."""

import os
from pathlib import Path

from anoncloud.client.transfers.comparing_down import DownComparison
from anoncloud.client.transfers.mirroring import Choice
from anoncloud.client.transfers.targets import part_path
from anoncloud.errors import Exists, NotFound
from tests.support.client_mirrors import TOP, MirrorTestCase, picture


class DownTestCase(MirrorTestCase):
    """A drive with a folder, a file and a link, and a local folder made of it."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.there = Path(self.mktemp()), Path(self.mktemp())
        (self.here / "d").mkdir(parents=True)
        (self.here / "d/file").write_text("file")
        (self.here / "link").symlink_to("d")
        self.up(self.here)
        self.down(self.there)
        self.outside = Path(self.mktemp())
        self.outside.mkdir()
        (self.outside / "file").write_text("outside")


class DownComparisonTests(DownTestCase):
    """What is planned, and what is done."""

    def test_unchanged(self) -> None:
        """What came down is left alone, to the time of its folder."""
        before = picture(self.there)
        self.assertEqual(self.down(self.there, delete=True).changes, 0)
        self.assertEqual(picture(self.there), before)

    def test_only_with_the_option(self) -> None:
        """What is local alone goes with the option only, with all below it."""
        (self.there / "d/extra/deep").mkdir(parents=True)
        (self.there / "d/extra/deep/file").write_text("x")
        self.assertEqual(self.down(self.there).removed, [])
        self.assertTrue((self.there / "d/extra/deep/file").exists())
        removed = self.down(self.there, delete=True).removed
        self.assertEqual(len(removed), 3)
        self.assertEqual(picture(self.there), picture(self.here))

    def test_links_are_not_followed(self) -> None:
        """A link to a folder elsewhere goes itself; nothing behind it is touched."""
        (self.there / "extra").symlink_to(self.outside.resolve())
        (self.there / "d/file").unlink()
        (self.there / "d").rmdir()
        (self.there / "d").symlink_to(self.outside.resolve())
        self.down(self.there, delete=True)
        self.assertEqual(self.complaints, [])
        self.assertEqual((self.outside / "file").read_text(), "outside")
        self.assertEqual(picture(self.there), picture(self.here))

    def test_a_link_in_the_way(self) -> None:
        """Without the option a link where a folder should be is told, and left alone."""
        (self.there / "d/file").unlink()
        (self.there / "d").rmdir()
        (self.there / "d").symlink_to(self.outside.resolve())
        done = self.down(self.there)
        self.assertEqual(done.copied, [])
        self.assertIsInstance(self.complaints[0], Exists)
        self.assertEqual((self.outside / "file").read_text(), "outside")

    def test_what_is_left_out_stays(self) -> None:
        """What is not chosen stays, and so does every folder that holds it."""
        (self.there / "extra/in").mkdir(parents=True)
        (self.there / "extra/in/keep.me").write_text("keep")
        (self.there / "extra/in/go").write_text("go")
        (self.there / "extra/other").mkdir()

        def chosen(parts: tuple[bytes, ...], is_folder: bool) -> bool:
            return parts[-1] != b"keep.me"

        would = self.plan_down(self.there, delete=True, chosen=chosen).told(str(self.there))
        did = self.down(self.there, delete=True, chosen=chosen)
        self.assertEqual(did, would)
        self.assertEqual(self.complaints, [])
        left = {str(path.relative_to(self.there)) for path in (self.there / "extra").rglob("*")}
        self.assertEqual(left, {"extra/in", "extra/in/keep.me"})

    def test_unfinished_files_are_kept(self) -> None:
        """What an earlier try has left of a file to come is not removed; that of others is."""
        (self.here / "new").write_text("new")
        self.up(self.here)
        digest = self.drive.stat((*TOP, b"new")).version.digest
        kept = Path(part_path(str(self.there / "new"), digest))
        kept.write_text("ne")
        other = Path(part_path(str(self.there / "new"), bytes(16)))
        other.write_text("x")
        plan = self.plan_down(self.there, delete=True)
        self.assertEqual(plan.removed, [(os.fsencode(other.name),)])

    def test_local_changes_are_undone(self) -> None:
        """Content, mode, time and the target of a link become those of the drive."""
        (self.there / "d/file").write_text("else")
        (self.there / "d").chmod(0o711)
        (self.there / "link").unlink()
        (self.there / "link").symlink_to("elsewhere")
        done = self.down(self.there)
        self.assertEqual(self.complaints, [])
        self.assertEqual(len(done.copied), 1)
        self.assertEqual(picture(self.there), picture(self.here))
        (self.there / "d/file").chmod(0o600)
        os.utime(self.there / "link", ns=(5, 5), follow_symlinks=False)
        self.assertEqual(len(self.down(self.there).adjusted), 2)
        self.assertEqual(picture(self.there), picture(self.here))

    def test_no_folders(self) -> None:
        """Both must be folders, and the drive's must be there."""
        complain, choice = self.complaints.append, Choice()
        for source, top, error in (
            ((b"none",), self.there, NotFound),
            ((*TOP, b"d", b"file"), self.there, Exists),
            (TOP, self.there / "d/file", Exists),
        ):
            comparison = DownComparison(self.drive, source, str(top), complain, choice)
            self.assertRaises(error, comparison.run)
