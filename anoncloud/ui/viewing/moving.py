"""Where a viewer looks after a step: in rows for text and for hex, to the end, to an offset.

What must be read before that is known is told instead.
"""

from typing import Final

import attrs

from anoncloud.ui.viewing import hexadecimal, lines
from anoncloud.ui.viewing.lines import Laid, Shape
from anoncloud.ui.viewing.window import Window

_SHARE_ABOVE: Final = 3
"""What was searched for is shown below the first third of the screen."""


@attrs.frozen
class Sight:
    """What a viewer sees: *rows* rows from *top* on; text as *shape* says, or hex without one."""

    window: Window
    top: int
    rows: int
    columns: int
    shape: Shape | None

    @property
    def per_row(self) -> int:
        """Bytes on a row of hex."""
        return hexadecimal.per_row(self.window.size, self.columns)

    @property
    def last_top(self) -> int:
        """Where the last screen of hex begins."""
        rows = -(-self.window.size // self.per_row)
        return max(0, rows - self.rows) * self.per_row

    def laid(self, shape: Shape) -> Laid:
        """Lay out the text that is seen."""
        return lines.down(self.window, self.top, self.rows, shape)


@attrs.frozen
class Step:
    """The new *top*; or an offset that must be read first."""

    top: int
    missing: int | None = None


def by(sight: Sight, count: int) -> Step:
    """Go so many rows down, or up if it is negative."""
    if sight.shape is None:
        top = sight.top + count * sight.per_row
        return Step(max(0, min(top, max(sight.last_top, sight.top if count < 0 else 0))))
    if count < 0:
        laid = lines.up(sight.window, sight.top, -count, sight.shape)
        if laid.missing is not None:
            return Step(sight.top, laid.missing)
        return Step(laid.rows[0].start if laid.rows else 0)
    laid = lines.down(sight.window, sight.top, sight.rows + count, sight.shape)
    if laid.missing is not None:
        return Step(sight.top, laid.missing)
    steps = max(0, min(count, len(laid.rows) - sight.rows))
    return Step(laid.rows[steps].start if steps else sight.top)


def end(sight: Sight) -> Step:
    """Go where the last row is at the bottom."""
    if sight.shape is None:
        return Step(sight.last_top)
    laid = lines.up(sight.window, sight.window.size, sight.rows, sight.shape)
    if laid.missing is not None:
        return Step(sight.top, laid.missing)
    return Step(laid.rows[0].start if laid.rows else 0)


def at(sight: Sight, offset: int) -> Step:
    """Go where *offset* is in sight, with something before it."""
    offset = max(0, min(offset, sight.window.size))
    above = sight.rows // _SHARE_ABOVE
    if sight.shape is None:
        row = offset - offset % sight.per_row
        return Step(max(0, min(row - above * sight.per_row, sight.last_top)))
    start = lines.start_of_line(sight.window, offset, sight.shape)
    if start is None:
        return Step(sight.top, max(0, offset - 1))
    while True:
        laid = lines.down(sight.window, start, sight.rows, sight.shape)
        if laid.missing is not None and not laid.rows:
            return Step(sight.top, laid.missing)
        holding = [row for row in laid.rows if row.end > offset]
        if holding or not laid.rows or laid.rows[-1].end >= sight.window.size:
            start = holding[0].start if holding else start
            break
        start = laid.rows[-1].end
    return by(attrs.evolve(sight, top=start), -above)


def seen(sight: Sight) -> tuple[int, int]:
    """Tell from where to where the bytes are that are seen, as far as they are known."""
    if sight.shape is None:
        return sight.top, sight.top + sight.rows * sight.per_row
    laid = sight.laid(sight.shape)
    last = laid.rows[-1].end if laid.rows else sight.top
    return sight.top, max(last, sight.top) if laid.missing is None else laid.missing + 1
