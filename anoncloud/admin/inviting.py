"""Where the server is, and whom it lets in: its address, and invitations."""

import time
from os import urandom

import attrs
import click

from anoncloud.admin import invitations
from anoncloud.admin.desk import Desk, Stores
from anoncloud.admin.grouping import OwnersCommand
from anoncloud.admin.outcome import Outcome
from anoncloud.errors import UsageError
from anoncloud.server import identity
from anoncloud.server.account_contract import Invitation
from anoncloud.server.service import INVITATION_DAYS
from anoncloud.server.settings import read_settings
from anoncloud.server.times import DAY


@click.command(cls=OwnersCommand)
@click.pass_obj
def address(desk: Desk) -> Outcome:
    """Print the server's address."""
    found = address_of(desk)
    return Outcome({"address": found}, [found])


@click.command(cls=OwnersCommand)
@click.option("--quota", help="What the account may store, such as 50GiB (default: the server's).")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=INVITATION_DAYS, help="Valid so long."
)
@click.pass_obj
def invite(desk: Desk, quota: str | None, days: int) -> Outcome:
    """Print an invitation link that lets one person register."""
    size = None if quota is None else read_settings(None, {"quota": quota}).quota
    link = address_of(desk)
    code = urandom(identity.INVITATION_LENGTH)
    expires = int(time.time()) + days * DAY
    desk.run(lambda stores: stores.accounts.invite(code, size, expires))
    link = f"{link}.{identity.encode(code)}"
    return Outcome({"invitation": link, "expires": expires, "quota": size}, [link])


@click.command("invitations", cls=OwnersCommand)
@click.pass_obj
def list_invitations(desk: Desk) -> Outcome:
    """List all invitations: open ones, used ones and expired ones."""
    found = desk.run(lambda stores: stores.accounts.invitations())
    return Outcome(list(map(_value, found)), invitations.listing(found, time.time()))


@click.command(cls=OwnersCommand)
@click.argument("invitation")
@click.pass_obj
def uninvite(desk: Desk, invitation: str) -> Outcome:
    """Take an INVITATION back that nobody has used: its link, or its name in the list.

    Who has registered by it is not touched.
    """

    async def withdraw(stores: Stores) -> str:
        found = invitations.chosen(await stores.accounts.invitations(), invitation)
        if not await stores.accounts.withdraw(found.code_hash):
            message = "this invitation was used already"
            raise UsageError(message, "run 'anoncloud-admin invitations' to see which are open")
        return invitations.name(found)

    name = desk.run(withdraw)
    return Outcome({"name": name, "withdrawn": True}, [f"The invitation {name} is withdrawn."])


def address_of(desk: Desk) -> str:
    """Read the server's address.

    :raises UsageError: there is no server.
    """
    try:
        return (desk.state_dir / "address").read_text().strip()
    except OSError as error:
        message = f"there is no server in {desk.state_dir}"
        raise UsageError(message, "start it once, or give another --state-dir") from error


def _value(one: Invitation) -> dict[str, object]:
    return attrs.asdict(one) | {"name": invitations.name(one), "code_hash": one.code_hash.hex()}
