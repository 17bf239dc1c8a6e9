"""How a viewer looks: a bar above, the file, and what is asked or said on the last row."""

import attrs

from anoncloud.ui import amounts, lineedit
from anoncloud.ui.cells import Block, Row, Span, Style, block, clip, fill, width
from anoncloud.ui.viewing import hexadecimal, lines, moving
from anoncloud.ui.viewing.looker import BAR, Looker
from anoncloud.ui.viewing.said import Room

_SHORT = 60
"""Columns below which the bar says less."""


def view(looker: Looker, columns: int, rows: int) -> Block:
    """Draw it on so many cells and rows."""
    made = [bar(looker, columns), *_rows(looker, columns, max(0, rows - BAR))]
    below = _below(looker, columns)
    if below is not None and rows > BAR:
        made = [*made[: rows - 1], *[()] * (rows - 1 - len(made)), below]
    return block(made, columns, rows)


def cursor(looker: Looker, columns: int, rows: int) -> tuple[int, int] | None:
    """Tell where the cursor is; it shows only while something is typed."""
    if looker.asking is None:
        return None
    label = len(looker.asking.value)
    at = lineedit.view(looker.line, max(1, columns - label))[1]
    return max(0, rows - 1), max(0, min(label + at, columns - 1))


def bar(looker: Looker, columns: int) -> Row:
    """Say which file it is, and where in it one is."""
    size = looker.window.size
    last = min(size, moving.seen(looker.sight)[1])
    share = 100 * last // size if size else 100
    how = "hex" if looker.is_hex else looker.encoding.value
    facts = f"{looker.top:,} of {size:,}  {share} %"
    facts = f"{how}  {facts}" if columns >= _SHORT else f"{amounts.short_size(size)} {share} %"
    title = clip(looker.title, max(0, columns - width(facts) - 4))
    gap = " " * max(2, columns - width(title) - width(facts) - 2)
    return fill((Span(f" {title}{gap}{facts}", Style.BAR),), columns, Style.BAR)


def _rows(looker: Looker, columns: int, count: int) -> list[Row]:
    room = Room(columns, count + BAR)
    sight = attrs.evolve(attrs.evolve(looker, room=room).sight, rows=count)
    marked = () if looker.sought.found is None else (looker.sought.found,)
    if sight.shape is None:
        step = sight.per_row
        starts = range(looker.top, min(looker.top + count * step, looker.window.size), step)
        return [hexadecimal.row(looker.window, start, step, marked) for start in starts]
    laid = sight.laid(sight.shape)
    made = [lines.drawn(row, looker.skipped, marked) for row in laid.rows]
    if laid.missing is not None and len(made) < count:
        made.append((Span("...", Style.DIM),))
    return made


def _below(looker: Looker, columns: int) -> Row | None:
    if looker.asking is not None:
        label = looker.asking.value
        shown = lineedit.view(looker.line, max(1, columns - len(label)))[0]
        return (Span(label, Style.KEY), Span(shown, Style.FIELD))
    if looker.sought.come is not None:
        share = 100 * looker.sought.come // max(1, looker.window.size)
        return (Span(f"searching ... at {share} %; Esc stops it", Style.WARNING),)
    if looker.notice:
        return (Span(looker.notice, Style.WARNING),)
    return (Span("reading ...", Style.DIM),) if looker.goal is not None else None
