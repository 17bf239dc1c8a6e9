"""Transfers that are carried on at the next start: kept when the program ends, and taken then.

Their limit holds on, too.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from anoncloud.client.interrupted import InterruptedList
from anoncloud.client.transfers.unfinished import KEPT, Unfinished
from anoncloud.errors import AnonymousCloudError
from anoncloud.ui.doing import keeping
from anoncloud.ui.transfer_effects import SetLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anoncloud.client.following import Following
    from anoncloud.client.transfers.putting import Going
    from anoncloud.ui.doing.desk import Desk


def keep(desk: "Desk") -> None:
    """Write down what is under way; called before it is given up.

    :raises LocalFileError: the disk does not take it.
    """
    jobs = desk.queue.jobs
    if jobs and desk.following is not None:
        _list(desk, desk.following).add(jobs)


async def carry_on(desk: "Desk") -> None:
    """Put what was kept into the queue again, after the limit that all of it has."""
    following = desk.following
    if following is None:
        return
    await _limit_again(desk)
    jobs = await desk.here.in_thread(_list(desk, following).take)
    if not jobs:
        return
    from anoncloud.ui.doing.copying import begin  # noqa: PLC0415 - most starts need none of it

    asking = desk.queue.asking()  # all of them count as one copy
    for job in jobs:
        begin(desk, job, asking)
    things = "1 transfer carries" if len(jobs) == 1 else f"{len(jobs)} transfers carry"
    desk.good(f"{things} on from last time")


async def _limit_again(desk: "Desk") -> None:
    """Keep to the limit that was set last; one that can't be read is told, and is none."""
    try:
        rate = await desk.here.in_thread(keeping.limit, desk.here.profile.folder)
        if rate is not None:
            desk.queue.limit(SetLimit(rate))
    except AnonymousCloudError as error:
        desk.complain(error)


def left_of(desk: "Desk", following: "Following", sources: "Sequence[Going]") -> Unfinished:
    """Give what an upload of these sources to their targets has left; no other takes it over."""
    known, here = following.known, desk.here
    ways = (b"\x00".join((os.fsencode(source), *target)) for source, target in sources)
    name = following.drive.prints.whole(b"\x00\x00".join(ways))[:8].hex()
    folder = here.profile.cache(known.keyring.drive).unfinished
    _forget_old(folder, here.clock() / 1e6 - KEPT)
    return Unfinished(folder / name, known.keyring, here.entropy, here.clock)


def _list(desk: "Desk", following: "Following") -> InterruptedList:
    keyring = following.known.keyring
    path = desk.here.profile.cache(keyring.drive).transfers
    return InterruptedList(path, keyring, desk.here.entropy)


def _forget_old(folder: Path, oldest: float) -> None:
    """Remove lists that are too old to be believed, and the folders that held them."""
    for path in folder.glob("*/*"):
        with suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
    for path in folder.glob("*/"):
        with suppress(OSError):
            path.rmdir()  # one that holds lists stays
