"""A local folder as a list of what is in it, with what the file system says of each."""

import os
import stat
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from anoncloud.client.transfers.localfiles import fault, show_local
from anoncloud.client.tree import names
from anoncloud.errors import AnonymousCloudError, LocalFileError

Complain = Callable[[AnonymousCloudError], None]
"""Learn of something that was left out, and why."""
Chosen = Callable[[names.Path, bool], bool]
"""Whether what lies at a path below the top, which may be a folder, is wanted."""


class LocalItem(NamedTuple):
    """Something below a local folder: its place there, and what the file system says of it."""

    path: str
    parts: names.Path
    status: os.stat_result

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)


def everything(parts: names.Path, is_folder: bool) -> bool:  # noqa: FBT001 - a Chosen
    """Want all there is."""
    del parts, is_folder
    return True


def local_items(
    top: str, complain: Complain, chosen: Chosen = everything, *, follow: bool = False
) -> Iterator[LocalItem]:
    """Walk a local folder in order of names, folders before what is in them.

    Sockets, devices and what can't be read are complained about and left out. With *follow*
    symbolic links are taken for what they lead to; one that leads to a folder above it is left out.
    """
    above_all = frozenset({_place(os.stat(top))}) if follow and os.path.exists(top) else frozenset()
    waiting: list[tuple[str, names.Path, frozenset[tuple[int, int]]]] = [(top, (), above_all)]
    while waiting:
        folder, parts, above = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            complain(fault("reading", folder, error))
            continue
        inside: list[tuple[str, names.Path, frozenset[tuple[int, int]]]] = []
        for entry in entries:
            item = _look_at(entry, parts, complain, follow=follow)
            if item is None or not chosen(item.parts, item.is_folder):
                continue
            if item.is_folder:
                here = _place(item.status)
                if here in above:
                    complain(_circle(item.path))
                    continue
                inside.append((item.path, item.parts, above | {here} if follow else above))
            yield item
        waiting += reversed(inside)


def _place(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _look_at(
    entry: "os.DirEntry[str]", parts: names.Path, complain: Complain, *, follow: bool
) -> LocalItem | None:
    try:
        status = entry.stat(follow_symlinks=follow)
    except OSError as error:
        complain(fault("reading", entry.path, error))
        return None
    if stat.S_IFMT(status.st_mode) not in _KINDS:
        message = f"reading {show_local(entry.path)}: it is a socket, pipe or device"
        complain(LocalFileError(message, "only files, folders and symbolic links are stored"))
        return None
    return LocalItem(entry.path, (*parts, os.fsencode(entry.name)), status)


_KINDS: Final = frozenset({stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK})


def _circle(path: str) -> LocalFileError:
    message = f"reading {show_local(path)}: the link leads back to a folder above it"
    return LocalFileError(message, "leave it out with --exclude, or store links as links")
