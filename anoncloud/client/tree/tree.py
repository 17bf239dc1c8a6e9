"""The drive as a value: the fold of its journal. Navigating it costs no round trip.

What an operation does to it, and when it is refused, is in ``client.tree.rules``.
"""

from collections.abc import Iterable, Iterator

from anoncloud.client.tree.affairs import Affairs, Device, no_device
from anoncloud.client.tree.nodes import ROOT_FOLDER, Node
from anoncloud.ids import ROOT, BlobId, NodeId


class Tree:
    """All nodes of a drive, linked by name; a :class:`~anoncloud.client.tree.nodes.Space`."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, Node] = {ROOT: ROOT_FOLDER}
        self.links: dict[NodeId, dict[bytes, NodeId]] = {}
        self.trash: set[NodeId] = set()
        self.blobs: dict[BlobId, int] = {}
        self.devices: dict[bytes, Device] = {}
        self.affairs = Affairs()

    @property
    def compress(self) -> bool:
        """Whether new files are stored compressed."""
        return self.affairs.compress

    def node(self, node: NodeId) -> Node | None:
        return self.nodes.get(node)

    def child(self, folder: NodeId, name: bytes) -> NodeId | None:
        return self.links.get(folder, {}).get(name)

    def children(self, folder: NodeId) -> Iterator[NodeId]:
        return iter(self.links.get(folder, {}).values())

    def set(self, node: Node) -> None:
        old = self.nodes.get(node.node)
        if old is not None:
            self._unlink(old)
        self.nodes[node.node] = node
        if node.trashed:
            self.trash.add(node.node)
        elif node.node != ROOT:
            self.links.setdefault(node.parent, {})[node.name] = node.node

    def plant(self, nodes: Iterable[Node]) -> None:
        """Set many nodes that are not there yet."""
        links = self.links
        for node in nodes:
            self.nodes[node.node] = node
            if node.trashed:
                self.trash.add(node.node)
            elif node.parent in links:
                links[node.parent][node.name] = node.node
            else:
                links[node.parent] = {node.name: node.node}

    def forget(self, node: NodeId) -> None:
        self._unlink(self.nodes.pop(node))
        self.links.pop(node, None)

    def count(self, blob: BlobId, extents: int) -> None:
        named = self.blobs.get(blob, 0) + extents
        if named:
            self.blobs[blob] = named
        else:
            del self.blobs[blob]

    def arrange(self, affairs: Affairs) -> None:
        self.affairs = affairs

    def device(self, key: bytes) -> Device | None:
        return self.devices.get(key)

    def device_count(self) -> int:
        return len(self.devices)

    def enrol(self, device: Device) -> None:
        self.devices[device.key] = device

    def revoke(self, key: bytes) -> None:
        if self.devices.pop(key, None) is None:
            raise no_device()

    def _unlink(self, node: Node) -> None:
        if node.trashed:
            self.trash.discard(node.node)
        elif self.links.get(node.parent, {}).get(node.name) == node.node:
            del self.links[node.parent][node.name]
