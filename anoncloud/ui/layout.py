"""Where everything stands on a screen of so many rows and columns."""

from typing import Final

import attrs

from anoncloud.ui.effects import Side
from anoncloud.ui.model import Arrangement, Explorer

BARS: Final = 2
"""Rows of the status line and the hints."""
TWO_PANES: Final = 72
"""Columns from which on two panes stand side by side."""
LEAST_PANE: Final = 24
"""Columns that a pane keeps when the border is moved."""
LEAST_STACKED: Final = 5
"""Rows that a pane keeps when the border is moved."""
HEADED: Final = 10
"""Rows from which on a pane has a header above its columns."""


@attrs.frozen
class Area:
    """A rectangle of the screen."""

    row: int
    column: int
    height: int
    width: int

    def holds(self, row: int, column: int) -> bool:
        """Tell whether a cell lies in it."""
        down, across = row - self.row, column - self.column
        return 0 <= down < self.height and 0 <= across < self.width


def areas(explorer: Explorer) -> dict[Side, Area]:
    """Tell where the panes stand; a pane that is not shown is left out."""
    rows, columns = max(0, explorer.rows - BARS), explorer.columns
    if arrangement(explorer) is Arrangement.ALONE:
        return {explorer.active: Area(0, 0, rows, columns)}
    if arrangement(explorer) is Arrangement.STACKED:
        upper = _share(rows, explorer.split, LEAST_STACKED)
        return {
            Side.LEFT: Area(0, 0, upper, columns),
            Side.RIGHT: Area(upper, 0, rows - upper, columns),
        }
    left = _share(columns - 1, explorer.split, LEAST_PANE)
    return {
        Side.LEFT: Area(0, 0, rows, left),
        Side.RIGHT: Area(0, left + 1, rows, columns - left - 1),
    }


def arrangement(explorer: Explorer) -> Arrangement:
    """Tell how the panes stand: as they should, or one alone where there is no room."""
    wanted = explorer.arrangement
    cramped = explorer.columns < TWO_PANES
    if wanted is Arrangement.BESIDE and cramped:
        return Arrangement.ALONE
    if wanted is Arrangement.STACKED and explorer.rows - BARS < 2 * LEAST_STACKED:
        return Arrangement.ALONE
    return wanted


def entries_height(area: Area) -> int:
    """Count the rows of a pane that hold entries."""
    return max(0, area.height - 2 - int(area.height >= HEADED))


def first_entry(area: Area) -> int:
    """Tell the row of the screen at which entries begin."""
    return area.row + 1 + int(area.height >= HEADED)


def height(explorer: Explorer, side: Side) -> int:
    """Count the rows for entries of a pane; of the active one, if it is not shown itself."""
    shown = areas(explorer)
    return entries_height(shown.get(side) or shown[explorer.active])


def border(explorer: Explorer) -> int | None:
    """Tell the column of the border between panes that stand side by side."""
    if arrangement(explorer) is not Arrangement.BESIDE:
        return None
    return areas(explorer)[Side.RIGHT].column - 1


def _share(whole: int, split: float, least: int) -> int:
    least = min(least, whole // 2)
    return max(least, min(round(whole * split), whole - least))
