"""What a copy or a move leads to, by the two sides: all that was marked is one piece of work."""

import os
from collections.abc import Sequence

from anoncloud.client.interrupted import Interrupted
from anoncloud.client.tree.names import check_name
from anoncloud.disk.syscalls import keep_memory
from anoncloud.ui import effects, shown
from anoncloud.ui.doing import changing
from anoncloud.ui.doing.asking import Asking
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.doing.downloading import work_down
from anoncloud.ui.doing.relocating import Relocation
from anoncloud.ui.doing.transfer import Transfer, Work
from anoncloud.ui.doing.uploading import work_up
from anoncloud.ui.events import LocalChanged
from anoncloud.ui.places import Local, Past, Place, Remote, trail


async def copy_there(desk: Desk, effect: effects.CopyThere) -> None:
    """Copy: inside the drive at once, elsewhere as a transfer."""
    await _take(desk, effect, moving=False)


async def move_there(desk: Desk, effect: effects.MoveThere) -> None:
    """Move: on one side as a copy is made; between the sides copy, and remove what was copied."""
    await _take(desk, effect, moving=True)


async def _take(desk: Desk, effect: effects.CopyThere | effects.MoveThere, *, moving: bool) -> None:
    place, target = effect.place, effect.target
    if isinstance(place, Local) and isinstance(target, Local):
        asking = desk.queue.asking()
        work = _relocate(desk, place, target, effect, asking)
        title = _title("move" if moving else "copy", effect.names, target)
        desk.queue.add(title, work, asking=asking)
    elif isinstance(place, Remote | Past) and isinstance(target, Remote):
        if isinstance(effect, effects.CopyThere):
            await changing.copy_there(desk, place, target, effect)
        elif isinstance(place, Remote):
            await changing.move_there(desk, place, target, effect)
    else:
        _transfer(desk, effect, moving=moving)


def _relocate(
    desk: Desk,
    place: Local,
    target: Local,
    effect: effects.CopyThere | effects.MoveThere,
    asking: Asking,
) -> Work:
    moving = isinstance(effect, effects.MoveThere)

    async def work(transfer: Transfer) -> None:
        policy = asking.policy(into_drive=False, transfer=transfer)
        done = Relocation(policy, desk.here.in_thread, transfer.complain, moving)
        await done.look(place.path, effect.names, target.path, effect.name)
        transfer.left, transfer.steady = done.left, True
        try:
            await done.carry_out()
        finally:
            for changed in (place.path, target.path) if moving else (target.path,):
                desk.tell(LocalChanged(changed))

    return work


def _transfer(desk: Desk, effect: effects.CopyThere | effects.MoveThere, *, moving: bool) -> None:
    place, target, asking = effect.place, effect.target, desk.queue.asking()
    names = tuple(
        (name, check_name(name if effect.name is None else effect.name)) for name in effect.names
    )
    if isinstance(place, Local) and isinstance(target, Remote):
        here = os.fsencode(place.path)
        job = Interrupted(up=True, local=here, remote=target.path, names=names, moving=moving)
        begin(desk, job, asking)
    elif isinstance(place, Remote | Past) and isinstance(target, Local):
        here = os.fsencode(target.path)
        job = Interrupted(up=False, local=here, remote=place.path, names=names, moving=moving)
        if isinstance(place, Remote):
            begin(desk, job, asking)
        else:
            work = work_down(desk, job, asking, place)
            desk.queue.add(_title("down", effect.names, target), work, asking=asking)


def begin(desk: Desk, job: Interrupted, asking: Asking) -> None:
    """Put an upload or a download into the queue; *asking* asks about files that exist."""
    # Not before: what a large tree takes while it is read would stay as well.
    keep_memory()
    there = [name for _, name in job.names]
    if job.up:
        title, work = _title("up", there, Remote(job.remote)), work_up(desk, job, asking)
    else:
        target = Local(os.fsdecode(job.local))
        title, work = _title("down", there, target), work_down(desk, job, asking)
    desk.queue.add(title, work, job=job, asking=asking)


def _title(doing: str, names: Sequence[bytes], target: Place) -> str:
    """Say what is done, in text that is safe to show."""
    if len(names) == 1:
        return f"{doing}: {shown.name(names[0])}"
    return f"{doing}: {len(names):,} entries to {trail(target)}"
