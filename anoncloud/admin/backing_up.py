"""``backup`` and ``restore``: the commands."""

import time
from pathlib import Path
from typing import Final

import attrs
import click

from anoncloud.admin import copying
from anoncloud.admin.copying import Copied
from anoncloud.admin.desk import Desk
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.looking import Look, Pace
from anoncloud.admin.outcome import FOUND, Outcome, count, size
from anoncloud.admin.progress import Progress
from anoncloud.admin.vault import Vault, make_vault, occupied, open_vault
from anoncloud.errors import UsageError
from anoncloud.server import identity
from anoncloud.server.assembly import DATABASE
from anoncloud.server.occupancy import occupy
from anoncloud.server.stores.ledger import Ledger

GENERATIONS: Final = 7
_FOLDER: Final = click.Path(path_type=Path)


@click.command(cls=OwnersCommand)
@click.argument("folder", type=_FOLDER)
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    default=GENERATIONS,
    help=f"Keep so many generations of the database (default: {GENERATIONS}).",
)
@click.option("--verify", is_flag=True, help="Then read all of the backup, and check it.")
@click.pass_obj
def backup(desk: Desk, folder: Path, keep: int, verify: bool) -> Outcome:  # noqa: FBT001 - click gives it
    """Copy the server into FOLDER, as it is at one moment, while it runs or not.

    FOLDER, best on another disk, has each blob once: only what it lacks is copied. It holds the
    server's key, with mode 0600: whoever has that can pose as the server, and still reads nothing.
    Ends with 1 if a blob of the server is damaged or missing; all others are in the backup then.
    """
    desk.check_current()
    if folder.resolve().is_relative_to(desk.state_dir.resolve()):
        message = f"{folder} lies in the state folder that is to be copied"
        raise UsageError(message, "give a folder elsewhere, best on another disk")
    vault = make_vault(folder)
    with occupied(vault):
        name, done = copying.back_up(desk.state_dir, vault, int(time.time()))
        gone = vault.prune(keep)
        wrong = _verify(vault, name) if verify else []
    value = attrs.asdict(done) | {"generation": name, "removed": gone, "backup_wrong": wrong}
    lines = [
        f"The backup {folder} has the generation {name} now, with the server's key.",
        f"{_copied(done)} There before: {done.kept}.",
        *(f"removed the generation {one}" for one in gone),
        *_told(done.wrong, "is damaged or missing in the server: run 'anoncloud-admin scrub'"),
        *_told(wrong, "is damaged in the backup: remove it there, and make the backup again"),
    ]
    return Outcome(value, lines, FOUND if done.wrong or wrong else 0)


@click.command(cls=OwnersCommand)
@click.argument("folder", type=_FOLDER)
@click.option("--generation", help="Which one to restore (default: the newest).")
@click.option("--list", "only_list", is_flag=True, help="Only tell which generations there are.")
@click.pass_obj
def restore(desk: Desk, folder: Path, generation: str | None, only_list: bool) -> Outcome:  # noqa: FBT001 - click gives it
    """Put the backup in FOLDER into an empty state folder; everything is checked on the way.

    Nothing is ever overwritten. If the backup is older than what clients have seen, they raise the
    alarm that the server has rolled back, and say how to go on. One that is cut off is carried on
    by the next. Ends with 1 if a blob is damaged or missing in the backup.
    """
    vault = open_vault(folder)
    if only_list:
        return _listing(vault)
    name = vault.chosen(generation)
    copying.check_empty(desk.state_dir, vault.manifest(name))
    identity.make_state_dir(desk.state_dir)
    with occupied(vault), occupy(desk.state_dir):
        done = copying.put_back(vault, name, desk.state_dir)
    value = attrs.asdict(done) | {"generation": name}
    lines = [
        f"{desk.state_dir} is as the server was at the backup {name} (UTC).",
        _copied(done),
        *_told(done.wrong, "is damaged or missing in the backup; what needs it can't be read"),
    ]
    return Outcome(value, lines, FOUND if done.wrong else 0)


def _verify(vault: Vault, name: str) -> list[str]:
    """Read all blobs of a generation in the backup; give the files that are wrong."""
    progress = Progress(int(time.time()))
    with Ledger(vault.path(name) / DATABASE) as snapshot:
        Look(snapshot, vault.shelf, progress, Pace(0), lambda _: None).blobs()
    return [one.file for one in progress.findings]


def _listing(vault: Vault) -> Outcome:
    names = vault.names()
    manifests = {name: vault.manifest(name) for name in names}
    value = [
        {"generation": name, "made": one.made, "blobs": one.blobs, "bytes": one.bytes}
        for name, one in manifests.items()
    ]
    lines = [f"{name}: {one.blobs} blobs, {size(one.bytes)}" for name, one in manifests.items()]
    return Outcome(value, lines or ["There is no generation."])


def _copied(done: Copied) -> str:
    return f"{count(done.copied, 'blob')} of {size(done.bytes)} copied."


def _told(files: list[str], what: str) -> list[str]:
    return [f"{file} {what}" for file in files]
