"""Where layers lie on the screen, and what a picture looks like with them on it."""

from typing import Final

import attrs

from anoncloud.ui import layout
from anoncloud.ui.cells import (
    Block,
    Row,
    Span,
    Style,
    above,
    beside,
    block,
    crop,
    fill,
    over,
    width,
)
from anoncloud.ui.effects import Side
from anoncloud.ui.hints import hints
from anoncloud.ui.layers import Layer, Shape
from anoncloud.ui.model import LEAST_COLUMNS, LEAST_ROWS, Arrangement, Explorer
from anoncloud.ui.views import bars, panes
from anoncloud.ui.views.panes import Look

_ASCII: Final = str.maketrans("│─┌┐└┘├┤┬┴┼↑↓", "|-+++++++++^v")


@attrs.frozen
class Picture:
    """All cells of the screen, and the row and cell of its cursor, if it shows."""

    block: Block
    cursor: tuple[int, int] | None


@attrs.frozen
class Spot:
    """Where a layer lies: its upper left corner, and what it was drawn for."""

    row: int
    column: int
    columns: int
    rows: int
    block: Block


def spot(explorer: Explorer, layer: Layer) -> Spot:
    """Tell where *layer* lies."""
    rows, columns = max(0, explorer.rows - layout.BARS), explorer.columns
    drawn = crop(layer.view(columns, rows), columns, rows)
    if layer.shape is Shape.WHOLE:
        return Spot(0, 0, columns, rows, drawn)
    if layer.shape is Shape.LINE:
        return Spot(rows - drawn.height, 0, columns, rows, drawn)
    down, across = (rows - drawn.height) // 2, (columns - drawn.width) // 2
    return Spot(down, across, columns, rows, drawn)


def picture(explorer: Explorer) -> Picture:
    """Draw everything."""
    if explorer.is_too_small:
        least = (LEAST_ROWS, LEAST_COLUMNS)
        made = bars.too_small(explorer.rows, explorer.columns, least)
        return Picture(made, None)
    base = _panes(explorer)
    cursor = None
    for layer in explorer.layers:
        lies = spot(explorer, layer)
        base = over(base, lies.block, lies.row, lies.column)
        at = layer.cursor(lies.columns, lies.rows)
        cursor = None if at is None else (lies.row + at[0], lies.column + at[1])
    base = _told(explorer, base)
    status = bars.status(explorer.status, explorer.transfers, explorer.columns)
    keys = bars.hints(hints(explorer), explorer.columns)
    whole = above(base, Block(explorer.columns, (status, keys)))
    return Picture(whole if explorer.unicode else _plain(whole), cursor)


def _panes(explorer: Explorer) -> Block:
    drawn = [_pane(explorer, side, area) for side, area in layout.areas(explorer).items()]
    if layout.arrangement(explorer) is not Arrangement.BESIDE:
        return above(*drawn)
    border = block([(Span("│", Style.BORDER),)] * drawn[0].height, 1)
    return beside(drawn[0], border, drawn[1])


def _pane(explorer: Explorer, side: Side, area: layout.Area) -> Block:
    active = side is explorer.active and not explorer.layers
    active = active or (side is explorer.active and explorer.layers[-1].shape is Shape.LINE)
    look = Look(active, not explorer.unicode, explorer.zone, explorer.status.now)
    return panes.draw(explorer.panes[side], area, look)


def _told(explorer: Explorer, base: Block) -> Block:
    """Lay what there is to say over the lowest rows, or above the line that is being typed."""
    if explorer.notice is None:
        return base
    drawn = bars.notice(explorer.notice, explorer.columns)
    below = 0
    if explorer.layers and explorer.layers[-1].shape is Shape.LINE:
        below = spot(explorer, explorer.layers[-1]).block.height
    drawn = crop(drawn, base.width, max(0, base.height - below))
    return over(base, drawn, base.height - below - drawn.height, 0)


def _plain(whole: Block) -> Block:
    """Draw with ASCII alone: lines by what looks like them, the rest by question marks."""
    return Block(whole.width, tuple(map(_plain_row, whole.rows)))


def _plain_row(row: Row) -> Row:
    if all(span.text.isascii() for span in row):
        return row
    made = []
    for text, style in row:
        drawn = text.translate(_ASCII)
        if not drawn.isascii():
            drawn = "".join(one if one.isascii() else "?" * width(one) for one in drawn)
        made.append(Span(drawn, style))
    return fill(made, sum(width(span.text) for span in made))
