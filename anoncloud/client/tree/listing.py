"""What is in a folder, in order: of the drive as it is, or as it was."""

from collections.abc import Iterator

from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import Folder, Node, Space, find, path_of
from anoncloud.ids import NodeId


def inside(space: Space, folder: NodeId) -> list[Node]:
    """Give what is in a folder, in order of names."""
    found = (space.node(number) for number in space.children(folder))
    return sorted((node for node in found if node is not None), key=lambda node: node.name)


def entries(space: Space, path: names.Path) -> list[Node]:
    """Give what is in the folder at *path* in order of names; for a file, the file alone.

    :raises NotFound: there is nothing at *path*.
    """
    node = find(space, path)
    return inside(space, node.node) if isinstance(node, Folder) else [node]


def walk(space: Space, path: names.Path) -> Iterator[tuple[names.Path, Node]]:
    """Give everything at and below *path*, each with its path, in order of paths.

    :raises NotFound: there is nothing at *path*.
    """
    top = find(space, path)
    waiting = [(path, top)]
    while waiting:
        where, node = waiting.pop()
        yield where, node
        if isinstance(node, Folder):
            below = inside(space, node.node)
            waiting.extend(((*where, one.name), one) for one in reversed(below))


def origin(space: Space, node: Node) -> names.Path:
    """Tell where a trashed node was, as far as the folders above it are still known."""
    return (*path_of(space, node.parent), node.name)
