"""The statements of a TOML file, each with its line; knows no setting.

The standard library's parser gives no lines. A statement begins in a line of its own, and is whole
with the first line from which on the parser takes it; so lines are gathered until it does. A
statement that is never whole is told, and reading goes on behind its first line, so that one
mistake does not hide the next.
"""

import tomllib
from collections.abc import Iterator
from typing import Any, Final

import attrs

MOST_LINES: Final = 2000


@attrs.frozen
class Statement:
    """What stands in *line*, counted from 1: a key and its value, or a fault of the file."""

    line: int
    name: str = ""
    value: Any = None
    fault: str = ""


def read_statements(content: str) -> Iterator[Statement]:
    """Give the statements of *content* in order; what comes a second time is a fault."""
    lines = content.replace("\r\n", "\n").split("\n")
    if len(lines) > MOST_LINES:
        yield Statement(MOST_LINES, fault=f"the file has more than {MOST_LINES} lines")
        return
    first: dict[str, int] = {}
    begin = 0
    while begin < len(lines):
        parsed, end, fault = _statement(lines, begin)
        if fault:
            yield Statement(begin + 1, fault=fault)
        for name, value in parsed.items():
            if name in first:
                fault = f"{name} is set already in line {first[name]}"
                yield Statement(begin + 1, name, fault=fault)
            else:
                first[name] = begin + 1
                yield Statement(begin + 1, name, value)
        begin = end


def _statement(lines: list[str], begin: int) -> tuple[dict[str, Any], int, str]:
    """Read what begins in line *begin*: its keys, where the next one begins, and what is wrong."""
    fault = ""
    for end in range(begin + 1, len(lines) + 1):
        try:
            return tomllib.loads("\n".join(lines[begin:end])), end, ""
        except tomllib.TOMLDecodeError as error:
            reason, _, place = str(error).rstrip(")").partition(" (at ")
            fault = fault or f"{lines[begin].strip()[:60]!r} is not TOML: {reason.lower()}"
            if place != "end of document":
                break
    return {}, begin + 1, fault
