"""The drive as it was: its journal once more from the server, folded up to a moment.

Every record is checked as the journal of this device checks it, and all of them up to the newest
one that it knows must be that very history. The cache is only read.

A record's time is its maker's clock. The drive *at* a moment is what the records before the first
that was made later say.
"""

from collections.abc import Callable

from msgspec import structs

from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint
from anoncloud.client.drive import Drive
from anoncloud.client.folding import Fold
from anoncloud.client.journal import Journal
from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Kept, below, pack, path_of
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Stream, Version
from anoncloud.errors import Forked, NotFound
from anoncloud.ids import NodeId


class Past(Fold):
    """A fold that begins again, at a checkpoint or at record 1, and knows where it leads."""

    def __init__(self, journal: Journal, start: Checkpoint | None = None) -> None:
        self._heads = (journal.head, journal.remembered)
        super().__init__(journal.keyring, start)

    def known(self) -> tuple[Head, Head]:
        """Give what this device knows of the history."""
        return self._heads


async def read(drive: Drive, after: int, take: Callable[[bytes], object]) -> None:
    """Hand the records after number *after*, up to the newest that is known, to *take*.

    :raises Forked: the server does not show them all.
    """
    end = drive.journal.head.number
    while after < end:
        page = await drive.page(after)
        if not page.records:
            message = f"the server does not show record {after + 1} of the journal any more"
            raise Forked(message, "it holds back what it has shown before; ask its owner")
        for record in page.records[: end - after]:
            take(record)
            after += 1


async def at(drive: Drive, moment: int) -> Tree:
    """Give the drive as it was at *moment* (microseconds since 1970).

    Where the content of its files lies may have changed since: see :func:`recover`.

    :raises NotFound: the drive's first record is newer.
    :raises Forked: the server shows another history than this device knows.
    :raises Tampered: a record does not open, or breaks the rules of the tree.
    """
    start = drive.journal.saved()
    if start and (start.newest > moment or start.head.number > drive.journal.head.number):
        start = None
    past = Past(drive.journal, start)
    folded, over = past.head.number, False

    def take(record: bytes) -> None:
        nonlocal folded, over
        if not over:
            head, change = past.open(record)
            over = change.time > moment
            if not over:
                past.carry_out(head, change)
                folded += 1
                return
        past.skip(record)

    await read(drive, folded, take)
    if over and not folded:
        message = "looking at an earlier time: the drive has no record as old as that"
        raise NotFound(message, "name a later time")
    return past.tree


def recover(past: Tree, now: Tree, top: NodeId) -> list[File]:
    """Let the files of *past* at and below *top* name the places where their content lies *now*.

    Only the newest version of each is kept. Gives the files whose content was removed for good
    since; they stay as they were.
    """
    moved = [
        file
        for file in below(past, top)
        if isinstance(file, File) and not _stands(file.version, now)
    ]
    if not moved:
        return []
    streams = _streams(now)
    lost: list[File] = []
    for file in moved:
        version, stored = file.version, file.versions[-1].stored
        if all(stream.key in streams for stream in version.streams):
            there = tuple(streams[stream.key] for stream in version.streams)
            kept = Kept(stored, structs.replace(version, streams=there))
            # The nodes alone are replaced: what names which blob is of no use in the past.
            past.set(structs.replace(file, packed=pack((kept,))))
        else:
            lost.append(file)
    return lost


def recovered(past: Tree, now: Tree, top: NodeId) -> list[NotFound]:
    """Do as :func:`recover`; what is gone for good leaves *past*, and gives an error each."""
    errors = []
    for file in recover(past, now, top):
        shown = names.show_path(path_of(past, file.node))
        message = f"bringing {shown} back: its content was removed for good since then"
        errors.append(NotFound(message, "choose a later time, or look for another copy"))
        past.forget(file.node)
    return errors


def _stands(version: Version, now: Tree) -> bool:
    """Whether all the blobs of a version are the drive's; a blob never changes."""
    return all(
        extent.blob in now.blobs
        for stream in version.streams
        for extent in (*stream.extents, *stream.fingerprints)
    )


def _streams(now: Tree) -> dict[bytes, Stream]:
    return {
        stream.key: stream
        for file in now.nodes.values()
        if isinstance(file, File)
        for kept in file.versions
        for stream in kept.version.streams
    }
