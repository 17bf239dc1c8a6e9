"""What a command of the server's owner comes back with; ``main`` prints it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from anoncloud.limits import GIB, KIB, MIB

FOUND: Final = 1
"""The exit code of a command that has found something wrong."""
UNITS: Final = ((1024 * GIB, "TiB"), (GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB"))


@attrs.frozen
class Outcome:
    """A result: *value* for programs, *lines* for people, and the exit code."""

    value: Any
    lines: Sequence[str] = ()
    exit_code: int = 0


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay cells out in columns, as wide as they must be."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (heads, *rows)
    ]


def pairs(said: Mapping[str, str]) -> list[str]:
    """Lay names and what is said of them out in two columns."""
    width = max(map(len, said))
    return [f"{name.ljust(width)}  {text}" for name, text in said.items()]


def size(length: int) -> str:
    """Show a size, to one digit behind the point."""
    for unit, name in UNITS:
        if length >= unit:
            return f"{length / unit:.1f} {name}"
    return f"{length} B"


def day(seconds: int) -> str:
    """Show the day of a time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def moment(seconds: float) -> str:
    """Show a time to the minute, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def count(number: int, one: str) -> str:
    """Say how many there are of something."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
