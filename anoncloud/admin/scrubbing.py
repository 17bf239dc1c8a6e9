"""``scrub``: every blob read and held against its checksum, as a command or by night."""

import time
from typing import Final

import click
from msgspec import to_builtins

from anoncloud.admin import progress as kept
from anoncloud.admin.desk import Desk
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.looking import Look, Pace, resumed
from anoncloud.admin.outcome import FOUND, Outcome, count, moment, size
from anoncloud.admin.progress import Progress
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.shelf import Shelf

_ADVICE: Final = {
    "damaged": "restore the file from a backup; else its user loses what 'anoncloud verify' names",
    "missing": "restore the file from a backup; else its user loses what 'anoncloud verify' names",
    "orphan": "nothing: the server removes it after its next start; it only takes room",
}


@click.command(cls=OwnersCommand)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1, max=100_000),
    metavar="MB/S",
    help="Read so many megabytes a second at most (default: as fast as it goes).",
)
@click.option("--again", is_flag=True, help="Begin anew, where an earlier scrub was cut off.")
@click.pass_obj
def scrub(desk: Desk, rate: float | None, again: bool) -> Outcome:  # noqa: FBT001 - click gives it
    """Read every blob, and hold it against the checksum that it came with.

    Says which blobs are damaged or missing, and which files belong to nobody. One that is cut off
    is carried on by the next. Nothing is changed. Ends with 1 if anything is wrong.
    """
    desk.check_current()
    folder = desk.state_dir
    progress, is_resumed = resumed(folder, time.time(), again=again)
    if is_resumed:
        done = count(progress.blobs, "blob")
        desk.note(f"going on with the scrub of {moment(progress.begun)}, after {done}")
    try:
        with Ledger(desk.database) as ledger:
            look = Look(
                ledger,
                Shelf(desk.blobs),
                progress,
                Pace(int((rate or 0) * 1_000_000)),
                lambda now: kept.save(folder, now),
            )
            look.blobs()
            look.orphans(time.time())
    except KeyboardInterrupt:
        kept.save(folder, progress)
        raise
    kept.forget(folder)
    return _outcome(progress)


def _outcome(progress: Progress) -> Outcome:
    value = to_builtins(progress)
    del value["after"]
    lines = [
        f"{one.what}: {one.file}" + (f", of {one.user}" if one.user else "")
        for one in progress.findings
    ]
    if progress.wrong > len(progress.findings):
        lines.append(f"and {progress.wrong - len(progress.findings)} more")
    kinds = sorted({one.what for one in progress.findings})
    lines += [f"What to do with what is {what}: {_ADVICE[what]}." for what in kinds]
    if progress.unknown:
        lines.append(f"Of {count(progress.unknown, 'blob')} no checksum is known, only the length.")
    read = f"{count(progress.blobs, 'blob')} of {size(progress.bytes)} looked at"
    lines.append(f"{read}: {count(progress.wrong, 'fault') if progress.wrong else 'all is well'}.")
    return Outcome(value, lines, FOUND if progress.wrong else 0)
