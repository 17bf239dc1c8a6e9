"""The tree as a table: links, trash, counts."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.affairs import Device
from anoncloud.client.tree.nodes import Folder, Node
from anoncloud.client.tree.tree import Tree
from anoncloud.ids import ROOT
from tests.support.client_model import held
from tests.support.client_strategies import nodes

A = Folder(1, ROOT, b"a", 0, 0o700)
B = Folder(2, 1, b"b", 0, 0o700)


class TreeTests(SynchronousTestCase):
    """Nodes by number and by name."""

    def setUp(self) -> None:
        self.tree = Tree()

    def test_empty(self) -> None:
        """A new tree has the root and nothing else."""
        self.assertEqual(list(self.tree.nodes), [ROOT])
        self.assertEqual(list(self.tree.children(ROOT)), [])

    def test_set(self) -> None:
        """A node is there by number and linked by name; setting it again moves the link."""
        self.tree.set(A)
        self.tree.set(B)
        self.assertEqual((self.tree.node(2), self.tree.child(1, b"b")), (B, 2))
        self.tree.set(structs.replace(B, parent=ROOT, name=b"c"))
        self.assertEqual((self.tree.child(1, b"b"), self.tree.child(ROOT, b"c")), (None, 2))
        self.assertEqual(sorted(self.tree.children(ROOT)), [1, 2])

    def test_trash(self) -> None:
        """A trashed node keeps its place and is linked nowhere; what is in it stays linked."""
        self.tree.set(A)
        self.tree.set(B)
        self.tree.set(structs.replace(A, trashed=5))
        self.assertEqual((self.tree.child(ROOT, b"a"), self.tree.child(1, b"b")), (None, 2))
        self.assertEqual(self.tree.trash, {1})
        self.tree.set(A)
        self.assertEqual((self.tree.child(ROOT, b"a"), self.tree.trash), (1, set()))

    def test_a_name_that_was_taken_over_stays(self) -> None:
        """Taking a node away does not unlink another that has its name by then."""
        self.tree.set(A)
        self.tree.set(structs.replace(A, node=3))
        self.tree.set(structs.replace(A, trashed=5))
        self.assertEqual(self.tree.child(ROOT, b"a"), 3)

    def test_forget(self) -> None:
        """A forgotten node is nowhere."""
        self.tree.set(A)
        self.tree.forget(1)
        self.assertIsNone(self.tree.node(1))
        self.assertEqual(list(self.tree.children(ROOT)), [])
        self.tree.set(structs.replace(A, trashed=5))
        self.tree.forget(1)
        self.assertEqual(self.tree.trash, set())

    def test_counts(self) -> None:
        """Blobs are counted up and down, and are not there at 0."""
        self.tree.count(b"b" * 16, 2)
        self.tree.count(b"b" * 16, -1)
        self.assertEqual(self.tree.blobs, {b"b" * 16: 1})
        self.tree.count(b"b" * 16, -1)
        self.assertEqual(self.tree.blobs, {})

    def test_devices(self) -> None:
        """A device is known by its key."""
        key, tablet = b"k" * 32, Device(b"k" * 32, b"a" * 32, b"tablet", 2)
        self.tree.enrol(Device(key, b"b" * 32, b"laptop", 1))
        self.tree.enrol(tablet)
        self.assertEqual(self.tree.devices, {key: tablet})
        self.assertEqual((self.tree.device(key), self.tree.device_count()), (tablet, 1))
        self.tree.revoke(key)
        self.assertEqual((self.tree.devices, self.tree.device(key)), ({}, None))

    @given(st.lists(nodes, max_size=9, unique_by=(lambda n: n.node, lambda n: (n.parent, n.name))))
    def test_plant(self, planted: list[Node]) -> None:
        """Planting many nodes is the same as setting each."""
        one, other = Tree(), Tree()
        one.plant(planted)
        for node in planted:
            other.set(node)
        self.assertEqual(held(one), held(other))
