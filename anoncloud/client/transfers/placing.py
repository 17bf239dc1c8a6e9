"""Stored contents into the drive: which become new files, which new versions, which stand beside.

What a file's place looked like when its content was begun is remembered. If somebody else changed
it meanwhile, the content goes beside it under a name that says so: nothing is ever replaced that
its writer has not seen.
"""

from collections.abc import Callable

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, Folder, Node, find, look_up
from anoncloud.client.tree.planning import ensure_folders, free_name
from anoncloud.client.tree.versions import Version
from anoncloud.errors import Exists
from anoncloud.ids import NodeId


@attrs.frozen
class Wanted:
    """A place for a content, and what stood there when it was begun."""

    target: names.Path
    expected: Node | None
    parents: bool
    label: bytes = b"conflict"
    """What a name gets if the place is taken by something else."""
    revisable: bool = True


Later = Callable[[], Version]
"""A version whose extents are known once its last blob is laid."""


def has_content(wanted: Wanted, digest: bytes) -> bool:
    """Whether what stands there has the very content of *digest*."""
    return isinstance(wanted.expected, File) and wanted.expected.version.digest == digest


@attrs.frozen
class Placed:
    """A content that is in the drive now: where, and whether that is not where it was wanted."""

    path: names.Path
    size: int
    renamed: bool


class Placer:
    """Collects contents for one record of *drive*'s journal."""

    def __init__(self, drive: Drive) -> None:
        self.placed: list[Placed] = []
        self._drive = drive
        self._waiting: list[tuple[Wanted, Later]] = []

    @property
    def waiting(self) -> int:
        """Contents that are not committed yet."""
        return len(self._waiting)

    def want(self, target: names.Path, *, parents: bool) -> Wanted:
        """Look at a place before anything is read.

        :raises LocalError: nothing can be stored there.
        """
        node = look_up(self._drive.tree, target)
        if node is None:
            self._check_folder(target[:-1], may_miss=parents)
            return Wanted(target, None, parents)
        if not isinstance(node, File):
            kind = "a folder" if isinstance(node, Folder) else "a symbolic link"
            message = f"{names.show_path(target)} is {kind}"
            raise Exists(message, "choose another name, or move it away first")
        return Wanted(target, node, parents)

    def _check_folder(self, path: names.Path, *, may_miss: bool) -> None:
        """See that *path* is a folder, or, if it *may miss*, that it can be made."""
        node = look_up(self._drive.tree, path)
        while node is None and may_miss:
            path = path[:-1]
            node = look_up(self._drive.tree, path)
        if not isinstance(node or find(self._drive.tree, path), Folder):
            message = f"{names.show_path(path)} is not a folder"
            raise Exists(message, "choose another place")

    def add(self, wanted: Wanted, version: Later) -> None:
        """Let a content, all of which is laid, be part of the next record."""
        self._waiting.append((wanted, version))

    async def commit(self) -> None:
        """Commit what was added; its blobs must be durable."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        contents = [(wanted, version()) for wanted, version in waiting]
        placed: list[Placed] = []

        def plan(draft: Draft) -> None:
            placed.clear()
            folders: dict[names.Path, NodeId] = {}
            placed.extend(_put(draft, folders, *content) for content in contents)

        await self._drive.change(plan)
        self.placed += placed


def _put(
    draft: Draft, folders: dict[names.Path, NodeId], wanted: Wanted, version: Version
) -> Placed:
    """Put one file into *draft*: as a new version if nothing came between, else beside it."""
    above, name = wanted.target[:-1], wanted.target[-1]
    folder = folders.get(above)
    if folder is None:
        folder = ensure_folders(draft, above) if wanted.parents else find(draft, above).node
        folders[above] = folder
    number = draft.child(folder, name)
    there = draft.node(number) if number is not None else None
    if isinstance(there, File) and _same(there, wanted.expected):
        draft.add(changes.PutVersion(there.node, version))
        return Placed(wanted.target, version.size, renamed=False)
    free = free_name(draft, folder, name, wanted.label)
    draft.add(changes.PutFile(draft.new_node(), folder, free, version))
    return Placed((*above, free), version.size, renamed=free != name)


def _same(there: File, expected: Node | None) -> bool:
    """Whether a file still is what it was when its new version was begun."""
    return isinstance(expected, File) and (there.node, there.packed) == (
        expected.node,
        expected.packed,
    )
