"""The space that a server takes, and what becomes free of it."""

import os
import time
from typing import Any, Final

import attrs
import click

from anoncloud.admin.desk import PATIENCE, Desk, Stores, ask
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.outcome import Outcome, count, day, pairs, size, table
from anoncloud.errors import LocalError
from anoncloud.server.collector import Collector, Keep
from anoncloud.server.occupancy import occupy
from anoncloud.server.times import DAY
from anoncloud.server.upkeep_contract import ErrandKind

ROUND: Final = 3600.0
"""Seconds that a running server may take for a round of collecting."""
GROWTH_DAYS: Final = 30


@click.command(cls=OwnersCommand)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=GROWTH_DAYS,
    help="Show what came on each of so many days.",
)
@click.pass_obj
def stats(desk: Desk, days: int) -> Outcome:
    """Tell what the server stores, what came lately, who is connected, and what room is left.

    What came on a day counts as far as it is still there; nothing is recorded for it.
    """
    since = int(time.time()) // DAY * DAY - (days - 1) * DAY
    is_running = desk.is_running()

    async def look(stores: Stores) -> tuple[Any, Any]:
        status = await ask(stores.upkeep, ErrandKind.STATUS, PATIENCE) if is_running else None
        return await stores.upkeep.totals(since), status

    totals, status = desk.run(look)
    disk = os.statvfs(desk.state_dir)
    free, whole = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    connections = status["connections"] if status else None
    value = attrs.asdict(totals) | {
        "connections": connections,
        "running": is_running,
        "disk_free": free,
        "disk_size": whole,
        "database": desk.database.stat().st_size,
    }
    said = {
        "users": f"{totals.accounts} ({totals.locked} locked)",
        "stored": size(totals.stored),
        "removed, still kept": size(totals.dropped),
        "blobs": str(totals.blobs),
        "database": size(value["database"]),
        "free on the disk": f"{size(free)} of {size(whole)}",
        "connections": _connections(connections, is_running=is_running),
    }
    grown = [(day(one.begin), size(one.stored)) for one in totals.growth]
    came = ["", *table(("DAY (UTC)", "CAME"), grown)] if grown else []
    return Outcome(value, [*pairs(said), *came])


@click.command(cls=OwnersCommand)
@click.pass_obj
def collect(desk: Desk) -> Outcome:
    """Collect what nobody needs any more, now: a running server does it, or this command.

    What was removed lately stays as long as the settings say.
    """
    try:
        lock = occupy(desk.state_dir)
    except LocalError:
        removed = desk.run(_by_the_server)
    else:
        with lock:
            keep = Keep.of(desk.settings)
            removed = desk.run(lambda stores: Collector(stores, keep).collect())
    return Outcome({"removed": removed}, [f"{count(removed, 'blob')} went."])


async def _by_the_server(stores: Stores) -> int:
    done = await ask(stores.upkeep, ErrandKind.COLLECT, ROUND)
    if done is None:
        message = "the server that uses the state folder has not collected anything"
        raise LocalError(message, "look into its log")
    return done["removed"]


def _connections(number: int | None, *, is_running: bool) -> str:
    if number is not None:
        return str(number)
    return "not told: the server does not answer" if is_running else "none: no server is running"
