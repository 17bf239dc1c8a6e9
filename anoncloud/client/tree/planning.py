"""Steps that plans are made of: where something goes, under which name, in which folders."""

from typing import Final

from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Folder, Space, find
from anoncloud.errors import Exists, NotFound
from anoncloud.ids import ROOT, NodeId

FOLDER_MODE: Final = 0o700


def add_folder(draft: Draft, parent: NodeId, name: bytes, modified: int, mode: int) -> NodeId:
    """Make a folder in *draft*; *modified* in nanoseconds. Gives its number."""
    node = draft.new_node()
    draft.add(changes.MakeFolder(node, parent, name, modified, mode))
    return node


def ensure_folders(draft: Draft, path: names.Path) -> NodeId:
    """Make every folder of *path* that is missing; give the last one's number.

    :raises Exists: a part of the path is a file.
    """
    place = ROOT
    for depth, name in enumerate(path, start=1):
        child = draft.child(place, name)
        if child is None:
            child = add_folder(draft, place, name, draft.time * 1000, FOLDER_MODE)
        elif not isinstance(draft.node(child), Folder):
            message = f"{names.show_path(path[:depth])} is a file, not a folder"
            raise Exists(message, "choose another place, or move the file away first")
        place = child
    return place


def join_folder(draft: Draft, path: names.Path, modified: int, mode: int) -> None:
    """Make the folder *path*, and those above it, unless it is there; *modified* in nanoseconds.

    :raises Exists: something that is no folder has that name.
    """
    if not path:
        return
    parent = ensure_folders(draft, path[:-1])
    there = draft.child(parent, path[-1])
    if there is None:
        add_folder(draft, parent, path[-1], modified, mode)
    elif not isinstance(draft.node(there), Folder):
        message = f"making {names.show_path(path)}: something that is no folder has that name"
        raise Exists(message, "choose another place, or move it away first")


def free_name(space: Space, folder: NodeId, name: bytes, label: bytes) -> bytes:
    """Give *name*, or, if it is taken in *folder*, the first free one with *label* in it."""
    wanted, number = name, 1
    while space.child(folder, wanted) is not None:
        wanted = names.numbered(name, label if number == 1 else b"%s %d" % (label, number))
        number += 1
    return wanted


def destination(draft: Draft, target: names.Path, name: bytes) -> tuple[NodeId, bytes]:
    """Tell where something called *name* goes: into *target* if that is a folder, else as it."""
    try:
        found = find(draft, target)
    except NotFound:
        return find(draft, target[:-1]).node, target[-1]
    if isinstance(found, Folder):
        return found.node, name
    return found.parent, target[-1]


def stands(space: Space, number: NodeId) -> bool:
    """Whether a folder is there and neither it nor one above it lies in the trash."""
    node = space.node(number)
    while isinstance(node, Folder) and not node.trashed:
        if node.node == ROOT:
            return True
        node = space.node(node.parent)
    return False
