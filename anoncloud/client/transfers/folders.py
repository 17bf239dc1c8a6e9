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
) -> None:
    """Store the local folder *top* as *target*, joining with what is there."""
    with reported("reading", top):
        status = os.stat(top)
    folders: list[tuple[names.Path, os.stat_result]] = [(target, status)]
    files: list[LocalItem] = []
    links: list[LocalItem] = []
    for item in local_items(top, complain, choice.chosen, follow=choice.follow):
        if item.is_folder:
            folders.append(((*target, *item.parts), item.status))
        else:
            (links if item.is_link else files).append(item)
    refused: dict[names.Path, LocalError] = {}
    for part in _parts(folders):
        await drive.change(partial(_make_folders, folders=part, refused=refused))
    for path, error in refused.items():
        if path == target or path[:-1] not in refused:
            complain(error)
    files, links = (
        [item for item in some if (*target, *item.parts[:-1]) not in refused]
        for some in (files, links)
    )
    uploader.expect([item.status.st_size for item in files])
    for item in files:
        try:
            await uploader.add(Item(item.path, item.status, (*target, *item.parts), choice.follow))
        except LocalError as error:
            complain(error)
    for group in _parts(links):
        await _store_links(drive, group, target, complain)


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
