"""What shows while the shell is at work for the door."""

import attrs

from anoncloud.ui import boxes
from anoncloud.ui.cells import Block, crop
from anoncloud.ui.effects import Quit
from anoncloud.ui.layers import Answer, Hints, Layer, Shape


@attrs.frozen
class Busy:
    """What is being done, safe text; *back* is the step that shows again if it fails."""

    back: Layer
    text: str

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    def press(self, key: str) -> Answer:
        return Answer(None, (Quit(carry_on=False),)) if key == "q" else Answer(self)

    def view(self, columns: int, rows: int) -> Block:
        text = boxes.lines([self.text], boxes.inner(columns, boxes.MOST_WIDTH))
        return crop(boxes.frame("One moment", text), columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("q", "Give up, and quit"),)
