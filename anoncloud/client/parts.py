"""One piece of work as one record of the journal, or as several if it is too large for one.

The work is a row of *steps*. A step gives operations, one at a time, and may look at the draft
between them. What does not fit into a record waits for the next one; between two records the drive
is as the steps so far have left it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import msgpack

from anoncloud.client.drive import Drive
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File, Folder, Space, below
from anoncloud.ids import BlobId, NodeId
from anoncloud.limits import MAX_BLOBS_PER_RECORD, MAX_RECORD

Step = Callable[[Draft], Iterable[changes.Operations]]
"""Give operations for a draft, each of which is in it when the next one is asked for."""

PART_BYTES: Final = MAX_RECORD // 4
"""Operations of one record, encoded; header, padding and one long operation more still fit."""
PART_BLOBS: Final = MAX_BLOBS_PER_RECORD // 4
"""Blobs that one record drops, at most, if it can be divided."""

_encode = msgpack.Encoder().encode


async def change_in_parts(drive: Drive, steps: Sequence[Step]) -> int:
    """Carry out *steps* in order, in as few records as hold them. Gives how many that took.

    :raises LocalError: a step breaks a rule of the tree. All are tried before the first record is
        made, so that then nothing was changed, unless another device comes in between.
    """
    rehearsed = Draft(drive.tree, 1, drive.entropy)
    for step in steps:
        for operation in step(rehearsed):
            rehearsed.add(operation)
    made = at = 0
    while at < len(steps):
        done = 0

        def plan(draft: Draft, first: int = at) -> None:
            nonlocal done
            done = _fill(draft, steps[first:])

        await drive.change(plan)
        at += done
        made += 1
    return made


def _fill(draft: Draft, steps: Sequence[Step]) -> int:
    """Carry out as many steps as fit into one record; give how many."""
    length = blobs = 0
    for done, step in enumerate(steps):
        for number, operation in enumerate(step(draft)):
            length += len(_encode(operation))
            if isinstance(operation, changes.Purge):
                blobs += len(blobs_of(draft, operation.node))
            if done and not number and (length > PART_BYTES or blobs > PART_BLOBS):
                return done
            draft.add(operation)
    return len(steps)


def blobs_of(space: Space, top: NodeId) -> set[BlobId]:
    """Give the blobs that something, and all below it, lies in."""
    return {
        extent.blob
        for node in below(space, top)
        if isinstance(node, File)
        for kept in node.versions
        for stream in kept.version.streams
        for extent in (*stream.extents, *stream.fingerprints)
    }


def trashing(node: NodeId) -> Step:
    """Make the step that puts something into the trash."""
    return lambda _: (changes.Trash(node),)


def purging(space: Space, node: NodeId) -> Iterator[Step]:
    """Make the steps that forget something that lies in the trash, the insides first if it is much.

    Each drops no more blobs than a record may, unless one file alone does.
    """
    if isinstance(space.node(node), Folder) and len(blobs_of(space, node)) > PART_BLOBS:
        for child in list(space.children(node)):
            yield trashing(child)
            yield from purging(space, child)
    yield lambda _: (changes.Purge(node),)
