"""What a copy between the two sides does: an upload, a download, and with a move, what follows."""

import os
import stat
from pathlib import Path

from anoncloud.client import arranging, history
from anoncloud.client.interrupted import Interrupted
from anoncloud.client.transfers import fetching, folders, uploads
from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.transfers.policies import Existing, Policy
from anoncloud.client.tree.names import check_name, show_path
from anoncloud.client.tree.nodes import find, path_of
from anoncloud.disk.syscalls import keep_memory
from anoncloud.errors import Code, NotFound, NotLoggedIn, Refused
from anoncloud.ui import effects, shown
from anoncloud.ui.doing import changing, disk
from anoncloud.ui.doing.carrying import left_of
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.reading import tree_of
from anoncloud.ui.doing.transfer import Transfer, Work
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local, Past, Remote


async def copy_there(desk: Desk, effect: effects.CopyThere) -> None:
    """Copy: on one side at once, between the sides as a transfer."""
    place, target = effect.place, effect.target
    if isinstance(place, Local) and isinstance(target, Local):
        copied = (place.path, effect.names, target.path, effect.name)

        async def work(transfer: Transfer) -> None:
            del transfer
            try:
                await desk.here.in_thread(disk.copy, *copied)
            finally:
                desk.tell(LocalChanged(target.path))

        desk.queue.add(_title("copy", effect), work, steady=True)
    elif isinstance(place, Remote) and isinstance(target, Remote):
        await changing.copy_there(desk, effect)
    else:
        _transfer(desk, effect, moving=False)


async def move_there(desk: Desk, effect: effects.MoveThere) -> None:
    """Move: on one side at once; between the sides copy, and then remove what was copied."""
    if isinstance(effect.place, Local) is isinstance(effect.target, Local):
        await changing.move_there(desk, effect)
    else:
        _transfer(desk, effect, moving=True)


def _transfer(desk: Desk, effect: effects.CopyThere | effects.MoveThere, *, moving: bool) -> None:
    # Not before: what a large tree takes while it is read would stay as well.
    keep_memory()
    place, target = effect.place, effect.target
    for name in effect.names:
        called = check_name(name if effect.name is None else effect.name)
        if isinstance(place, Local) and isinstance(target, Remote):
            source = os.path.join(os.fsencode(place.path), name)  # noqa: PTH118 - any name
            begin(
                desk,
                Interrupted(up=True, local=source, remote=(*target.path, called), moving=moving),
            )
        elif isinstance(place, Remote | Past) and isinstance(target, Local):
            there = Path(target.path, os.fsdecode(called))
            if isinstance(place, Remote):
                path = (*place.path, name)
                begin(desk, Interrupted(up=False, local=bytes(there), remote=path, moving=moving))
                continue
            desk.queue.add(
                f"down: {shown.name(name)}", _down(desk, place, name, there, moving=moving)
            )


def begin(desk: Desk, job: Interrupted) -> None:
    """Put an upload or a download into the queue."""
    if job.up:
        title = f"up: {shown.name(job.remote[-1])}"
        work = _up(desk, os.fsdecode(job.local), job.remote, moving=job.moving)
    else:
        title, place = f"down: {shown.name(job.remote[-1])}", Remote(job.remote[:-1])
        there = Path(os.fsdecode(job.local))
        work = _down(desk, place, job.remote[-1], there, moving=job.moving)
    desk.queue.add(title, work, job=job)


def _title(doing: str, effect: effects.CopyThere) -> str:
    first = shown.name(effect.names[0])
    more = len(effect.names) - 1
    return f"{doing}: {first}" + (f" and {more} more" if more else "")


def _up(desk: Desk, source: str, target: tuple[bytes, ...], *, moving: bool) -> Work:
    async def work(transfer: Transfer) -> None:
        try:
            await upload(desk, transfer, source, target)
        except Refused as error:
            if error.code is not Code.BLOB_UNKNOWN:
                raise
            # What an earlier upload had left there is gone by now.
            await upload(desk, transfer, source, target)
        if moving and not transfer.errors:
            transfer.steady = True
            path = Path(source)
            await desk.here.in_thread(disk.remove, str(path.parent), [os.fsencode(path.name)])
            desk.tell(LocalChanged(str(path.parent)))

    return work


async def upload(desk: Desk, transfer: Transfer, source: str, target: tuple[bytes, ...]) -> None:
    """Store a local file or folder as *target*, a new version of what is there."""
    following = desk.following
    if following is None or following.account is None:
        message = "storing files: the server has not answered yet"
        raise NotLoggedIn(message, "wait for the connection, and try again")
    here, drive = desk.here, following.drive
    uploader = uploads.Uploader(
        drive,
        here.in_thread,
        transfer,
        transfer.complain,
        left_of(desk, following, os.fsencode(source), target),
        uploads.Terms(),
    )
    try:
        with reported("reading", source):
            status = os.stat(source)  # noqa: PTH116 - as an Item has it
        if stat.S_ISDIR(status.st_mode):
            choice = folders.UploadChoice()
            await folders.upload_folder(drive, uploader, source, target, transfer.complain, choice)
        else:
            uploader.expect([status.st_size])
            await uploader.add(uploads.Item(source, status, target))
        await uploader.finish()
    finally:
        uploader.close()


def _down(desk: Desk, place: Remote | Past, name: bytes, target: Path, *, moving: bool) -> Work:
    async def work(transfer: Transfer) -> None:
        tree = await tree_of(desk, place)
        path = (*place.path, name)
        node = find(tree, path)
        if isinstance(place, Past):
            for lost in history.recover(tree, desk.drive.tree, node.node):
                shown_path = show_path(path_of(tree, lost.node))
                message = f"bringing {shown_path} back: its content was removed for good since then"
                transfer.complain(NotFound(message, "choose a later time"))
                tree.forget(lost.node)
            node = find(tree, path)
        terms = fetching.Terms(Policy(Existing.RENAME))
        fetcher = fetching.Fetcher(
            desk.drive, tree, desk.here.in_thread, transfer, transfer.complain, terms
        )
        try:
            await fetcher.fetch(node, target)
        finally:
            desk.tell(LocalChanged(str(target.parent)))
        if moving and not transfer.errors:
            transfer.steady = True
            await arranging.remove(desk.drive, [node])

    return work
