"""A change in the making: operations tried on top of a tree that stays as it is.

A draft is a :class:`~anoncloud.client.tree.nodes.Space` of its own, so an operation may build on
the one before it. What the record must say in clear, the blobs that it adds and drops, is worked
out here; when it is committed, :meth:`Draft.settle` makes the tree what the draft is.
"""

from collections.abc import Iterator

from anoncloud.client.tree.affairs import Affairs, Device, no_device
from anoncloud.client.tree.changes import Change, Operations
from anoncloud.client.tree.nodes import Node
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.entropy import Entropy
from anoncloud.ids import BlobId, NodeId


class Draft:
    """A tree, and what is to change in it at *time* (microseconds)."""

    def __init__(self, tree: Tree, time: int, entropy: Entropy) -> None:
        self._tree = tree
        self._time = time
        self._entropy = entropy
        self._operations: list[Operations] = []
        self._nodes: dict[NodeId, Node | None] = {}
        self._links: dict[NodeId, dict[bytes, NodeId | None]] = {}
        self._blobs: dict[BlobId, int] = {}
        self._devices: dict[bytes, Device | None] = {}
        self._affairs = tree.affairs

    def add(self, operation: Operations) -> None:
        """Carry out one more operation.

        :raises LocalError: it breaks a rule of the tree; the draft is as before.
        """
        apply(self, operation, self._time)
        self._operations.append(operation)

    def new_node(self) -> NodeId:
        """Draw a number that no node has."""
        while True:
            node = NodeId(int.from_bytes(self._entropy(8), "big") >> 1)
            if node and self.node(node) is None:
                return node

    @property
    def time(self) -> int:
        """When the change is made: microseconds since 1970."""
        return self._time

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self._operations

    def change(self) -> Change:
        """Give the change as a record says it."""
        return Change(self._time, tuple(self._operations))

    @property
    def adds(self) -> tuple[BlobId, ...]:
        """The blobs that the drive has only from this change on."""
        return tuple(
            blob
            for blob, named in self._blobs.items()
            if named > 0 and blob not in self._tree.blobs
        )

    @property
    def drops(self) -> tuple[BlobId, ...]:
        """The blobs that nothing names after this change."""
        return tuple(
            blob
            for blob, named in self._blobs.items()
            if named < 0 and self._tree.blobs[blob] + named == 0
        )

    def node(self, node: NodeId) -> Node | None:
        return self._nodes[node] if node in self._nodes else self._tree.node(node)

    def child(self, folder: NodeId, name: bytes) -> NodeId | None:
        changed = self._links.get(folder, {})
        return changed[name] if name in changed else self._tree.child(folder, name)

    def children(self, folder: NodeId) -> Iterator[NodeId]:
        changed = self._links.get(folder, {})
        for number in self._tree.children(folder):
            node = self._tree.nodes[number]
            if node.name not in changed:
                yield number
        yield from (number for number in changed.values() if number is not None)

    def set(self, node: Node) -> None:
        self._unlink(self.node(node.node))
        self._nodes[node.node] = node
        if not node.trashed:
            self._links.setdefault(node.parent, {})[node.name] = node.node

    def forget(self, node: NodeId) -> None:
        self._unlink(self.node(node))
        self._nodes[node] = None

    def count(self, blob: BlobId, extents: int) -> None:
        self._blobs[blob] = self._blobs.get(blob, 0) + extents

    @property
    def affairs(self) -> Affairs:
        return self._affairs

    def arrange(self, affairs: Affairs) -> None:
        self._affairs = affairs

    def device(self, key: bytes) -> Device | None:
        return self._devices[key] if key in self._devices else self._tree.device(key)

    def devices(self) -> list[Device]:
        """Give the devices that are there after this change."""
        keys = dict.fromkeys((*self._tree.devices, *self._devices))
        return [device for key in keys if (device := self.device(key)) is not None]

    def device_count(self) -> int:
        return len(self.devices())

    def enrol(self, device: Device) -> None:
        self._devices[device.key] = device

    def revoke(self, key: bytes) -> None:
        if self.device(key) is None:
            raise no_device()
        self._devices[key] = None

    def settle(self) -> None:
        """Make the tree what this draft is; the draft is over then."""
        tree = self._tree
        for number, node in self._nodes.items():
            if node is not None:
                tree.set(node)
            elif tree.node(number) is not None:
                tree.forget(number)
        for blob, named in self._blobs.items():
            if named:
                tree.count(blob, named)
        for key, device in self._devices.items():
            if device is not None:
                tree.enrol(device)
            elif key in tree.devices:
                tree.revoke(key)
        tree.arrange(self._affairs)

    def _unlink(self, node: Node | None) -> None:
        if node is not None and not node.trashed:
            self._links.setdefault(node.parent, {})[node.name] = None
