"""The explorer as a value: two panes, what lies over them, and what the bars tell of."""

import enum
from collections.abc import Mapping
from typing import Final

import attrs

from anoncloud.ui import amounts
from anoncloud.ui.amounts import Zone
from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.effects import Effects, Side
from anoncloud.ui.events import Conflict, Severity, Status, Told, TransferLine
from anoncloud.ui.keymap import Keymap
from anoncloud.ui.layers import Layer
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local, Remote

LEAST_ROWS: Final = 10
LEAST_COLUMNS: Final = 40
"""On a smaller terminal a message stands in the place of the panes."""
LONGEST_HISTORY: Final = 50
"""Lines that a question remembers."""


class Arrangement(enum.Enum):
    """How the panes share the screen."""

    BESIDE = "side by side"
    STACKED = "one above the other"
    ALONE = "one alone"


def _panes() -> tuple[Pane, Pane]:
    return (Pane(Local("/")), Pane(Remote(())))


@attrs.frozen
class Explorer:
    """See the module.

    :ivar layers: the last one is on top, and takes the keys.
    :ivar conflicts: those that wait until no other layer is there.
    :ivar noticed: how often the clock has ticked since there was something to say.
    :ivar limit: bytes a second that transfers may move together.
    :ivar dragging: whether the mouse holds the border.
    :ivar split: the share of the left pane, or of the upper one.
    :ivar home: where ``~`` is on the local disk.
    :ivar histories: what was typed before, by question, the newest last.
    :ivar unicode: whether the terminal takes more than ASCII.
    :ivar scrolls: whether the terminal lets one pane scroll while the other beside it stays.
    """

    panes: tuple[Pane, Pane] = attrs.Factory(_panes)
    active: Side = Side.LEFT
    layers: tuple[Layer, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    notice: Told | None = None
    noticed: int = 0
    dragging: bool = False
    status: Status = attrs.Factory(Status)
    transfers: tuple[TransferLine, ...] = ()
    limit: int | None = None
    rows: int = 24
    columns: int = 80
    arrangement: Arrangement = Arrangement.BESIDE
    split: float = 0.5
    bookmarks: Bookmarks = attrs.Factory(Bookmarks)
    keymap: Keymap = attrs.Factory(Keymap.of)
    home: str = "/"
    zone: Zone = amounts.utc
    histories: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    unicode: bool = True
    scrolls: bool = True

    @property
    def pane(self) -> Pane:
        """The pane that the keys go to."""
        return self.panes[self.active]

    @property
    def other(self) -> Pane:
        """The pane beside it."""
        return self.panes[self.active.other]

    @property
    def is_too_small(self) -> bool:
        """Whether the terminal has no room for the panes."""
        return self.rows < LEAST_ROWS or self.columns < LEAST_COLUMNS

    def with_pane(self, pane: Pane, side: Side | None = None) -> "Explorer":
        """Put *pane* on *side*, or where the active one is."""
        left, right = self.panes
        at = self.active if side is None else side
        panes = (pane, right) if at is Side.LEFT else (left, pane)
        return attrs.evolve(self, panes=panes)

    def told(self, text: str, hint: str = "", severity: Severity = Severity.WARNING) -> "Explorer":
        """Say something until the next key."""
        return attrs.evolve(self, notice=Told(text, hint, severity), noticed=0)

    def over(self, layer: Layer) -> "Explorer":
        """Lay *layer* over all there is."""
        return attrs.evolve(self, layers=(*self.layers, layer))

    def typed(self, question: str, text: str) -> "Explorer":
        """Remember what was answered to a question."""
        if not text:
            return self
        others = tuple(line for line in self.histories.get(question, ()) if line != text)
        kept = (*others, text)[-LONGEST_HISTORY:]
        return attrs.evolve(self, histories={**self.histories, question: kept})


Done = tuple[Explorer, Effects]
"""What a key or an event leads to: the explorer after it, and what the shell is to do."""
