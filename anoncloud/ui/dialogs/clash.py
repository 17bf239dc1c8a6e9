"""A file whose name is taken: both side by side, and what to do about it."""

from collections.abc import Callable
from typing import Final

import attrs

from anoncloud.client.tree.names import check_name, show
from anoncloud.errors import UsageError
from anoncloud.ui import amounts, boxes, keys
from anoncloud.ui.cells import Block, Row, Span, Style, block, clip_left, crop, left
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.effects import Effects
from anoncloud.ui.events import Conflict
from anoncloud.ui.layers import Answer, Hints, Layer, MouseKey, Shape, mouse
from anoncloud.ui.lineedit import Line
from anoncloud.ui.places import decode, encode
from anoncloud.ui.transfer_effects import AnswerConflict, Decision

_KEYS: Final = {
    "o": Decision.OVERWRITE,
    "b": Decision.BOTH,
    "s": Decision.SKIP,
    "n": Decision.NEWER,
    "r": Decision.RENAME,
}
_ORDER: Final = tuple(_KEYS.items())
_CHOICES: Final = len(_ORDER) + 1
"""The last one is whether the answer is for all."""
_LABEL: Final = 9
_ROOMY: Final = 64
"""Cells from which on there is room for labels and sizes in full."""
_HIGH: Final = 12
"""Rows from which on each choice has a row of its own."""


@attrs.frozen
class Clash:
    """The question of a :class:`~anoncloud.ui.events.Conflict`.

    :ivar when: writes times (nanoseconds since 1970).
    :ivar for_all: whether the answer holds for all that follow.
    """

    conflict: Conflict
    when: Callable[[int], str]
    chosen: int = 2
    for_all: bool = False

    group = keys.CONFLICT

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    def press(self, key: str) -> Answer:
        if key in {"a", "space"}:
            return Answer(attrs.evolve(self, for_all=not self.for_all))
        steps = {"up": -1, "k": -1, "shift-tab": -1, "down": 1, "j": 1, "tab": 1}
        if key in steps:
            chosen = (self.chosen + steps[key]) % len(_ORDER)
            return Answer(attrs.evolve(self, chosen=chosen))
        if key == "enter":
            return self._decide(_ORDER[self.chosen][1])
        if key in _KEYS:
            return self._decide(_KEYS[key])
        if key == "esc":
            return self._decide(Decision.SKIP)
        if key == "q":
            return self._decide(Decision.GIVE_UP)
        seen = mouse(key)
        return self._clicked(seen) if seen and seen.kind == "click" else Answer(self)

    def _clicked(self, seen: MouseKey) -> Answer:
        """Take a click on a choice, by where the choices were drawn."""
        abreast = _abreast(seen.rows)
        height = -(-_CHOICES // abreast)
        down = seen.row - (self.view(seen.columns, seen.rows).height - 1 - height)
        across = (seen.column - 2) * abreast // max(1, _cells(seen.columns))
        at = down * abreast + across
        if not (0 <= down < height and 0 <= across < abreast and at < _CHOICES):
            return Answer(self)
        return self.press("a") if at == len(_ORDER) else self._decide(_ORDER[at][1])

    def _decide(self, decision: Decision) -> Answer:
        number = self.conflict.number
        if decision is not Decision.RENAME:
            return Answer(None, (AnswerConflict(number, decision, self.for_all),))

        def renamed(text: str) -> Effects:
            name = check_name(encode(text))
            if name == self.conflict.name:
                message = f"{show(name)} is the name that is taken"
                raise UsageError(message, "choose another name")
            return (AnswerConflict(number, decision, for_all=False, name=name),)

        line = Line.of(decode(self.conflict.name))
        return Answer(Ask("Call it", line, renamed, back=self))

    def view(self, columns: int, rows: int) -> Block:
        cells, abreast = _cells(columns), _abreast(rows)
        title = clip_left(self.conflict.path, max(0, cells - 20)) + " is there already"
        body = [*self._compared(cells), *([()] if abreast == 1 else [])]
        drawn = block([*body, *self._choices(cells, abreast)], cells)
        return crop(boxes.frame(title, drawn), columns, rows)

    def _compared(self, cells: int) -> list[Row]:
        """Put the two files side by side, what sets one of them off in strong."""
        ours, theirs = self.conflict.ours, self.conflict.theirs
        newer = (ours.modified > theirs.modified) - (ours.modified < theirs.modified)
        longer = (ours.size > theirs.size) - (ours.size < theirs.size)
        write = _size if cells >= _ROOMY else _bytes
        return [
            _row("", "new", "there now", cells, 0),
            _row("size", write(ours.size), write(theirs.size), cells, longer),
            _row("changed", self.when(ours.modified), self.when(theirs.modified), cells, newer),
        ]

    def _choices(self, cells: int, abreast: int) -> list[Row]:
        """Draw the choices, and whether one is for all, so many side by side."""
        wide = cells // abreast
        made: list[Span] = []
        for at, (key, decision) in enumerate(_ORDER):
            style = Style.CHOSEN if at == self.chosen else Style.PLAIN
            said = self._said(decision) if abreast == 1 else decision.value
            made += [Span(f" {key} ", Style.KEY), Span(left(said, max(0, wide - 3)), style)]
        box = "[x]" if self.for_all else "[ ]"
        said = "the same for all that follow" if abreast == 1 else "for all"
        made += [Span(" a ", Style.KEY), Span(left(f"{box} {said}", max(0, wide - 3)))]
        step = 2 * abreast
        return [tuple(made[at : at + step]) for at in range(0, len(made), step)]

    def _said(self, decision: Decision) -> str:
        kept = " as a new version" if self.conflict.into_drive else ""
        return {
            Decision.OVERWRITE: f"overwrite{kept}",
            Decision.BOTH: "keep both, the new one under a free name",
            Decision.SKIP: "skip it, and leave what is there",
            Decision.NEWER: f"newer only: overwrite{kept} if the new one is newer",
            Decision.RENAME: "rename the new one...",
        }[decision]

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("Enter", "Choose"), ("A", "Same for all"), ("Esc", "Skip"), ("Q", "Give up"))


def is_about(layer: Layer, number: int) -> bool:
    """Tell whether *layer* is a question of the copy *number*, or asks for a name for it."""
    asked = layer.back if isinstance(layer, Ask) else layer
    return isinstance(asked, Clash) and asked.conflict.number == number


def _cells(columns: int) -> int:
    return boxes.inner(columns, boxes.MOST_WIDTH)


def _abreast(rows: int) -> int:
    """Tell how many choices stand side by side, where a box may have so many rows."""
    return 1 if rows >= _HIGH else 2


def _row(label: str, ours: str, theirs: str, cells: int, greater: int) -> Row:
    """Draw one line of the comparison; where there is little room, without its label."""
    named = _LABEL if cells >= _ROOMY else 0
    side = max(0, (cells - named - 1) // 2)
    styles = [Style.STRONG if greater * sign > 0 else Style.PLAIN for sign in (1, -1)]
    return (
        Span(left(label, named), Style.DIM),
        Span(left(ours, side), styles[0]),
        Span(" "),
        Span(left(theirs, side), styles[1]),
    )


def _size(size: int) -> str:
    return f"{amounts.size(size)} ({size:,} bytes)"


def _bytes(size: int) -> str:
    return f"{size:,} bytes"
