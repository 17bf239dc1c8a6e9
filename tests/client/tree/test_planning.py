"""The steps that plans are made of."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Folder, find, path_of
from anoncloud.client.tree.planning import (
    add_folder,
    destination,
    ensure_folders,
    free_name,
    join_folder,
    stands,
)
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import Exists, NotFound
from anoncloud.ids import ROOT
from tests.support.client_samples import SHORT
from tests.support.entropy import counting

NOW = 1_700_000_000_000_000
PAPERS, NOTE, LINK = 1, 2, 3


class PlanningTests(SynchronousTestCase):
    """A draft over ``/papers/note.txt`` and ``/link``."""

    def setUp(self) -> None:
        self.draft = Draft(Tree(), NOW, counting())
        self.draft.add(changes.MakeFolder(PAPERS, ROOT, b"papers", 0, 0o700))
        self.draft.add(changes.PutFile(NOTE, PAPERS, b"note.txt", SHORT))
        self.draft.add(changes.MakeLink(LINK, ROOT, b"link", b"papers", 0))

    def test_add_folder(self) -> None:
        """A folder gets a new number, which is given."""
        number = add_folder(self.draft, PAPERS, b"new", 5, 0o750)
        self.assertEqual(
            find(self.draft, (b"papers", b"new")), Folder(number, PAPERS, b"new", 5, 0o750)
        )

    def test_ensure_folders(self) -> None:
        """Missing folders are made, with the change's time; those that are there stay."""
        self.assertEqual(ensure_folders(self.draft, ()), ROOT)
        self.assertEqual(ensure_folders(self.draft, (b"papers",)), PAPERS)
        made = ensure_folders(self.draft, (b"papers", b"a", b"b"))
        self.assertEqual(path_of(self.draft, made), (b"papers", b"a", b"b"))
        self.assertEqual(self.draft.node(made).modified, NOW * 1000)  # type: ignore[union-attr]
        count = len(self.draft.change().operations)
        self.assertEqual(ensure_folders(self.draft, (b"papers", b"a", b"b")), made)
        self.assertEqual(len(self.draft.change().operations), count)

    def test_ensure_folders_over_a_file(self) -> None:
        """A file or a link in the way is named, and nothing below it is made."""
        for path, shown in (
            ((b"papers", b"note.txt", b"x"), "/papers/note.txt"),
            ((b"link", b"x"), "/link"),
        ):
            error = self.assertRaises(Exists, ensure_folders, self.draft, path)
            self.assertIn(shown, str(error))
        self.assertEqual(len(self.draft.change().operations), 3)

    def test_join_folder(self) -> None:
        """A missing folder is made as it is wanted; one that is there, and the root, stay."""
        join_folder(self.draft, (b"a", b"b"), 5, 0o750)
        made = find(self.draft, (b"a", b"b"))
        self.assertEqual((made.modified, made.mode), (5, 0o750))  # type: ignore[union-attr]
        count = len(self.draft.change().operations)
        for path in ((), (b"papers",), (b"a", b"b")):
            join_folder(self.draft, path, 9, 0o700)
        self.assertEqual(len(self.draft.change().operations), count)
        for path in ((b"papers", b"note.txt"), (b"link",)):
            self.assertRaises(Exists, join_folder, self.draft, path, 9, 0o700)

    def test_free_name(self) -> None:
        """A name that is free stays; one that is taken is numbered until it is free."""
        names = []
        for _ in range(3):
            name = free_name(self.draft, PAPERS, b"note.txt", b"conflict")
            self.draft.add(changes.MakeLink(self.draft.new_node(), PAPERS, name, b"x", 0))
            names.append(name)
        self.assertEqual(
            names, [b"note (conflict).txt", b"note (conflict 2).txt", b"note (conflict 3).txt"]
        )
        self.assertEqual(free_name(self.draft, ROOT, b"note.txt", b"conflict"), b"note.txt")

    def test_destination(self) -> None:
        """Something goes into a folder under its own name, or to a path as the path says."""
        for target, expected in (
            ((), (ROOT, b"new")),
            ((b"papers",), (PAPERS, b"new")),
            ((b"papers", b"other"), (PAPERS, b"other")),
            ((b"papers", b"note.txt"), (PAPERS, b"note.txt")),
            ((b"link",), (ROOT, b"link")),
        ):
            self.assertEqual(destination(self.draft, target, b"new"), expected)
        self.assertRaises(NotFound, destination, self.draft, (b"no", b"new"), b"new")

    def test_stands(self) -> None:
        """A folder stands if nothing from it to the root is trashed, gone or no folder."""
        inner = add_folder(self.draft, PAPERS, b"inner", 0, 0)
        for number, expected in ((ROOT, True), (inner, True), (NOTE, False), (99, False)):
            self.assertEqual(stands(self.draft, number), expected)
        self.draft.add(changes.Trash(PAPERS))
        self.assertFalse(stands(self.draft, inner) or stands(self.draft, PAPERS))
