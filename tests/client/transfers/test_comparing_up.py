"""A local folder against the drive: what goes over, what is left out, what may go."""

import os
import socket
from pathlib import Path
from unittest.mock import patch

from anoncloud.client.transfers import comparing_up
from anoncloud.client.transfers.comparing_up import UpComparison, UpPlan
from anoncloud.client.transfers.mirroring import Choice
from anoncloud.client.tree import names
from anoncloud.errors import Exists, LocalFileError, UsageError
from tests.support.client_mirrors import TOP, MirrorTestCase


def shown(plan: UpPlan) -> set[str]:
    """Give the paths of the files that go over."""
    return {names.show_path(item.target) for item in plan.files}


class UpComparisonTests(MirrorTestCase):
    """One local folder."""

    def setUp(self) -> None:
        super().setUp()
        self.here = Path(self.mktemp())
        (self.here / "d/e").mkdir(parents=True)
        (self.here / "d/e/one.txt").write_text("one")
        (self.here / "d/two.log").write_text("two")
        self.up(self.here)

    def removed(self, **choice: object) -> list[str]:
        return self.plan_up(self.here, delete=True, **choice).told().removed

    def without(self, *patterns: bytes) -> object:
        return lambda parts, is_folder: parts[-1] not in patterns

    def test_time_and_size(self) -> None:
        """Another time or size sends a file; another mode alone only adjusts it."""
        self.assertEqual(self.plan_up(self.here).told().changes, 0)
        os.utime(self.here / "d/two.log", ns=(5, 5))
        (self.here / "d/e/one.txt").chmod(0o600)
        plan = self.plan_up(self.here)
        self.assertEqual(shown(plan), {"/top/d/two.log"})
        self.assertEqual(plan.told().adjusted, ["/top/d/e/one.txt"])
        plan = self.plan_up(self.here, by_content=True)
        self.assertEqual(shown(plan), set())
        self.assertEqual(len(plan.adjusted), 2)

    def test_content(self) -> None:
        """A change that keeps size and time is found by content alone."""
        path = self.here / "d/two.log"
        status = path.stat()
        path.write_text("TWO")
        os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))
        self.assertEqual(shown(self.plan_up(self.here)), set())
        self.assertEqual(shown(self.plan_up(self.here, by_content=True)), {"/top/d/two.log"})
        self.up(self.here, by_content=True)
        self.assertEqual(self.read(self.drive.stat((*TOP, b"d", b"two.log")).version), b"TWO")

    def test_what_is_left_out_stays(self) -> None:
        """What is not chosen is neither sent nor removed, nor is a folder that holds such."""
        (self.here / "d/e/one.txt").unlink()
        (self.here / "d/e").rmdir()
        self.assertEqual(self.removed(), ["/top/d/e"])
        self.assertEqual(self.removed(chosen=self.without(b"one.txt")), [])
        self.assertEqual(self.removed(chosen=self.without(b"e")), [])
        (self.here / "d/two.log").unlink()
        self.assertEqual(self.removed(chosen=self.without(b"one.txt")), ["/top/d/two.log"])

    def test_a_folder_in_the_way(self) -> None:
        """A folder that holds what is left out is not replaced by a file."""
        (self.here / "d/e/one.txt").unlink()
        (self.here / "d/e").rmdir()
        (self.here / "d/e").write_text("a file now")
        plan = self.plan_up(self.here, delete=True, chosen=self.without(b"one.txt"))
        self.assertEqual((plan.replaced, plan.files), ([], []))
        self.assertIsInstance(self.complaints[0], Exists)
        self.assertEqual(self.removed(), ["/top/d/e"])

    def test_what_cannot_be_read_stays(self) -> None:
        """A folder that can't be listed, or looked into, makes nothing disappear."""
        real = os.scandir

        def shut(folder: str) -> object:
            if str(folder).endswith("/d/e"):
                raise PermissionError(13, "Permission denied")
            return real(folder)

        with patch.object(os, "scandir", shut):
            self.assertEqual(self.removed(), [])
        self.assertIsInstance(self.complaints[0], LocalFileError)
        (self.here / "d/e/one.txt").unlink()
        with patch.object(comparing_up.os, "lstat", side_effect=PermissionError):
            self.assertEqual(self.removed(), [])
        self.assertEqual(self.removed(), ["/top/d/e/one.txt"])

    def test_sockets(self) -> None:
        """A socket is told and left out; what the drive has of that name stays."""
        (self.here / "d/two.log").unlink()
        folder = os.open(self.here / "d", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{folder}/two.log")
        self.assertEqual(self.removed(), [])
        self.assertEqual(len(self.complaints), 1)

    def test_links_are_not_followed(self) -> None:
        """A symbolic link to a folder is a link, and what it leads to is not looked into."""
        (self.here / "way").symlink_to("d")
        plan = self.plan_up(self.here)
        self.assertEqual(plan.told().linked, ["/top/way"])
        self.assertEqual(plan.files, [])

    def test_no_folders(self) -> None:
        """Both must be folders."""
        file = self.here / "d/two.log"
        choice = Choice()
        complain = self.complaints.append
        for top, target, error in (
            (file, TOP, UsageError),
            (self.here / "none", TOP, LocalFileError),
            (self.here, (*TOP, b"d", b"two.log"), Exists),
        ):
            comparison = UpComparison(self.drive, str(top), target, complain, choice)
            self.assertRaises(error, comparison.run)


class MeanwhileTests(MirrorTestCase):
    """What another device changes between the comparison and the record."""

    def setUp(self) -> None:
        super().setUp()
        self.here = Path(self.mktemp())
        (self.here / "d").mkdir(parents=True)
        (self.here / "d/file").write_text("file")
        self.up(self.here)
        self.other, _ = self.open(b"other")

    def test_a_folder_that_was_filled(self) -> None:
        """A folder that got another file meanwhile does not go into the trash."""
        (self.here / "d/file").unlink()
        (self.here / "d").rmdir()
        plan = self.plan_up(self.here, delete=True)
        self.run_now(self.other.make_folder((*TOP, b"d", b"new")))
        done = self.carry_out_up(plan, delete=True)
        self.assertEqual(done.removed, [])
        self.assertEqual(len(self.complaints), 1)
        self.assertIn("meanwhile", str(self.complaints[0]))
        self.assertEqual(len(self.drive.entries((*TOP, b"d"))), 2)

    def test_trash_and_not_for_good(self) -> None:
        """What is removed from the drive can be restored."""
        (self.here / "d/file").unlink()
        self.assertEqual(self.up(self.here, delete=True).removed, ["/top/d/file"])
        (trashed,) = self.drive.trashed()
        self.assertEqual(self.read(trashed.version), b"file")

    def test_removed_meanwhile(self) -> None:
        """What another device removed meanwhile is not adjusted, and the rest is done."""
        (self.here / "d/file").chmod(0o640)
        (self.here / "new").write_text("new")
        plan = self.plan_up(self.here)
        self.run_now(self.other.trash((*TOP, b"d", b"file")))
        done = self.carry_out_up(plan)
        self.assertEqual(done.copied, ["/top/new"])
        self.assertNotIn("/top/d/file", done.adjusted)
        self.assertEqual(len(self.complaints), 1)
