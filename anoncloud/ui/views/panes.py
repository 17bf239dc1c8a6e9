"""A pane as a block: its trail, a header, the entries in sight, and what is marked.

Only entries that are in sight are turned into text.
"""

from typing import Final

import attrs

from anoncloud.ui import amounts, shown
from anoncloud.ui.cells import (
    Block,
    Row,
    Span,
    Style,
    clip,
    clip_left,
    clip_middle,
    fill,
    left,
    right,
    width,
)
from anoncloud.ui.entries import Entry, Kind, Sort
from anoncloud.ui.layout import HEADED, Area, entries_height
from anoncloud.ui.pane import Cached, Failed, Pane, Reading
from anoncloud.ui.places import trail

_FULL_TIME: Final = 56
"""Cells of a pane from which on times are written in full."""
_SHORT_TIME: Final = 34
"""Cells from which on they are written at all."""
_SIZE: Final = 22
"""Cells from which on sizes are written."""
_SUFFIXES: Final = {Kind.FOLDER: "/", Kind.FOLDER_LINK: "@/", Kind.LINK: "@", Kind.OTHER: "?"}
_STYLES: Final = {
    Kind.FOLDER: Style.FOLDER,
    Kind.FOLDER_LINK: Style.FOLDER,
    Kind.FILE: Style.PLAIN,
    Kind.LINK: Style.LINK,
    Kind.OTHER: Style.DIM,
}


@attrs.frozen
class Look:
    """How a pane is drawn: whether the keys go to it, and what the screen can show.

    :ivar now: seconds since 1970.
    """

    active: bool
    ascii_only: bool
    zone: amounts.Zone
    now: int


@attrs.frozen
class Columns:
    """How many cells a name, a size and a time take; 0 if they are left out."""

    name: int
    size: int
    time: int

    @classmethod
    def of(cls, cells: int) -> "Columns":
        """Share out the cells of a pane; one stands before the name, for marks."""
        full, short = amounts.TIME_CELLS, amounts.SHORT_TIME_CELLS
        time = full if cells >= _FULL_TIME else short if cells >= _SHORT_TIME else 0
        size = amounts.SIZE_CELLS if cells >= _SIZE else 0
        rest = cells - 1 - size - bool(size) - time - bool(time)
        return cls(max(0, rest), size, time)


def draw(pane: Pane, area: Area, look: Look) -> Block:
    """Draw a pane as large as its area."""
    columns = Columns.of(area.width)
    rows = [_trail(pane, area.width, look)]
    if area.height >= HEADED:
        rows.append(_header(pane, columns, area.width))
    rows += _entries(pane, columns, area, look)
    rows.append(_footer(pane, columns, area.width, look))
    return Block(area.width, tuple(rows[: area.height]))


def _trail(pane: Pane, cells: int, look: Look) -> Row:
    """Draw where the pane is; the end of a long path matters more than its beginning."""
    state = {Cached: " (cached)", Reading: " (reading)", Failed: " (failed)"}.get(
        type(pane.state), ""
    )
    if pane.filter:
        state += f" filter: {shown.text(pane.filter)}"
    state = clip(state, max(0, cells // 2))
    where = clip_left(trail(pane.place), max(0, cells - 1 - width(state)))
    style = Style.TITLE if look.active else Style.DIM
    return fill((Span(" " + where, style), Span(state, Style.WARNING)), cells)


def _header(pane: Pane, columns: Columns, cells: int) -> Row:
    """Name the columns, and say what they are sorted by."""
    arrow = "↑" if pane.reverse is (pane.sort in {Sort.SIZE, Sort.TIME}) else "↓"

    def named(title: str, *sorts: Sort) -> str:
        return title + arrow if pane.sort in sorts else title

    kind = " (kind)" if pane.sort is Sort.KIND else ""
    made = [Span(" " + left(named("Name" + kind, Sort.NAME, Sort.KIND), columns.name), Style.DIM)]
    if columns.size:
        made.append(Span(" " + right(named("Size", Sort.SIZE), columns.size), Style.DIM))
    if columns.time:
        made.append(Span(" " + right(named("Time", Sort.TIME), columns.time), Style.DIM))
    return fill(made, cells)


def _entries(pane: Pane, columns: Columns, area: Area, look: Look) -> list[Row]:
    height = entries_height(area)
    made: list[Row] = []
    for at in range(pane.top, min(pane.top + height, len(pane.order))):
        entry = pane.entries[pane.order[at]]
        cursor = at == pane.cursor
        row = _entry(entry, columns, look, marked=entry.key in pane.marks, cursor=cursor)
        made.append(fill(row, area.width))
    if not pane.order and height:
        made.append(
            fill((Span(" " + clip(_nothing(pane), area.width - 1), Style.DIM),), area.width)
        )
    return made + [fill((), area.width)] * (height - len(made))


def _entry(entry: Entry, columns: Columns, look: Look, *, marked: bool, cursor: bool) -> Row:
    """Draw one entry; the cursor covers the name alone, so that moving it changes little."""
    style = Style.MARKED if marked else _STYLES[entry.kind]
    over = style
    if cursor:
        over = Style.CURSOR_MARKED if marked else Style.CURSOR
        over = over if look.active else Style.CURSOR_AWAY
    name = clip_middle(label(entry, look), columns.name)
    made = [Span("*" if marked else " ", style), Span(name, over)]
    made.append(Span(" " * (columns.name - width(name)), Style.PLAIN))
    if columns.size:
        size = "" if entry.size < 0 or entry.is_folder else amounts.short_size(entry.size)
        made.append(Span(" " + right(size, columns.size), _side(marked=marked)))
    if columns.time:
        made.append(
            Span(" " + right(_time(entry, columns, look), columns.time), _side(marked=marked))
        )
    return tuple(made)


def label(entry: Entry, look: Look) -> str:
    """Write a name with a sign of what it is, and its note."""
    named = shown.name(entry.name, ascii_only=look.ascii_only) + _SUFFIXES.get(entry.kind, "")
    return f"{named} {shown.text(entry.note)}" if entry.note else named


def _side(*, marked: bool) -> Style:
    return Style.MARKED if marked else Style.PLAIN


def _time(entry: Entry, columns: Columns, look: Look) -> str:
    if columns.time >= amounts.TIME_CELLS:
        return amounts.time(entry.modified, look.zone)
    return amounts.short_time(entry.modified, look.zone, look.now)


def _nothing(pane: Pane) -> str:
    """Say why no entry is in sight."""
    if isinstance(pane.state, Failed):
        return shown.text(pane.state.message)
    if isinstance(pane.state, Reading):
        return "reading ..."
    if pane.entries:
        return f"{len(pane.entries)} not shown"
    return "empty"


def _footer(pane: Pane, columns: Columns, cells: int, look: Look) -> Row:
    """Say what is marked, or the whole name of a long entry; and how many there are."""
    place = f"{pane.cursor + 1}/{len(pane.order)}" if pane.order else "0"
    place = right(place, min(cells, width(place) + 1))
    room = max(0, cells - width(place) - 1)
    said, style = "", Style.DIM
    if pane.marks:
        size = amounts.size(pane.marked_size)
        said, style = f"{len(pane.marks)} marked, {size}", Style.MARKED
    elif pane.entry is not None and width(label(pane.entry, look)) > columns.name:
        said = label(pane.entry, look)
    return fill((Span(" " + left(said, room), style), Span(place, Style.DIM)), cells)
