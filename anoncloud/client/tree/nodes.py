"""Files and folders as values, and what can be asked of a table of them.

A :class:`Space` is a table of nodes: the tree of a drive, or a draft over one. The rules of
``client.tree.rules`` are written against it, so the same code judges a change before it is
committed and folds it afterwards.
"""

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct, msgpack

from anoncloud.client.tree import names
from anoncloud.client.tree.affairs import Affairs, Device
from anoncloud.client.tree.changes import Name, Target
from anoncloud.client.tree.versions import Mode, Time, Version
from anoncloud.errors import NotFound
from anoncloud.ids import ROOT, BlobId, NodeId


class Folder(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1, gc=False):
    """A folder; *trashed* is when it was put into the trash (microseconds), or 0."""

    node: NodeId
    parent: NodeId
    name: Name
    modified: Time
    mode: Mode
    trashed: Time = 0


class Link(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=3, gc=False):
    """A symbolic link to *target*, which means something only to the machine it came from."""

    node: NodeId
    parent: NodeId
    name: Name
    target: Target
    modified: Time
    trashed: Time = 0


class Kept(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A version, and when it was stored: the time of its change (microseconds)."""

    stored: Time
    version: Version


class File(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2, gc=False):
    """A file; *packed* is its versions, newest last; *trashed* as for a folder.

    Versions stay encoded until somebody asks for them: a drive may have a million, and most are
    never looked at.
    """

    node: NodeId
    parent: NodeId
    name: Name
    packed: bytes
    trashed: Time = 0

    def __repr__(self) -> str:
        return f"<File {self.node}>"  # packed holds keys

    @property
    def versions(self) -> tuple[Kept, ...]:
        """Every version that is kept, the newest last."""
        return _unpack(self.packed)

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.versions[-1].version

    @property
    def size(self) -> int:
        """Bytes of the newest version."""
        return self.version.size

    @property
    def modified(self) -> int:
        """When the newest version was changed at its source: nanoseconds since 1970."""
        return self.version.modified


_unpack = msgpack.Decoder(tuple[Kept, ...]).decode
_encoder = msgpack.Encoder()


def pack(versions: tuple[Kept, ...]) -> bytes:
    """Encode the versions of a :class:`File`."""
    return _encoder.encode(versions)


Node = File | Folder | Link

ROOT_FOLDER = Folder(ROOT, ROOT, b"/", 0, 0o700)
"""Every drive has it from the start; its name is never shown or looked up."""


class Space(Protocol):
    """A table of nodes, linked by name into folders unless they lie in the trash."""

    def node(self, node: NodeId) -> Node | None:
        """Give the node of that number."""

    def child(self, folder: NodeId, name: bytes) -> NodeId | None:
        """Give what is called *name* in *folder*."""

    def children(self, folder: NodeId) -> Iterator[NodeId]:
        """Give all that is linked into *folder*, in no order."""

    def set(self, node: Node) -> None:
        """Add *node*, or replace the one of its number, links included."""

    def forget(self, node: NodeId) -> None:
        """Remove a node and its link."""

    def count(self, blob: BlobId, extents: int) -> None:
        """Note that so many extents more (or less) of *blob* are named."""

    @property
    def affairs(self) -> Affairs:
        """What the drive knows beside its files and devices."""

    def arrange(self, affairs: Affairs) -> None:
        """Replace that."""

    def device(self, key: bytes) -> Device | None:
        """Give the device of that public key."""

    def device_count(self) -> int:
        """Count the devices."""

    def enrol(self, device: Device) -> None:
        """Add or replace a device."""

    def revoke(self, key: bytes) -> None:
        """Remove a device.

        :raises NotFound: it is not there.
        """


def find(space: Space, path: names.Path) -> Node:
    """Give the node at *path*.

    :raises NotFound: a part of the path is missing, or is a file with something below it.
    """
    place = ROOT
    for depth, name in enumerate(path, start=1):
        found = space.child(place, name)
        if found is None:
            raise _missing(path, depth)
        place = found
    node = space.node(place)
    if node is None:
        raise _missing(path, len(path))
    return node


def look_up(space: Space, path: names.Path) -> Node | None:
    """Give the node at *path*, or None if there is none."""
    place = ROOT
    for name in path:
        found = space.child(place, name)
        if found is None:
            return None
        place = found
    return space.node(place)


def _missing(path: names.Path, depth: int) -> NotFound:
    missing = f"there is no {names.show_path(path[:depth])} in the drive"
    message = f"looking for {names.show_path(path)}: {missing}"
    return NotFound(message, "check its name, to the byte; what was removed may lie in the trash")


def path_of(space: Space, node: NodeId) -> names.Path:
    """Give the path of a node, from the root or from the trashed folder that holds it."""
    parts: list[bytes] = []
    current = space.node(node)
    while current is not None and current.node != ROOT:
        parts.append(current.name)
        if current.trashed:
            break
        current = space.node(current.parent)
    return tuple(reversed(parts))


def below(space: Space, top: NodeId) -> Iterator[Node]:
    """Give *top* and everything below it, folders before what is in them."""
    waiting = [top]
    while waiting:
        number = waiting.pop()
        node = space.node(number)
        if node is not None:
            yield node
        if isinstance(node, Folder):
            waiting.extend(space.children(number))
