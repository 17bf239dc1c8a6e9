"""The line into which a command is typed by its name, with what it could become."""

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import keys, lineedit, shown
from anoncloud.ui.cells import Block, Row, Span, Style, block, width
from anoncloud.ui.effects import Effects
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import COMMAND, Completed

_LABEL: Final = ":"


@attrs.frozen
class Command:
    """A command being typed.

    :ivar then: what a line leads to; it may refuse one by raising UsageError.
    :ivar complete: gives all lines that the one typed so far could become.
    :ivar ask: what to ask the shell for, which knows more of them; nothing if it does not.
    :ivar at: which of them stands in the line, while Tab goes through them.
    """

    line: Line
    then: Callable[[str], Effects]
    complete: Callable[[str], Sequence[str]]
    ask: Callable[[str], Effects] = lambda _: ()
    found: tuple[str, ...] = ()
    at: int = -1
    wrong: str = ""

    group = keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.LINE

    def press(self, key: str) -> Answer:
        if key == "esc" or (key == "backspace" and not self.line.text):
            return Answer(None)
        if key == "enter":
            try:
                return Answer(None, self.then(self.line.text))
            except UsageError as error:
                return Answer(attrs.evolve(self, wrong=shown.text(str(error))))
        if key in {"tab", "shift-tab"}:
            asked = self.ask(self.line.text) if self.at < 0 else ()
            made = self if asked else self._completed(1 if key == "tab" else -1)
            return Answer(made, asked)
        line = lineedit.edited(self.line, key)
        if line is None:
            return Answer(self)
        return Answer(attrs.evolve(self, line=line, found=(), at=-1, wrong=""))

    def hear(self, number: int, said: object) -> Answer:
        """Take what the shell says, if the line is still the one that it was asked about."""
        if number == COMMAND and isinstance(said, Completed) and said.text == self.line.text:
            return Answer(self._agreed(said.lines))
        return Answer(self)

    def _completed(self, by: int) -> "Command":
        """Go on as far as all candidates agree; after that, through them one by one."""
        if self.at >= 0:
            at = (self.at + by) % len(self.found)
            return attrs.evolve(self, line=lineedit.replaced(self.line, self.found[at]), at=at)
        return self._agreed(tuple(self.complete(self.line.text)))

    def _agreed(self, found: tuple[str, ...]) -> "Command":
        if not found:
            wrong = f"nothing begins with {shown.text(self.line.text)}"
            return attrs.evolve(self, found=(), wrong=wrong)
        common = _common(found)
        if len(found) != 1 and len(common) <= len(self.line.text):
            line = lineedit.replaced(self.line, found[0])
            return attrs.evolve(self, line=line, found=found, at=0)
        return attrs.evolve(self, line=lineedit.replaced(self.line, common), found=found)

    def view(self, columns: int, rows: int) -> Block:
        text = lineedit.view(self.line, max(0, columns - len(_LABEL)))[0]
        made: list[Row] = []
        if self.wrong:
            made.append((Span(self.wrong, Style.ERROR),))
        elif len(self.found) > 1:
            made.append(self._candidates(columns))
        made.append((Span(_LABEL, Style.STRONG), Span(text, Style.FIELD)))
        return block(made[-rows:] if rows else [], columns)

    def _candidates(self, columns: int) -> Row:
        """Draw them side by side, beginning so that the one in the line is in sight."""
        words = [shown.text(line) for line in self.found]
        begin = 0
        while (
            begin < self.at
            and sum(width(word) + 2 for word in words[begin : self.at + 1]) > columns
        ):
            begin += 1
        made: list[Span] = []
        for at, word in enumerate(words[begin : begin + columns], start=begin):
            made.append(Span(word, Style.CHOSEN if at == self.at else Style.DIM))
            made.append(Span("  "))
        return tuple(made)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        at = len(_LABEL) + lineedit.view(self.line, max(0, columns - len(_LABEL)))[1]
        height = self.view(columns, rows).height
        return (height - 1, min(at, columns - 1)) if height and columns else None

    def hints(self) -> Hints:
        return (("Enter", "Do it"), ("Tab", "Complete"), ("Up", "Earlier"), ("Esc", "Leave"))


def _common(lines: Sequence[str]) -> str:
    """Give what all *lines* begin with."""
    first, last = min(lines, default=""), max(lines, default="")
    same = (one == other for one, other in zip(first, last, strict=False))
    return first[: next((at for at, agrees in enumerate(same) if not agrees), len(first))]
