"""The command that ends an account: account delete."""

import click

from anoncloud.cli.owners import Claim, as_owner, claimed
from anoncloud.cli.program import Program
from anoncloud.cli.secrets import ask
from anoncloud.client.owning import Owner
from anoncloud.client.profile import Profile
from anoncloud.errors import LocalError, UsageError


@click.group("account")
def account_command() -> None:
    """Delete the account."""


@account_command.command("delete")
@click.option("--confirm", metavar="NAME", help="The account's name, if nobody can be asked.")
@claimed
@click.pass_obj
def delete_command(program: Program, claim: Claim, confirm: str | None) -> int:
    """Delete the account and all that it stores, on the server and for all devices, for good.

    Asks for the account's name, and for the passphrase even where a device stays logged in.
    """
    name, address = claim.kit.account, claim.address
    if confirm is None:
        program.output.reply(
            f"this deletes the account {name} at {address.host}:{address.port}, with its files, "
            "their versions, its trash and its devices; there is no way back"
        )
        confirm = ask("Name of the account, to delete it", "type it, or use --confirm")
    if confirm != name:
        message = f"the kit is of the account {name}, which is another name: nothing was deleted"
        raise UsageError(message, "type the name of the account that is to be deleted")
    profile = program.surroundings().profile

    async def command(owner: Owner) -> None:
        await owner.delete()
        await owner.opened.close()
        forgotten = _forget(profile, owner.opened.keyring.drive)
        value = {"account": name, "deleted": True, "forgotten_here": forgotten}
        program.output.result(value, [f"The account {name} is deleted."])

    return as_owner(program, claim, claim.source.read(), command)


def _forget(profile: Profile, drive: bytes) -> bool:
    """Forget the account of *drive* on this machine, if it stays logged in here; tell whether."""
    try:
        is_here = profile.load().keyring.drive == drive
    except LocalError:
        return False
    if is_here:
        profile.forget()
    return is_here
