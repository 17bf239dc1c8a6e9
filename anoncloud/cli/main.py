"""The anoncloud command: its options, and the table of its sub-commands.

A sub-command's module is imported only when it is called, so that ``--help`` and shell completion
answer at once.
"""

import gc
import importlib
import io
import sys
from pathlib import Path
from typing import Any, Final

import click

from anoncloud import __version__
from anoncloud.errors import AnonymousCloudError, UsageError
from anoncloud.limits import DEFAULT_PACKET, KIB, MAX_PACKET, MIN_PACKET

COMMANDS: Final = {
    "register": ("accounts", "Make an account on a server."),
    "login": ("accounts", "Log in on this machine with kit and passphrase."),
    "logout": ("accounts", "Forget the account on this machine."),
    "ls": ("files", "List a folder."),
    "stat": ("files", "Show all that is known of a file, a folder or the drive."),
    "put": ("transfers", "Store local files and folders."),
    "get": ("transfers", "Bring files and folders down."),
    "cat": ("transfers", "Write files to standard output."),
    "mkdir": ("files", "Make folders."),
    "mv": ("files", "Move or rename."),
    "rm": ("files", "Put files and folders into the trash."),
    "restore": ("files", "Bring files and folders back from the trash."),
}
"""The sub-commands: their modules, and one line each for the overview."""
_FEW_COLLECTIONS: Final = 100_000
"""New objects before Python looks for cycles: a start makes so many, and no garbage."""


class Commands(click.Group):
    """A group that knows its sub-commands by the table, and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one sub-command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"anoncloud.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview from the table, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def default_state() -> Path:
    """Where this user's state is kept unless another place is named."""
    import platformdirs  # noqa: PLC0415 - only when it is asked for

    return platformdirs.user_state_path("anoncloud")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="anoncloud")
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    envvar="ANONCLOUD_STATE",
    help="The folder for device key and cache (default: the user's state folder).",
)
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no remarks.")
@click.option(
    "--packet",
    type=click.IntRange(MIN_PACKET // KIB, MAX_PACKET // KIB),
    help="Bulk KiB in a frame; the default is one sealed segment.",
)
@click.pass_context
def cli(
    context: click.Context,
    state: Path | None,
    as_json: bool,  # noqa: FBT001 - click gives it
    quiet: bool,  # noqa: FBT001 - click gives it
    packet: int | None,
) -> None:
    """Use a drive on a server that can read nothing."""
    from anoncloud.cli.output import Output  # noqa: PLC0415 - not for --help
    from anoncloud.cli.program import Program  # noqa: PLC0415 - not for --help

    context.obj = Program(
        Output(as_json, quiet),
        state or default_state(),
        packet * KIB if packet else DEFAULT_PACKET,
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_FEW_COLLECTIONS)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names that the terminal has no letters for must not end a listing.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; give the exit code."""
    from anoncloud.cli.output import Output  # noqa: PLC0415 - not for --help

    output = Output(as_json=False, quiet=False)
    try:
        code: Any = cli.main(arguments, prog_name="anoncloud", standalone_mode=False)
    except click.ClickException as error:
        output.error(UsageError(error.format_message(), "run it with --help to see how"))
        return UsageError.exit_code
    except click.Abort:
        output.note("given up")
        return 130
    except AnonymousCloudError as error:
        output.error(error)
        return error.exit_code
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    main()
