"""The drive as a value: the fold of its journal, and the rules that every change keeps.

:func:`apply` is the whole meaning of an operation. It first checks, then changes, so a refused
operation changes nothing. Navigating a :class:`Tree` costs no round trip.

Rules: names in a folder are unique; a folder is never moved below itself; nothing happens in or to
the trash but restore and purge; node numbers are never used twice; the root is not to be touched.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from anoncloud.client import changes, names
from anoncloud.client.nodes import (
    ROOT_FOLDER,
    Device,
    File,
    Folder,
    Node,
    Space,
    below,
)
from anoncloud.errors import Exists, NotFound, UsageError
from anoncloud.ids import ROOT, BlobId, NodeId
from anoncloud.limits import MAX_DEPTH


class Tree:
    """All nodes of a drive, linked by name; implements :class:`~anoncloud.client.nodes.Space`."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, Node] = {ROOT: ROOT_FOLDER}
        self.links: dict[NodeId, dict[bytes, NodeId]] = {}
        self.trash: set[NodeId] = set()
        self.blobs: dict[BlobId, int] = {}
        self.devices: dict[bytes, Device] = {}

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

    def forget(self, node: NodeId) -> None:
        self._unlink(self.nodes.pop(node))
        self.links.pop(node, None)

    def count(self, blob: BlobId, extents: int) -> None:
        named = self.blobs.get(blob, 0) + extents
        if named:
            self.blobs[blob] = named
        else:
            del self.blobs[blob]

    def enrol(self, device: Device) -> None:
        self.devices[device.key] = device

    def revoke(self, key: bytes) -> None:
        del self.devices[key]

    def _unlink(self, node: Node) -> None:
        if node.trashed:
            self.trash.discard(node.node)
        elif self.links.get(node.parent, {}).get(node.name) == node.node:
            del self.links[node.parent][node.name]


def apply(space: Space, operation: changes.Operations, time: int) -> None:
    """Carry out *operation*, made at *time* (microseconds), on *space*, or refuse it.

    :raises LocalError: it breaks a rule; nothing is changed.
    """
    _RULES[type(operation)](space, operation, time)


def _make_folder(space: Space, made: changes.MakeFolder, time: int) -> None:
    del time
    _check_new(space, made.node)
    _check_place(space, made.parent, made.name)
    space.set(Folder(made.node, made.parent, made.name, made.modified, made.mode))


def _put_file(space: Space, put: changes.PutFile, time: int) -> None:
    del time
    _check_new(space, put.node)
    _check_place(space, put.parent, put.name)
    _count(space, put.version, 1)
    space.set(File(put.node, put.parent, put.name, (put.version,)))


def _put_version(space: Space, put: changes.PutVersion, time: int) -> None:
    del time
    file = _standing(space, put.node)
    if not isinstance(file, File):
        message = f"{names.show(file.name)} is a folder"
        raise Exists(message)
    _count(space, put.version, 1)
    space.set(File(file.node, file.parent, file.name, (*file.versions, put.version)))


def _move(space: Space, move: changes.Move, time: int) -> None:
    del time
    node = _standing(space, move.node)
    _check_place(space, move.parent, move.name, moved=move.node)
    space.set(_placed(node, move.parent, move.name, 0))


def _trash(space: Space, trash: changes.Trash, time: int) -> None:
    node = _standing(space, trash.node)
    space.set(_placed(node, node.parent, node.name, max(1, time)))  # 0 is "not trashed"


def _restore(space: Space, restore: changes.Restore, time: int) -> None:
    del time
    node = _trashed(space, restore.node)
    _check_place(space, restore.parent, restore.name, moved=restore.node)
    space.set(_placed(node, restore.parent, restore.name, 0))


def _purge(space: Space, purge: changes.Purge, time: int) -> None:
    del time
    _trashed(space, purge.node)
    for node in list(below(space, purge.node)):
        if isinstance(node, File):
            for version in node.versions:
                _count(space, version, -1)
        space.forget(node.node)


def _enrol(space: Space, enrol: changes.EnrolDevice, time: int) -> None:
    space.enrol(Device(enrol.key, enrol.name, time))


def _revoke(space: Space, revoke: changes.RevokeDevice, time: int) -> None:
    del time
    space.revoke(revoke.key)


_RULES: Final[dict[type[Any], Callable[[Space, Any, int], None]]] = {
    changes.MakeFolder: _make_folder,
    changes.PutFile: _put_file,
    changes.PutVersion: _put_version,
    changes.Move: _move,
    changes.Trash: _trash,
    changes.Restore: _restore,
    changes.Purge: _purge,
    changes.EnrolDevice: _enrol,
    changes.RevokeDevice: _revoke,
}


def _placed(node: Node, parent: NodeId, name: bytes, trashed: int) -> Node:
    if isinstance(node, Folder):
        return Folder(node.node, parent, name, node.modified, node.mode, trashed)
    return File(node.node, parent, name, node.versions, trashed)


def _check_new(space: Space, node: NodeId) -> None:
    if space.node(node) is not None:
        message = f"node {node} exists already"
        raise Exists(message)


def _check_place(
    space: Space, parent: NodeId, name: bytes, moved: NodeId | None = None
) -> None:
    names.check_name(name)
    taken = space.child(parent, name)
    if taken is not None and taken != moved:
        message = f"there is a {names.show(name)} already"
        raise Exists(message, "choose another name, or move it away first")
    depth, place = 0, space.node(parent)
    while place is not None and isinstance(place, Folder) and depth < MAX_DEPTH:
        if place.node == moved:
            message = f"{names.show(place.name)} can't be moved into itself"
            raise UsageError(message)
        if place.trashed:
            break
        if place.node == ROOT:
            return
        depth, place = depth + 1, space.node(place.parent)
    message = f"there is no folder to put {names.show(name)} into"
    raise NotFound(message, "make the folder first, or restore it from the trash")


def _standing(space: Space, number: NodeId) -> Node:
    """Give a node that is not the root and does not itself lie in the trash."""
    node = space.node(number)
    if node is None or node.trashed:
        message = "it is not in the drive any more"
        raise NotFound(message, "look into the trash")
    if number == ROOT:
        message = "the drive's root can't be moved, trashed or replaced"
        raise UsageError(message)
    return node


def _trashed(space: Space, number: NodeId) -> Node:
    node = space.node(number)
    if node is None or not node.trashed:
        message = "it is not in the trash"
        raise NotFound(message)
    return node


def _count(space: Space, version: changes.Version, sign: int) -> None:
    for extent in version.extents:
        space.count(extent.blob, sign)
