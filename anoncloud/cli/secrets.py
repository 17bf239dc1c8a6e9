"""Where a passphrase and a kit come from: a prompt, a file, a command or the environment."""

import os
import subprocess
import sys
from pathlib import Path

import attrs
import click

from anoncloud.client.kit import PREFIX, Kit, parse_kit
from anoncloud.errors import LocalFileError, UsageError

MIN_PASSPHRASE = 8
_LIKE_A_KIT = "anoncloud-kit-"


@attrs.frozen
class PassphraseSource:
    """How the user wants to be asked for the passphrase."""

    file: Path | None
    command: str | None

    def read(self, *, new: bool = False) -> str:
        """Give the passphrase; a *new* one is asked for twice and must not be short.

        :raises UsageError: there is none to be had.
        """
        passphrase = self._find(new=new)
        if new and len(passphrase) < MIN_PASSPHRASE:
            message = f"reading the passphrase: it is shorter than {MIN_PASSPHRASE} characters"
            raise UsageError(message, "take several words")
        if not passphrase:
            message = "reading the passphrase: it is empty"
            raise UsageError(message, "look where it comes from")
        return passphrase

    def _find(self, *, new: bool) -> str:
        if self.file is not None:
            return _first_line(self.file)
        if self.command is not None:
            return _said_by(self.command)
        if "ANONCLOUD_PASSPHRASE" in os.environ:
            return os.environ["ANONCLOUD_PASSPHRASE"]
        hint = "type it, or use --passphrase-file or --passphrase-command"
        return _ask("Passphrase", hint, hidden=True, twice=new)


def _ask(what: str, hint: str, *, hidden: bool = False, twice: bool = False) -> str:
    """Ask on the terminal.

    :raises UsageError: nobody answers.
    """
    try:
        answer: str = click.prompt(what, hide_input=hidden, confirmation_prompt=twice, err=True)
    except click.Abort as error:
        if not hidden:  # else click has done so
            sys.stderr.write("\n")
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        message = f"asking for the {what.partition(' ')[0].lower()}: nobody answers"
        raise UsageError(message, hint) from error
    return answer


def _first_line(path: Path) -> str:
    try:
        return path.read_text().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        message = f"reading the passphrase from {path}: {_why(error)}"
        raise LocalFileError(message, "check the file") from error


def _said_by(command: str) -> str:
    try:
        said = subprocess.run(  # noqa: S602 - the user's own command, run as the user's shell would
            command, shell=True, check=True, stdout=subprocess.PIPE, text=True
        )
    except (OSError, subprocess.CalledProcessError, UnicodeDecodeError) as error:
        message = f"asking the command for the passphrase: {_why(error)}"
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
        given = _ask("Kit (its line, or the name of its file)", hint)
    text = given.strip()
    if PREFIX not in text.lower():
        try:
            text = Path(text).read_text()
        except (OSError, UnicodeDecodeError) as error:
            if _LIKE_A_KIT in text.lower():  # no such file: then it is a kit that is damaged
                return parse_kit(text)
            message = f"reading the kit from {given}: {_why(error)}"
            raise LocalFileError(message, "give the kit's line, or the name of its file") from error
    begin = text.lower().find(PREFIX)
    lines = text[max(begin, 0) :].splitlines()
    try:
        return parse_kit(lines[0] if lines else text)
    except UsageError:  # it may be broken over several lines, with nothing behind it
        return parse_kit(text[max(begin, 0) :])
