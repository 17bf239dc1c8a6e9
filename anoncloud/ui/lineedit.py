"""A line of text that is being typed: what the keys do to it, and how it shows in so many cells.

The text may be a name with any bytes in it (as ``ui.places.decode`` gives it); what can't be shown
is escaped on the screen and stays as it is in the text. The cursor moves by what a person takes
for one character, however many code points that has.
"""

import re
from collections.abc import Callable
from typing import Final

import attrs
from wcwidth import iter_graphemes

from anoncloud.ui import shown
from anoncloud.ui.cells import cell, left, width

_WORD: Final = re.compile(r"\w+\W*$")
_NEXT_WORD: Final = re.compile(r"\W*\w+")


@attrs.frozen
class Line:
    """Text, and how many code points of it stand before the cursor.

    :ivar cut: what was cut last, for ctrl-y.
    :ivar history: earlier lines, the newest last; *at* is how many of them up the text comes from.
    :ivar draft: what was typed before an earlier line was looked for.
    """

    text: str = ""
    at: int = 0
    cut: str = ""
    history: tuple[str, ...] = ()
    steps: int = 0
    draft: str = ""

    @classmethod
    def of(cls, text: str, history: tuple[str, ...] = ()) -> "Line":
        """Begin with *text*, the cursor behind it."""
        return cls(text, len(text), history=history)

    @property
    def before(self) -> str:
        """What stands before the cursor."""
        return self.text[: self.at]

    @property
    def after(self) -> str:
        """What stands behind it."""
        return self.text[self.at :]


def edited(line: Line, key: str) -> Line | None:
    """Give the line after *key*, or none if the key means nothing here."""
    if key.startswith("paste:"):
        return inserted(line, _one_line(key.removeprefix("paste:")))
    if key == "space":
        return inserted(line, " ")
    if key in _KEYS:
        return _KEYS[key](line)
    if len(key) == 1 and key.isprintable():
        return inserted(line, key)
    return None


def inserted(line: Line, text: str) -> Line:
    """Put *text* where the cursor is."""
    made = line.before + text
    return attrs.evolve(line, text=made + line.after, at=len(made))


def replaced(line: Line, text: str) -> Line:
    """Put *text* in the place of all there is."""
    return attrs.evolve(line, text=text, at=len(text))


def view(line: Line, cells: int, *, secret: bool = False) -> tuple[str, int]:
    """Show the line in exactly *cells*, and tell the cell of the cursor.

    What does not fit is left out on the left, so that the cursor is always seen.
    """
    before, after = line.before, line.after
    if secret:
        before, after = "*" * len(before), "*" * len(after)
    text = "".join(map(shown.mark, before))
    room = max(1, cells) - 1  # the cursor itself takes one
    if width(text) > room:
        text = _end(text, room)
    at = width(text)
    text += "".join(map(shown.mark, after))
    return left(text, cells), min(at, max(0, cells - 1))


def _end(text: str, cells: int) -> str:
    """Give the last *cells* of text; what is left over of a wide character is a blank."""
    room, begin = cells, len(text)
    while begin and cell(text[begin - 1]) <= room:
        begin -= 1
        room -= cell(text[begin])
    return " " * room + text[begin:]


def _one_line(pasted: str) -> str:
    """Give what was pasted without line breaks at its end, and blanks for those inside."""
    text = "".join(" " if mark in "\r\n\t" else mark for mark in pasted.strip("\r\n"))
    return "".join(mark for mark in text if ord(mark) >= ord(" ") and mark != "\x7f")


def _left(line: Line) -> int:
    clusters = list(iter_graphemes(line.before))
    return line.at - len(clusters[-1]) if clusters else 0


def _right(line: Line) -> int:
    return line.at + len(next(iter_graphemes(line.after), ""))


def _word_left(line: Line) -> int:
    found = _WORD.search(line.before)
    return found.start() if found else 0


def _word_right(line: Line) -> int:
    found = _NEXT_WORD.match(line.after)
    return line.at + (found.end() if found else len(line.after))


def _start(_: Line) -> int:
    return 0


def _stop(line: Line) -> int:
    return len(line.text)


_Place = Callable[[Line], int]
_Change = Callable[[Line], Line]


def _move(to: _Place) -> _Change:
    return lambda line: attrs.evolve(line, at=to(line))


def _drop(to: _Place, *, keep: bool = False) -> _Change:
    """Make a key that removes what lies between the cursor and a place, kept for ctrl-y or not."""

    def change(line: Line) -> Line:
        first, last = sorted((line.at, to(line)))
        cut = line.text[first:last] if keep and last > first else line.cut
        return attrs.evolve(line, text=line.text[:first] + line.text[last:], at=first, cut=cut)

    return change


def _earlier(by: int) -> _Change:
    def change(line: Line) -> Line:
        steps = max(0, min(line.steps + by, len(line.history)))
        draft = line.draft if line.steps else line.text
        text = line.history[-steps] if steps else draft
        return attrs.evolve(line, text=text, at=len(text), steps=steps, draft=draft)

    return change


_KEYS: Final[dict[str, _Change]] = {
    "left": _move(_left),
    "ctrl-b": _move(_left),
    "right": _move(_right),
    "ctrl-f": _move(_right),
    "home": _move(_start),
    "ctrl-a": _move(_start),
    "end": _move(_stop),
    "ctrl-e": _move(_stop),
    "alt-b": _move(_word_left),
    "ctrl-left": _move(_word_left),
    "alt-f": _move(_word_right),
    "ctrl-right": _move(_word_right),
    "backspace": _drop(_left),
    "ctrl-h": _drop(_left),
    "delete": _drop(_right),
    "ctrl-d": _drop(_right),
    "ctrl-k": _drop(_stop, keep=True),
    "ctrl-u": _drop(_start, keep=True),
    "ctrl-w": _drop(_word_left, keep=True),
    "alt-backspace": _drop(_word_left, keep=True),
    "alt-d": _drop(_word_right, keep=True),
    "ctrl-y": lambda line: inserted(line, line.cut),
    "up": _earlier(1),
    "ctrl-p": _earlier(1),
    "down": _earlier(-1),
    "ctrl-n": _earlier(-1),
}
