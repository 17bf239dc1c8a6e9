"""The anoncloud-admin command, for the person who runs the server.

It works beside a running server, on the same database, and knows no more than that one does.
"""

import sys
import time
from collections.abc import Awaitable, Callable
from os import urandom
from pathlib import Path
from typing import Any, TypeVar

import click
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from anoncloud import __version__
from anoncloud.admin import invitations
from anoncloud.errors import AnonymousCloudError, UsageError
from anoncloud.server import identity
from anoncloud.server.account_contract import AccountStore
from anoncloud.server.service import INVITATION_DAYS, open_accounts
from anoncloud.server.settings import default_state_dir, read_settings

reactor: Any = _reactor
_Result = TypeVar("_Result")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="anoncloud-admin")
@click.option("--state-dir", type=click.Path(path_type=Path), help="The server's state folder.")
@click.pass_context
def cli(context: click.Context, state_dir: Path | None) -> None:
    """Look after an AnonymousCloud server."""
    context.obj = state_dir or default_state_dir()


@cli.command()
@click.pass_obj
def address(state_dir: Path) -> None:
    """Print the server's address."""
    click.echo(_address(state_dir))


@cli.command()
@click.option("--quota", help="What the account may store, such as 50GiB (default: the server's).")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=INVITATION_DAYS, help="Valid so long."
)
@click.pass_obj
def invite(state_dir: Path, quota: str | None, days: int) -> None:
    """Print an invitation link that lets one person register."""
    size = None if quota is None else read_settings(None, {"quota": quota}).quota
    link = _address(state_dir)
    code = urandom(identity.INVITATION_LENGTH)
    expires = int(time.time()) + days * 24 * 3600
    _with_accounts(state_dir, lambda accounts: accounts.invite(code, size, expires))
    click.echo(f"{link}.{identity.encode(code)}")


@cli.command("invitations")
@click.pass_obj
def list_invitations(state_dir: Path) -> None:
    """List all invitations: open ones, used ones and expired ones."""
    found = _with_accounts(state_dir, lambda accounts: accounts.invitations())
    click.echo("\n".join(invitations.listing(found, time.time())))


@cli.command()
@click.argument("invitation")
@click.pass_obj
def uninvite(state_dir: Path, invitation: str) -> None:
    """Take an INVITATION back that nobody has used: its link, or its name in the list.

    Who has registered by it is not touched.
    """

    async def withdraw(accounts: AccountStore) -> str:
        found = invitations.chosen(await accounts.invitations(), invitation)
        if not await accounts.withdraw(found.code_hash):
            message = "this invitation was used already"
            raise UsageError(message, "run 'anoncloud-admin invitations' to see which are open")
        return invitations.name(found)

    click.echo(f"The invitation {_with_accounts(state_dir, withdraw)} is withdrawn.")


@cli.command("change-key")
@click.option(
    "--retire", is_flag=True, help="Make no new key: end the older ones, for good and at once."
)
@click.pass_obj
def change_key(state_dir: Path, retire: bool) -> None:  # noqa: FBT001 - click gives it
    """Make another key for the server, which clients accept from its next start on.

    Whoever comes by an older key is told of the new one, signed by the older. After --retire they
    are not let in any more, and need the new address.
    """
    plain = _address(state_dir).partition("#")[0]
    if retire:
        found = identity.retire(state_dir)
        said = "From the server's next start nobody gets in by an older key."
    else:
        found = identity.change_key(state_dir, urandom)
        said = "The server takes its new key at its next start."
    click.echo(f"{said}\nThen its address is {plain}#{identity.encode(found.public)}")


def _address(state_dir: Path) -> str:
    try:
        return (state_dir / "address").read_text().strip()
    except OSError as error:
        message = f"there is no server in {state_dir}"
        raise UsageError(message, "start it once, or give another --state-dir") from error


def _with_accounts(state_dir: Path, work: Callable[[AccountStore], Awaitable[_Result]]) -> _Result:
    """Do *work* on the server's accounts."""
    outcome: list[Any] = []

    async def opened() -> _Result:
        database, accounts = open_accounts(state_dir)
        try:
            return await work(accounts)
        finally:
            database.close()

    def begin() -> None:
        running = Deferred.fromCoroutine(opened())
        _ = running.addBoth(outcome.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()
    result: _Result = outcome[0]
    return result


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except click.Abort:
        sys.exit(130)
    except AnonymousCloudError as error:
        click.echo(f"anoncloud-admin: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
