"""A local folder against one of the drive: what has to go over, and what is in the drive alone.

What the local disk does not plainly lack counts as there: a folder that can't be read, or a file
that is left out, makes nothing disappear from the drive.
"""

import os
import stat

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.localtree import Complain, LocalItem, local_items
from anoncloud.client.transfers.mirroring import (
    Choice,
    Mirrored,
    has_content,
    kind_of,
    of_another_kind,
)
from anoncloud.client.transfers.uploads import Item
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link, Node, Space, below
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.ids import ROOT, NodeId


@attrs.frozen
class Seen:
    """Something in the drive that is to go, and all below it as it was looked at."""

    path: names.Path
    nodes: tuple[Node, ...]

    def still(self, space: Space) -> bool:
        """Whether nobody has changed it meanwhile."""
        return set(below(space, self.nodes[0].node)) == set(self.nodes)


@attrs.define
class UpPlan:
    """What is to be done in the drive, in this order."""

    replaced: list[Seen] = attrs.Factory(list)
    folders: list[tuple[names.Path, os.stat_result]] = attrs.Factory(list)
    files: list[Item] = attrs.Factory(list)
    links: list[tuple[names.Path, bytes, int]] = attrs.Factory(list)
    adjusted: list[tuple[names.Path, Node, int, int]] = attrs.Factory(list)
    removed: list[Seen] = attrs.Factory(list)
    unchanged: int = 0

    def told(self) -> Mirrored:
        """Give it in words."""
        return Mirrored(
            [names.show_path(path) for path, _ in self.folders],
            [names.show_path(item.target) for item in self.files],
            [names.show_path(path) for path, _, _ in self.links],
            [names.show_path(path) for path, _, _, _ in self.adjusted],
            [names.show_path(seen.path) for seen in (*self.replaced, *self.removed)],
            self.unchanged,
        )


class UpComparison:
    """Compares local *top* with *target* in the drive; what can't be is complained about."""

    def __init__(
        self, drive: Drive, top: str, target: names.Path, complain: Complain, choice: Choice
    ) -> None:
        self._drive = drive
        self._top = top
        self._target = target
        self._complain = complain
        self._choice = choice

    def run(self) -> UpPlan:
        """Give what is to be done; blocking.

        :raises LocalError: one of the two is no folder, or can't be read.
        """
        with reported("reading", self._top):
            status = os.stat(self._top)
        if not stat.S_ISDIR(status.st_mode):
            message = f"reading {show_local(self._top)}: it is not a folder"
            raise UsageError(message, "use 'anoncloud put' for a single file")
        plan = UpPlan()
        there = self._compare_top(status, plan)
        known: dict[names.Path, NodeId | None] = {(): there.node if there else None}
        met: set[names.Path] = set()
        for item in local_items(self._top, self._complain, self._choice.chosen):
            met.add(item.parts)
            if item.parts[:-1] not in known:  # something is in its way
                continue
            try:
                node = self._compare_one(item, known[item.parts[:-1]], plan)
            except LocalError as error:
                self._complain(error)
            else:
                if item.is_folder:
                    known[item.parts] = node.node if node else None
        if self._choice.delete and there is not None:
            self._find_extra(there, met, plan)
        return plan

    def _compare_top(self, status: os.stat_result, plan: UpPlan) -> Folder | None:
        node = self._look_up(self._target)
        if node is None:
            plan.folders.append((self._target, status))
            return None
        if not isinstance(node, Folder):
            shown = names.show_path(self._target)
            message = f"mirroring to {shown}: it is {kind_of(node)}"
            raise Exists(message, "choose another place, or move it away first")
        if node.node != ROOT:
            self._compare_folder(self._target, node, status, plan)
        return node

    def _look_up(self, path: names.Path) -> Node | None:
        tree, place = self._drive.tree, ROOT
        for name in path:
            number = tree.child(place, name)
            if number is None:
                return None
            place = number
        return tree.node(place)

    def _compare_one(self, item: LocalItem, parent: NodeId | None, plan: UpPlan) -> Node | None:
        """Note what is to be done for one local thing; give what is in the drive in its place."""
        path = (*self._target, *item.parts)
        number = None if parent is None else self._drive.tree.child(parent, item.parts[-1])
        node = None if number is None else self._drive.tree.node(number)
        kind = Folder if item.is_folder else Link if item.is_link else File
        if node is not None and not isinstance(node, kind):
            if not self._choice.delete or not self._is_all_chosen(node, item.parts):
                here = {Folder: "a folder", Link: "a symbolic link", File: "a file"}[kind]
                raise of_another_kind(show_local(item.path), here, kind_of(node))
            plan.replaced.append(self._seen(path, node))
            node = None
        if item.is_folder:
            if isinstance(node, Folder):
                self._compare_folder(path, node, item.status, plan)
            else:
                plan.folders.append((path, item.status))
        elif item.is_link:
            self._compare_link(path, node, item, plan)
        else:
            self._compare_file(path, node, item, plan)
        return node

    def _compare_folder(
        self, path: names.Path, node: Folder, status: os.stat_result, plan: UpPlan
    ) -> None:
        wanted = (status.st_mtime_ns, stat.S_IMODE(status.st_mode))
        if (node.modified, node.mode) != wanted:
            plan.adjusted.append((path, node, *wanted))

    def _compare_link(
        self, path: names.Path, node: Node | None, item: LocalItem, plan: UpPlan
    ) -> None:
        with reported("reading", item.path):
            points_to = os.fsencode(os.readlink(item.path))
        modified = item.status.st_mtime_ns
        if not isinstance(node, Link) or node.target != points_to:
            plan.links.append((path, points_to, modified))
        elif node.modified != modified:
            plan.adjusted.append((path, node, modified, 0))
        else:
            plan.unchanged += 1

    def _compare_file(
        self, path: names.Path, node: Node | None, item: LocalItem, plan: UpPlan
    ) -> None:
        status = item.status
        wanted = (status.st_mtime_ns, stat.S_IMODE(status.st_mode))
        version = node.version if isinstance(node, File) else None
        if version is None or version.size != status.st_size:
            same = False
        elif self._choice.by_content:
            same = has_content(item.path, version, self._drive.prints)
        else:
            same = version.modified == status.st_mtime_ns
        if version is None or node is None or not same:
            plan.files.append(Item(item.path, status, path, follow=False))
        elif (version.modified, version.mode) != wanted:
            plan.adjusted.append((path, node, *wanted))
        else:
            plan.unchanged += 1

    def _find_extra(self, folder: Node, met: set[names.Path], plan: UpPlan) -> None:
        """Note what is in the drive alone; what the local disk does not plainly lack stays."""
        replaced = {seen.nodes[0].node for seen in plan.replaced}
        waiting: list[tuple[Node, names.Path]] = [(folder, ())]
        while waiting:
            above, place = waiting.pop()
            for number in self._drive.tree.children(above.node):
                node = self._drive.tree.nodes[number]
                inside = (*place, node.name)
                chosen = self._choice.chosen(inside, isinstance(node, Folder))
                if number in replaced or not chosen:
                    continue
                missing = inside not in met and self._is_missing(inside)
                if missing and self._is_all_chosen(node, inside):
                    plan.removed.append(self._seen((*self._target, *inside), node))
                elif isinstance(node, Folder):
                    waiting.append((node, inside))

    def _is_missing(self, parts: names.Path) -> bool:
        try:
            os.lstat(os.path.join(self._top, os.fsdecode(b"/".join(parts))))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False
        return False

    def _is_all_chosen(self, node: Node, parts: names.Path) -> bool:
        """Whether something, and all below it, is to be mirrored."""
        waiting: list[tuple[Node, names.Path]] = [(node, parts)]
        while waiting:
            one, place = waiting.pop()
            if not self._choice.chosen(place, isinstance(one, Folder)):
                return False
            children = self._drive.tree.children(one.node)
            inside = [self._drive.tree.nodes[number] for number in children]
            waiting += [(child, (*place, child.name)) for child in inside]
        return True

    def _seen(self, path: names.Path, node: Node) -> Seen:
        return Seen(path, tuple(below(self._drive.tree, node.node)))
