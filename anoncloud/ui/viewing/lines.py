"""Text of any size as rows of a screen, laid out from where one looks, forth and back.

A row begins at an offset of the file. Nothing counts lines from the file's beginning, so the end of
a file of 100 GiB is as near as its beginning. A line of more than LONG bytes is taken apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Final

import attrs

from anoncloud.limits import KIB
from anoncloud.ui.cells import Row, Span, Style
from anoncloud.ui.viewing.characters import Encoding, Glyph, glyphs, whole_length
from anoncloud.ui.viewing.window import Window

LONG: Final = 16 * KIB
TAB: Final = 8
MOST_BYTES: Final = 20
"""Bytes of what is shown in one cell: a character and four marks, of four bytes each."""
MOST_ROWS: Final = 5_000
"""Rows that are remembered."""
DRAWN_ROWS: Final = 500
"""Rows whose pictures are."""
_CHARACTER: Final = 4
"""Bytes of the longest character."""
NARROWEST: Final = 12
"""Cells that a row has at least: what the longest escape takes."""


@attrs.frozen
class Shape:
    """How text is laid out: in which encoding, and broken after how many cells, if at all.

    Of rows that are not broken only what is before the cell *reach* is laid out, if that is given.
    """

    encoding: Encoding
    columns: int | None
    reach: int | None = None


@attrs.frozen(eq=False)
class TextRow:
    """One row: what it shows, and where it begins and ends in the file; itself alone is the same.

    What is printable ASCII is *plain*, one cell and one byte a character, and has no glyphs.
    """

    start: int
    end: int
    glyphs: Sequence[Glyph] = attrs.field(repr=False)
    plain: str = ""


@attrs.frozen
class Laid:
    """Rows, and the offset of what was missing to lay out more, if something was."""

    rows: tuple[TextRow, ...]
    missing: int | None = None


def down(window: Window, start: int, count: int, shape: Shape) -> Laid:
    """Lay out *count* rows from *start* on; fewer at the file's end, or where bytes are missing."""
    rows: list[TextRow] = []
    at, known = start, _known(window, shape)
    while len(rows) < count and at < window.size:
        if at in known:
            rows.append(known[at])
            at = rows[-1].end
            continue
        piece = window.after(at, at + LONG)
        rest = min(LONG, window.size - at)
        ended = line_length(piece, shape.encoding)
        if not ended and len(piece) < rest:
            return Laid(tuple(rows), at + len(piece))
        line = piece[: ended or _whole(piece, window, at, shape)]
        made = _rows(line, at, shape, count - len(rows))
        if not ended and at + len(line) < window.size and len(made) > 1:
            del made[-1]  # it goes on
        known.update((row.start, row) for row in made)
        rows += made
        at = rows[-1].end
    return Laid(tuple(rows))


def up(window: Window, end: int, count: int, shape: Shape) -> Laid:
    """Lay out the *count* rows before *end*; fewer at the beginning, or where bytes are missing."""
    rows: list[TextRow] = []
    at, known = end, _known(window, shape)
    while len(rows) < count and at > 0:
        low = max(0, at - LONG - _CHARACTER)
        low += (at - low) % shape.encoding.unit
        piece = window.before(low, at)
        begin = line_start(piece, shape.encoding)
        if begin is None:
            if len(piece) < at - low:
                return Laid(tuple(rows[-count:]), at - len(piece) - 1)
            # Cut where it is cut again from a row further up, so that no row is laid out anew.
            begin = max(0, (at - 1 - _CHARACTER) // LONG * LONG - low)
            if low + begin:
                begin += _first_whole(piece[begin:], shape.encoding)
        start = at - len(piece) + begin
        made = _from(known, start, at) or _rows(piece[begin:], start, shape)
        ends = at == window.size or line_length(piece[-shape.encoding.unit :], shape.encoding)
        known.update((row.start, row) for row in (made if ends else made[:-1]))
        rows[:0] = made
        at = start
    return Laid(tuple(rows[-count:]))


def _known(window: Window, shape: Shape) -> dict[int, TextRow]:
    """Give the rows that were laid out before, by where they begin; some of them at least."""
    rows: dict[int, TextRow] = window.rows.get(shape, {})
    if len(rows) > MOST_ROWS or shape not in window.rows:
        window.rows.clear()
        rows = window.rows[shape] = {}
    return rows


def _from(known: Mapping[int, TextRow], start: int, end: int) -> list[TextRow]:
    """Give the rows from *start* to *end*, if all are known."""
    rows: list[TextRow] = []
    at = start
    while at in known and known[at].end <= end:
        rows.append(known[at])
        at = rows[-1].end
    return rows if at == end else []


def start_of_line(window: Window, at: int, shape: Shape) -> int | None:
    """Give where the line begins that *at* is in; None if bytes are missing to tell."""
    at = min(at, window.size)
    at -= at % shape.encoding.unit
    low = max(0, at - LONG)
    piece = window.before(low, at)
    begin = _after_last(piece, shape.encoding)
    if begin is not None:
        return at - len(piece) + begin
    if len(piece) < at - low:
        return None
    return low + (0 if low == 0 else _first_whole(piece, shape.encoding))


def line_length(data: bytes, encoding: Encoding) -> int:
    """Tell how long the first line of *data* is, with its end; 0 if it does not end there."""
    end, unit = encoding.line_end, encoding.unit
    found = data.find(end)
    while found % unit and found >= 0:
        found = data.find(end, found + 1)
    return found + len(end) if found >= 0 else 0


def line_start(data: bytes, encoding: Encoding) -> int | None:
    """Tell where the last line of *data* begins, though *data* may end with its end of line."""
    end = encoding.line_end
    return _after_last(data.removesuffix(end), encoding)


def _after_last(data: bytes, encoding: Encoding) -> int | None:
    end, unit = encoding.line_end, encoding.unit
    found = data.rfind(end)
    while found >= 0 and (len(data) - found) % unit:
        found = data.rfind(end, 0, found + len(end) - 1)
    return found + len(end) if found >= 0 else None


def drawn(row: TextRow, skipped: int, marked: Iterable[tuple[int, int]] = ()) -> Row:
    """Draw a row without its first cells, what lies in *marked* (from, to) set off."""
    ranges = [(first, last) for first, last in marked if first < row.end and last > row.start]
    if row.plain:
        return _drawn_plain(row, skipped, ranges)
    return _drawn_glyphs(row, skipped, tuple(ranges))


@lru_cache(DRAWN_ROWS)
def _drawn_glyphs(row: TextRow, skipped: int, ranges: tuple[tuple[int, int], ...]) -> Row:
    spans: list[Span] = []
    text, style, at, whole = "", Style.PLAIN, 0, skipped == 0
    for glyph in row.glyphs:
        at += glyph.cells
        if glyph.cells:
            whole = at - glyph.cells >= skipped
        if at <= skipped and not whole:
            continue
        kind = Style.WARNING if glyph.escaped else Style.PLAIN
        if any(first <= glyph.start < last for first, last in ranges):
            kind = Style.CHOSEN
        if kind is not style:
            spans.append(Span(text, style))
            text, style = "", kind
        if glyph.cells and not whole:
            text += " " * (at - skipped)
        elif whole:
            text += glyph.text
    spans.append(Span(text, style))
    return tuple(span for span in spans if span.text)


def _drawn_plain(row: TextRow, skipped: int, ranges: list[tuple[int, int]]) -> Row:
    edges = {skipped, len(row.plain)}
    edges.update(min(max(skipped, at - row.start), len(row.plain)) for one in ranges for at in one)
    spans = []
    for first, last in pairwise(sorted(edges)):
        found = any(begin <= row.start + first < end for begin, end in ranges)
        style = Style.CHOSEN if found else Style.PLAIN
        spans.append(Span(row.plain[first:last], style))
    return tuple(spans) if skipped < len(row.plain) else ()


def _rows(line: bytes, start: int, shape: Shape, most: int | None = None) -> list[TextRow]:
    """Break one line into rows, *most* of them at the most."""
    end = start + len(line)
    room = None if shape.columns is None else max(shape.columns, NARROWEST)
    plain = line.removesuffix(b"\n").removesuffix(b"\r") if shape.encoding.unit == 1 else b""
    if plain and plain.isascii() and plain.decode().isprintable():
        return _plain_rows(plain.decode(), start, end, room or len(plain))[:most]
    seen = shape.reach if room is None else most and room * most
    if seen is not None:
        line = line[: whole_length(line[: MOST_BYTES * (seen + 1)], shape.encoding)]
    rows: list[TextRow] = []
    taken: list[Glyph] = []
    begin, cells = start, 0
    for glyph in glyphs(line, start, shape.encoding):
        wide = TAB - cells % TAB if glyph.text == "\t" else glyph.cells
        if room is not None and taken and cells + wide > room:
            rows.append(TextRow(begin, glyph.start, taken))
            taken, begin, cells = [], glyph.start, 0
            if len(rows) == most:
                return rows
            wide = TAB if glyph.text == "\t" else wide
        taken.append(Glyph(" " * wide, wide, glyph.start) if glyph.text == "\t" else glyph)
        cells += wide
        if room is None and cells > (seen or cells):
            break
    rows.append(TextRow(begin, end if room is None else start + len(line), taken))
    if room is not None and start + len(line) < end and len(rows) > 1:
        del rows[-1]  # it goes on
    return rows


def _plain_rows(text: str, start: int, end: int, room: int) -> list[TextRow]:
    starts = range(0, len(text), room)
    ends = [*(start + at for at in starts[1:]), end]
    return [
        TextRow(start + at, stop, (), text[at : at + room])
        for at, stop in zip(starts, ends, strict=True)
    ]


def _whole(piece: bytes, window: Window, at: int, shape: Shape) -> int:
    if at + len(piece) >= window.size:
        return len(piece)
    return whole_length(piece, shape.encoding) or len(piece)


def _first_whole(piece: bytes, encoding: Encoding) -> int:
    """Tell where the first whole character of a piece from the middle of a file begins."""
    if encoding is not Encoding.UTF_8:
        return 0
    continued = list(takewhile(lambda byte: byte & 0xC0 == 0x80, piece[:3]))  # noqa: PLR2004
    return len(continued)
