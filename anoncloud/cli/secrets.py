"""Where a passphrase, a kit and other secrets come from: a prompt, a file, a command.

The passphrase may stand in the environment, and a kit in the arguments too, where other programs of
this machine may read them; no other secret may.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click

from anoncloud.cli.asking import undisturbed
from anoncloud.cli.output import Output
from anoncloud.client import kit_files
from anoncloud.client.kit import Kit
from anoncloud.client.strength import Rule, check
from anoncloud.client.threads import InThread
from anoncloud.errors import LocalFileError, UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


def passphrase_options(command: Command) -> Command:
    """Add the options that say where the passphrase comes from."""
    file = click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help="Read the passphrase from the first line of this file.",
    )
    program = click.option(
        "--passphrase-command", help="Run this command and take the first line that it prints."
    )
    return file(program(command))


@attrs.frozen
class SecretSource:
    """How the user wants to be asked for a secret.

    :ivar what: what it is called.
    :ivar variable: the variable of the environment that may hold it; "" for none.
    """

    file: Path | None
    command: str | None
    what: str
    variable: str = ""

    def given(self) -> str | None:
        """Give the secret if nobody need be asked for it.

        :raises LocalFileError: its file can't be read, or its command fails.
        :raises UsageError: it is empty.
        """
        if self.file is not None:
            secret = _first_line(self.file, self.what)
        elif self.command is not None:
            secret = _said_by(self.command, self.what)
        elif self.variable and self.variable in os.environ:
            secret = os.environ[self.variable]
        else:
            return None
        if not secret:
            message = f"reading the {self.what}: it is empty"
            raise UsageError(message, "look where it comes from")
        return secret

    def read(self) -> str:
        """Give the secret; asks on the terminal if need be.

        :raises LocalFileError: its file can't be read, or its command fails.
        :raises UsageError: there is none to be had.
        """
        given = self.given()
        return self.asked() if given is None else given

    def asked(self, how: str = "{}") -> str:
        """Ask for the secret, hidden, by its name put into *how*."""
        option = self.what.replace(" ", "-")
        hint = f"type it, or use --{option}-file or --{option}-command"
        return ask(how.format(self.what.capitalize()), hint, hidden=True)


@attrs.frozen
class PassphraseSource(SecretSource):
    """How the user wants to be asked for the passphrase."""

    what: str = "passphrase"
    variable: str = "ANONCLOUD_PASSPHRASE"


async def choose(
    output: Output, in_thread: InThread, source: SecretSource, given: str | None, rule: Rule
) -> str:
    """Get a new passphrase that *rule* takes: the one that *source* has *given*, or a typed one.

    Who types is told what is wrong with one that is not taken, and types another, and the one that
    is taken twice. Holds the reactor up meanwhile, so no connection may be open.

    :raises UsageError: the given one is not taken, or nobody answers.
    """
    if given is not None:
        await in_thread(check, given, rule)
        return given
    while True:
        typed = undisturbed(source.asked)
        try:
            await in_thread(check, typed, rule)
        except UsageError as refusal:
            output.reply(str(refusal))
            continue
        if undisturbed(lambda: source.asked("{} once more")) == typed:
            return typed
        output.reply("that was another one; type both anew")


def ask(what: str, hint: str, *, hidden: bool = False) -> str:
    """Ask on the terminal.

    :raises UsageError: nobody answers.
    """
    try:
        answer: str = click.prompt(what, hide_input=hidden, err=True)
    except click.Abort as error:
        if not hidden:  # else click has done so
            sys.stderr.write("\n")
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        message = f"asking for the {what.partition(' (')[0].lower()}: nobody answers"
        raise UsageError(message, hint) from error
    return answer


def _first_line(path: Path, what: str) -> str:
    try:
        return path.read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        message = f"reading the {what} from {path}: {_why(error)}"
        raise LocalFileError(message, "check the file") from error


def _said_by(command: str, what: str) -> str:
    try:
        said = subprocess.run(  # noqa: S602 - the user's own command, run as the user's shell would
            command, shell=True, check=True, stdout=subprocess.PIPE, text=True
        )
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError) as error:
        message = f"asking the command for the {what}: {_why(error)}"
        raise LocalFileError(message, "check the command") from error
    return said.stdout.partition("\n")[0]


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"it ended with exit code {error.returncode}"
    return getattr(error, "strerror", None) or "it is not text"


def read_kit(given: str | None) -> Kit:
    """Read a kit from a file, from its line itself, or from a prompt.

    :raises UsageError: it is none, or damaged.
    """
    if given is None:
        hint = "type it, or use --kit"
        given = ask("Kit (its line, or the name of its file)", hint)
    return kit_files.read_kit(given)
