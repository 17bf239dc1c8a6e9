"""What a picture is made of: styled text measured in terminal cells, put together into blocks.

Knows no terminal: a style is a role, and the painter decides how it looks. All text in here is safe
to show (``ui.shown``), and takes the cells of its characters one by one, as curses and terminals
count them; what they don't agree about is escaped before it comes here. Widths are those of the
wcwidth library, but for spacing marks (of Devanagari, for one): they take a cell in the C library,
tmux, xterm and VTE.
"""

import enum
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple

import attrs
from wcwidth import wcwidth

CUT: Final = "~"
"""Stands where text was cut; one cell wide in every locale."""


class Style(enum.Enum):
    """The role of a piece of text; the theme says how it looks."""

    PLAIN = "plain"
    DIM = "dim"
    STRONG = "strong"
    FOLDER = "folder"
    LINK = "link"
    MARKED = "marked"
    CURSOR = "cursor"
    CURSOR_MARKED = "cursor marked"
    CURSOR_AWAY = "cursor away"
    """The cursor of the pane that the keys do not go to."""
    BORDER = "border"
    TITLE = "title"
    BAR = "bar"
    KEY = "key"
    FIELD = "field"
    """Where text is typed."""
    CHOSEN = "chosen"
    """The button or line of a dialog that Enter takes."""
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"
    ALARM = "alarm"
    PAPER = "paper"
    """Black on white, whatever the theme is: for cameras."""
    INK = "ink"
    """The other way round."""


class Tint(NamedTuple):
    """Two pixels of a picture in a cell, one above the other: their colours as 0xRRGGBB."""

    upper: int
    lower: int


class Span(NamedTuple):
    """Text in one style; text that is a Tint is blanks, and the painter knows what to draw."""

    text: str
    style: Style | Tint = Style.PLAIN


Row = tuple[Span, ...]
"""Spans side by side."""


@attrs.frozen
class Block:
    """A rectangle: every row of *rows* is exactly *width* cells wide."""

    width: int
    rows: tuple[Row, ...]

    @property
    def height(self) -> int:
        """Count the rows."""
        return len(self.rows)


@cache
def cell(character: str) -> int:
    """Count the cells of one character: 0, 1 or 2."""
    wide = wcwidth(character)
    return 1 if wide <= 0 and unicodedata.category(character) == "Mc" else max(0, wide)


def width(text: str) -> int:
    """Count the cells that *text* takes."""
    return len(text) if text.isascii() else sum(map(cell, text))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Give every character with the marks that stand on it, and how many cells they take."""
    begin, wide = 0, 0
    for at, character in enumerate(text):
        cells = cell(character)
        if cells and at > begin:
            yield text[begin:at], wide
            begin, wide = at, 0
        wide += cells
    if begin < len(text):
        yield text[begin:], wide


def clip(text: str, cells: int) -> str:
    """Give the beginning of *text* that fits into *cells*; what is cut off is marked by CUT."""
    if width(text) <= cells:
        return text
    return "".join(_fitting(clusters(text), cells - 1)) + CUT if cells > 0 else ""


def clip_left(text: str, cells: int) -> str:
    """Give the end of *text* that fits into *cells*, as :func:`clip` gives its beginning."""
    if width(text) <= cells:
        return text
    if cells <= 0:
        return ""
    taken = _fitting(reversed(list(clusters(text))), cells - 1)
    return CUT + "".join(reversed(taken))


def _fitting(found: Iterable[tuple[str, int]], room: int) -> list[str]:
    """Take of *found*, in its order, what fits into *room* cells."""
    taken: list[str] = []
    for cluster, wide in found:
        if wide > room:
            break
        taken.append(cluster)
        room -= wide
    return taken


def clip_middle(text: str, cells: int) -> str:
    """Give both ends of *text*, as much of them as fits into *cells*, with CUT between them."""
    if width(text) <= cells:
        return text
    tail = clip_left(text, cells // 3 + 1).removeprefix(CUT)
    return clip(text, cells - width(tail)) + tail if cells > 0 else ""


def left(text: str, cells: int) -> str:
    """Fill *text* up with blanks on its right, or clip it, to exactly *cells*."""
    text = clip(text, cells)
    return text + " " * (cells - width(text))


def right(text: str, cells: int) -> str:
    """Fill *text* up with blanks on its left, or clip it, to exactly *cells*."""
    text = clip(text, cells)
    return " " * (cells - width(text)) + text


def row_width(row: Row) -> int:
    """Count the cells of a row."""
    return sum(width(span.text) for span in row)


def fill(row: Iterable[Span], cells: int, style: Style = Style.PLAIN) -> Row:
    """Make a row of exactly *cells*: clipped, or filled up with blanks of *style*."""
    spans: list[Span] = []
    room = cells
    for span in row:
        wide = width(span.text)
        if wide > room:
            spans.append(Span(clip(span.text, room), span.style))
            room -= width(spans[-1].text)
            break
        if span.text:
            spans.append(span)
        room -= wide
    if room:
        spans.append(Span(" " * room, style))
    return tuple(spans)


def block(rows: Iterable[Iterable[Span]], cells: int, height: int | None = None) -> Block:
    """Make a block *cells* wide of *rows*: filled up, or cut, to *height* if that is given."""
    made = [fill(row, cells) for row in rows]
    if height is not None:
        made = made[:height]
        made += [fill((), cells)] * (height - len(made))
    return Block(cells, tuple(made))


def above(*blocks: Block) -> Block:
    """Put blocks of the same width one below the other."""
    return Block(blocks[0].width, tuple(row for one in blocks for row in one.rows))


def beside(*blocks: Block) -> Block:
    """Put blocks of the same height side by side."""
    rows = tuple(
        tuple(span for row in rows for span in row)
        for rows in zip(*(b.rows for b in blocks), strict=True)
    )
    return Block(sum(one.width for one in blocks), rows)


def part(row: Row, start: int, end: int) -> Row:
    """Give cells *start* to *end* of a row; half of a wide character is a blank."""
    spans: list[Span] = []
    at = 0
    for text, style in row:
        wide = width(text)
        if at >= end:
            break
        if at + wide > start:
            spans.append(Span(_cells(text, max(0, start - at), min(wide, end - at)), style))
        at += wide
    return tuple(span for span in spans if span.text)


def over(base: Block, top: Block, y: int, x: int) -> Block:
    """Lay *top* onto *base*, its upper left corner at row *y* and cell *x*; it must fit."""
    rows = list(base.rows)
    for number, row in enumerate(top.rows):
        under = rows[y + number]
        before, after = part(under, 0, x), part(under, x + top.width, base.width)
        rows[y + number] = (*before, *row, *after)
    return Block(base.width, tuple(rows))


def centred(base: Block, top: Block) -> tuple[Block, int, int]:
    """Lay *top* onto the middle of *base*, cut to what fits; tell its row and cell as well."""
    top = crop(top, base.width, base.height)
    y, x = (base.height - top.height) // 2, (base.width - top.width) // 2
    return over(base, top, y, x), y, x


def crop(whole: Block, cells: int, height: int) -> Block:
    """Give the upper left part of a block."""
    if whole.width > cells:
        whole = Block(cells, tuple(part(row, 0, cells) for row in whole.rows))
    return Block(whole.width, whole.rows[:height])


def _cells(text: str, start: int, end: int) -> str:
    if text.isascii():
        return text[start:end]
    taken: list[str] = []
    at = 0
    for cluster, wide in clusters(text):
        if start <= at and at + wide <= end:
            taken.append(cluster)
        else:
            taken.append(" " * max(0, min(at + wide, end) - max(at, start)))
        at += wide
    return "".join(taken)
