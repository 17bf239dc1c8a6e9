"""A local folder as a list: in order, complete, and with an end."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.localtree import LocalItem, everything, local_items
from anoncloud.client.tree import names
from anoncloud.errors import AnonymousCloudError

tree_names = st.binary(min_size=1, max_size=12).filter(
    lambda name: not set(name) & {0, 47} and name not in {b".", b".."}
)
trees = st.recursive(
    st.none(), lambda inside: st.dictionaries(tree_names, inside, max_size=4), max_leaves=12
).filter(lambda tree: tree is not None)


def make(place: Path, tree: dict) -> None:
    """Make a folder with what *tree* says: None stands for a file."""
    place.mkdir()
    for name, inside in tree.items():
        if inside is None:
            (place / os.fsdecode(name)).touch()
        else:
            make(place / os.fsdecode(name), inside)


def expected(tree: dict, above: names.Path = ()) -> list[names.Path]:
    """Give the paths below a folder in the order they are to come in."""
    found = [(*above, name) for name in sorted(tree)]
    for name in sorted(tree):
        if tree[name] is not None:
            found += expected(tree[name], (*above, name))
    return found


class LocalTreeTests(SynchronousTestCase):
    """Real folders below *top*."""

    def setUp(self) -> None:
        self.top = Path(self.mktemp())
        self.complaints: list[AnonymousCloudError] = []

    def walk(
        self, chosen: Callable[[names.Path, bool], bool] = everything, *, follow: bool = False
    ) -> list[LocalItem]:
        return list(local_items(str(self.top), self.complaints.append, chosen, follow=follow))

    def paths(self, *arguments: Callable[[names.Path, bool], bool], follow: bool = False) -> list:
        return [b"/".join(item.parts) for item in self.walk(*arguments, follow=follow)]

    def write(self, name: str) -> None:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    @settings(max_examples=40)
    @given(trees)
    def test_order(self, tree: dict) -> None:
        """Everything comes once, folders before what is in them, whatever the names are."""
        self.top = Path(self.mktemp())
        make(self.top, tree)
        found = [item.parts for item in self.walk()]
        self.assertEqual(sorted(found), sorted(expected(tree)))
        folders = {()}
        for item in self.walk():
            self.assertIn(item.parts[:-1], folders)
            if item.is_folder:
                folders.add(item.parts)
        for above in folders:
            inside = [os.fsdecode(parts[-1]) for parts in found if parts[:-1] == above]
            self.assertEqual(inside, sorted(inside))

    def test_links(self) -> None:
        """Links are links, whether they lead anywhere or not."""
        self.write("d/file")
        (self.top / "to folder").symlink_to("d")
        (self.top / "broken").symlink_to("none")
        kinds = {item.parts: (item.is_folder, item.is_link) for item in self.walk()}
        self.assertEqual(kinds[b"to folder",], (False, True))
        self.assertEqual(kinds[b"broken",], (False, True))
        self.assertNotIn((b"to folder", b"file"), kinds)
        self.assertEqual(self.complaints, [])

    def test_followed(self) -> None:
        """Followed, they are what they lead to; one that leads nowhere is told."""
        self.write("d/file")
        (self.top / "to folder").symlink_to("d")
        (self.top / "broken").symlink_to("none")
        found = self.paths(follow=True)
        self.assertEqual(found, [b"d", b"to folder", b"d/file", b"to folder/file"])
        (complaint,) = self.complaints
        self.assertIn("broken", complaint.message)

    def test_circles(self) -> None:
        """A link back to a folder above is told, and the walk has an end."""
        self.write("a/b/file")
        (self.top / "a/b/up").symlink_to("..")
        (self.top / "a/b/self").symlink_to(".")
        (self.top / "a/c").symlink_to("b")
        found = self.paths(follow=True)
        self.assertEqual(found.count(b"a/b/file"), 1)
        self.assertEqual(found.count(b"a/c/file"), 1)
        self.assertEqual(len(self.complaints), 4)
        for complaint in self.complaints:
            self.assertIn("leads back", complaint.message)

    def test_circle_to_the_top(self) -> None:
        """A link back to the top is a circle like any other: nothing comes twice."""
        self.write("file")
        (self.top / "top").symlink_to(".")
        self.assertEqual(self.paths(follow=True), [b"file"])
        self.assertEqual(len(self.complaints), 1)

    def test_special_files(self) -> None:
        """Sockets, pipes and devices are told and left out; the rest comes."""
        self.write("file")
        os.mkfifo(self.top / "fifo")
        here = os.open(self.top, os.O_RDONLY)
        self.addCleanup(os.close, here)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(f"/proc/self/fd/{here}/socket")
        (self.top / "device").symlink_to("/dev/null")
        self.assertEqual(self.paths(), [b"device", b"file"])
        self.assertEqual(len(self.complaints), 2)
        self.complaints.clear()
        self.assertEqual(self.paths(follow=True), [b"file"])
        self.assertEqual(len(self.complaints), 3)

    def test_unreadable_folder(self) -> None:
        """A folder that can't be read is told, itself comes, and so do those beside it."""
        self.write("closed/file")
        self.write("open/file")
        scan = os.scandir

        def scandir(path: str) -> object:
            if path.endswith("/closed"):
                raise PermissionError(13, "Permission denied")
            return scan(path)

        with patch("os.scandir", scandir):
            found = self.paths()
        self.assertEqual(found, [b"closed", b"open", b"open/file"])
        (complaint,) = self.complaints
        self.assertIn("closed: Permission denied", complaint.message)

    def test_no_top(self) -> None:
        """A top that is not there is told, and nothing comes."""
        self.assertEqual(self.paths(), [])
        self.assertEqual(len(self.complaints), 1)

    def test_chosen(self) -> None:
        """What is not chosen is left out, with all below it, and without a word."""
        for name in ("a/one", "a/two", "b/one", "one"):
            self.write(name)
        asked: list[tuple[names.Path, bool]] = []

        def chosen(parts: names.Path, is_folder: bool) -> bool:
            asked.append((parts, is_folder))
            return parts != (b"a",) and parts[-1] != b"two"

        self.assertEqual(self.paths(chosen), [b"b", b"one", b"b/one"])
        self.assertEqual(asked[:3], [((b"a",), True), ((b"b",), True), ((b"one",), False)])
        self.assertNotIn((b"a", b"one"), [parts for parts, _ in asked])
        self.assertEqual(self.complaints, [])

    def test_deep(self) -> None:
        """A tree of hundreds of levels is walked to its end."""
        self.write("/".join("d" for _ in range(600)) + "/file")
        self.assertEqual(len(self.paths()), 601)
        self.assertEqual(self.complaints, [])

    def test_too_deep(self) -> None:
        """What lies deeper than the system takes in one path is told, and the rest comes."""
        self.write("file")
        self.addCleanup(shutil.rmtree, self.top)  # trial can't remove it
        here = os.open(self.top, os.O_RDONLY)
        for _ in range(50):
            os.mkdir("d" * 100, dir_fd=here)
            inside = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inside
        os.close(here)
        self.assertIn(b"file", self.paths())
        (complaint,) = self.complaints
        self.assertIn("File name too long", complaint.message)
