"""The rules of the tree: what every operation of a change does, and when it is refused.

:func:`apply` is the whole meaning of an operation. It first checks, then changes, so a refused
operation changes nothing. It works on any :class:`~anoncloud.client.tree.nodes.Space`: on a draft
before a change is committed, on the tree afterwards.

Rules (docs/formats.rst section 6.3): names in a folder are unique; a folder is never moved below
itself; nothing is deeper than MAX_DEPTH; what lies in the trash is only restored, purged or
relocated; no two nodes have one number; the root is not to be touched; a file always has a version.
Those of devices and keys are in ``client.tree.key_rules``.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from anoncloud.client.tree import changes, key_rules, names
from anoncloud.client.tree.nodes import File, Folder, Kept, Link, Node, Space, below, pack
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.errors import Exists, NotFound, UsageError
from anoncloud.ids import ROOT, NodeId
from anoncloud.limits import MAX_DEPTH


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
    _check_new(space, put.node)
    _check_place(space, put.parent, put.name)
    _count(space, put.version, 1)
    space.set(File(put.node, put.parent, put.name, pack((Kept(time, put.version),))))


def _make_link(space: Space, made: changes.MakeLink, time: int) -> None:
    del time
    _check_new(space, made.node)
    _check_place(space, made.parent, made.name)
    space.set(Link(made.node, made.parent, made.name, made.target, made.modified))


def _put_version(space: Space, put: changes.PutVersion, time: int) -> None:
    file = _standing_file(space, put.node)
    _count(space, put.version, 1)
    _set_versions(space, file, (*file.versions, Kept(time, put.version)))


def _set_attributes(space: Space, given: changes.SetAttributes, time: int) -> None:
    del time
    node = _standing(space, given.node)
    if isinstance(node, Link):
        space.set(structs.replace(node, modified=given.modified))
    elif isinstance(node, Folder):
        space.set(structs.replace(node, modified=given.modified, mode=given.mode))
    else:
        *older, newest = node.versions
        version = structs.replace(newest.version, modified=given.modified, mode=given.mode)
        _set_versions(space, node, (*older, Kept(newest.stored, version)))


def _forget_versions(space: Space, forget: changes.ForgetVersions, time: int) -> None:
    del time
    file = _standing_file(space, forget.node)
    versions = file.versions
    if forget.count >= len(versions):
        message = f"{names.show(file.name)} has no more than {len(versions)} versions"
        raise UsageError(message, "the newest version is only forgotten with the file")
    for kept in versions[: forget.count]:
        _count(space, kept.version, -1)
    _set_versions(space, file, versions[forget.count :])


def _relocate(space: Space, moved: changes.Relocate, time: int) -> None:
    del time
    file = space.node(moved.node)
    if not isinstance(file, File):
        message = "it is not in the drive any more"
        raise NotFound(message)
    placed: list[Kept] = []
    for kept in file.versions:
        streams = tuple(_relocated(stream, moved) for stream in kept.version.streams)
        version = structs.replace(kept.version, streams=streams)
        _count(space, version, 1)
        _count(space, kept.version, -1)
        placed.append(Kept(kept.stored, version))
    _set_versions(space, file, tuple(placed))


def _relocated(stream: Stream, moved: changes.Relocate) -> Stream:
    if stream.key != moved.key:
        return stream
    return Stream(stream.key, stream.size, moved.extents, moved.fingerprints)


def _move(space: Space, move: changes.Move, time: int) -> None:
    del time
    node = _standing(space, move.node)
    depth = _check_place(space, move.parent, move.name, moved=move.node)
    if move.parent != node.parent:  # a new name alone brings nothing deeper
        _check_below(space, node, depth)
    space.set(_placed(node, move.parent, move.name, 0))


def _trash(space: Space, trash: changes.Trash, time: int) -> None:
    node = _standing(space, trash.node)
    space.set(_placed(node, node.parent, node.name, max(1, time)))  # 0 is "not trashed"


def _restore(space: Space, restore: changes.Restore, time: int) -> None:
    del time
    node = _trashed(space, restore.node)
    depth = _check_place(space, restore.parent, restore.name, moved=restore.node)
    _check_below(space, node, depth)
    space.set(_placed(node, restore.parent, restore.name, 0))


def _purge(space: Space, purge: changes.Purge, time: int) -> None:
    del time
    _trashed(space, purge.node)
    for node in list(below(space, purge.node)):
        if isinstance(node, File):
            for kept in node.versions:
                _count(space, kept.version, -1)
        space.forget(node.node)


def _set_options(space: Space, options: changes.SetOptions, time: int) -> None:
    del time
    space.arrange(structs.replace(space.affairs, compress=options.compress))


_RULES: Final[dict[type[Any], Callable[[Space, Any, int], None]]] = {
    changes.MakeFolder: _make_folder,
    changes.PutFile: _put_file,
    changes.PutVersion: _put_version,
    changes.Move: _move,
    changes.Trash: _trash,
    changes.Restore: _restore,
    changes.Purge: _purge,
    changes.MakeLink: _make_link,
    changes.SetAttributes: _set_attributes,
    changes.ForgetVersions: _forget_versions,
    changes.Relocate: _relocate,
    changes.SetOptions: _set_options,
    **key_rules.RULES,
}


def _placed(node: Node, parent: NodeId, name: bytes, trashed: int) -> Node:
    return structs.replace(node, parent=parent, name=name, trashed=trashed)


def _set_versions(space: Space, file: File, versions: tuple[Kept, ...]) -> None:
    space.set(structs.replace(file, packed=pack(versions)))


def _check_new(space: Space, node: NodeId) -> None:
    if space.node(node) is not None:
        message = f"node {node} exists already"
        raise Exists(message)


def _check_place(space: Space, parent: NodeId, name: bytes, moved: NodeId | None = None) -> int:
    """See that a place is free; give its depth, in names from the root."""
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
            return depth + 1
        depth, place = depth + 1, space.node(place.parent)
    message = f"there is no folder to put {names.show(name)} into"
    raise NotFound(message, "make the folder first, or restore it from the trash")


def _check_below(space: Space, moved: Node, depth: int) -> None:
    """See that nothing comes too deep if *moved*, and all linked below it, goes to *depth*."""
    level = list(space.children(moved.node))
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            message = f"what is below {names.show(moved.name)} would be too deep there"
            raise UsageError(message, f"a path has at most {MAX_DEPTH} names; choose another place")
        level = [child for number in level for child in space.children(number)]


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


def _standing_file(space: Space, number: NodeId) -> File:
    node = _standing(space, number)
    if not isinstance(node, File):
        message = f"{names.show(node.name)} is not a file"
        raise Exists(message)
    return node


def _trashed(space: Space, number: NodeId) -> Node:
    node = space.node(number)
    if node is None or not node.trashed:
        message = "it is not in the trash"
        raise NotFound(message)
    return node


def _count(space: Space, version: Version, sign: int) -> None:
    for stream in version.streams:
        for extent in stream.extents:
            space.count(extent.blob, sign)
        for extent in stream.fingerprints:
            space.count(extent.blob, sign)
