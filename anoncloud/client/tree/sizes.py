"""How much is below each folder: what its files are long, and what older versions and trash hold.

What is *held* are sealed bytes at the server. A stream is held once, however many versions and
copies name it: it is counted where it is met first, and newest versions come before older ones,
those before the trash. So *older* is what forgetting the older versions would free, and *trash*
what emptying the trash would. Blobs have fixed sizes, so the server stores somewhat more.
"""

from collections.abc import Iterator

import attrs

from anoncloud.client.tree import names
from anoncloud.client.tree.listing import walk
from anoncloud.client.tree.nodes import File, Folder, Node, below
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Version
from anoncloud.ids import ROOT, NodeId


@attrs.define
class Sizes:
    """Bytes below one folder, or of one file."""

    size: int = 0
    held: int = 0
    older: int = 0
    trash: int = 0

    def add(self, other: "Sizes") -> None:
        """Take another folder's or file's bytes in."""
        self.size += other.size
        self.held += other.held
        self.older += other.older
        self.trash += other.trash


def sizes(
    tree: Tree, path: names.Path, *, stored: bool = False
) -> list[tuple[names.Path, Node, Sizes]]:
    """Give *path* and the folders below it with all they hold, those inside before those outside.

    Without *stored* only ``size`` is worked out, from the newest versions.
    """
    found = list(walk(tree, path))
    own = {node.node: Sizes() for _, node in found}
    for _, node in found:
        if isinstance(node, File):
            own[node.node].size = node.size
    if stored:
        _hold(tree, [node for _, node in found], own)
    given = []
    for depth, (where, node) in reversed(list(enumerate(found))):
        if depth:
            own[node.parent].add(own[node.node])
        if isinstance(node, Folder) or not depth:
            given.append((where, node, own[node.node]))
    return _inside_first(given)


def _inside_first(
    reverse: list[tuple[names.Path, Node, Sizes]],
) -> list[tuple[names.Path, Node, Sizes]]:
    """Turn folders in reverse order of paths into those inside first, in order of names."""
    ordered: list[tuple[names.Path, Node, Sizes]] = []
    outside: list[tuple[names.Path, Node, Sizes]] = []
    for one in reversed(reverse):
        while outside and outside[-1][0] != one[0][: len(outside[-1][0])]:
            ordered.append(outside.pop())
        outside.append(one)
    return ordered + outside[::-1]


def _hold(tree: Tree, found: list[Node], own: dict[NodeId, Sizes]) -> None:
    """Work out what is held: by newest versions, then older ones, then the trash."""
    seen: set[bytes] = set()
    files = [node for node in found if isinstance(node, File)]
    for file in files:
        own[file.node].held = _new_bytes(file.version, seen)
    for file in files:
        own[file.node].older = sum(_new_bytes(kept.version, seen) for kept in file.versions[:-1])
    for number in sorted(tree.trash):
        place = _stood_in(tree, tree.nodes[number], own)
        if place is not None:
            own[place].trash += sum(
                _new_bytes(version, seen) for version in versions_below(tree, number)
            )


def versions_below(tree: Tree, top: NodeId) -> Iterator[Version]:
    """Give every version of every file at and below *top*."""
    for node in below(tree, top):
        if isinstance(node, File):
            for kept in node.versions:
                yield kept.version


def _stood_in(tree: Tree, node: Node, own: dict[NodeId, Sizes]) -> NodeId | None:
    """Give the nearest folder among *own* that something in the trash was in; none if outside.

    Where the folder is gone for good, what was in it counts to the root.
    """
    place = node.parent
    while place not in own:
        above = tree.node(place)
        if above is None:
            return ROOT if ROOT in own else None
        if place == ROOT:
            return None
        place = above.parent
    return place


def _new_bytes(version: Version, seen: set[bytes]) -> int:
    """Count the sealed bytes of streams that were not *seen* before."""
    length = 0
    for stream in version.streams:
        if stream.key not in seen:
            seen.add(stream.key)
            length += sum(extent.length for extent in (*stream.extents, *stream.fingerprints))
    return length
