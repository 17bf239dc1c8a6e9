"""How long what is over is kept: old versions of files, and what lies in the trash.

A version is old from the moment at which the next one took its place; so what a file was at any
time within the days that are kept can be had back. The newest version is never old.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.parts import PART_BLOBS, Step, blobs_of, purging
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, Kept, Node, Space, below
from anoncloud.client.tree.tree import Tree
from anoncloud.ids import ROOT, BlobId, NodeId

DAY: Final = 24 * 3600 * 1_000_000
"""Microseconds."""
PART_STEPS: Final = 20_000
"""Steps of one record; their operations are of a few bytes."""


@attrs.frozen
class Rules:
    """What is kept: versions that are among the *versions* newest, or were replaced since *since*.

    What was put into the trash before *trash* goes. Times are microseconds since 1970; what is
    None says nothing, and with neither of the first two every version stays.
    """

    versions: int | None = None
    since: int | None = None
    trash: int | None = None

    def forgotten(self, file: File) -> int:
        """Tell how many of a file's oldest versions are not kept."""
        if self.versions is None and self.since is None:
            return 0
        kept = file.versions
        count = len(kept) - max(1, self.versions or 1)
        if self.since is not None:
            replaced = [later.stored for later in kept[1:]]
            young = (number for number, moment in enumerate(replaced) if moment >= self.since)
            count = min(count, next(young, len(replaced)))
        return max(0, count)


@attrs.define
class Retired:
    """What went, or would go: versions, things in the trash, and blobs that nothing names then."""

    versions: int = 0
    purged: int = 0
    blobs: int = 0


async def retire(drive: Drive, top: NodeId, rules: Rules) -> Retired:
    """Let go what *rules* do not keep at and below *top*, in records that are not too large."""
    retired = Retired()
    waiting = list(_steps(drive.tree, top, rules))
    while waiting:
        filled: list[tuple[int, Retired]] = []

        def plan(
            draft: Draft,
            steps: list[Step] = waiting,
            filled: list[tuple[int, Retired]] = filled,
        ) -> None:
            filled[:] = [(_fill(draft, steps, PART_BLOBS), _count(draft))]

        await drive.change(plan)
        done, part = filled[0]
        waiting = waiting[done:]
        retired.versions += part.versions
        retired.purged += part.purged
        retired.blobs += part.blobs
    return retired


def rehearse(drive: Drive, top: NodeId, rules: Rules, now: int) -> Retired:
    """Tell what :func:`retire` would let go at *now* (microseconds)."""
    draft = Draft(drive.tree, now, drive.entropy)
    for step in _steps(drive.tree, top, rules):
        for operation in step(draft):
            draft.add(operation)
    return _count(draft)


def _fill(draft: Draft, steps: list[Step], most: int) -> int:
    """Carry out as many steps as drop at most so many blobs; give how many. At least one is."""
    blobs = 0
    for done, step in enumerate(steps):
        if done == PART_STEPS:
            return done
        for operation in step(draft):
            blobs += _dropped(draft, operation)
            if done and blobs > most:
                return done
            draft.add(operation)
    return len(steps)


def _dropped(draft: Draft, operation: changes.Operations) -> int:
    """Tell how many blobs an operation drops at most."""
    if isinstance(operation, changes.Purge):
        return len(blobs_of(draft, operation.node))
    if isinstance(operation, changes.ForgetVersions):
        file = draft.node(operation.node)
        old = file.versions[: operation.count] if isinstance(file, File) else ()
        return len({blob for kept in old for blob in _blobs(kept)})
    return 0


def _count(draft: Draft) -> Retired:
    operations = draft.change().operations
    forgotten = (each for each in operations if isinstance(each, changes.ForgetVersions))
    purged = sum(isinstance(each, changes.Purge) for each in operations)
    return Retired(sum(each.count for each in forgotten), purged, len(draft.drops))


def _steps(tree: Tree, top: NodeId, rules: Rules) -> Iterator[Step]:
    """Give the steps, each of which judges again when it is taken."""
    for node in list(below(tree, top)):
        count = rules.forgotten(node) if isinstance(node, File) else 0
        many = count > 1 and len(blobs_of(tree, node.node)) > PART_BLOBS
        for _ in range(count if many else min(count, 1)):
            yield _forget(node.node, rules, 1 if many else count)
    for number in sorted(tree.trash) if rules.trash is not None else ():
        node = tree.nodes[number]
        if _is_over(node, rules) and _was_below(tree, node, top):
            for step in purging(tree, number):
                yield _if_over(step, number, rules)


def _forget(number: NodeId, rules: Rules, most: int) -> Step:
    def step(draft: Draft) -> Iterator[changes.ForgetVersions]:
        file = draft.node(number)
        if isinstance(file, File) and not file.trashed:
            count = min(most, rules.forgotten(file))
            if count:
                yield changes.ForgetVersions(number, count)

    return step


def _if_over(step: Step, number: NodeId, rules: Rules) -> Step:
    """Leave out a step if what it purges was restored meanwhile."""

    def guarded(draft: Draft) -> Iterator[changes.Operations]:
        node = draft.node(number)
        if node is not None and _is_over(node, rules):
            yield from step(draft)

    return guarded


def _is_over(node: Node, rules: Rules) -> bool:
    return bool(node.trashed) and rules.trash is not None and node.trashed < rules.trash


def _was_below(space: Space, node: Node, top: NodeId) -> bool:
    """Whether something in the trash was at or below *top*; of the root, all was."""
    current: Node | None = node
    while current is not None and current.node != ROOT:
        if current.node == top:
            return True
        current = space.node(current.parent)
    return top == ROOT


def _blobs(kept: Kept) -> Iterator[BlobId]:
    for stream in kept.version.streams:
        for extent in (*stream.extents, *stream.fingerprints):
            yield extent.blob
