"""Pictures painted by a process of its own, since one process has one curses, and pyte to look.

As a program it reads steps as JSON, and writes what the painter made of each as base64.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import pyte

from anoncloud.ui.cells import Block, Row, Span, Style, Tint, fill
from anoncloud.ui.scrolling import Region
from tests.support.processes import environment


@attrs.frozen
class Shown:
    """A picture."""

    block: Block
    cursor: tuple[int, int] | None = None
    regions: tuple[Region, ...] = ()
    """Where lists scroll."""


def picture(
    lines: Sequence[str | Row], columns: int = 80, rows: int = 24, cursor: Any = None
) -> Shown:
    """Make a picture of lines, filled up to the screen's size."""
    made = [fill((Span(line),) if isinstance(line, str) else line, columns) for line in lines]
    made += [fill((), columns)] * (rows - len(made))
    return Shown(Block(columns, tuple(made[:rows])), cursor)


def paint(*steps: Any, term: str = "xterm-256color", **changes: str) -> list[bytes]:
    """Paint pictures, or do what a method of the painter is called: ("resize", 30, 100)."""
    first = next(step for step in steps if isinstance(step, Shown))
    asked = {
        "size": [first.block.height, first.block.width],
        "steps": [_plain(step) for step in steps],
    }
    done = subprocess.run(
        (sys.executable, "-m", "tests.support.painting"),
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
        env=environment(TERM=term, **{"LC_ALL": "C.UTF-8", **changes}),
        timeout=60,
    )
    return [base64.b64decode(line) for line in done.stdout.splitlines()]


class _Stream(pyte.ByteStream):
    csi: ClassVar = {**pyte.ByteStream.csi, "S": "scroll_up", "T": "scroll_down", "s": "set_sides"}
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down", "set_sides"}


class _Screen(pyte.Screen):
    """Pyte's, with what that has not: SU, SD, and the left and right margins of DECLRMM."""

    sides: tuple[int, int] | None = None

    def reset_mode(self, *modes: int, **named: Any) -> None:
        super().reset_mode(*modes, **named)
        if 69 in modes:
            self.sides = None

    def set_sides(self, left: int = 1, right: int = 0) -> None:
        self.sides = (left - 1, right)

    def scroll_up(self, by: int = 1) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        for row in range(top, bottom + 1) if by > 0 else range(bottom, top - 1, -1):
            for column in range(*(self.sides or (0, self.columns))):
                far = row + by
                blank = self.default_char
                there = self.buffer[far][column] if top <= far <= bottom else blank
                self.buffer[row][column] = there

    def scroll_down(self, by: int = 1) -> None:
        self.scroll_up(-by)


class Terminal:
    """A terminal in memory."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen = _Screen(columns, rows)
        self._stream = _Stream(self.screen)

    def take(self, *pieces: bytes) -> "Terminal":
        """Show bytes."""
        for piece in pieces:
            self._stream.feed(piece)
        return self

    @property
    def lines(self) -> list[str]:
        """Give what it shows, without blanks at the ends."""
        return ["".join(cell.data for cell in row).rstrip() for row in self._rows()]

    def _rows(self) -> list[list[Any]]:
        columns = range(self.screen.columns)
        return [[self.cell(row, column) for column in columns] for row in range(self.screen.lines)]

    def cell(self, row: int, column: int) -> Any:
        """Give one cell: data, fg, bg, bold, reverse, underscore ..."""
        return self.screen.buffer[row][column]


def _plain(step: Any) -> Any:
    if not isinstance(step, Shown):
        return list(step)
    rows = [
        [[text, style.value if isinstance(style, Style) else style] for text, style in row]
        for row in step.block.rows
    ]
    width, cursor = step.block.width, step.cursor
    return {"width": width, "rows": rows, "cursor": cursor, "regions": step.regions}


def _picture(plain: Any) -> Shown:
    rows = tuple(
        tuple(Span(text, Style(it) if isinstance(it, str) else Tint(*it)) for text, it in row)
        for row in plain["rows"]
    )
    cursor = None if plain["cursor"] is None else tuple(plain["cursor"])
    regions = tuple(Region(*region) for region in plain["regions"])
    return Shown(Block(plain["width"], rows), cursor, regions)


def main() -> None:
    """Do the steps that standard input says."""
    from anoncloud.ui.painter import Painter  # noqa: PLC0415 - only here

    asked = json.loads(sys.stdin.buffer.read())
    painter = Painter(os.environ, *asked["size"])
    for step in asked["steps"]:
        if isinstance(step, dict):
            shown = _picture(step)
            made = painter.paint(shown, shown.regions)
        elif step == ["margins"]:
            painter.margins, made = True, b""
        else:
            name, *arguments = step
            named = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
            made = getattr(painter, name)(*arguments, **named) or b""
        sys.stdout.write(base64.b64encode(made).decode() + "\n")
    painter.close()


if __name__ == "__main__":
    main()
