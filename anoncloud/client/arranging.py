"""Many things moved, copied or removed in one go: all of it in one record, if one holds it.

A copy sends no bytes: it is a new node that names the same content. It has no earlier versions.
"""

from collections.abc import Iterator, Sequence

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.joining import Answer, child_of, in_the_way, settle_one
from anoncloud.client.parts import Step, change_in_parts, purging, trashing
from anoncloud.client.transfers.policies import Decision, Policy
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.listing import inside
from anoncloud.client.tree.nodes import File, Folder, Link, Node, Space, below, find, path_of
from anoncloud.client.tree.planning import destination, free_name
from anoncloud.errors import Exists, NotFound, UsageError
from anoncloud.ids import ROOT, NodeId


def check_target(space: Space, sources: Sequence[names.Path], target: names.Path) -> None:
    """See that several things go into a folder.

    :raises UsageError: *target* is none.
    """
    if len(sources) > 1 and not isinstance(find(space, target), Folder):
        message = f"putting several things into {names.show_path(target)}: it is not a folder"
        raise UsageError(message, "name a folder, or do it one by one")


async def move(drive: Drive, sources: Sequence[names.Path], target: names.Path) -> list[names.Path]:
    """Move or rename; into *target* if it is a folder. Gives the new paths.

    :raises LocalError: one of them can't be moved there; nothing was changed.
    """
    check_target(drive.tree, sources, target)
    placed: dict[NodeId, names.Path] = {}

    def moving(node: Node) -> Step:
        def step(draft: Draft) -> Iterator[changes.Operations]:
            parent, name = destination(draft, target, node.name if node.node != ROOT else b"")
            if node.node != ROOT and draft.child(parent, name) not in {None, node.node}:
                raise in_the_way(draft, parent, name)
            yield changes.Move(node.node, parent, name)
            placed[node.node] = path_of(draft, node.node)

        return step

    nodes = [find(drive.tree, source) for source in sources]
    await change_in_parts(drive, [moving(node) for node in nodes])
    return [placed[node.node] for node in nodes]


async def remove(drive: Drive, nodes: Sequence[Node], *, forever: bool = False) -> None:
    """Put nodes into the trash, or, with *forever*, forget them, in the trash or not.

    What lies in another one of them goes with that.
    """
    wanted = {node.node for node in nodes}
    steps: list[Step] = []
    for number in dict.fromkeys(node.node for node in nodes):
        node = drive.tree.node(number)
        if node is None or _lies_in(drive.tree, node, wanted):
            continue
        if not node.trashed:
            steps.append(trashing(number))
        if forever:
            steps.extend(purging(drive.tree, number))
    await change_in_parts(drive, steps)


def _lies_in(space: Space, node: Node, wanted: set[NodeId]) -> bool:
    """Whether one of *wanted* holds *node*, so that it goes with it."""
    above: Node | None = node
    while above is not None and above.node != ROOT and not above.trashed:
        above = space.node(above.parent)
        if above is not None and above.node in wanted:
            return True
    return False


@attrs.define
class Copied:
    """What a copy has done: the new paths of what was asked for, and how many files were made.

    :ivar left: how many of the *skipped* look different from what is there.
    """

    paths: list[names.Path] = attrs.Factory(list)
    files: int = 0
    skipped: int = 0
    left: int = 0


async def copy(
    drive: Drive,
    sources: Sequence[names.Path],
    target: names.Path,
    policy: Policy,
    past: Space | None = None,
) -> Copied:
    """Copy files, links and whole folders; into *target* if it is a folder.

    A folder joins one that is there; *policy* says what happens where a file's name is taken.
    Whoever is asked about that is asked first. Where somebody is, files that look the same are
    left alone, and what is no file on both sides is copied under a free name. With *past* the
    sources are those of the drive as it was then; their content must still be there
    (:func:`~anoncloud.client.history.recover`).

    :raises LocalError: one of them can't be copied there; nothing was changed.
    """
    check_target(drive.tree, sources, target)
    found = find_or_none(drive.tree, target)
    into = isinstance(found, Folder)
    place = found if into else find(drive.tree, target[:-1])
    copies = []
    for source in sources:
        node = find(past or drive.tree, source)
        if isinstance(node, Folder) and past is None:
            _check_outside(drive.tree, node, place)
        name = node.name if into and node.node != ROOT else target[-1] if target else b""
        copies.append(
            _Copy(node, place.node if place else ROOT, names.check_name(name), policy, past)
        )
    for one in copies:
        await one.settle(drive.tree)
    steps = [step for one in copies for step in one.steps(drive.tree)]
    await change_in_parts(drive, steps)
    done = Copied()
    for one in copies:
        top = one.placed.get(one.top.node)
        if top is not None:
            done.paths.append(path_of(drive.tree, top))
        done.files += len(one.made)
        done.skipped += len(one.skipped)
        done.left += sum(not one.is_same(number) for number in one.skipped)
    return done


def find_or_none(space: Space, path: names.Path) -> Node | None:
    """Give the node at *path*, if there is one."""
    try:
        return find(space, path)
    except NotFound:
        return None


def _check_outside(space: Space, top: Folder, place: Node | None) -> None:
    while place is not None:
        if place.node == top.node:
            message = f"{names.show_path(path_of(space, top.node))} can't be copied into itself"
            raise UsageError(message, "copy it to another place")
        place = None if place.node == ROOT else space.node(place.parent)


@attrs.define
class _Copy:
    """One thing on its way to *name* in the folder *parent*, with all below it."""

    top: Node
    parent: NodeId
    name: bytes
    policy: Policy
    past: Space | None
    placed: dict[NodeId, NodeId] = attrs.Factory(dict)
    """The new node, or the one that was joined, of each that was copied."""
    made: set[NodeId] = attrs.Factory(set)
    skipped: set[NodeId] = attrs.Factory(set)
    _answers: dict[NodeId, Answer] = attrs.Factory(dict)

    async def settle(self, space: Space) -> None:
        """Let all be asked that there is to ask."""
        waiting = [(self.top, self.parent, self.name)] if self.policy.asks else []
        while waiting:
            node, parent, name = waiting.pop()
            there = child_of(space, parent, name)
            if isinstance(node, Folder) and isinstance(there, Folder):
                found = reversed(inside(self.past or space, node.node))
                waiting += [(one, there.node, one.name) for one in found]
            elif isinstance(node, File):
                itself = node.node if self.past is None else None
                answer = await settle_one(self.policy, space, node, (parent, name), itself)
                self._answers[node.node] = answer

    def is_same(self, node: NodeId) -> bool:
        """Whether a file was skipped because it looks the same as the one that is there."""
        return node in self._answers and self._answers[node].same

    def steps(self, space: Space) -> Iterator[Step]:
        for node in below(self.past or space, self.top.node):
            yield self._step(node)

    def _step(self, node: Node) -> Step:
        def step(draft: Draft) -> Iterator[changes.Operations]:
            self.placed.pop(node.node, None)
            self.made.discard(node.node)
            self.skipped.discard(node.node)
            current = draft.node(node.node) if self.past is None else node
            if current is None:
                message = f"copying {names.show(node.name)}: it is not in the drive any more"
                raise NotFound(message)
            parent, name = self.parent, self.name
            if node.node != self.top.node:
                if node.parent not in self.placed:  # its folder was left out
                    return
                parent, name = self.placed[node.parent], current.name
            yield from self._put(draft, current, parent, name)

        return step

    def _put(
        self, draft: Draft, node: Node, parent: NodeId, name: bytes
    ) -> Iterator[changes.Operations]:
        answer = self._answers.get(node.node)
        name = name if answer is None else answer.name
        there = child_of(draft, parent, name)
        if isinstance(node, Folder) and isinstance(there, Folder):
            self.placed[node.node] = there.node
            return
        if there is not None:
            where = (*path_of(draft, parent), name)
            decision = self._decide(node, there, where)
            if decision is Decision.LEAVE:
                self.skipped.add(node.node)
                return
            if decision is Decision.BESIDE:
                name = free_name(draft, parent, name, b"copy")
            elif isinstance(node, File) and isinstance(there, File):
                self.placed[node.node] = there.node
                if node.version == there.version:
                    self.skipped.add(node.node)
                else:
                    self.made.add(node.node)
                    yield changes.PutVersion(there.node, node.version)
                return
            else:
                yield changes.Trash(there.node)
        new = draft.new_node()
        yield _made(node, new, parent, name)
        self.placed[node.node] = new
        if not isinstance(node, Folder):
            self.made.add(node.node)

    def _decide(self, node: Node, there: Node, where: names.Path) -> Decision:
        shown = names.show_path(where)
        answer = self._answers.get(node.node)
        decision = self.policy.decide(node.modified, there.modified)
        if answer is not None and isinstance(there, File) and there.packed == answer.packed:
            decision = answer.decision
        itself = self.past is None and node.node == there.node
        if itself and decision in {Decision.REFUSE, Decision.STORE}:
            message = f"copying {shown}: source and target are the same"
            raise UsageError(message, "give the copy another name")
        if decision is Decision.REFUSE:
            message = f"copying to {shown}: there is something of that name already"
            raise Exists(message, "choose another name, or say what to do with --existing")
        if decision is Decision.STORE and isinstance(there, Folder) != isinstance(node, Folder):
            kind = "folder" if isinstance(there, Folder) else "file or link"
            message = f"copying to {shown}: a {kind} is in the way"
            raise Exists(message, "choose another name, or move it away first")
        return decision


def _made(node: Node, new: NodeId, parent: NodeId, name: bytes) -> changes.Operations:
    if isinstance(node, File):
        return changes.PutFile(new, parent, name, node.version)
    if isinstance(node, Link):
        return changes.MakeLink(new, parent, name, node.target, node.modified)
    return changes.MakeFolder(new, parent, name, node.modified, node.mode)
