"""The anoncloud-admin command, for the person who runs the server.

It works beside a running server, on the same database, and knows no more than that one does.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from anoncloud import __version__
from anoncloud.admin import backing_up, inviting, making, scrubbing, space, users
from anoncloud.admin.desk import Desk, check_user
from anoncloud.admin.doctor import doctor
from anoncloud.admin.grouping import OwnersGroup
from anoncloud.admin.outcome import Outcome
from anoncloud.errors import AnonymousCloudError, LocalFileError, Refused, UsageError
from anoncloud.server.settings import read_settings

INTERRUPTED: Final = 130


@click.group(cls=OwnersGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="anoncloud-admin")
@click.option("--state-dir", type=click.Path(path_type=Path), help="The server's state folder.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="The server's settings, a TOML file."
)
@click.pass_context
def cli(context: click.Context, state_dir: Path | None, config: Path | None) -> None:
    """Look after an AnonymousCloud server.

    Give the same --config, or the same --state-dir, as the server has.
    """
    said = {} if state_dir is None else {"state_dir": str(state_dir)}
    settings = read_settings(config, said)
    check_user(settings.state_dir)
    context.obj = Desk(settings, note, config)


@cli.result_callback()
@click.pass_context
def give(context: click.Context, /, outcome: Any, **_: Any) -> None:
    """Print a command's result, and end with its exit code."""
    if not isinstance(outcome, Outcome):
        return
    as_json = context.meta.get("json", False)
    lines = [json.dumps(outcome.value, sort_keys=True)] if as_json else outcome.lines
    try:
        for line in lines:
            click.echo(line)
    except OSError as error:
        message = f"writing to standard output: {error.strerror}"
        raise LocalFileError(message, "check where it goes") from error
    context.exit(outcome.exit_code)


def note(line: str) -> None:
    """Say something that is not the result."""
    click.echo(line, err=True)


for command in (
    *(making.init, inviting.address, inviting.invite, inviting.list_invitations),
    *(inviting.uninvite, users.users, space.stats, space.collect, scrubbing.scrub),
    *(backing_up.backup, backing_up.restore, doctor, making.upgrade, making.change_key),
):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except AnonymousCloudError as error:
        note(_told(error, as_json="--json" in sys.argv))
        sys.exit(error.exit_code)
    sys.exit(code)


def _told(error: AnonymousCloudError, *, as_json: bool) -> str:
    """Tell an error to a person, or to a program as ``anoncloud`` does (docs/commands.rst)."""
    if not as_json:
        return f"anoncloud-admin: {error}"
    code = error.code.name if isinstance(error, Refused) else type(error).__name__
    said = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
    return json.dumps({"code": code, **said}, sort_keys=True)


if __name__ == "__main__":
    main()
