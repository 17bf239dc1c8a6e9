"""A folder of the drive against a local one: what has to come down, and what is local alone."""

import os
import stat
from collections.abc import Iterator

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.localfiles import fault, look_at, reported, show_local
from anoncloud.client.transfers.localtree import Complain
from anoncloud.client.transfers.mirroring import (
    Choice,
    Mirrored,
    has_content,
    kind_of,
    of_another_kind,
)
from anoncloud.client.transfers.targets import part_path
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link, Node, find
from anoncloud.errors import Exists, LocalError

_KINDS = {stat.S_IFDIR: Folder, stat.S_IFLNK: Link, stat.S_IFREG: File}


@attrs.define
class DownPlan:
    """What is to be done on the local disk, as paths below the top."""

    source: Folder
    folders: set[names.Path] = attrs.Factory(set)
    """Those that are joined or made; nothing is written outside them."""
    made: list[names.Path] = attrs.Factory(list)
    copied: dict[names.Path, File] = attrs.Factory(dict)
    linked: dict[names.Path, Link] = attrs.Factory(dict)
    adjusted: list[tuple[names.Path, Node]] = attrs.Factory(list)
    replaced: list[names.Path] = attrs.Factory(list)
    removed: list[names.Path] = attrs.Factory(list)
    """What goes, what is in a folder before the folder."""
    unchanged: int = 0

    def told(self, top: str) -> Mirrored:
        """Give it in words."""

        def shown(paths: "list[names.Path]") -> list[str]:
            return [show_local(local_path(top, path)) for path in paths]

        return Mirrored(
            shown(self.made),
            shown(list(self.copied)),
            shown(list(self.linked)),
            shown([path for path, _ in self.adjusted]),
            shown([*self.replaced, *self.removed]),
            self.unchanged,
        )


def local_path(top: str, parts: names.Path) -> str:
    """Give the local path of what lies at *parts* below *top*."""
    return os.path.join(top, os.fsdecode(b"/".join(parts))) if parts else top


class DownComparison:
    """Compares *source* in the drive with local *top*; what can't be is complained about."""

    def __init__(
        self, drive: Drive, source: names.Path, top: str, complain: Complain, choice: Choice
    ) -> None:
        self._drive = drive
        self._source = source
        self._top = top
        self._complain = complain
        self._choice = choice
        self._new: set[names.Path] = set()
        """Folders that are to be made; what stands in their place now does not count."""

    def run(self) -> DownPlan:
        """Give what is to be done; blocking.

        :raises LocalError: one of the two is no folder, or is not there.
        """
        top = find(self._drive.tree, self._source)
        if not isinstance(top, Folder):
            message = f"mirroring {names.show_path(self._source)}: it is {kind_of(top)}"
            raise Exists(message, "use 'anoncloud get' for a single file")
        plan = DownPlan(top)
        self._compare_top(plan)
        known: set[names.Path] = set()
        for parts, node in self._chosen_nodes(top, plan):
            known.add(parts)
            try:
                self._compare_one(parts, node, plan)
            except LocalError as error:
                self._complain(error)
        if self._choice.delete:
            self._find_extra(known, plan)
        return plan

    def _compare_top(self, plan: DownPlan) -> None:
        plan.folders.add(())
        try:
            status = os.stat(self._top)
        except FileNotFoundError:
            plan.made.append(())
            self._new.add(())
            return
        except OSError as error:
            raise fault("reading", self._top, error) from error
        if not stat.S_ISDIR(status.st_mode):
            message = f"mirroring to {show_local(self._top)}: it is not a folder"
            raise Exists(message, "choose another place, or move it away first")
        if plan.source.modified:
            self._compare_attributes((), plan.source, status, plan)

    def _chosen_nodes(self, top: Folder, plan: DownPlan) -> Iterator[tuple[names.Path, Node]]:
        """Give what is chosen below *top*, folders before what is in them, while they are open."""
        tree = self._drive.tree
        waiting: list[tuple[names.Path, Folder]] = [((), top)]
        while waiting:
            above, folder = waiting.pop()
            if above not in plan.folders:
                continue
            inside = [tree.nodes[number] for number in tree.children(folder.node)]
            for node in sorted(inside, key=lambda node: node.name):
                parts = (*above, node.name)
                if self._choice.chosen(parts, isinstance(node, Folder)):
                    yield parts, node
                    if isinstance(node, Folder):
                        waiting.append((parts, node))

    def _compare_one(self, parts: names.Path, node: Node, plan: DownPlan) -> None:
        place = local_path(self._top, parts)
        status = None if parts[:-1] in self._new else look_at(place)
        if status is not None and _KINDS.get(stat.S_IFMT(status.st_mode)) is not type(node):
            if not self._choice.delete:
                shown = f"to {show_local(place)}"
                raise of_another_kind(shown, _kind(status), kind_of(node))
            plan.replaced += self._all_below(parts, status)
            status = None
        if isinstance(node, Folder):
            plan.folders.add(parts)
            if status is None:
                plan.made.append(parts)
                self._new.add(parts)
            else:
                self._compare_attributes(parts, node, status, plan)
        elif isinstance(node, Link):
            self._compare_link(parts, node, status, plan)
        else:
            self._compare_file(parts, node, status, plan)

    def _compare_attributes(
        self, parts: names.Path, node: Folder, status: os.stat_result, plan: DownPlan
    ) -> None:
        mode = stat.S_IMODE(status.st_mode) & 0o777
        if (node.modified, node.mode & 0o777) != (status.st_mtime_ns, mode):
            plan.adjusted.append((parts, node))

    def _compare_link(
        self, parts: names.Path, node: Link, status: os.stat_result | None, plan: DownPlan
    ) -> None:
        if status is None:
            plan.linked[parts] = node
            return
        place = local_path(self._top, parts)
        with reported("reading", place):
            points_to = os.fsencode(os.readlink(place))
        if points_to != node.target:
            plan.replaced.append(parts)
            plan.linked[parts] = node
        elif status.st_mtime_ns != node.modified:
            plan.adjusted.append((parts, node))
        else:
            plan.unchanged += 1

    def _compare_file(
        self, parts: names.Path, node: File, status: os.stat_result | None, plan: DownPlan
    ) -> None:
        version = node.version
        if status is None or status.st_size != version.size:
            same = False
        elif self._choice.by_content:
            place = local_path(self._top, parts)
            same = has_content(place, version, self._drive.prints)
        else:
            same = status.st_mtime_ns == version.modified
        if status is None or not same:
            plan.copied[parts] = node
        elif (version.modified, version.mode & 0o777) != (
            status.st_mtime_ns,
            stat.S_IMODE(status.st_mode) & 0o777,
        ):
            plan.adjusted.append((parts, node))
        else:
            plan.unchanged += 1

    def _all_below(self, parts: names.Path, status: os.stat_result) -> list[names.Path]:
        """Give something local and all below it, what is inside first.

        :raises Exists: some of it is not to be mirrored, so it may not be removed.
        """
        if not stat.S_ISDIR(status.st_mode):
            return [parts]
        gone = self._removable(parts)
        if gone[-1:] != [parts]:
            message = f"mirroring to {show_local(local_path(self._top, parts))}: it is a folder"
            raise Exists(message, "what is left out lies in it; move it away first")
        return gone

    def _find_extra(self, known: set[names.Path], plan: DownPlan) -> None:
        """Note what is local alone, but not what an earlier try has left of a file to come."""
        left = {
            part_path(local_path(self._top, parts), file.version.digest)
            for parts, file in plan.copied.items()
        }
        for folder in sorted(plan.folders.difference(plan.made)):
            for name in sorted(self._names_in(folder)):
                parts = (*folder, name)
                if parts not in known and local_path(self._top, parts) not in left:
                    plan.removed += self._removable(parts)

    def _removable(self, top: names.Path) -> list[names.Path]:
        """Give what may go of something local, what is in a folder before the folder.

        What is left out, or can't be looked at, stays, and so does every folder above it.
        """
        found: list[names.Path] = []
        kept: set[names.Path] = set()
        waiting = [top]
        while waiting:
            parts = waiting.pop()
            try:
                status = look_at(local_path(self._top, parts))
                is_folder = status is not None and stat.S_ISDIR(status.st_mode)
                if not self._choice.chosen(parts, is_folder):
                    kept.add(parts[:-1])
                    continue
                found.append(parts)
                if is_folder:
                    waiting += [(*parts, name) for name in self._names_in(parts)]
            except LocalError as error:
                self._complain(error)
                kept |= {parts, parts[:-1]}
        gone: list[names.Path] = []
        for parts in reversed(found):
            if parts in kept:
                kept.add(parts[:-1])
            else:
                gone.append(parts)
        return gone

    def _names_in(self, folder: names.Path) -> list[bytes]:
        place = local_path(self._top, folder)
        with reported("reading", place):
            return os.listdir(os.fsencode(place))


def _kind(status: os.stat_result) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a symbolic link", stat.S_IFREG: "a file"}
    return kinds.get(stat.S_IFMT(status.st_mode), "a socket, pipe or device")
