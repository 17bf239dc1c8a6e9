"""The anoncloud command: its options, and the table of its sub-commands.

A sub-command's module is imported only when it is called, so that ``--help`` and shell completion
answer at once.
"""

import gc
import importlib
import itertools
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from anoncloud import __version__
from anoncloud.cli.encodings import show_all
from anoncloud.errors import LocalFileError, UsageError
from anoncloud.limits import DEFAULT_PACKET, KIB, MAX_PACKET, MIN_PACKET

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Final = {
    "register": ("registering", "Make an account on a server."),
    "login": ("accounts", "Log in on this machine with kit and passphrase, or by a code."),
    "logout": ("accounts", "Forget the account on this machine."),
    "ls": ("files", "List a folder."),
    "tree": ("looking", "Draw what is below a folder."),
    "find": ("looking", "Find files and folders by name, type, size or time."),
    "du": ("looking", "Show how many bytes are below each folder."),
    "stat": ("files", "Show all that is known of a file, a folder or the drive."),
    "put": ("transfers", "Store local files and folders."),
    "get": ("fetching", "Bring files and folders down."),
    "cat": ("fetching", "Write files to standard output."),
    "mkdir": ("files", "Make folders."),
    "mv": ("files", "Move or rename."),
    "cp": ("files", "Copy inside the drive."),
    "rm": ("files", "Put files and folders into the trash."),
    "trash": ("trash", "List what lies in the trash, or empty it."),
    "restore": ("trash", "Bring files back from the trash, or an earlier version."),
    "history": ("looking", "List the versions of a file."),
    "undo": ("undoing", "Take back what was done last."),
    "sync": ("syncing", "Make a folder like another, up or down."),
    "watch": ("syncing", "Sync a local folder up whenever it changes."),
    "verify": ("keeping", "Read everything back, and see that it is whole."),
    "retain": ("keeping", "Let go of older versions and old trash."),
    "compact": ("keeping", "Free the space of what was removed."),
    "compression": ("choosing", "Show or choose whether new files are compressed."),
    "completion": ("completion", "Print the script that completes commands and paths."),
    "devices": ("devices", "List, rename or revoke the devices that stay logged in."),
    "pair": ("pairing", "Let a new device in by a code."),
    "passphrase": ("keys", "Change the passphrase."),
    "kit": ("keys", "Make a new kit; the old one opens nothing any more."),
    "recovery": ("keys", "Make or drop the recovery key."),
    "recover": ("keys", "Get into an account by its recovery key."),
    "keyring": ("keyrings", "Keep the account's keyring in a file."),
    "accept": ("alarms", "After an alarm, go on with what the server shows."),
    "export": ("alarms", "Save all that can be read into a local folder."),
    "account": ("closing", "Delete the account."),
}
"""The sub-commands: their modules, and one line each for the overview."""
_FEW_COLLECTIONS: Final = 100_000
"""New objects before Python looks for cycles: a start makes so many, and no garbage."""


_LAST_STREAM: Final = 2
"""The number of standard error."""
COMPLETING: Final = "_ANONCLOUD_COMPLETE"
"""In the environment, it asks for completions instead of a command; a shell's script sets it."""


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
        import anoncloud.client.lean  # noqa: F401, PLC0415 - before the commands import Twisted

        module = importlib.import_module(f"anoncloud.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Complete a name from the table, without importing anything; options too."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only for a shell

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=line)
            for name, (_, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ]

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
    help="Bulk KiB in a frame; the default is four sealed segments.",
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
    import anoncloud.client.lean  # noqa: F401, PLC0415 - before the program imports Twisted
    from anoncloud.cli.output import Output  # noqa: PLC0415 - not for --help
    from anoncloud.cli.program import Program  # noqa: PLC0415 - not for --help

    context.obj = Program(
        Output(as_json, quiet, doing=context.invoked_subcommand or ""),
        state or default_state(),
        packet * KIB if packet else DEFAULT_PACKET,
    )


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_FEW_COLLECTIONS)
    _open_streams()
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # it is closed, or nobody reads it
            stream.flush()
    # To take the interpreter apart piece by piece would be a tenth of a short command's time.
    os._exit(code)


def _open_streams() -> None:
    """Let no file or socket become one of the standard streams, should one of them be closed."""
    while (opened := os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)) <= _LAST_STREAM:
        if opened == _LAST_STREAM:
            sys.stderr = os.fdopen(opened, "w")
    os.close(opened)


def run(arguments: list[str]) -> int:
    """Run the command line; give the exit code."""
    if COMPLETING in os.environ:
        from anoncloud.cli.completion import complete  # noqa: PLC0415 - only for a shell

        return complete(cli, COMPLETING, os.environ[COMPLETING])
    try:
        show_all(sys.stdout, sys.stderr)
        with cli.make_context("anoncloud", list(arguments)) as context:
            code: Any = cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a bug is told as one
        return _judge(arguments, error)
    return code if isinstance(code, int) else 0


def _judge(arguments: list[str], error: BaseException) -> int:
    """Say what went wrong outside the reactor; give the exit code."""
    from anoncloud.cli.output import Output, judge  # noqa: PLC0415 - not for --help

    said = set(itertools.takewhile(lambda argument: argument not in COMMANDS, arguments))
    command = next((argument for argument in arguments if argument in COMMANDS), "")
    output = Output("--json" in said, bool(said & {"-q", "--quiet"}), doing=command)
    if isinstance(error, (click.Abort, EOFError, KeyboardInterrupt)):
        return output.interrupted("given up")
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not output.as_json:
        sys.stderr.write(error.format_message() + "\n")
        return UsageError.exit_code
    if isinstance(error, click.ClickException):
        error = _usage(error)
    elif isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        what = os.fsdecode(error.filename) if error.filename else "standard output"
        message = f"using {what}: {error.strerror}"
        error = LocalFileError(message, "check where it is, and the space on the disk")
    return judge(output, error)


def _usage(error: click.ClickException) -> UsageError:
    """Say it in the form that all errors have."""
    context = getattr(error, "ctx", None)
    called = context.command_path if context is not None else "anoncloud"
    said = "there are none"
    if not isinstance(error, click.exceptions.NoArgsIsHelpError):
        said = error.format_message().removesuffix(".")
    message = f"reading the command line: {said[:1].lower()}{said[1:]}"
    return UsageError(message, f"run '{called} --help' to see what it takes")


if __name__ == "__main__":
    main()
