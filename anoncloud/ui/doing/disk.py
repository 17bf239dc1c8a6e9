"""Changes of the local disk: functions that block, for a thread. Nothing is ever replaced.

Copies and moves, which may replace what their user was asked about, are in ``doing.relocating``.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from anoncloud.client.transfers.localfiles import reported, show_local
from anoncloud.client.transfers.localtree import LocalItem
from anoncloud.client.tree import names
from anoncloud.errors import Exists, LocalError


def make_folder(folder: str, parts: Sequence[bytes]) -> None:
    """Make a folder, each of *parts* in the one before; only the last one must be new."""
    place = Path(folder, *map(os.fsdecode, parts))
    with reported("making", place):
        place.parent.mkdir(parents=True, exist_ok=True)
        _check_free(place, "making")
        place.mkdir()


def rename(folder: str, old: bytes, new: bytes) -> None:
    """Give something another name in the same folder."""
    source, target = _in(folder, old), _in(folder, new)
    with reported("renaming", source):
        _check_free(target, "renaming to")
        source.rename(target)


def rename_many(folder: str, steps: Sequence[tuple[bytes, bytes]]) -> None:
    """Rename step by step; where one fails, those before it are taken back."""
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in steps:
            rename(folder, old, new)
            done.append((_in(folder, old), _in(folder, new)))
    except LocalError:
        for source, target in reversed(done):
            if not os.path.lexists(source):
                target.rename(source)
        raise


def remove(folder: str, removed: Sequence[bytes]) -> None:
    """Remove things for good, with all below them; links are removed, never followed."""
    for one in removed:
        place = _in(folder, one)
        with reported("removing", place):
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()


def remove_stored(stored: Sequence[LocalItem]) -> None:
    """Remove what is stored elsewhere by now; *stored* has folders before what is in them.

    A file that has changed since it was looked at stays, and so do folders that are not empty.
    """
    for item in reversed(stored):
        path = Path(item.path)
        if item.is_folder:
            with suppress(OSError):
                path.rmdir()
            continue
        with reported("removing", path):
            now = path.lstat()
            if (now.st_size, now.st_mtime_ns) == (item.status.st_size, item.status.st_mtime_ns):
                path.unlink()


def _in(folder: str, name: bytes) -> Path:
    return Path(folder, os.fsdecode(names.check_name(name)))


def _check_free(place: Path, doing: str) -> None:
    if os.path.lexists(place):
        message = f"{doing} {show_local(place)}: there is something of that name already"
        raise Exists(message, "choose another name, or move it away first")
