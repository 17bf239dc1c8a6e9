"""Files opened to be looked at: of the local disk, of the drive as it is and was, of the trash."""

import posixpath

from anoncloud.client import history
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.ranges import Ranges
from anoncloud.client.transfers.sources import FileSource
from anoncloud.client.tree.nodes import File, Link, Node, find
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists, NotFound
from anoncloud.ui import shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.looks import Source
from anoncloud.ui.doing.reading import number_of, trashed_node, tree_of
from anoncloud.ui.looking_effects import Named, Stored, Subject
from anoncloud.ui.places import Local, Past, Trash, decode


class LocalSource:
    """A local file; what shrinks while it is looked at gives less."""

    def __init__(self, file: FileSource, in_thread: InThread) -> None:
        self.size = file.size
        self._file = file
        self._in_thread = in_thread
        self._under_way = 0
        self._closed = False

    async def read(self, offset: int, length: int) -> bytes:
        self._under_way += 1
        try:
            data: bytes = await self._in_thread(self._file.read, offset, length)
        finally:
            self._under_way -= 1
            self._close_if_done()
        return data

    def close(self) -> None:
        self._closed = True
        self._close_if_done()

    def _close_if_done(self) -> None:
        """Close the file, but not under a thread that reads from it: its number may be reused."""
        if self._closed and not self._under_way:
            self._under_way = -1
            self._file.close()


async def open_source(desk: Desk, subject: Subject) -> Source:
    """Open what is to be looked at.

    :raises AnonymousCloudError: it can't be.
    """
    if isinstance(subject, Named) and isinstance(subject.place, Local):
        path = posixpath.join(subject.place.path, decode(subject.entry.name))
        file = await desk.here.in_thread(FileSource, path)
        return LocalSource(file, desk.here.in_thread)
    await desk.opened()
    version = await _version(desk, subject)
    return Ranges(desk.drive, version)


async def _version(desk: Desk, subject: Subject) -> Version:
    if isinstance(subject, Stored):
        return stored_version(desk, subject)
    node = await node_of(desk, subject)
    if isinstance(node, Link):
        message = f"{shown.name(node.name)} is a symbolic link to {shown.name(node.target)}"
        raise Exists(message, "only files can be looked at")
    if not isinstance(node, File):
        message = f"{shown.name(node.name)} is a folder"
        raise Exists(message, "only files can be looked at; details has more of a folder")
    return node.version


async def node_of(desk: Desk, named: Named) -> Node:
    """Find something of the drive; what it was in the past, with its content where that lies now.

    :raises NotFound: it is not there, or its content is gone for good.
    """
    place, entry = named.place, named.entry
    if isinstance(place, Trash):
        return trashed_node(desk, entry.node or b"")
    if isinstance(place, Local):
        message = f"{shown.name(entry.name)} is not in the drive"
        raise NotFound(message, "go to the drive first")
    tree, path = await tree_of(desk, place), (*place.path, entry.name)
    node = find(tree, path)
    if isinstance(place, Past) and isinstance(node, File):
        if history.recover(tree, desk.drive.tree, node.node):
            message = f"{shown.path(path)}: its content was removed for good since then"
            raise NotFound(message, "choose a later time, or look for another copy")
        return find(tree, path)
    return node


def stored_version(desk: Desk, stored: Stored) -> Version:
    """Give one of the versions of a file.

    :raises NotFound: it is not there any more.
    """
    file = desk.drive.tree.node(number_of(stored.node))
    kept = file.versions if isinstance(file, File) else ()
    same = [one.version for one in kept if one.stored == stored.moment]
    if not same:
        message = f"version {stored.number} of {shown.name(stored.name)} is not there any more"
        raise NotFound(message, "look at the list of versions again")
    return same[-1]
