"""A question with a line to type the answer into."""

from collections.abc import Callable, Mapping

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import boxes, keys, lineedit, shown
from anoncloud.ui.cells import Block, Style, block, crop
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, Layer, Shape
from anoncloud.ui.lineedit import Line


@attrs.frozen
class Ask:
    """A question.

    :ivar then: what an answer leads to; it may refuse one by raising UsageError.
    :ivar says: more about it, safe text.
    :ivar others: keys that put a text into the line, with what hints say of them.
    :ivar back: the layer that stands there again if the question is not answered.
    :ivar wrong: why the last answer was refused.
    """

    title: str
    line: Line
    then: Callable[[str], Effects]
    says: str = ""
    secret: bool = False
    others: Mapping[str, tuple[str, str]] = attrs.Factory(dict)
    back: Layer | None = None
    wrong: str = ""

    group = keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    def press(self, key: str) -> Answer:
        if key == "esc":
            return Answer(self.back)
        if key == "enter":
            try:
                return Answer(None, self.then(self.line.text))
            except UsageError as error:
                return Answer(attrs.evolve(self, wrong=shown.text(str(error))))
        if key in self.others:
            return Answer(
                attrs.evolve(self, line=lineedit.replaced(self.line, self.others[key][0]))
            )
        line = lineedit.edited(self.line, key)
        return Answer(self if line is None else attrs.evolve(self, line=line, wrong=""))

    def view(self, columns: int, rows: int) -> Block:
        return self._drawn(columns, rows)[0]

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        return self._drawn(columns, rows)[1]

    def _drawn(self, columns: int, rows: int) -> tuple[Block, tuple[int, int]]:
        cells = boxes.inner(columns, boxes.MOST_WIDTH)
        text, at = lineedit.view(self.line, cells, secret=self.secret)
        said = boxes.lines([self.says] if self.says else [], cells)
        typed = block([boxes.field(text, cells)], cells)
        wrong = boxes.lines([self.wrong] if self.wrong else [], cells, Style.ERROR)
        made = crop(boxes.stack(self.title, (said, typed, wrong), rows), columns, rows)
        row = made.height - 2 - wrong.height
        return made, (max(0, min(row, made.height - 1)), max(0, min(2 + at, columns - 1)))

    def hints(self) -> Hints:
        others = tuple((key.upper(), hint) for key, (_, hint) in self.others.items())
        return (("Enter", "Do it"), *others, ("Esc", "Leave"))
