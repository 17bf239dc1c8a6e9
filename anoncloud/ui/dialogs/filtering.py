"""The line below the panes into which a filter is typed, while they show what it does."""

from typing import Final

import attrs

from anoncloud.ui import keys, lineedit
from anoncloud.ui.cells import Block, Span, Style, block
from anoncloud.ui.effects import Perform
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.lineedit import Line

_LABEL: Final = "Filter: "
_THROUGH: Final = {"up": "up", "down": "down", "pageup": "page-up", "pagedown": "page-down"}
"""Keys that move the cursor of the pane while the filter is typed."""


@attrs.frozen
class Filtering:
    """What is typed shows at once what matches it."""

    line: Line

    group = keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.LINE

    def press(self, key: str) -> Answer:
        if key == "enter":
            return Answer(None)
        if key == "esc":
            return Answer(None, (Perform("filter", ""),))
        if key in _THROUGH:
            return Answer(self, (Perform(_THROUGH[key]),))
        line = lineedit.edited(self.line, key)
        if line is None:
            return Answer(self)
        changed = line.text != self.line.text
        effects = (Perform("filter", line.text),) if changed else ()
        return Answer(attrs.evolve(self, line=line), effects)

    def view(self, columns: int, rows: int) -> Block:
        text = lineedit.view(self.line, max(0, columns - len(_LABEL)))[0]
        row = (Span(_LABEL, Style.STRONG), Span(text, Style.FIELD))
        return block([row], columns, min(1, rows))

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        at = len(_LABEL) + lineedit.view(self.line, max(0, columns - len(_LABEL)))[1]
        return (0, min(at, columns - 1)) if rows and columns else None

    def hints(self) -> Hints:
        return (("Enter", "Keep"), ("Up Down", "Move"), ("* ?", "Pattern"), ("Esc", "End"))
