"""Where one looks in a file, what must be read for it, and what is searched for: a viewer's state.

The keys are in ``ui.viewing.viewer``, and the picture in ``ui.viewing.drawing``.
"""

import enum
from typing import Final, Self

import attrs

from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import ReadRange, Search, StopSearch
from anoncloud.ui.viewing import lines, moving
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.moving import Sight, Step
from anoncloud.ui.viewing.said import Room
from anoncloud.ui.viewing.window import CHUNK, Window

AHEAD: Final = CHUNK // 4
"""Bytes before and behind what is seen that are read too."""
BAR: Final = 1
"""Rows above the file."""


class Asking(enum.Enum):
    """What is being typed."""

    PATTERN = "search: "
    PLACE = "go to (offset, 0x offset or %): "


class Way(enum.Enum):
    """How one goes somewhere."""

    ROWS = "so many rows on"
    END = "to the end"
    OFFSET = "to an offset"


@attrs.frozen
class Goal:
    """Where to go, once the bytes for it have come."""

    way: Way
    amount: int = 0


@attrs.frozen
class Sought:
    """What is searched for, and where it was found: from and to.

    :ivar come: the offset that a search has come to that is under way.
    """

    pattern: bytes = b""
    any_case: bool = False
    found: tuple[int, int] | None = None
    come: int | None = None


@attrs.frozen
class Looker:
    """See the module.

    :ivar top: the offset of the first row.
    :ivar skipped: cells that are out of sight on the left.
    :ivar goal: what waits for bytes.
    :ivar asking: what is being typed into *line*, if anything.
    :ivar typed: what was searched for before.
    :ivar notice: what is said until the next key.
    """

    number: int
    title: str
    window: Window
    encoding: Encoding = Encoding.UTF_8
    is_hex: bool = False
    wrap: bool = True
    top: int = 0
    skipped: int = 0
    room: Room = attrs.Factory(Room)
    goal: Goal | None = None
    asking: Asking | None = None
    line: Line = attrs.Factory(Line)
    typed: tuple[str, ...] = ()
    sought: Sought = attrs.Factory(Sought)
    notice: str = ""

    @property
    def sight(self) -> Sight:
        """What is seen."""
        columns = self.room.columns
        shape = lines.Shape(self.encoding, columns)
        if not self.wrap:
            shape = lines.Shape(self.encoding, None, self.skipped + columns)
        rows = max(1, self.room.rows - BAR)
        return Sight(self.window, self.top, rows, columns, None if self.is_hex else shape)

    def went(self, goal: Goal) -> Self:
        """Go where *goal* says, or note it until the bytes for it have come."""
        step = self._step(goal)
        if step.missing is None:
            return attrs.evolve(self, top=step.top, goal=None)
        return attrs.evolve(self, goal=goal)

    def _step(self, goal: Goal) -> Step:
        if goal.way is Way.ROWS:
            return moving.by(self.sight, goal.amount)
        return moving.end(self.sight) if goal.way is Way.END else moving.at(self.sight, goal.amount)

    def aligned(self) -> Self:
        """Begin at a line, or a row of hex, after the way of showing has changed."""
        shape = self.sight.shape
        if shape is None:
            return attrs.evolve(self, skipped=0, top=self.top - self.top % self.sight.per_row)
        start = lines.start_of_line(self.window, self.top, shape)
        return attrs.evolve(self, skipped=0, top=self.top if start is None else start)

    def asked(self) -> tuple[Self, tuple[ReadRange, ...]]:
        """Ask for what is seen, and for what the goal needs, of what has not come."""
        first, last = moving.seen(self.sight)
        window, numbers = self.window.wanting(first - AHEAD, last + AHEAD)
        missing = None if self.goal is None else self._step(self.goal).missing
        if missing is not None:
            window, more = window.wanting(missing, missing + 1)
            numbers += more
        effects = (
            ReadRange(self.number, one * CHUNK, min(CHUNK, window.size - one * CHUNK))
            for one in numbers
        )
        return attrs.evolve(self, window=window), tuple(effects)

    def searching(self, *, backwards: bool) -> tuple[Self, tuple[Search | StopSearch, ...]]:
        """Look for the next place of what is searched for, or the one before."""
        sought = self.sought
        if not sought.pattern:
            return attrs.evolve(self, notice="/ begins a search"), ()
        offset = self.top
        if sought.found is not None:
            offset = sought.found[0] + (not backwards)
        search = Search(self.number, sought.pattern, offset, backwards, sought.any_case)
        before = () if sought.come is None else (StopSearch(self.number),)
        return attrs.evolve(self, sought=attrs.evolve(sought, come=offset)), (*before, search)

    def come(self, offset: int | None) -> Self:
        """Note how far a search is; none that it is over."""
        return attrs.evolve(self, sought=attrs.evolve(self.sought, come=offset))
