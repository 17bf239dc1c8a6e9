"""A file of any size, as text or as bytes; only what shows is asked for."""

import re
from typing import Final

import attrs

from anoncloud.ui import keys, lineedit
from anoncloud.ui.cells import Block
from anoncloud.ui.effects import Effect
from anoncloud.ui.layers import Answer, Hints, Shape, mouse
from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import Leave, StopSearch
from anoncloud.ui.viewing import drawing, said
from anoncloud.ui.viewing.characters import Encoding, encoded
from anoncloud.ui.viewing.looker import Asking, Goal, Looker, Sought, Way
from anoncloud.ui.viewing.window import Window

SHIFT: Final = 8
"""Cells that a step to the side is long."""
_WHEEL: Final = 3
_ROWS: Final = {
    "down": 1, "j": 1, "enter": 1, "up": -1, "k": -1, "wheel-down": _WHEEL, "wheel-up": -_WHEEL,
}  # fmt: skip
_PAGES: Final = {
    "pagedown": 1, "space": 1, "ctrl-f": 1, "pageup": -1, "b": -1, "ctrl-b": -1,
}  # fmt: skip
_SAME: Final = {
    "f2": "w", "f4": "x", "f5": ":", "f7": "/", "home": "g", "end": "G", "l": "right", "h": "left",
    "q": "esc", "f3": "esc", "f10": "esc", "backspace": "esc",
}  # fmt: skip
"""Keys that do what another does."""
_PLACE: Final = re.compile(r"(0x[0-9a-f]+|\d+)(%?)", re.IGNORECASE)
_BYTES: Final = re.compile(r"0x((?:[0-9a-f]{2})+)", re.IGNORECASE)


@attrs.frozen
class Viewer(Looker):
    """See the module."""

    @property
    def group(self) -> str:
        """Which keys it takes."""
        return keys.VIEWER if self.asking is None else keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def hear(self, number: int, message: object) -> Answer:
        """Take what the shell says."""
        if isinstance(message, said.Room):
            return attrs.evolve(self, room=message).answer()
        if number != self.number:
            return Answer(self)
        match message:
            case said.Bytes(offset, data):
                made = attrs.evolve(self, window=self.window.with_bytes(offset, data))
                return (made.went(made.goal) if made.goal else made).answer()
            case said.Unread(text):
                window = self.window.given_up()
                made = attrs.evolve(self, window=window, goal=None, notice=text)
                return Answer(made.come(None))
            case said.Searching(offset) if self.sought.come is not None:
                return Answer(self.come(offset))
            case said.NotFound() if self.sought.come is not None:
                return Answer(attrs.evolve(self.come(None), notice="not found any further"))
            case said.Found(offset, length) if self.sought.come is not None:
                found = attrs.evolve(self.sought, come=None, found=(offset, offset + length))
                return attrs.evolve(self, sought=found).went(Goal(Way.OFFSET, offset)).answer()
        return Answer(self)

    def answer(self, *effects: Effect) -> Answer:
        """Stay, and ask for what is missing."""
        made, asked = self.asked()
        return Answer(made, (*effects, *asked))

    def press(self, key: str) -> Answer:
        if self.asking is not None:
            return self._typing(key)
        seen = mouse(key)
        key = key if seen is None else seen.kind
        return attrs.evolve(self, notice="").pressed(_SAME.get(key, key))

    def pressed(self, key: str) -> Answer:
        """Take a key while nothing is typed."""
        if key in _ROWS or key in _PAGES:
            page = max(1, self.sight.rows - 1)
            count = _ROWS[key] if key in _ROWS else _PAGES[key] * page
            return self.went(Goal(Way.ROWS, count)).answer()
        match key:
            case "esc" if self.sought.come is not None:
                return self.come(None).answer(StopSearch(self.number))
            case "esc":
                return Answer(None, (Leave(self.number),))
            case "g":
                return attrs.evolve(self, top=0, skipped=0, goal=None).answer()
            case "G":
                return self.went(Goal(Way.END)).answer()
            case "/":
                line = Line(history=self.typed)
                return Answer(attrs.evolve(self, asking=Asking.PATTERN, line=line))
            case ":":
                return Answer(attrs.evolve(self, asking=Asking.PLACE, line=Line()))
            case "n" | "N":
                return Answer(*self.searching(backwards=key == "N"))
            case "x":
                return attrs.evolve(self, is_hex=not self.is_hex).aligned().answer()
        return Answer(self) if self.is_hex else self._text(key)

    def _text(self, key: str) -> Answer:
        match key:
            case "right" | "left" if not self.wrap:
                skipped = max(0, self.skipped + (SHIFT if key == "right" else -SHIFT))
                return Answer(attrs.evolve(self, skipped=skipped))
            case "w":
                return attrs.evolve(self, wrap=not self.wrap).aligned().answer()
            case "e":
                return attrs.evolve(self, encoding=self.encoding.next).aligned().answer()
        return Answer(self)

    def _typing(self, key: str) -> Answer:
        if key == "esc":
            return Answer(attrs.evolve(self, asking=None))
        if key == "enter":
            made = attrs.evolve(self, asking=None)
            is_place = self.asking is Asking.PLACE
            return made.gone(self.line.text) if is_place else made.sought_for(self.line.text)
        line = lineedit.edited(self.line, key)
        return Answer(self if line is None else attrs.evolve(self, line=line))

    def gone(self, text: str) -> Answer:
        """Go to an offset, or so many per cent into the file, as it was typed."""
        matched = _PLACE.fullmatch(text.strip())
        if matched is None or (matched[2] and matched[1][:2].lower() == "0x"):
            return Answer(attrs.evolve(self, notice="write 1234, 0x4d2 or 50% to go there"))
        is_hex = matched[1][:2].lower() == "0x"
        offset = int(matched[1], 16 if is_hex else 10)
        if matched[2]:
            offset = self.window.size * min(offset, 100) // 100
        return self.went(Goal(Way.OFFSET, offset)).answer()

    def sought_for(self, text: str) -> Answer:
        """Search for what was typed; for nothing, again for what was typed before."""
        if not text:
            return Answer(*self.searching(backwards=False))
        numbers = _BYTES.fullmatch(text) if self.is_hex else None
        pattern = bytes.fromhex(numbers[1]) if numbers else encoded(text, self.encoding)
        if not pattern:
            told = f"this can't be written in {self.encoding.value}"
            return Answer(attrs.evolve(self, notice=told))
        sought = Sought(pattern, any_case=numbers is None and text == text.lower())
        typed = (*(one for one in self.typed if one != text), text)
        made = attrs.evolve(self, sought=sought, typed=typed)
        return Answer(*made.searching(backwards=False))

    def view(self, columns: int, rows: int) -> Block:
        return drawing.view(self, columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        return drawing.cursor(self, columns, rows)

    def hints(self) -> Hints:
        if self.asking is not None:
            return (("Enter", "Do it"), ("Esc", "Leave"))
        text = () if self.is_hex else (("w", "Wrap"), ("e", "Encoding"))
        other = ("x", "Text" if self.is_hex else "Hex")
        return (("/", "Search"), ("n N", "Next"), other, *text, (":", "Go to"), ("Esc", "Close"))


def opened(
    number: int, title: str, size: int, encoding: Encoding | None, first: bytes = b""
) -> Viewer:
    """Begin to look at a file; without an encoding, at its bytes. *first* is its first piece."""
    shown_as = encoding or Encoding.UTF_8
    window = Window(size).with_bytes(0, first) if first else Window(size)
    return Viewer(number, title, window, shown_as, is_hex=encoding is None)
