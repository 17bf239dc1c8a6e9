"""Options that hold a command back: from taking the whole line, or from doing anything at all."""

from typing import Any, Final

import click

from anoncloud.cli.options import Command
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.amounts import parse_size
from anoncloud.client.throttling import SLOWEST, Pace
from anoncloud.errors import UsageError
from anoncloud.limits import KIB


class _Rate(click.ParamType[int]):
    """Bytes a second."""

    name = "rate"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read it, with "/s" behind it or not.

        :raises UsageError: it is none, or too little.
        """
        del param, ctx
        rate = value if isinstance(value, int) else parse_size(value.removesuffix("/s"))
        if rate < SLOWEST:
            message = f"the rate {value!r} is too little"
            raise UsageError(message, f"give at least {SLOWEST // KIB}KiB")
        return rate


RATE: Final = _Rate()


def limit_option(command: Command) -> Command:
    """Add the option that limits the bytes a second."""
    return click.option("--limit", type=RATE, help="At most so many bytes a second, such as 5MiB.")(
        command
    )


def dry_run_option(command: Command) -> Command:
    """Add the option that only says what would be done."""
    return click.option("-n", "--dry-run", is_flag=True, help="Only say what would be done.")(
        command
    )


def keep_to(limit: int | None, here: Surroundings, account: OpenAccount) -> None:
    """Let nothing that *account* sends or reads be faster than *limit*, if there is one."""
    account.link.pace = Pace(limit, here.reactor) if limit else None
