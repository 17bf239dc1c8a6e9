"""Whole folders up: what goes where, with one bad file never stopping the others."""

import os
import stat
from collections.abc import Iterable
from functools import partial
from typing import Final, TypeVar

import attrs

from anoncloud.client.drive import Drive
from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.transfers.localtree import (
    Chosen,
    Complain,
    LocalItem,
    everything,
    local_items,
)
from anoncloud.client.transfers.uploads import Item, Uploader
from anoncloud.client.tree import changes, names
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import Link
from anoncloud.client.tree.planning import ensure_folders, join_folder
from anoncloud.errors import Exists, LocalError, LocalFileError

Thing = TypeVar("Thing")

OPERATIONS_PER_RECORD: Final = 5000
_AT_ONCE: Final = 1000
"""Files that are judged until others get their turn: those that are not sent wait for nothing."""


@attrs.frozen
class UploadChoice:
    """Which of a folder's files go up, and how."""

    chosen: Chosen = everything
    follow: bool = False


async def upload_folder(  # noqa: PLR0913 - what, where, and how
    drive: Drive,
    uploader: Uploader,
    top: str,
    target: names.Path,
    complain: Complain,
    choice: UploadChoice,
) -> list[LocalItem]:
    """Store the local folder *top* as *target*, joining with what is there.

    Whoever is asked about files that exist is asked before anything is changed. Gives what of the
    folder went up, or is there already; *top* itself is not in it.
    """
    folder = await list_folder(uploader, top, target, complain, choice)
    await uploader.settle(folder.items)
    uploader.expect([item.status.st_size for item in folder.items])
    return await store_folder(drive, uploader, folder, complain)


@attrs.frozen
class FoundFolder:
    """A local folder as it is to be stored as *target*: all that was *found* in it."""

    target: names.Path
    status: os.stat_result
    found: list[LocalItem]
    choice: UploadChoice

    @property
    def items(self) -> list[Item]:
        """The files that go up."""
        plain = (one for one in self.found if not (one.is_folder or one.is_link))
        return [_item(one, self.target, self.choice) for one in plain]


async def list_folder(
    uploader: Uploader, top: str, target: names.Path, complain: Complain, choice: UploadChoice
) -> FoundFolder:
    """Look at all of the local folder *top*."""
    with reported("reading", top):
        status = os.stat(top)
    found = await uploader.in_thread(_list, top, complain, choice)
    return FoundFolder(target, status, found, choice)


async def store_folder(
    drive: Drive, uploader: Uploader, folder: FoundFolder, complain: Complain
) -> list[LocalItem]:
    """Store *folder*, whose files *uploader* expects; give what is in the drive by now."""
    target, found, items = folder.target, folder.found, folder.items
    folders = [(target, folder.status)]
    folders += [((*target, *one.parts), one.status) for one in found if one.is_folder]
    refused: dict[names.Path, LocalError] = {}
    for part in _parts(folders):
        await drive.change(partial(_make_folders, folders=part, refused=refused))
    for path, error in refused.items():
        if path == target or path[:-1] not in refused:
            complain(error)
    uploader.skip([item for item in items if item.target[:-1] in refused])
    items = [item for item in items if item.target[:-1] not in refused]
    for number, item in enumerate(items, start=1):
        if number % _AT_ONCE == 0:
            await uploader.in_thread(_nothing)
        try:
            await uploader.add(item)
        except LocalError as error:
            complain(error)
    links = [one for one in found if one.is_link and (*target, *one.parts[:-1]) not in refused]
    for group in _parts(links):
        await _store_links(drive, group, target, complain)
    left = set(uploader.left)
    return [one for one in found if (*target, *one.parts) not in left]


def _nothing() -> None:
    """Do nothing, in a thread: the reactor goes round once meanwhile."""


def _list(top: str, complain: Complain, choice: UploadChoice) -> list[LocalItem]:
    return list(local_items(top, complain, choice.chosen, follow=choice.follow))


def _item(found: LocalItem, target: names.Path, choice: UploadChoice) -> Item:
    return Item(found.path, found.status, (*target, *found.parts), choice.follow)


async def _store_links(
    drive: Drive, links: list[LocalItem], target: names.Path, complain: Complain
) -> None:
    read: list[tuple[LocalItem, bytes]] = []
    for item in links:
        try:
            with reported("reading", item.path):
                read.append((item, os.fsencode(os.readlink(item.path))))
        except LocalFileError as error:
            complain(error)

    def plan(draft: Draft) -> None:
        for item, points_to in read:
            try:
                put_link(draft, (*target, *item.parts), points_to, item.status.st_mtime_ns)
            except LocalError as error:
                complain(error)

    await drive.change(plan)


def put_link(draft: Draft, path: names.Path, points_to: bytes, modified: int) -> None:
    """Make a symbolic link in *draft*; one that points elsewhere goes into the trash for it."""
    folder = ensure_folders(draft, path[:-1])
    number = draft.child(folder, path[-1])
    there = draft.node(number) if number is not None else None
    if isinstance(there, Link):
        if there.target == points_to:
            return
        draft.add(changes.Trash(there.node))
    elif there is not None:
        message = f"{names.show_path(path)} is not a symbolic link"
        raise Exists(message, "choose another name, or move it away first")
    draft.add(changes.MakeLink(draft.new_node(), folder, path[-1], points_to, modified))


def _make_folders(
    draft: Draft,
    folders: list[tuple[names.Path, os.stat_result]],
    refused: dict[names.Path, LocalError],
) -> None:
    """Make what is missing of *folders*; note in *refused* which can't be, with those in them."""
    for path, status in folders:
        refused.pop(path, None)  # of an earlier try
        try:
            join_folder(draft, path, status.st_mtime_ns, stat.S_IMODE(status.st_mode))
        except LocalError as error:
            refused[path] = error


def _parts(things: list[Thing]) -> Iterable[list[Thing]]:
    return (
        things[start : start + OPERATIONS_PER_RECORD]
        for start in range(0, len(things), OPERATIONS_PER_RECORD)
    )
