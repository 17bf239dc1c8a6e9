"""Options and arguments that several commands share."""

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import click

from anoncloud.cli.program import Program
from anoncloud.client.threads import InThread
from anoncloud.client.transfers.localtree import Chosen, everything
from anoncloud.client.transfers.policies import Clash, Decision, Existing, Policy, Settled
from anoncloud.client.tree import names

Command = TypeVar("Command", bound=Callable[..., Any])


class _Completed:
    """A path that a shell may complete (``cli.completion``)."""

    place: str

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> Any:
        """Give the paths that begin so."""
        from anoncloud.cli.completion import complete_path  # noqa: PLC0415 - only for a shell

        return complete_path(ctx, param, incomplete)


class LocalPath(_Completed, click.ParamType[str]):
    """A path on this machine, or the - that stands for a standard stream."""

    name = "path"
    place = "local"


class DriveText(_Completed, click.ParamType[str]):
    """A path in the drive, as it was written; a slash at its end says that it is a folder."""

    name = "path"
    place = "drive"


class DrivePath(_Completed, click.ParamType[names.Path]):
    """A path in the drive, kept byte for byte as the shell gave it."""

    name = "path"
    place = "drive"

    def convert(self, value: Any, param: Any, ctx: Any) -> names.Path:
        """Take the path apart."""
        del param, ctx
        return value if isinstance(value, tuple) else names.parse_path(os.fsencode(value))


DRIVE_PATH = DrivePath()
DRIVE_TEXT = DriveText()
LOCAL_PATH = LocalPath()


def existing_option(default: Existing) -> Callable[[Command], Command]:
    """Make the option that says what happens to files that exist."""
    return click.option(
        "--existing",
        type=click.Choice([one.value for one in Existing]),
        default=default.value,
        show_default=True,
        help="What to do about a file that exists and differs.",
    )


def filter_options(command: Command) -> Command:
    """Add the options that choose what is below a folder."""
    exclude = click.option(
        "--exclude", multiple=True, help="Leave out what matches this pattern; may be repeated."
    )
    include = click.option(
        "--include", multiple=True, help="Take only files that match this pattern, or another one."
    )
    return include(exclude(command))


def chosen_by(include: tuple[str, ...], exclude: tuple[str, ...]) -> Chosen:
    """Judge paths below a folder by patterns: a name's, or with a slash, the whole path's."""
    if not include and not exclude:
        return everything

    def chosen(parts: names.Path, is_folder: bool) -> bool:  # noqa: FBT001 - a Chosen
        path, name = b"/".join(parts), parts[-1]

        def fits(pattern: str) -> bool:
            raw = os.fsencode(pattern)
            return fnmatchcase(path if b"/" in raw else name, raw.strip(b"/"))

        if any(map(fits, exclude)):
            return False
        return is_folder or not include or any(map(fits, include))

    return chosen


def policy(program: Program, existing: str, in_thread: InThread) -> Policy:
    """Make the policy that an option names; asks on the terminal, in a thread."""

    async def ask(clash: Clash) -> Settled:
        replace = await in_thread(program.output.confirm, clash.shown)
        return Settled(Decision.STORE if replace else Decision.LEAVE)

    return Policy(Existing(existing), ask)
