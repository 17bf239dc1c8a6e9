"""What the mouse does to the panes: clicks, double clicks, the wheel, the border dragged."""

from typing import Final

import attrs

from anoncloud.ui import hints, layout
from anoncloud.ui import pane as panes
from anoncloud.ui.acts.moving import shared
from anoncloud.ui.acts.table import perform
from anoncloud.ui.effects import Side
from anoncloud.ui.entries import Sort
from anoncloud.ui.layers import MouseKey
from anoncloud.ui.layout import Area
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.views.panes import Columns

_WHEEL: Final = 3
"""Rows that one step of the wheel scrolls."""


def point(explorer: Explorer, seen: MouseKey) -> Done:
    """Take what the mouse did, where no layer lies over the panes."""
    if seen.kind == "drag" and explorer.dragging:
        share = seen.column / max(1, explorer.columns - 1)
        return attrs.evolve(explorer, split=shared(share)), ()
    explorer = attrs.evolve(explorer, dragging=False)
    if seen.kind == "click" and seen.column == layout.border(explorer):
        return attrs.evolve(explorer, dragging=True), ()
    if seen.kind == "click" and seen.row == explorer.rows - 1:
        action = hints.action_at(explorer, seen.column)
        return (explorer, ()) if action is None else perform(explorer, action)
    for side, area in layout.areas(explorer).items():
        if area.holds(seen.row, seen.column):
            return _in_pane(explorer, side, area, seen)
    return explorer, ()


def _in_pane(explorer: Explorer, side: Side, area: Area, seen: MouseKey) -> Done:
    height = layout.entries_height(area)
    if seen.kind in {"wheel-up", "wheel-down"}:
        by = _WHEEL if seen.kind == "wheel-down" else -_WHEEL
        pane = panes.scrolled(explorer.panes[side], by, height)
        return explorer.with_pane(pane, side), ()
    if seen.kind not in {"click", "double"}:
        return explorer, ()
    again = seen.kind == "double" and side is explorer.active
    explorer = attrs.evolve(explorer, active=side)
    row = seen.row - layout.first_entry(area)
    if row < 0:
        return _on_head(explorer, area, seen)
    at = explorer.pane.top + row
    if row >= height or at >= len(explorer.pane.order):
        return explorer, ()
    if again and at == explorer.pane.cursor:  # else its first click was meant for a box
        return perform(explorer, "open")
    return explorer.with_pane(panes.moved_to(explorer.pane, at)), ()


def _on_head(explorer: Explorer, area: Area, seen: MouseKey) -> Done:
    """Take a click on the trail, which asks where to go, or on a column's name, which sorts."""
    if seen.row == area.row:
        return perform(explorer, "cd")
    columns, at = Columns.of(area.width), seen.column - area.column
    sort = Sort.NAME
    if at > columns.name and columns.size:
        sort = Sort.SIZE if at <= columns.name + 1 + columns.size or not columns.time else Sort.TIME
    if sort is explorer.pane.sort:
        return perform(explorer, "reverse")
    return perform(explorer, "sort", sort.value)
