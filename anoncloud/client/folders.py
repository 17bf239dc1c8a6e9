"""Whole folders up and down: what goes where, with one bad file never stopping the others."""

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from anoncloud.client import names
from anoncloud.client.downloads import download
from anoncloud.client.draft import Draft
from anoncloud.client.drive import Drive, add_folder, ensure_folders
from anoncloud.client.localfiles import PartFile, Source, reported
from anoncloud.client.nodes import File, Folder, below, path_of
from anoncloud.client.uploads import InThread, Progress, Uploader
from anoncloud.errors import AnonymousCloudError, Exists, LocalError, LocalFileError

Complain = Callable[[AnonymousCloudError], None]
"""Learn of a file that was left out, and why."""
FOLDERS_PER_RECORD: Final = 5000


@attrs.frozen
class LocalItem:
    """Something below a local folder: its place there, and what the file system says of it."""

    path: Path
    parts: names.Path
    status: os.stat_result


def local_items(top: Path, complain: Complain) -> Iterator[LocalItem]:
    """Walk a local folder in order of names, folders before what is in them.

    Symbolic links, sockets, devices and what can't be read are complained about and left out.
    """
    waiting: list[tuple[Path, names.Path]] = [(top, ())]
    while waiting:
        folder, parts = waiting.pop()
        try:
            with reported("reading", names.show(os.fsencode(folder))):
                found = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
        except LocalFileError as error:
            complain(error)
            continue
        files: list[LocalItem] = []
        for entry in found:
            name = os.fsencode(entry.name)
            item_path = folder / entry.name
            try:
                with reported("reading", names.show(os.fsencode(item_path))):
                    status = entry.stat(follow_symlinks=False)
                _check_kind(item_path, status.st_mode)
            except LocalFileError as error:
                complain(error)
                continue
            item = LocalItem(item_path, (*parts, name), status)
            if stat.S_ISDIR(status.st_mode):
                waiting.append((item_path, item.parts))
                yield item
            else:
                files.append(item)
        yield from reversed(files)


def _check_kind(path: Path, mode: int) -> None:
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "neither a file nor a folder"
        message = f"reading {names.show(os.fsencode(path))}: it is {kind}, and was left out"
        raise LocalFileError(message, "only files and folders can be stored")


async def upload_folder(
    drive: Drive, uploader: Uploader, top: Path, target: names.Path, complain: Complain
) -> None:
    """Store the local folder *top* as *target*, joining with what is there."""
    status = os.stat(top)
    folders: list[tuple[names.Path, os.stat_result]] = [(target, status)]
    files: list[LocalItem] = []
    for item in local_items(top, complain):
        if stat.S_ISDIR(item.status.st_mode):
            folders.append(((*target, *item.parts), item.status))
        else:
            files.append(item)
    for start in range(0, len(folders), FOLDERS_PER_RECORD):
        part = folders[start : start + FOLDERS_PER_RECORD]
        await drive.change(partial(_make_folders, folders=part))
    for item in files:
        place = (*target, *item.parts)
        try:
            await uploader.add(partial(Source.open, item.path), place, parents=True)
        except LocalError as error:
            complain(error)


def _make_folders(
    draft: Draft, folders: list[tuple[names.Path, os.stat_result]]
) -> None:
    for path, status in folders:
        if not path:
            continue
        parent = ensure_folders(draft, path[:-1], status.st_mtime_ns // 1000)
        there = draft.child(parent, path[-1])
        if there is None:
            mode = status.st_mode & 0o7777
            add_folder(draft, parent, path[-1], status.st_mtime_ns, mode)
        elif not isinstance(draft.node(there), Folder):
            message = f"{names.show_path(path)} is a file, not a folder"
            raise Exists(message, "choose another place, or move the file away first")


@attrs.frozen
class Downloader:
    """Brings nodes of *drive* down to local paths."""

    drive: Drive
    in_thread: InThread
    progress: Progress
    overwrite: bool

    async def file(self, file: File, target: Path) -> None:
        """Bring the newest version of *file* down to *target*."""
        part = await self.in_thread(lambda: PartFile(target, overwrite=self.overwrite))
        await download(self.drive, file.version, part, self.in_thread, self.progress)

    async def folder(self, folder: Folder, target: Path, complain: Complain) -> None:
        """Bring *folder* and all below it down as *target*, joining with what is there."""
        depth = len(path_of(self.drive.tree, folder.node))
        made: list[tuple[Folder, Path]] = []
        for node in list(below(self.drive.tree, folder.node)):
            parts = path_of(self.drive.tree, node.node)[depth:]
            place = target.joinpath(*(os.fsdecode(part) for part in parts))
            try:
                if isinstance(node, Folder):
                    made.append((node, place))
                    with reported("making", names.show(os.fsencode(place))):
                        place.mkdir(mode=0o700, exist_ok=True)
                else:
                    await self.file(node, place)
            except LocalError as error:
                complain(error)
        for node, place in reversed(made):
            _finish_folder(node, place, complain)


def _finish_folder(folder: Folder, place: Path, complain: Complain) -> None:
    """Give a folder its mode and time after all is in it; the drive's root has none to give."""
    if not folder.modified:
        return
    try:
        with reported("finishing", names.show(os.fsencode(place))):
            place.chmod(folder.mode & 0o777)
            os.utime(place, ns=(folder.modified, folder.modified))
    except LocalFileError as error:
        complain(error)
