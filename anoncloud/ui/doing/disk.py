"""Changes of the local disk: functions that block, for a thread. Nothing is ever replaced."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from anoncloud.client.transfers.localfiles import free_beside, reported, show_local
from anoncloud.client.tree import names
from anoncloud.errors import Exists, UsageError


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


def move(folder: str, moved: Sequence[bytes], target: str, name: bytes | None) -> None:
    """Move things into *target*; the only one is called *name* there, if that is given."""
    for one in moved:
        source, place = _in(folder, one), _in(target, one if name is None else name)
        with reported("moving", source):
            _check_outside(source, target)
            _check_free(place, "moving to")
            shutil.move(source, place)


def copy(folder: str, copied: Sequence[bytes], target: str, name: bytes | None) -> None:
    """Copy things into *target*; beside what has their name there, under a free one."""
    for one in copied:
        source, place = _in(folder, one), free_beside(_in(target, one if name is None else name))
        with reported("copying", source):
            _check_outside(source, target)
            if source.is_symlink():
                place.symlink_to(source.readlink())
            elif source.is_dir():
                shutil.copytree(source, place, symlinks=True)
            else:
                shutil.copy2(source, place)


def remove(folder: str, removed: Sequence[bytes]) -> None:
    """Remove things for good, with all below them; links are removed, never followed."""
    for one in removed:
        place = _in(folder, one)
        with reported("removing", place):
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink()


def _in(folder: str, name: bytes) -> Path:
    return Path(folder, os.fsdecode(names.check_name(name)))


def _check_free(place: Path, doing: str) -> None:
    if os.path.lexists(place):
        message = f"{doing} {show_local(place)}: there is something of that name already"
        raise Exists(message, "choose another name, or move it away first")


def _check_outside(source: Path, target: str) -> None:
    if source.is_dir() and not source.is_symlink():
        inner, outer = Path(target).resolve(), source.resolve()
        if inner == outer or outer in inner.parents:
            message = f"{show_local(source)} can't be put into itself"
            raise UsageError(message, "choose another place")
