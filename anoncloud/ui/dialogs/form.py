"""Several lines to fill in, one below the other, and what is thought of them meanwhile."""

from collections.abc import Callable

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import boxes, keys, lineedit, shown
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

    group = keys.TYPING

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
        line = row - 1 + self._top(columns, rows) - self._said(columns, rows).height
        at, _ = divmod(line, 2)
        inside = 0 < row <= self._room(columns, rows)
        chosen = inside and 0 <= at < len(self.fields)
        return Answer(attrs.evolve(self, at=at) if chosen else self)

    def _cells(self, columns: int) -> int:
        return boxes.inner(columns, boxes.MOST_WIDTH)

    def _said(self, columns: int, rows: int) -> Block:
        """Draw what is said above the fields, as much of it as leaves room for them."""
        whole = boxes.lines(self.says, self._cells(columns))
        return crop(whole, whole.width, max(0, self._room(columns, rows) - 2 * len(self.fields)))

    def _verdict(self, columns: int, rows: int) -> Block:
        """Draw what is thought of the values, as much of it as leaves room for a field."""
        said = self.wrong or self.judge(self.values)
        style = Style.ERROR if self.wrong else Style.DIM
        whole = boxes.lines([said] if said else [], self._cells(columns), style)
        return crop(whole, whole.width, max(0, rows - 2 - 2))

    def _room(self, columns: int, rows: int) -> int:
        """Tell how many rows there are for what is said and for the fields."""
        return max(0, rows - 2 - self._verdict(columns, rows).height)

    def _top(self, columns: int, rows: int) -> int:
        """Tell how many rows are out of sight above, so that the field one types in is seen."""
        below = self._said(columns, rows).height + 2 * self.at + 2
        return max(0, below - self._room(columns, rows))

    def view(self, columns: int, rows: int) -> Block:
        cells = self._cells(columns)
        drawn: list[Row] = []
        for number, field in enumerate(self.fields):
            style = Style.STRONG if number == self.at else Style.PLAIN
            text = lineedit.view(field.line, cells, secret=field.secret)[0]
            drawn += [(Span(field.label, style),), boxes.field(text, cells)]
        whole = above(self._said(columns, rows), block(drawn, cells))
        top = self._top(columns, rows)
        seen = Block(whole.width, whole.rows[top : top + self._room(columns, rows)])
        made = boxes.frame(self.title, above(seen, self._verdict(columns, rows)))
        return crop(made, columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        field = self.fields[self.at]
        at = lineedit.view(field.line, self._cells(columns), secret=field.secret)[1]
        row = 2 + self._said(columns, rows).height + 2 * self.at - self._top(columns, rows)
        return (row, min(2 + at, columns - 1)) if row < rows - 1 else None

    def hints(self) -> Hints:
        return (("Enter", "Next"), ("Tab", "Next field"), ("Esc", "Leave"))
