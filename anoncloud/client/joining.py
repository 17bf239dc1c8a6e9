"""Things moved inside the drive to where there are others of their names: folders join, files ask.

It sends no bytes. What replaces a file becomes a new version of it.
"""

from collections.abc import Iterator, Sequence

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.parts import Step, change_in_parts
from anoncloud.client.transfers.policies import Clash, Decision, Policy, Seen
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.listing import inside
from anoncloud.client.tree.nodes import File, Folder, Node, Space, find, path_of
from anoncloud.client.tree.planning import free_name
from anoncloud.errors import Exists, NotFound
from anoncloud.ids import NodeId


@attrs.frozen
class Answer:
    """What was settled about a place: under which name, and the versions that were there then.

    :ivar same: whether the file looks the same as the one that is there.
    """

    name: bytes
    decision: Decision
    packed: bytes
    same: bool = False


async def settle_one(
    policy: Policy,
    space: Space,
    file: File,
    place: tuple[NodeId, bytes],
    itself: NodeId | None,
) -> Answer:
    """Settle what becomes of *file* at *place*, a name in a folder; its user may choose another.

    A file that looks the same is left alone without a question, unless it is the file *itself*.
    """
    parent, name = place
    while True:
        there = child_of(space, parent, name)
        if not isinstance(there, File) or there.node == itself:
            return Answer(name, Decision.BESIDE, b"")
        ours, theirs = (Seen(one.size, one.modified) for one in (file, there))
        if ours == theirs:
            return Answer(name, Decision.LEAVE, there.packed, same=True)
        shown = names.show_path((*path_of(space, parent), name))
        settled = await policy.settle(Clash(shown, name, ours, theirs))
        if settled.name is None:
            return Answer(name, settled.decision, there.packed)
        name = settled.name


def child_of(space: Space, parent: NodeId, name: bytes) -> Node | None:
    """Give what is called *name* in *parent*, if anything is."""
    number = space.child(parent, name)
    return None if number is None else space.node(number)


def in_the_way(space: Space, parent: NodeId, name: bytes) -> Exists:
    """Say that nothing can be moved to *name* in *parent*."""
    shown = names.show_path((*path_of(space, parent), name))
    message = f"moving to {shown}: there is something of that name already"
    return Exists(message, "choose another name, or move it away first")


@attrs.define
class Joined:
    """What a move has done: how many things have gone, and how many files were left."""

    moved: int = 0
    left: int = 0


async def move_joining(
    drive: Drive,
    sources: Sequence[names.Path],
    folder: names.Path,
    policy: Policy,
    name: bytes | None = None,
) -> Joined:
    """Move things into *folder*, the only one as *name* there; *policy*, which asks, settles.

    A folder joins one that is there. A file that looks the same as the one that is there goes
    into the trash, as if it had replaced that.

    :raises LocalError: one of them can't be moved there; nothing was changed.
    """
    place = find(drive.tree, folder)
    if not isinstance(place, Folder):
        message = f"{names.show_path(folder)} is not a folder"
        raise Exists(message, "choose another place")
    moving = _Moving(policy)
    for source in sources:
        node = find(drive.tree, source)
        await moving.settle(drive.tree, node, place.node, name or node.name)
    await change_in_parts(drive, moving.steps)
    return moving.done


@attrs.define
class _Moving:
    """The steps of one move."""

    policy: Policy
    steps: list[Step] = attrs.Factory(list)
    done: Joined = attrs.Factory(Joined)

    async def settle(self, space: Space, node: Node, parent: NodeId, name: bytes) -> None:
        """Ask about *node* and what is below it, and note the steps that it takes."""
        there = child_of(space, parent, name)
        if isinstance(node, Folder) and isinstance(there, Folder) and node.node != there.node:
            for one in inside(space, node.node):
                await self.settle(space, one, there.node, one.name)
            self.steps.append(_emptying(node.node))
        elif isinstance(node, File) and isinstance(there, File) and node.node != there.node:
            await self._settle_file(space, node, parent, name)
        elif there is not None:
            raise in_the_way(space, parent, name)
        else:
            self._move(node, parent, name)

    async def _settle_file(self, space: Space, file: File, parent: NodeId, name: bytes) -> None:
        answer = await settle_one(self.policy, space, file, (parent, name), file.node)
        there = child_of(space, parent, answer.name)
        if answer.decision is Decision.BESIDE:
            self._move(file, parent, answer.name)
        elif answer.decision is Decision.STORE and isinstance(there, File):
            self.done.moved += 1
            self.steps.append(_replacing(file.node, there.node, parent, answer))
        elif answer.same:
            self.done.moved += 1
            self.steps.append(lambda _: (changes.Trash(file.node),))
        else:
            self.done.left += 1

    def _move(self, node: Node, parent: NodeId, name: bytes) -> None:
        self.done.moved += 1
        self.steps.append(_moving(node.node, parent, name))


def _moving(node: NodeId, parent: NodeId, name: bytes) -> Step:
    """Make the step that moves something, beside what may have come there meanwhile."""

    def step(draft: Draft) -> Iterator[changes.Operations]:
        yield changes.Move(node, parent, free_name(draft, parent, name, b"copy"))

    return step


def _replacing(node: NodeId, there: NodeId, parent: NodeId, answer: Answer) -> Step:
    """Make the step that gives a file the version of another, which goes into the trash."""

    def step(draft: Draft) -> Iterator[changes.Operations]:
        ours, theirs = draft.node(node), draft.node(there)
        if not isinstance(ours, File):
            message = f"moving to {names.show(answer.name)}: it is not in the drive any more"
            raise NotFound(message, "look where it has gone")
        seen = isinstance(theirs, File) and not theirs.trashed and theirs.packed == answer.packed
        if seen:
            yield changes.PutVersion(there, ours.version)
            yield changes.Trash(node)
        else:  # somebody has changed it since it was asked about
            yield changes.Move(node, parent, free_name(draft, parent, answer.name, b"conflict"))

    return step


def _emptying(folder: NodeId) -> Step:
    """Make the step that puts a folder into the trash if nothing is left in it."""

    def step(draft: Draft) -> Iterator[changes.Operations]:
        if isinstance(draft.node(folder), Folder) and not list(draft.children(folder)):
            yield changes.Trash(folder)

    return step
