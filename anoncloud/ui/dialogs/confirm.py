"""A question that is answered by yes or no."""

import attrs

from anoncloud.ui import boxes, keys
from anoncloud.ui.cells import Block, Style, block, crop, width
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, Layer, MouseKey, Shape, mouse


@attrs.frozen
class Confirm:
    """*effects* follow a yes; or *next*, a further question, where one is not enough.

    :ivar yes: what the button says that does it.
    :ivar grave: there is no way back, so Enter alone says no.
    """

    title: str
    says: tuple[str, ...]
    yes: str
    effects: Effects = ()
    grave: bool = False
    next: Layer | None = None
    chosen: int = attrs.field(default=attrs.Factory(lambda own: int(own.grave), takes_self=True))

    group = keys.QUESTION

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    def press(self, key: str) -> Answer:
        if key in {"left", "right", "tab", "shift-tab", "h", "l"}:
            return Answer(attrs.evolve(self, chosen=1 - self.chosen))
        if key in {"y", "Y"} or (key == "enter" and not self.chosen):
            return self._agreed()
        if key in {"n", "N", "esc", "q", "enter"}:
            return Answer(None)
        seen = mouse(key)
        return self._clicked(seen) if seen and seen.kind == "click" else Answer(self)

    def _agreed(self) -> Answer:
        return Answer(self.next, self.effects)

    def _clicked(self, seen: MouseKey) -> Answer:
        if seen.row != self.view(seen.columns, seen.rows).height - 2:
            return Answer(self)
        at = boxes.button_at((self.yes, "No"), seen.column)
        return Answer(self) if at is None else Answer(None) if at else self._agreed()

    def view(self, columns: int, rows: int) -> Block:
        cells = boxes.inner(columns, max(map(width, (*self.says, f" {self.title} "))))
        said = boxes.lines(self.says, cells)
        choice = block([(), boxes.buttons((self.yes, "No"), self.chosen)], cells)
        style = Style.WARNING if self.grave else Style.BORDER
        return crop(boxes.stack(self.title, (said, choice), rows, style=style), columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("Y", self.yes), ("N", "No"), ("Tab", "Other"), ("Esc", "Leave"))
