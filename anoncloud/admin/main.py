"""The anoncloud-admin command, for the person who runs the server: address, invite.

It works beside a running server, on the same database, and knows no more than that one does.
"""

import sys
import time
from os import urandom
from pathlib import Path
from typing import Any

import click
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from anoncloud import __version__
from anoncloud.errors import AnonymousCloudError, UsageError
from anoncloud.server import identity
from anoncloud.server.service import INVITATION_DAYS, open_accounts
from anoncloud.server.settings import default_state_dir, read_settings

reactor: Any = _reactor


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
    _run(state_dir, code, size, expires)
    click.echo(f"{link}.{identity.encode(code)}")


def _address(state_dir: Path) -> str:
    try:
        return (state_dir / "address").read_text().strip()
    except OSError as error:
        message = f"there is no server in {state_dir}"
        raise UsageError(message, "start it once, or give another --state-dir") from error


def _run(state_dir: Path, code: bytes, quota: int | None, expires: int) -> None:
    """Put an invitation into the database."""
    outcome: list[Any] = []

    async def invite_one() -> None:
        database, accounts = open_accounts(state_dir)
        try:
            await accounts.invite(code, quota, expires)
        finally:
            database.close()

    def begin() -> None:
        running = Deferred.fromCoroutine(invite_one())
        _ = running.addBoth(outcome.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()


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
