"""What is in a folder, in order."""

from anoncloud.client.tree.listing import entries, inside, origin, walk
from anoncloud.client.tree.names import show_path
from anoncloud.errors import NotFound
from anoncloud.ids import ROOT
from tests.support.client_arranged import ArrangedTestCase


class ListingTests(ArrangedTestCase):
    """inside, entries, walk, origin."""

    def setUp(self) -> None:
        super().setUp()
        for path in ("/b/z", "/b/a/f", "/b-", "/a", "/b/a.txt"):
            self.put(path)

    def test_inside(self) -> None:
        """A folder's nodes come in order of names."""
        self.assertEqual([n.name for n in inside(self.drive.tree, ROOT)], [b"a", b"b", b"b-"])

    def test_entries(self) -> None:
        """Of a folder all that is in it, of a file itself."""
        self.assertEqual(
            [node.name for node in entries(self.drive.tree, (b"b",))], [b"a", b"a.txt", b"z"]
        )
        self.assertEqual(entries(self.drive.tree, (b"a",)), [self.node("/a")])
        self.assertRaises(NotFound, entries, self.drive.tree, (b"none",))

    def test_walk(self) -> None:
        """Everything comes with its path, in order of paths, whatever lies in the trash."""
        self.run_now(self.drive.trash((b"b", b"z")))
        found = [path for path, _ in walk(self.drive.tree, ())]
        self.assertEqual(found, sorted(found))
        self.assertEqual(
            [show_path(path) for path in found],
            ["/", "/a", "/b", "/b/a", "/b/a/f", "/b/a.txt", "/b-"],
        )
        below = [show_path(path) for path, _ in walk(self.drive.tree, (b"b", b"a"))]
        self.assertEqual(below, ["/b/a", "/b/a/f"])
        self.assertRaises(NotFound, list, walk(self.drive.tree, (b"none",)))

    def test_deep(self) -> None:
        """As deep as a path may be."""
        self.run_now(self.drive.make_folder((b"d",) * 1000, parents=True))
        self.assertEqual(len(list(walk(self.drive.tree, (b"d",)))), 1000)

    def test_origin(self) -> None:
        """Something in the trash was where it was, also if the folder is in the trash too."""
        node = self.node("/b/a/f").node
        self.run_now(self.drive.trash((b"b", b"a", b"f")))
        self.assertEqual(origin(self.drive.tree, self.drive.tree.nodes[node]), (b"b", b"a", b"f"))
        self.run_now(self.drive.trash((b"b", b"a")))
        self.assertEqual(origin(self.drive.tree, self.drive.tree.nodes[node]), (b"a", b"f"))
