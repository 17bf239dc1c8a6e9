"""Several lines to fill in, one below the other, and what is thought of them meanwhile."""

from collections.abc import Callable

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import boxes, lineedit, shown
from anoncloud.ui.cells import Block, Row, Span, Style, above, block, crop
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, Shape, mouse
from anoncloud.ui.lineedit import Line

Values = tuple[str, ...]
"""What is written in the fields, in their order."""


@attrs.frozen
class Field:
    """One line; a *secret* is not shown."""

    label: str
    line: Line = attrs.Factory(Line)
    secret: bool = False


@attrs.frozen
class Form:
    """Fields to fill in.

    :ivar then: what the values lead to; it may refuse them by raising UsageError.
    :ivar judge: what to say of the values while they are typed, safe text.
    """

    title: str
    fields: tuple[Field, ...]
    then: Callable[[Values], Effects]
    judge: Callable[[Values], str] = lambda _: ""
    says: tuple[str, ...] = ()
    at: int = 0
    wrong: str = ""

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    @property
    def values(self) -> Values:
        """What is written in the fields."""
        return tuple(field.line.text for field in self.fields)

    def press(self, key: str) -> Answer:
        if key == "esc":
            return Answer(None)
        steps = {"up": -1, "shift-tab": -1, "down": 1, "tab": 1}
        if key in steps:
            return Answer(attrs.evolve(self, at=(self.at + steps[key]) % len(self.fields)))
        if key == "enter":
            last = self.at == len(self.fields) - 1
            return self._done() if last else Answer(attrs.evolve(self, at=self.at + 1))
        seen = mouse(key)
        if seen is not None:
            return (
                self._clicked(seen.row, seen.columns, seen.rows)
                if seen.kind == "click"
                else Answer(self)
            )
        line = lineedit.edited(self.fields[self.at].line, key)
        return Answer(self if line is None else self._with(line))

    def _with(self, line: Line) -> "Form":
        field = attrs.evolve(self.fields[self.at], line=line)
        fields = (*self.fields[: self.at], field, *self.fields[self.at + 1 :])
        return attrs.evolve(self, fields=fields, wrong="")

    def _done(self) -> Answer:
        try:
            return Answer(None, self.then(self.values))
        except UsageError as error:
            return Answer(attrs.evolve(self, wrong=shown.text(str(error))))

    def _clicked(self, row: int, columns: int, rows: int) -> Answer:
        at, _ = divmod(row - 1 - self._said(columns, rows).height, 2)
        return Answer(attrs.evolve(self, at=at) if 0 <= at < len(self.fields) else self)

    def _cells(self, columns: int) -> int:
        return boxes.inner(columns, boxes.MOST_WIDTH)

    def _said(self, columns: int, rows: int) -> Block:
        """Draw what is said above the fields, as much of it as leaves room for them."""
        whole = boxes.lines(self.says, self._cells(columns))
        room = rows - 2 - 2 * len(self.fields) - self._verdict(columns).height
        return crop(whole, whole.width, max(0, room))

    def _verdict(self, columns: int) -> Block:
        said = self.wrong or self.judge(self.values)
        style = Style.ERROR if self.wrong else Style.DIM
        return boxes.lines([said] if said else [], self._cells(columns), style)

    def view(self, columns: int, rows: int) -> Block:
        cells = self._cells(columns)
        drawn: list[Row] = []
        for number, field in enumerate(self.fields):
            style = Style.STRONG if number == self.at else Style.PLAIN
            text = lineedit.view(field.line, cells, secret=field.secret)[0]
            drawn += [(Span(field.label, style),), boxes.field(text, cells)]
        parts = (self._said(columns, rows), block(drawn, cells), self._verdict(columns))
        return crop(boxes.frame(self.title, above(*parts)), columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        field = self.fields[self.at]
        at = lineedit.view(field.line, self._cells(columns), secret=field.secret)[1]
        row = 2 + self._said(columns, rows).height + 2 * self.at
        return (row, min(2 + at, columns - 1)) if row < rows else None

    def hints(self) -> Hints:
        return (("Enter", "Next"), ("Tab", "Next field"), ("Esc", "Leave"))
