"""A server's state made, its key changed, its database brought up to a newer release."""

import time
from os import urandom
from pathlib import Path
from typing import Any

import click

from anoncloud.admin import inviting
from anoncloud.admin.desk import Desk
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.outcome import Outcome, count
from anoncloud.disk.replacing import write_whole
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.server import identity
from anoncloud.server.identity import KEY_FILE
from anoncloud.server.occupancy import occupy
from anoncloud.server.service import INVITATION_DAYS, public_place
from anoncloud.server.settings import read_settings
from anoncloud.server.stores import ledger
from anoncloud.server.stores.database import Database, newest_step
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.times import DAY


@click.command(cls=OwnersCommand)
@click.option("--public-host", help="The host name that addresses and invitations name.")
@click.option("--listen", multiple=True, help="Where the server will listen, as in its settings.")
@click.pass_obj
def init(desk: Desk, public_host: str | None, listen: tuple[str, ...]) -> Outcome:
    """Make a server's state folder and key; print its address and the first invitation.

    A server's first start does the same; this is for those who want the address before. Nothing is
    made where a server is.
    """
    said: dict[str, Any] = {"state_dir": str(desk.state_dir)}
    said |= {"public_host": public_host} if public_host else {}
    said |= {"listen": list(listen)} if listen else {}
    where = public_place(_with(desk, said))
    folder = desk.state_dir
    if (folder / KEY_FILE).exists() or desk.database.exists():
        message = f"there is a server in {folder} already"
        raise Exists(
            message, "give another --state-dir; 'anoncloud-admin address' tells this one's"
        )
    identity.make_state_dir(folder)
    with occupy(folder):
        Database(desk.database).close()
        found, _ = identity.load_or_make(folder, urandom)
        address = identity.address(*where, found.public)
        write_whole(folder / "address", f"{address}\n".encode(), durable=True)
    code = urandom(identity.INVITATION_LENGTH)
    expires = int(time.time()) + INVITATION_DAYS * DAY
    desk.run(lambda stores: stores.accounts.invite(code, None, expires))
    link = f"{address}.{identity.encode(code)}"
    lines = [
        f"AnonymousCloud is at {address}",
        f"the first invitation, for {INVITATION_DAYS} days and one person: {link}",
    ]
    return Outcome({"address": address, "invitation": link, "expires": expires}, lines)


@click.command("change-key", cls=OwnersCommand)
@click.option(
    "--retire", is_flag=True, help="Make no new key: end the older ones, for good and at once."
)
@click.pass_obj
def change_key(desk: Desk, retire: bool) -> Outcome:  # noqa: FBT001 - click gives it
    """Make another key for the server, which clients accept from its next start on.

    Whoever comes by an older key is told of the new one, signed by the older. After --retire they
    are not let in any more, and need the new address.
    """
    plain = inviting.address_of(desk).partition("#")[0]
    if retire:
        found = identity.retire(desk.state_dir)
        said = "From the server's next start nobody gets in by an older key."
    else:
        found = identity.change_key(desk.state_dir, urandom)
        said = "The server takes its new key at its next start."
    address = f"{plain}#{identity.encode(found.public)}"
    return Outcome(
        {"address": address, "retired": retire}, [said, f"Then its address is {address}"]
    )


@click.command(cls=OwnersCommand)
@click.pass_obj
def upgrade(desk: Desk) -> Outcome:
    """Bring the database to this release, while no server runs; a copy of it is kept before.

    A server's start does the same without the copy.
    """
    desk.check_server()
    with occupy(desk.state_dir):
        with Ledger(desk.database) as old:
            before = old.version()
        if before == newest_step():
            said = f"The database is up to date: its schema is step {before}."
            return Outcome({"before": before, "after": before, "copy": None}, [said])
        kept = None if before > newest_step() else _copy(desk.database, before)
        Database(desk.database).close()
    after = newest_step()
    lines = [
        f"The database is at step {after} of its schema now: {count(after - before, 'step')} on.",
        f"As it was before it is kept in {kept}; remove that when all is well.",
    ]
    return Outcome({"before": before, "after": after, "copy": str(kept)}, lines)


def _copy(database: Path, version: int) -> Path:
    """Copy the database as it is, beside itself."""
    kept = database.with_name(f"{database.stem}.step-{version:03}{database.suffix}")
    if kept.exists():
        message = f"the copy {kept} of an earlier upgrade is in the way"
        raise UsageError(message, "move it away")
    aside = kept.with_name(f"{kept.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    try:
        ledger.copy(database, aside)
    except LocalError:
        aside.unlink(missing_ok=True)
        raise
    aside.replace(kept)
    return kept


def _with(desk: Desk, said: dict[str, Any]) -> Any:
    """Give the settings with what was *said* on the command line, which wins."""
    return read_settings(desk.config, said)
