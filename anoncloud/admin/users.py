"""The users of a server: listed, locked, given room, deleted."""

import time
from collections.abc import Awaitable, Callable

import attrs
import click

from anoncloud.admin.desk import Desk
from anoncloud.admin.grouping import OwnersGroup
from anoncloud.admin.outcome import Outcome, day, moment, size, table
from anoncloud.errors import NotFound
from anoncloud.server.settings import read_settings
from anoncloud.server.upkeep_contract import UpkeepStore, User

_HEADS = ("NAME", "STATE", "USED", "QUOTA", "BLOBS", "DEVICES", "LAST LOGIN (UTC)")


@click.group("users", cls=OwnersGroup, invoke_without_command=True)
@click.pass_context
def users(context: click.Context) -> Outcome | None:
    """List the users, lock them out, give them room, delete them."""
    return None if context.invoked_subcommand else listing(context.obj)


@users.command("list")
@click.pass_obj
def list_users(desk: Desk) -> Outcome:
    """List all accounts: what each takes and may take, and the day of its last login.

    Nothing of it is more than the server must know to serve them.
    """
    return listing(desk)


def listing(desk: Desk) -> Outcome:
    """List all accounts."""
    found = desk.run(lambda stores: stores.upkeep.users())
    if not found:
        return Outcome([], ["There are no users."])
    rows = [_row(user) for user in found]
    return Outcome([attrs.asdict(user) for user in found], table(_HEADS, rows))


@users.command()
@click.argument("name")
@click.pass_obj
def lock(desk: Desk, name: str) -> Outcome:
    """Let nobody into the account NAME until it is unlocked.

    Its sessions end at once. What it has stored stays, and counts.
    """
    _change(desk, name, lambda upkeep: upkeep.lock(name, int(time.time())))
    return Outcome({"name": name, "locked": True}, [f"{name} is locked; its sessions end now."])


@users.command()
@click.argument("name")
@click.pass_obj
def unlock(desk: Desk, name: str) -> Outcome:
    """Let the people of the account NAME in again."""
    _change(desk, name, lambda upkeep: upkeep.unlock(name))
    return Outcome({"name": name, "locked": False}, [f"{name} can log in again."])


@users.command()
@click.argument("name")
@click.argument("quota", metavar="SIZE")
@click.pass_obj
def quota(desk: Desk, name: str, quota: str) -> Outcome:
    """Say what the account NAME may store: a SIZE such as 50GiB, or 0 for no limit.

    What it has stays, even if that is more; then it can only remove.
    """
    length = read_settings(None, {"quota": quota}).quota
    _change(desk, name, lambda upkeep: upkeep.set_quota(name, length))
    shown = size(length) if length else "as much as there is room for"
    return Outcome({"name": name, "quota": length}, [f"{name} may store {shown}."])


@users.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(desk: Desk, name: str, yes: bool) -> Outcome:  # noqa: FBT001 - click gives it
    """Delete the account NAME and all that it has stored, for good.

    Its sessions end at once, its name is free, and its blobs go in the next round of collecting.
    """
    if not yes:
        question = f"Delete {name} and everything that is in its drive, for good?"
        click.confirm(question, abort=True, err=True)
    _change(desk, name, lambda upkeep: upkeep.delete(name, int(time.time())))
    said = "its blobs go in the next round; 'anoncloud-admin collect' makes one now"
    return Outcome({"name": name, "deleted": True}, [f"{name} is deleted; {said}."])


def _change(desk: Desk, name: str, change: Callable[[UpkeepStore], Awaitable[bool]]) -> None:
    if not desk.run(lambda stores: change(stores.upkeep)):
        message = f"there is no account {name!r}"
        raise NotFound(message, "run 'anoncloud-admin users' to see their names")


def _row(user: User) -> tuple[str, ...]:
    state = f"locked since {moment(user.locked)}" if user.locked else "open"
    dropped = f" (and {size(user.dropped)} removed)" if user.dropped else ""
    return (
        user.name,
        state,
        size(user.stored) + dropped,
        size(user.quota) if user.quota else "none",
        str(user.blobs),
        str(user.devices),
        day(user.seen) if user.seen else "never",
    )
