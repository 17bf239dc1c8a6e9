"""Lines to choose one from: by the arrows, by a letter of each, or by typing a part of it."""

import attrs

from anoncloud.ui import boxes, keys, lineedit, lists
from anoncloud.ui.cells import Block, Span, Style, above, block, crop, left, width
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, MouseKey, Shape, mouse
from anoncloud.ui.lineedit import Line
from anoncloud.ui.lists import Choice


@attrs.frozen
class Item:
    """A line; *text* is safe, *key* chooses it at once in a menu without typing."""

    text: str
    key: str
    effects: Effects


@attrs.frozen
class Menu:
    """Items to choose from.

    :ivar typing: letters narrow the list, instead of choosing.
    """

    title: str
    items: tuple[Item, ...]
    choice: Choice
    typing: bool = False
    line: Line = attrs.Factory(Line)

    @classmethod
    def of(
        cls, title: str, items: tuple[Item, ...], *, typing: bool = False, cursor: int = 0
    ) -> "Menu":
        """Make a menu of *items*."""
        texts = tuple(
            _text(item, max((width(one.key) for one in items), default=0)) for item in items
        )
        return cls(title, items, Choice.of(texts, cursor), typing)

    @property
    def group(self) -> str:
        """Which keys it takes."""
        return keys.TYPING if self.typing else keys.DIALOG

    @property
    def shape(self) -> Shape:
        return Shape.BOX

    def press(self, key: str) -> Answer:
        if key == "esc":
            return Answer(None)
        if key == "enter":
            return self._take(self.choice.chosen)
        seen = mouse(key)
        if seen is not None:
            return self._pointed(seen)
        choice = lists.moved(self.choice, key)
        if choice is not None:
            return Answer(attrs.evolve(self, choice=choice))
        return self._typed(key) if self.typing else self._letter(key)

    def _take(self, at: int | None) -> Answer:
        return Answer(self) if at is None else Answer(None, self.items[at].effects)

    def _letter(self, key: str) -> Answer:
        for at, item in enumerate(self.items):
            if item.key == key:
                return self._take(at)
        moves = {"j": "down", "k": "up", "g": "home", "G": "end", "tab": "down"}
        if key in {"q", "h"}:
            return Answer(None)
        if key == "l":
            return self._take(self.choice.chosen)
        return Answer(self) if key not in moves else self.press(moves[key])

    def _typed(self, key: str) -> Answer:
        line = lineedit.edited(self.line, key)
        if line is None:
            return Answer(self)
        choice = self.choice
        if line.text != self.line.text:
            choice = lists.narrowed(choice, line.text)
        return Answer(attrs.evolve(self, line=line, choice=choice))

    def _pointed(self, seen: MouseKey) -> Answer:
        if seen.kind in {"wheel-up", "wheel-down"}:
            return self.press("up" if seen.kind == "wheel-up" else "down")
        row, room = seen.row - 1 - int(self.typing), self._room(seen.rows)
        if seen.kind != "click" or not 0 <= row < min(room, len(self.choice.order)):
            return Answer(self)
        return self._take(self.choice.order[lists.first_row(self.choice, room) + row])

    def _room(self, rows: int) -> int:
        return max(0, rows - 2 - int(self.typing))

    def _cells(self, columns: int) -> int:
        widest = max((width(text) for text in self.choice.texts), default=0)
        return boxes.inner(columns, max(widest, width(self.title) + 2))

    def view(self, columns: int, rows: int) -> Block:
        cells = self._cells(columns)
        body = block(lists.rows(self.choice, cells, self._room(rows)), cells)
        if not self.choice.order:
            body = block([(Span("nothing", Style.DIM),)], cells)
        if self.typing:
            typed = boxes.field(lineedit.view(self.line, cells)[0], cells)
            body = above(block([typed], cells), body)
        return crop(boxes.frame(self.title, body), columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        if not self.typing:
            return None
        at = lineedit.view(self.line, self._cells(columns))[1]
        return min(1, rows - 1), min(2 + at, columns - 1)

    def hints(self) -> Hints:
        more = (("letters", "Narrow"),) if self.typing else ()
        return (("Enter", "Choose"), ("Up Down", "Move"), *more, ("Esc", "Leave"))


def _text(item: Item, cells: int) -> str:
    return f"{left(item.key, cells)}  {item.text}" if cells else item.text
