"""Nodes as values, and what can be asked of a table of them."""

from hypothesis import given
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.nodes import (
    ROOT_FOLDER,
    File,
    Folder,
    Kept,
    Link,
    Node,
    below,
    find,
    pack,
    path_of,
)
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import NotFound
from anoncloud.ids import ROOT
from tests.support.client_samples import PIECED, SHORT
from tests.support.client_strategies import nodes

PAPERS = Folder(1, ROOT, b"papers", 0, 0o700)
DRAFTS = Folder(2, 1, b"drafts", 0, 0o700)
NOTE = File(3, 2, b"note", pack((Kept(5, SHORT), Kept(6, PIECED))))
LINK = Link(4, 1, b"link", b"drafts/note", 9)
GONE = Folder(5, 1, b"gone", 0, 0o700, trashed=8)
INSIDE = File(6, 5, b"inside", pack((Kept(5, SHORT),)))


def planted(*added: Node) -> Tree:
    """Give a tree with *added*."""
    tree = Tree()
    tree.plant(added)
    return tree


class NodeTests(SynchronousTestCase):
    """Nodes alone."""

    @given(nodes)
    def test_round_trip(self, node: Node) -> None:
        """A node is read as it was written, and its kind is known by its tag."""
        read = msgpack.decode(msgpack.encode(node), type=Node)
        self.assertEqual(read, node)
        self.assertIs(type(read), type(node))

    def test_file(self) -> None:
        """A file is what its newest version is, and keeps the others."""
        self.assertEqual([kept.version for kept in NOTE.versions], [SHORT, PIECED])
        self.assertEqual([kept.stored for kept in NOTE.versions], [5, 6])
        self.assertEqual(NOTE.version, PIECED)
        self.assertEqual((NOTE.size, NOTE.modified), (PIECED.size, PIECED.modified))

    def test_nothing_shown(self) -> None:
        """A file does not show its versions, which hold keys."""
        self.assertEqual(repr(NOTE), "<File 3>")

    def test_versions_stay_packed(self) -> None:
        """A file's versions are bytes until somebody asks; equal versions are equal bytes."""
        self.assertIsInstance(NOTE.packed, bytes)
        self.assertEqual(pack(NOTE.versions), NOTE.packed)


class AskingTests(SynchronousTestCase):
    """Paths, and what lies below."""

    def setUp(self) -> None:
        self.tree = planted(PAPERS, DRAFTS, NOTE, LINK, GONE, INSIDE)

    def test_find(self) -> None:
        """A path leads to its node, byte for byte."""
        self.assertEqual(find(self.tree, ()), ROOT_FOLDER)
        self.assertEqual(find(self.tree, (b"papers", b"drafts", b"note")), NOTE)
        self.assertEqual(find(self.tree, (b"papers", b"link")), LINK)

    def test_not_found(self) -> None:
        """A missing part is named; nothing lies below a file, a link or the trash."""
        for path, shown in (
            ((b"Papers",), "/Papers"),
            ((b"papers", b"x", b"y"), "/papers/x "),
            ((b"papers", b"drafts", b"note", b"x"), "/papers/drafts/note/x"),
            ((b"papers", b"link", b"x"), "/papers/link/x"),
            ((b"papers", b"gone"), "/papers/gone"),
            ((b"\x1b[2J",), "\\x1b[2J"),
        ):
            error = self.assertRaises(NotFound, find, self.tree, path)
            self.assertIn(shown, str(error))

    def test_path_of(self) -> None:
        """A node's path begins at the root, or at the trashed folder that holds it."""
        self.assertEqual(path_of(self.tree, 3), (b"papers", b"drafts", b"note"))
        self.assertEqual(path_of(self.tree, 6), (b"gone", b"inside"))
        self.assertEqual(path_of(self.tree, 5), (b"gone",))
        self.assertEqual((path_of(self.tree, ROOT), path_of(self.tree, 99)), ((), ()))

    def test_below(self) -> None:
        """Everything linked below comes, folders before what is in them; the trash does not."""
        found = [node.node for node in below(self.tree, 1)]
        self.assertEqual(sorted(found), [1, 2, 3, 4])
        self.assertLess(found.index(2), found.index(3))
        self.assertEqual([node.node for node in below(self.tree, 5)], [5, 6])
        self.assertEqual([node.node for node in below(self.tree, 3)], [3])
        self.assertEqual(list(below(self.tree, 99)), [])
