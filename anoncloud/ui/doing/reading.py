"""Lists what panes show: folders of the local disk, of the drive as it is and was, the trash."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from anoncloud.client import history
from anoncloud.client.amounts import parse_moment
from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.tree import listing
from anoncloud.client.tree.names import show_path
from anoncloud.client.tree.nodes import File, Folder, Link, Node, find
from anoncloud.client.tree.outlines import outline
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import AnonymousCloudError, Exists, NotFound
from anoncloud.ids import NodeId
from anoncloud.ui import shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.effects import ReadPast, ReadPlace, Refresh
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import PlaceFailed, PlaceRead
from anoncloud.ui.listed import Listed
from anoncloud.ui.places import Local, Past, Remote, Trash

MANY: Final = 2_000
"""Entries of a folder from which on it is listed in a thread."""
KEPT_PASTS: Final = 2
"""Drives as they were that stay in memory."""


def number_of(node: bytes) -> NodeId:
    """Give the number of a node from an entry's eight bytes."""
    return NodeId(int.from_bytes(node, "big"))


async def read_place(desk: Desk, effect: ReadPlace) -> None:
    """List a place, and tell it."""
    place = effect.place
    try:
        if isinstance(place, Local):
            entries = await desk.here.in_thread(listed_local, place.path)
            desk.tell(PlaceRead(effect.side, place, entries, focus=effect.focus))
        else:
            await desk.opened()
            entries = await _remote(desk, place)
            desk.tell(PlaceRead(effect.side, place, entries, desk.is_cached, effect.focus))
    except AnonymousCloudError as error:
        desk.tell(PlaceFailed(effect.side, place, error.message, error.hint))


async def refresh(desk: Desk, effect: Refresh) -> None:
    """List what a pane shows once more, after asking the server."""
    place = desk.state().panes[effect.side].place
    following = desk.following
    if not isinstance(place, Local) and following is not None and following.account is not None:
        await following.catch_up()
    await read_place(desk, ReadPlace(effect.side, place))


async def read_past(desk: Desk, effect: ReadPast) -> None:
    """List a folder of the drive as it was at a moment."""
    place = Past(0, 0, effect.path)
    try:
        moment = parse_moment(effect.moment, desk.here.clock())
        head = desk.drive.journal.head.number
        place = Past(head, moment, effect.path)
        entries = await _remote(desk, place)
        desk.tell(PlaceRead(effect.side, place, entries))
    except AnonymousCloudError as error:
        failed = Past(0, place.moment, effect.path)
        desk.tell(PlaceFailed(effect.side, failed, error.message, error.hint))


async def tree_of(desk: Desk, place: Remote | Past) -> Tree:
    """Give the drive as it is, or as it was."""
    if isinstance(place, Remote):
        return desk.drive.tree
    if place.moment not in desk.pasts:
        while len(desk.pasts) >= KEPT_PASTS:
            desk.pasts.pop(next(iter(desk.pasts)))
        desk.pasts[place.moment] = await history.at(desk.drive, place.moment)
    return desk.pasts[place.moment]


async def _remote(desk: Desk, place: Remote | Past | Trash) -> Listed:
    """List a place of the drive: one after the other, so that the newest list comes last."""
    if isinstance(place, Trash):
        tree = desk.drive.tree
        return Listed.of([_trashed(tree, node) for node in desk.drive.trashed()])
    tree_then = await tree_of(desk, place)
    async with desk.listing:
        folder = find(tree_then, place.path)
        if not isinstance(folder, Folder):
            message = f"{show_path(place.path)} is not a folder"
            raise Exists(message, "choose another place")
        numbers = list(tree_then.children(folder.node))
        if len(numbers) < MANY:
            return listed_nodes(tree_then, numbers)
        made: Listed = await desk.here.in_thread(listed_nodes, tree_then, numbers)
        return made


def listed_nodes(tree: Tree, numbers: Iterable[NodeId]) -> Listed:
    """List nodes of a drive, but for those that are gone; takes long for 100,000."""
    nodes = [node for node in map(tree.node, numbers) if node is not None]
    is_file = bytes(type(node) is not Folder for node in nodes)
    return Listed(nodes, drive_entry, _key, [node.name for node in nodes], is_file)


def drive_entry(node: Node) -> Entry:
    """Give the entry of a node of a drive."""
    if isinstance(node, File):
        size, modified = outline(node)
        return Entry(node.name, Kind.FILE, size, modified, _key(node))
    if isinstance(node, Link):
        length, note = len(node.target), "-> " + shown.name(node.target)
        return Entry(node.name, Kind.LINK, length, node.modified, _key(node), note)
    return Entry(node.name, Kind.FOLDER, -1, node.modified, _key(node))


def _key(node: Node) -> bytes:
    return node.node.to_bytes(8, "big")


def _trashed(tree: Tree, node: Node) -> Entry:
    where = shown.path(listing.origin(tree, node)[:-1])
    return drive_entry(node)._replace(note=f"from {where}")


def listed_local(path: str) -> Listed:
    """List a folder of the local disk, for a pane; blocking."""
    return Listed.of(local_entries(path))


def local_entries(path: str) -> list[Entry]:
    """List a folder of the local disk; blocking."""
    with reported("reading", Path(path)), os.scandir(os.fsencode(path)) as found:
        return [_local(one) for one in found]


def _local(found: "os.DirEntry[bytes]") -> Entry:
    try:
        status = found.stat(follow_symlinks=False)
    except OSError:  # it is gone by now, or nobody may look at it
        return Entry(found.name, Kind.OTHER, -1, 0)
    mode, modified = status.st_mode, status.st_mtime_ns
    if stat.S_ISREG(mode):
        return Entry(found.name, Kind.FILE, status.st_size, modified)
    if stat.S_ISDIR(mode):
        return Entry(found.name, Kind.FOLDER, -1, modified)
    if not stat.S_ISLNK(mode):
        return Entry(found.name, Kind.OTHER, -1, modified)
    return _local_link(found, status)


def _local_link(found: "os.DirEntry[bytes]", status: os.stat_result) -> Entry:
    try:
        note = "-> " + shown.name(os.readlink(found.path))  # noqa: PTH115 - bytes
        kind = Kind.FOLDER_LINK if found.is_dir() else Kind.LINK
    except OSError:
        note, kind = "-> ?", Kind.LINK
    return Entry(found.name, kind, status.st_size, status.st_mtime_ns, None, note)


def trashed_node(desk: Desk, node: bytes) -> Node:
    """Give a node by the eight bytes of an entry.

    :raises NotFound: it is not there any more.
    """
    found = desk.drive.tree.node(number_of(node))
    if found is None:
        message = "it is not in the trash any more"
        raise NotFound(message, "refresh the list")
    return found
