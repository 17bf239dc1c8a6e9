"""A list that scrolls beside something that stays: seen, and said in a few bytes.

A terminal scrolls whole lines. Those that know DECLRMM (VT420; xterm, iTerm2, WezTerm, Windows
Terminal and others) scroll a part of them as well; whether one does is asked by DECRQM.
"""

import re
from collections.abc import Sequence
from operator import eq
from typing import Final, NamedTuple

from anoncloud.ui.cells import Block, Row, fill, over, part, row_width

ASK_MARGINS: Final = b"\x1b[?69$p"
"""Ask whether there are left and right margins."""
_MARGINS: Final = re.compile(r"\[\?69;([12])\$y")
FURTHEST: Final = 3
"""Rows that a list scrolls by in one go, at most; beyond that painting is as good."""
_CURSOR_ROWS: Final = 2
"""Rows that look different beside those that came into sight: where the cursor was, and is."""


class Region(NamedTuple):
    """A rectangle of the screen in which a list scrolls."""

    row: int
    column: int
    height: int
    width: int


def has_margins(reply: str) -> bool:
    """Tell whether a terminal's answer says that it knows margins."""
    return _MARGINS.search(reply) is not None


def shift(old: Sequence[Row], new: Sequence[Row], region: Region) -> int:
    """Tell by how many rows the list has moved up (or down, if less than 0); 0 if it has not."""
    before, after = (_inside(rows, region) for rows in (old, new))
    if before == after or len(before) < region.height or len(after) < region.height:
        return 0
    still = sum(map(eq, before, after))
    for by in range(1, min(FURTHEST, region.height // 2) + 1):
        for way in (by, -by):
            same = sum(_at(before, row + way) == shown for row, shown in enumerate(after))
            spared = same - still
            if same >= region.height - by - _CURSOR_ROWS and spared > region.height // 2:
                return way
    return 0


def scrolled(old: Sequence[Row], region: Region, by: int) -> tuple[Row, ...]:
    """Give the rows as they are once the terminal has scrolled *region* up by so many rows."""
    before = _inside(old, region)
    blank = fill((), region.width)
    moved = tuple(_at(before, row + by) or blank for row in range(region.height))
    whole = Block(row_width(old[region.row]), tuple(old))
    return over(whole, Block(region.width, moved), region.row, region.column).rows


def sequence(region: Region, by: int, cursor: tuple[int, int]) -> bytes:
    """Give what scrolls *region*, and puts the cursor to *cursor*; in the terminal's own colours.

    DECLRMM, DECSLRM, DECSTBM; SU or SD; and back.
    """
    top, left = region.row + 1, region.column + 1
    bottom, right = region.row + region.height, region.column + region.width
    move = f"{by}S" if by > 0 else f"{-by}T"
    row, column = cursor
    return (
        f"\x1b[m\x1b[?69h\x1b[{left};{right}s\x1b[{top};{bottom}r\x1b[{move}"
        f"\x1b[r\x1b[?69l\x1b[{row + 1};{column + 1}H"
    ).encode()


def _inside(rows: Sequence[Row], region: Region) -> list[Row]:
    end = region.column + region.width
    within = rows[region.row : region.row + region.height]
    return [part(row, region.column, end) for row in within]


def _at(rows: Sequence[Row], row: int) -> Row | None:
    return rows[row] if 0 <= row < len(rows) else None
