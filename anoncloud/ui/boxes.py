"""Frames around blocks, text broken into lines, and buttons: what dialogs are built from."""

from collections.abc import Iterable, Sequence
from typing import Final

from anoncloud.ui.cells import Block, Row, Span, Style, above, block, clip, clusters, fill, width

LEAST_WIDTH: Final = 36
"""Cells that a box takes, frame included, if there are so many."""
MOST_WIDTH: Final = 76
"""Cells that text is broken at where there are more."""
_FRAME: Final = 4
"""Cells of the frame and the blanks beside it, left and right together."""


def inner(columns: int, wanted: int) -> int:
    """Tell how many cells a box has inside, if its content wants so many."""
    wide = min(max(wanted + _FRAME, LEAST_WIDTH), columns, MOST_WIDTH + _FRAME)
    return max(0, wide - _FRAME)


def frame(title: str, body: Block, *, style: Style = Style.BORDER) -> Block:
    """Draw a frame around *body*, with a title in its upper edge."""
    wide = body.width + _FRAME - 2
    head = clip(f" {title} ", max(0, wide - 2)) if title else ""
    line = "─" * (wide - width(head) - 1)
    side = Span("│", style)
    edge = (Span("┌─"[: wide + 1], style), Span(head, Style.TITLE), Span(line + "┐", style))
    rows: list[Iterable[Span]] = [edge]
    rows += [(side, Span(" ", style), *row, Span(" ", style), side) for row in body.rows]
    rows.append((Span("└" + "─" * wide + "┘", style),))
    return block(rows, wide + 2)


def wrapped(text: str, cells: int) -> list[str]:
    """Break text into lines of at most *cells*, at blanks where there are any."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and width(line) + 1 + width(word) <= cells:
                line += " " + word
                continue
            if line:
                lines.append(line)
            *whole, line = _pieces(word, cells)
            lines += whole
        lines.append(line)
    return lines


def _pieces(word: str, cells: int) -> list[str]:
    """Cut one word into pieces of at most *cells*."""
    if width(word) <= cells or cells < 2:  # noqa: PLR2004 - a wide character
        return [word]
    pieces, room = [""], cells
    for cluster, wide in clusters(word):
        if wide > room:
            pieces.append("")
            room = cells
        pieces[-1] += cluster
        room -= wide
    return pieces


def lines(texts: Iterable[str], cells: int, style: Style = Style.PLAIN) -> Block:
    """Make a block of texts, each broken where it is too long."""
    return block([(Span(line, style),) for text in texts for line in wrapped(text, cells)], cells)


def buttons(labels: Sequence[str], chosen: int) -> Row:
    """Draw buttons side by side, the one that Enter takes set off."""
    made: list[Span] = []
    for at, label in enumerate(labels):
        made.append(Span(f"[ {label} ]", Style.CHOSEN if at == chosen else Style.PLAIN))
        made.append(Span("  "))
    return tuple(made)


def button_at(labels: Sequence[str], column: int) -> int | None:
    """Tell which of the buttons in a box a click at *column* of the box is on."""
    at = _FRAME // 2
    for number, label in enumerate(labels):
        wide = width(label) + 4
        if at <= column < at + wide:
            return number
        at += wide + 2
    return None


def stack(title: str, blocks: Sequence[Block], rows: int, *, style: Style = Style.BORDER) -> Block:
    """Frame blocks of one width, one above the other; what is too high is cut from the first."""
    room = rows - 2 - sum(one.height for one in blocks[1:])
    first = blocks[0]
    if first.height > room:
        first = Block(first.width, first.rows[: max(0, room)])
    return frame(title, above(first, *blocks[1:]), style=style)


def field(text: str, cells: int) -> Row:
    """Draw what is being typed."""
    return fill((Span(text, Style.FIELD),), cells, Style.FIELD)
