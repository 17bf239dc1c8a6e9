"""A list that takes the whole screen: columns, a cursor, keys for what stands under it.

Versions of a file, what was found, sizes of folders, moments of the past, what is in an archive.
What an item means is the business of whoever made the list.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from anoncloud.ui import keys, lineedit, lists, shown
from anoncloud.ui.cells import Block, Row, Span, Style, block, fill, left, right
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, MouseKey, Shape, mouse
from anoncloud.ui.lineedit import Line
from anoncloud.ui.lists import Choice
from anoncloud.ui.looking_effects import Leave
from anoncloud.ui.viewing.said import Room, Unread

HEAD: Final = 2
"""Rows above the items."""
LEAST_TEXT: Final = 16
"""Cells that are left for an item's text; columns go for it, from the left on."""
_MOVES: Final = {
    "j": "down", "k": "up", "g": "home", "G": "end", "space": "pagedown", "b": "pageup",
    "ctrl-f": "pagedown", "ctrl-b": "pageup", "wheel-down": "down", "wheel-up": "up",
}  # fmt: skip
_NAMES: Final = {"enter": "Enter", "left": "Left", "backspace": "Backspace"}


@attrs.frozen
class Column:
    """A column before an item's text: its title, and its cells, which stand to the right."""

    title: str
    cells: int


@attrs.frozen
class Item:
    """A line: what stands in the columns, a safe text, and what it is about."""

    cells: tuple[str, ...]
    text: str
    subject: Any
    style: Style = Style.PLAIN


@attrs.frozen
class Act:
    """What a key does with the subject under the cursor; none if there is nothing to do.

    :ivar closes: whether the list goes away.
    :ivar alone: whether it does not need an item.
    """

    hint: str
    effects: Callable[[Any], Effects]
    closes: bool = False
    alone: bool = False


@attrs.frozen
class Items:
    """What the shell says: these are the items now; *note* is a line below them."""

    items: tuple[Item, ...]
    note: str = ""


@attrs.frozen
class Table:
    """See the module.

    :ivar acts: by key; "enter" stands for a double click too.
    :ivar choice: the texts of the items, and the cursor.
    :ivar note: what is said below them.
    :ivar line: what narrows the list while it is typed.
    """

    number: int
    title: str
    columns: tuple[Column, ...]
    head: str
    acts: Mapping[str, Act]
    items: tuple[Item, ...] = ()
    choice: Choice = attrs.Factory(lambda: Choice.of(()))
    note: str = ""
    room: Room = attrs.Factory(Room)
    line: Line | None = None
    narrowed: str = ""

    @property
    def group(self) -> str:
        """Which keys it takes."""
        return keys.LIST if self.line is None else keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    @property
    def item(self) -> Item | None:
        """What the cursor stands on."""
        at = self.choice.chosen
        return None if at is None else self.items[at]

    def with_items(self, items: tuple[Item, ...], note: str = "") -> "Table":
        """Show other items; the cursor stays on the same subject."""
        old = self.item
        choice = lists.narrowed(Choice.of([one.text for one in items]), self.narrowed)
        stands = next(
            (
                place
                for place, at in enumerate(choice.order)
                if old is not None and items[at].subject == old.subject
            ),
            min(self.choice.cursor, max(0, len(choice.order) - 1)),
        )
        choice = attrs.evolve(choice, cursor=stands)
        return attrs.evolve(self, items=items, choice=choice, note=note)

    def hear(self, number: int, message: object) -> Answer:
        """Take what the shell says."""
        if isinstance(message, Room):
            return Answer(attrs.evolve(self, room=message))
        if number == self.number and isinstance(message, Items):
            return Answer(self.with_items(message.items, message.note))
        if number == self.number and isinstance(message, Unread):
            return Answer(attrs.evolve(self, note=message.message))
        return Answer(self)

    def press(self, key: str) -> Answer:
        if self.line is not None:
            return self._typing(self.line, key)
        seen = mouse(key)
        if seen is not None:
            return self._pointed(seen)
        if key in self.acts:
            return self._act(self.acts[key])
        moved = lists.moved(self.choice, _MOVES.get(key, key), max(1, self._height - 1))
        if moved is not None:
            return Answer(attrs.evolve(self, choice=moved))
        if key == "/":
            return Answer(attrs.evolve(self, line=Line.of(self.narrowed)))
        if key == "esc" and self.narrowed:
            return Answer(attrs.evolve(self, narrowed="").with_items(self.items, self.note))
        if key in {"esc", "q", "f10"}:
            return Answer(None, (Leave(self.number),))
        return Answer(self)

    @property
    def _height(self) -> int:
        """Rows of items."""
        return max(0, self.room.rows - HEAD - 1)

    def _act(self, act: Act) -> Answer:
        item = self.item
        if item is None and not act.alone:
            return Answer(self)
        effects = act.effects(None if item is None else item.subject)
        if act.closes and effects:
            return Answer(None, (Leave(self.number), *effects))
        return Answer(self, effects)

    def _typing(self, line: Line, key: str) -> Answer:
        if key in {"enter", "esc"}:
            made = attrs.evolve(self, line=None)
            if key == "enter":
                return Answer(made)
            return Answer(attrs.evolve(made, narrowed="").with_items(self.items, self.note))
        moved = lists.moved(self.choice, key)
        if moved is not None:
            return Answer(attrs.evolve(self, choice=moved))
        typed = lineedit.edited(line, key)
        if typed is None:
            return Answer(self)
        made = attrs.evolve(self, line=typed, narrowed=typed.text)
        return Answer(made.with_items(self.items, self.note))

    def _pointed(self, seen: MouseKey) -> Answer:
        if seen.kind in _MOVES:
            return self.press(_MOVES[seen.kind])
        at = lists.first_row(self.choice, self._height) + seen.row - HEAD
        inside = HEAD <= seen.row < HEAD + self._height and at < len(self.choice.order)
        if seen.kind not in {"click", "double"} or not inside:
            return Answer(self)
        made = attrs.evolve(self, choice=attrs.evolve(self.choice, cursor=at))
        return made.press("enter") if seen.kind == "double" else Answer(made)

    # How it looks.

    def view(self, columns: int, rows: int) -> Block:
        taken = self._columns(columns)
        height = max(0, rows - HEAD - 1)
        head = [right(self.columns[at].title, self.columns[at].cells) for at in taken]
        made: list[Row] = [
            fill((Span(f" {self.title}", Style.BAR),), columns, Style.BAR),
            (Span(" " + "  ".join([*head, self.head]), Style.DIM),),
        ]
        top = lists.first_row(self.choice, height)
        for place in range(top, min(top + height, len(self.choice.order))):
            item = self.items[self.choice.order[place]]
            is_here = place == self.choice.cursor
            made.append(_drawn(item, self.columns, taken, columns, is_here=is_here))
        made += [()] * (HEAD + height - len(made))
        return block([*made, self._below(columns)], columns, rows)

    def _below(self, columns: int) -> Row:
        if self.line is not None:
            text = lineedit.view(self.line, max(1, columns - 1))[0]
            return (Span("/", Style.KEY), Span(text, Style.FIELD))
        if not self.choice.order and not self.note:
            return (Span(" nothing", Style.DIM),)
        kept = f" with {shown.text(self.narrowed)} in it:" if self.narrowed else ""
        return (Span(f"{kept} {self.note}", Style.DIM),)

    def _columns(self, columns: int) -> list[int]:
        """Choose the columns that there is room for."""
        shown = list(range(len(self.columns)))
        while shown and columns - sum(self.columns[at].cells + 2 for at in shown) < LEAST_TEXT:
            del shown[0]
        return shown

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        if self.line is None:
            return None
        at = lineedit.view(self.line, max(1, columns - 1))[1]
        return max(0, rows - 1), min(1 + at, max(0, columns - 1))

    def hints(self) -> Hints:
        if self.line is not None:
            return (("letters", "Narrow"), ("Enter", "Keep"), ("Esc", "All"))
        acts = tuple((_NAMES.get(key, key), act.hint) for key, act in self.acts.items() if act.hint)
        return (*acts, ("/", "Narrow"), ("Esc", "Close"))


def _drawn(
    item: Item, columns: tuple[Column, ...], shown: list[int], cells: int, *, is_here: bool
) -> Row:
    style = Style.CURSOR if is_here else item.style
    before = "  ".join(right(item.cells[at], columns[at].cells) for at in shown)
    gap = "  " if shown else ""
    text = left(f" {before}{gap}{item.text}", cells)
    return (Span(text, style),)
