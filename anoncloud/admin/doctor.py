"""``doctor``: looks at all that can be wrong with a server, and says what to do."""

import time
from collections.abc import Callable, Iterator
from os import urandom
from typing import Final

import attrs
import click

from anoncloud.admin import checking, looking
from anoncloud.admin.checking import Symptom
from anoncloud.admin.desk import Desk
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.outcome import FOUND, Outcome, count
from anoncloud.errors import LocalError
from anoncloud.server import identity
from anoncloud.server.identity import KEY_FILE
from anoncloud.server.processes.bounds import user_named
from anoncloud.server.stores.database import newest_step
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.shelf import Shelf

SHOWN: Final = 10
"""Files of one kind that are named; the rest is counted."""


@click.command(cls=OwnersCommand)
@click.pass_obj
def doctor(desk: Desk) -> Outcome:
    """Look at all that can be wrong with the server, and say what to do.

    Permissions, clock, disk, database, packages, files and address; of blobs whether they are there
    with their length, 'anoncloud-admin scrub' reads them. Nothing is changed. Ends with 1 if
    anything is wrong.
    """
    desk.check_server()
    found: list[Symptom] = []
    for check in (_folder, _key, _database, lambda _: checking.versions(), _address):
        found += _checked(check, desk)
    lines = [f"{one.what}\n    {one.todo}" for one in found]
    lines.append(f"{count(len(found), 'finding')}." if found else "All is well.")
    value = [attrs.asdict(one) for one in found]
    return Outcome(value, lines, FOUND if found else 0)


def _checked(check: Callable[[Desk], Iterator[Symptom]], desk: Desk) -> list[Symptom]:
    """Give what a check finds; one that can't be made is a finding, too."""
    found: list[Symptom] = []
    try:
        found.extend(check(desk))  # keeps what comes before an error
    except LocalError as error:
        found.append(Symptom("unreadable", error.message, error.hint))
    except OSError as error:
        what = f"{error.filename or desk.state_dir} can't be looked at: {error.strerror}"
        found.append(Symptom("unreadable", what, "see who owns it, and check the disk"))
    return found


def _folder(desk: Desk) -> Iterator[Symptom]:
    name = desk.settings.worker_user
    worker = user_named(name).pw_uid if name else None
    yield from checking.permissions(desk.state_dir, worker)
    yield from checking.disk(desk.state_dir)


def _key(desk: Desk) -> Iterator[Symptom]:
    if (desk.state_dir / KEY_FILE).exists():
        identity.load_or_make(desk.state_dir, urandom)
        return
    todo = "put it back from a backup; without it no kit and no invitation fits any more"
    yield Symptom("key", f"the server's key {desk.state_dir / KEY_FILE} is missing", todo)


def _database(desk: Desk) -> Iterator[Symptom]:
    with Ledger(desk.database) as ledger:
        for fault in ledger.faults():
            todo = "stop the server and restore a backup; keep what is there until that is done"
            yield Symptom("database", f"the database {desk.database} is damaged: {fault}", todo)
        version = ledger.version()
        if version != newest_step():
            side = "an older" if version < newest_step() else "a newer"
            what = f"the database is of {side} release: step {version}, not {newest_step()}"
            newer = "stop the server, run 'anoncloud-admin upgrade', and start it"
            todo = newer if version < newest_step() else "update this program"
            yield Symptom("schema", what, todo)
            return
        yield from checking.clock(time.time(), ledger.newest())
        yield from _files(ledger, Shelf(desk.blobs), is_running=desk.is_running())


def _files(ledger: Ledger, shelf: Shelf, *, is_running: bool) -> Iterator[Symptom]:
    """See that every blob is there, and nothing else."""
    missing = list(_missing(ledger, shelf))
    if missing:
        todo = "restore these files from a backup; 'anoncloud verify' tells users what they lose"
        yield Symptom("missing", _named(missing, "are missing, or of a wrong length"), todo)
    now = time.time()
    orphans = [str(shelf.path(blob)) for blob in looking.orphans(ledger, shelf, now)]
    if orphans:
        todo = "nothing: a restart of the server lets them go; they only take room"
        yield Symptom("orphan", _named(orphans, "belong to nobody"), todo)
    strangers = [str(path) for path in shelf.strangers()]
    if strangers:
        todo = "move them away: they are not the server's"
        yield Symptom("stranger", _named(strangers, "are no blobs"), todo)
    yield from checking.stale(shelf.aside(), now, is_running=is_running)


def _missing(ledger: Ledger, shelf: Shelf) -> Iterator[str]:
    after = b""
    while rows := ledger.page(after):
        for row in rows:
            is_wrong = shelf.size(row.blob) != row.size
            if is_wrong and ledger.row(row.blob) is not None:
                yield str(shelf.path(row.blob))
        after = rows[-1].blob


def _address(desk: Desk) -> Iterator[Symptom]:
    return checking.address(desk.state_dir, is_running=desk.is_running())


def _named(files: list[str], what: str) -> str:
    shown = ", ".join(files[:SHOWN])
    rest = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return f"{count(len(files), 'file')} of the blob folder {what}: {shown}{rest}"
