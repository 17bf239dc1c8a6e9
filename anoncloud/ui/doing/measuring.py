"""Measures folders: of the drive step by step between other work, of the local disk in threads."""

import os
import stat
from collections.abc import Iterable

import attrs
from twisted.internet.task import deferLater

from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.tree.nodes import Folder, find
from anoncloud.errors import Exists
from anoncloud.ui import places, shown
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.looks import Looked
from anoncloud.ui.doing.reading import tree_of
from anoncloud.ui.events import Heard
from anoncloud.ui.places import Past, Remote
from anoncloud.ui.viewing import usage
from anoncloud.ui.viewing.details import Below
from anoncloud.ui.viewing.table import Items
from anoncloud.ui.viewing.usage import Measured

TOLD_EVERY = 0.25
"""Seconds from one picture of what is known to the next."""


async def measure_drive(desk: Desk, number: int, looked: Looked, place: Remote | Past) -> None:
    """Measure a folder of the drive, as it is or was."""
    await desk.opened()
    tree, reactor = await tree_of(desk, place), desk.here.reactor
    folder = find(tree, place.path)
    if not isinstance(folder, Folder):
        message = f"{shown.path(place.path)} is not a folder"
        raise Exists(message, "choose a folder")
    told, measured = reactor.seconds(), {}
    for measured in usage.measure(tree, folder.node):
        if not looked.wanted:
            return
        if reactor.seconds() - told >= TOLD_EVERY:
            _tell(desk, number, list(measured.values()), done=False)
            told = reactor.seconds()
        await deferLater(reactor, 0)
    _tell(desk, number, list(measured.values()), done=True)


async def measure_local(desk: Desk, number: int, looked: Looked, path: str) -> None:
    """Measure a folder of the local disk, one thing in it after the other."""
    in_thread = desk.here.in_thread
    measured: list[Measured] = await in_thread(_begun, path)
    for at, one in enumerate(measured):
        if not looked.wanted:
            return
        if one.is_folder:
            inside = os.path.join(path, places.decode(one.name))  # noqa: PTH118 - any name
            measured[at] = await in_thread(_below, one, inside, looked)
            _tell(desk, number, measured, done=False)
    _tell(desk, number, measured, done=True)


async def below_drive(desk: Desk, number: int, looked: Looked, place: Remote | Past) -> None:
    """Tell how much lies below a folder of the drive, for its details."""
    tree, reactor = await tree_of(desk, place), desk.here.reactor
    told, measured = reactor.seconds(), {}
    for measured in usage.measure(tree, find(tree, place.path).node):
        if not looked.wanted:
            return
        if reactor.seconds() - told >= TOLD_EVERY:
            desk.tell(Heard(number, _together(measured.values(), done=False)))
            told = reactor.seconds()
        await deferLater(reactor, 0)
    desk.tell(Heard(number, _together(measured.values(), done=True)))


def _together(measured: Iterable[Measured], *, done: bool) -> Below:
    known = list(measured)
    size, files = sum(one.size for one in known), sum(one.files for one in known)
    return Below(size, files, done)


async def below_local(desk: Desk, number: int, looked: Looked, path: str) -> None:
    """Tell how much lies below a folder of the local disk, for its details."""
    one = await desk.here.in_thread(_below, Measured(b"", is_folder=True), path, looked)
    if looked.wanted:
        desk.tell(Heard(number, Below(one.size, one.files, done=True)))


def entries_in(path: str) -> int | None:
    """Count what is in a folder; None if nobody may look into it. Blocking."""
    try:
        with os.scandir(os.fsencode(path)) as found:
            return sum(1 for _ in found)
    except OSError:
        return None


def _tell(desk: Desk, number: int, measured: list[Measured], *, done: bool) -> None:
    items = usage.items_of(measured)
    desk.tell(Heard(number, Items(items, usage.note(measured, done=done))))


def _begun(path: str) -> list[Measured]:
    """List a folder; what is no folder is measured already. Blocking."""
    made = []
    with reported("reading", path), os.scandir(os.fsencode(path)) as found:
        for one in found:
            is_folder = one.is_dir(follow_symlinks=False)
            size = 0 if is_folder else _size(one)
            made.append(Measured(one.name, is_folder, size, 0 if is_folder else 1))
    return made


def _size(entry: "os.DirEntry[bytes]") -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # it is gone by now
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _below(one: Measured, path: str, looked: Looked) -> Measured:
    """Measure what is below a folder, while it is wanted; links are not followed. Blocking."""
    size = files = 0
    waiting = [os.fsencode(path)]
    while waiting and looked.wanted:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size, files = size + _size(entry), files + 1
        except OSError:  # nobody may look into it, or it is gone
            continue
    return attrs.evolve(one, size=size, files=files)
