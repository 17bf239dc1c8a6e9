"""The kit on the screen, for its owner to keep; its end is asked back before it opens anything."""

from typing import Final

import attrs

from anoncloud.client.qr import HALVES, Matrix, encode, framed
from anoncloud.errors import UsageError
from anoncloud.ui import boxes
from anoncloud.ui.cells import Block, Span, Style, above, beside, block, crop
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.effects import Effects
from anoncloud.ui.entering_effects import MakeAccount
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.lineedit import Line

ASKED: Final = 8
"""Characters that an owner is asked for: the end of the line, which is the checksum."""
_TEXT: Final = 36
"""Cells of the text beside a drawn kit."""
_USE: Final = "Without the kit AND the passphrase nobody can open the drive, you included."
_SMALL: Final = "A larger window shows it as a QR code too: {} columns, {} rows."


@attrs.frozen
class Paper:
    """A kit's *line*, and its QR code where the terminal has letters for half a module."""

    account: str
    line: str = attrs.field(repr=False)
    making: MakeAccount
    matrix: Matrix | None = attrs.field(repr=False)

    @classmethod
    def of(cls, making: MakeAccount, *, unicode: bool) -> "Paper":
        """Make the paper of the account that *making* is to make."""
        kit = making.drawn.kit
        line = kit.line()
        return cls(kit.account, line, making, encode(line.upper()) if unicode else None)

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def press(self, key: str) -> Answer:
        if key == "esc":
            return Answer(None)
        return Answer(self._ask() if key == "enter" else self)

    def _ask(self) -> Ask:
        def then(text: str) -> Effects:
            answer = "".join(text.split()).lower()
            if answer not in {self.line, self.line[-ASKED:]}:
                message = "that is not how the kit ends"
                raise UsageError(message, "press Esc to see it again")
            return (self.making,)

        says = f"Last {ASKED} characters of the kit, to see that you have it:"
        return Ask("The kit", Line(), then, says, back=self)

    def view(self, columns: int, rows: int) -> Block:
        drawn = [] if self.matrix is None else _drawn(self.matrix)
        across = len(drawn[0]) if drawn else 0
        fits = bool(drawn) and rows >= len(drawn) and columns >= across + _TEXT + 1
        cells = columns - across - 1 if fits else columns
        texts = [f"This is the kit of {self.account}. Print it, or keep it safe:", ""]
        parts = [boxes.lines(texts, cells), boxes.lines([self.line], cells, Style.STRONG)]
        more = ["", _USE, "", "The account is made once you have the kit: press Enter then."]
        if drawn and not fits:
            more += ["", _SMALL.format(across + _TEXT + 1, len(drawn) + 2)]
        text = above(*parts, boxes.lines(more, cells))
        if not fits:
            return crop(text, columns, rows)
        code = block([(Span(line, Style.PAPER),) for line in drawn], across, rows)
        return beside(block(text.rows[:rows], cells, rows), block([], 1, rows), code)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("Enter", "I have it"), ("Esc", "Make no account"))


def _drawn(matrix: Matrix) -> list[str]:
    """Draw two rows of modules in one of cells."""
    rows = list(framed(matrix))
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(HALVES[two] for two in zip(*pair, strict=True)) for pair in pairs]
