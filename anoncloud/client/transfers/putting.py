"""Several local files and folders up in one go: they share blobs, records and questions."""

import os
import stat
from collections.abc import Sequence

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.folders import (
    FoundFolder,
    UploadChoice,
    list_folder,
    store_folder,
)
from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.transfers.localtree import Complain, LocalItem
from anoncloud.client.transfers.uploads import Item, Uploader
from anoncloud.client.tree import names
from anoncloud.errors import LocalError

Going = tuple[str, names.Path]
"""A local path, and the path that it is to have in the drive."""


@attrs.frozen
class _Found:
    """One of them as it was found: *itself*, which may be a link, and what is stored of it."""

    itself: LocalItem
    thing: Item | FoundFolder


async def put_all(
    drive: Drive, uploader: Uploader, sources: Sequence[Going], complain: Complain
) -> list[LocalItem]:
    """Store *sources*, folders with all below them, and finish *uploader*.

    Whoever is asked about files that exist is asked before anything is changed. What can't be
    stored is complained about; the others are. Gives what is in the drive by now, folders before
    what is in them; of a link to a folder only the link, and only if all of that is.
    """
    found = await _find(uploader, sources, complain)
    things = [one.thing for one in found]
    items = [
        item for thing in things for item in ([thing] if isinstance(thing, Item) else thing.items)
    ]
    await uploader.settle(items)
    uploader.expect([item.status.st_size for item in items])
    below: list[list[LocalItem]] = []
    for thing in things:
        below.append([])
        try:
            if isinstance(thing, Item):
                await uploader.add(thing)
            else:
                below[-1] = await store_folder(drive, uploader, thing, complain)
        except LocalError as error:
            complain(error)
    await uploader.finish()
    left = set(uploader.left)
    return [
        item
        for one, others in zip(found, below, strict=True)
        for item in _stored(one, others, left)
    ]


def _stored(one: _Found, others: list[LocalItem], left: set[names.Path]) -> list[LocalItem]:
    target = one.thing.target
    if one.itself.is_link:
        kept = any(path[: len(target)] == target for path in left)
        return [] if kept else [one.itself]
    return [] if target in left else [one.itself, *others]


async def _find(uploader: Uploader, sources: Sequence[Going], complain: Complain) -> list[_Found]:
    found: list[_Found] = []
    for source, target in sources:
        try:
            itself, status = await uploader.in_thread(_look, source)
            thing: Item | FoundFolder = Item(source, status, target)
            if stat.S_ISDIR(status.st_mode):
                thing = await list_folder(uploader, source, target, complain, UploadChoice())
        except LocalError as error:
            complain(error)
        else:
            found.append(_Found(LocalItem(source, (), itself), thing))
    return found


def _look(source: str) -> tuple[os.stat_result, os.stat_result]:
    """Give what *source* is itself, and what it leads to."""
    with reported("reading", source):
        return os.lstat(source), os.stat(source)
