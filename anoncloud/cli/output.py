"""All words to the user, and nothing else prints.

Results go to standard output, as text or, with ``--json``, as one JSON value a command. Errors go
to standard error in the form "what was being done: what is wrong; what to do". Progress goes to
standard error, and only if that is a terminal. Names are shown escaped; no byte of a name reaches
the terminal as a control character.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

import attrs

from anoncloud.client.tree import names
from anoncloud.client.tree.nodes import File, Folder, Link, Node
from anoncloud.errors import AnonymousCloudError
from anoncloud.limits import KIB


@attrs.define
class Output:
    """Where a command's words go; remembers the exit code of the first error."""

    as_json: bool
    quiet: bool
    out: TextIO = attrs.field(factory=lambda: sys.stdout)
    err: TextIO = attrs.field(factory=lambda: sys.stderr)
    exit_code: int = 0

    def result(self, value: Any, lines: list[str]) -> None:
        """Give a command's result: *value* for programs, *lines* for people."""
        if self.as_json:
            ascii_only = self.out.encoding.lower() != "utf-8"
            lines = [json.dumps(value, ensure_ascii=ascii_only, sort_keys=True)]
        for line in lines:
            print(line, file=self.out)
        self.out.flush()

    def note(self, line: str) -> None:
        """Say something that is not the result."""
        if not self.quiet:
            print(f"anoncloud: {line}", file=self.err)

    def error(self, error: AnonymousCloudError) -> None:
        """Say what went wrong."""
        print(f"anoncloud: {error}", file=self.err)
        self.exit_code = self.exit_code or error.exit_code

    def confirm(self, shown: str) -> bool:
        """Ask whether to replace what is at *shown*; no, where nobody can answer."""
        if not (sys.stdin.isatty() and self.err.isatty()):
            return False
        self.err.write(f"anoncloud: replace {shown}? [y/N] ")
        self.err.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    def progress(self, what: str) -> "ProgressLine":
        """Begin a progress line; it shows only on a terminal."""
        shown = self.err.isatty() and not self.quiet and not self.as_json
        return ProgressLine(what, self.err if shown else None, time.monotonic)


class ProgressLine:
    """One line that is painted over: bytes so far, and bytes a second."""

    EVERY = 0.1

    def __init__(self, what: str, out: TextIO | None, clock: Callable[[], float]) -> None:
        self._what = what
        self._out = out
        self._clock = clock
        self._begun = clock()
        self._painted = 0.0
        self._done = 0

    def __call__(self, more: int) -> None:
        """Note that *more* bytes are done."""
        self._done += more
        now = self._clock()
        if self._out is not None and now - self._painted >= self.EVERY:
            self._painted = now
            rate = self._done / max(now - self._begun, 0.001)
            line = f"{self._what}  {size_text(self._done)}  {size_text(int(rate))}/s"
            self._out.write(f"\r{line:<60}")
            self._out.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._out is not None:
            self._out.write("\r" + " " * 60 + "\r")
            self._out.flush()


_UNITS = ("KiB", "MiB", "GiB", "TiB")
_LONGEST = 1000
"""From here on a number takes the next unit, so that none is longer than five characters."""


def size_text(size: int) -> str:
    """Write a number of bytes for people, in powers of 1,024."""
    if size < KIB:
        return f"{size} B"
    amount, units = size / KIB, list(_UNITS)
    while amount >= _LONGEST and len(units) > 1:
        amount, units = amount / KIB, units[1:]
    return f"{amount:.1f} {units[0]}"


def time_text(nanoseconds: int) -> str:
    """Write a time as UTC, to the second."""
    try:
        moment = datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    except (OverflowError, OSError, ValueError):
        return "unknown"
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def node_value(path: names.Path, node: Node) -> dict[str, Any]:
    """Say what *node* is, for programs (docs/commands.rst section 3)."""
    value: dict[str, Any] = {"path": names.show_path(path)}
    if isinstance(node, File):
        version = node.version
        value |= {"type": "file", "modified": version.modified / 1e9}
        value |= {"size": version.size, "mode": f"{version.mode:04o}"}
    elif isinstance(node, Link):
        value |= {"type": "link", "modified": node.modified / 1e9}
        value |= {"target": names.show(node.target)}
    else:
        value |= {"type": "folder", "modified": node.modified / 1e9, "mode": f"{node.mode:04o}"}
    raw = b"/" + b"/".join(path)
    if raw.decode("utf-8", "replace") != value["path"]:
        value["path_hex"] = raw.hex()
    return value


def node_line(shown: str, node: Node, *, long: bool) -> str:
    """Say what *node* is, for people."""
    name = shown + "/" if isinstance(node, Folder) and not shown.endswith("/") else shown
    if not long:
        return name
    size = "-"
    if isinstance(node, File):
        size = size_text(node.size)
    elif isinstance(node, Link):
        name += " -> " + names.show(node.target)
    return f"{size:>11}  {time_text(node.modified)}  {name}"
