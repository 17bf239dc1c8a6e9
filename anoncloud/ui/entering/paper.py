"""A kit or a recovery key on the screen, for its owner to keep.

It can be written into a file; its end is asked back before it opens anything.
"""

from typing import Final

import attrs

from anoncloud.client.qr import HALVES, Matrix, encode, framed
from anoncloud.errors import UsageError
from anoncloud.ui import boxes
from anoncloud.ui.cells import Block, Row, Span, Style, above, beside, block, crop
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.effects import Effects
from anoncloud.ui.entering_effects import MakeAccount, SavePaper, TakeRecovery
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.lineedit import Line

ASKED: Final = 8
"""Characters that an owner is asked for: the end of the line, which is the checksum."""
_TEXT: Final = 36
"""Cells of the text beside a drawn code."""
_SMALL: Final = "A larger window shows it as a QR code too: {} columns, {} rows."


@attrs.frozen
class _Words:
    """What is said of a kit or a recovery key; *head* names the account."""

    what: str
    head: str
    use: str
    then: str
    leave: str


_KIT: Final = _Words(
    "kit",
    "This is the kit of {}. Print it, or keep it safe:",
    "Without the kit AND the passphrase nobody can open the drive, you included.",
    "The account is made once you have the kit: press Enter then.",
    "Make no account",
)
_RECOVERY: Final = _Words(
    "recovery key",
    "This is a recovery key of {}. Keep it where neither kit nor passphrase is:",
    "Whoever finds it has the account. One that there was before opens nothing any more.",
    "It opens the account once you have it: press Enter then.",
    "Make none",
)


@attrs.frozen
class Paper:
    """The *line* of a kit or a recovery key, and its QR code.

    :ivar making: what makes it open something.
    :ivar halves: whether the terminal has letters for half a module; else it takes two blanks.
    :ivar saved: where it was written to, safe text; "" if it was not.
    """

    account: str
    line: str = attrs.field(repr=False)
    making: MakeAccount | TakeRecovery
    matrix: Matrix = attrs.field(repr=False)
    halves: bool
    words: _Words
    saved: str = ""

    @classmethod
    def of_kit(cls, making: MakeAccount, *, unicode: bool) -> "Paper":
        """Make the paper of the account that *making* is to make."""
        kit = making.drawn.kit
        line = kit.line()
        return cls(kit.account, line, making, encode(line.upper()), unicode, _KIT)

    @classmethod
    def of_recovery(cls, taking: TakeRecovery, *, unicode: bool) -> "Paper":
        """Make the paper of a recovery key."""
        line = taking.recovery.line()
        code = encode(line.upper())
        return cls(taking.recovery.account, line, taking, code, unicode, _RECOVERY)

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def press(self, key: str) -> Answer:
        if key == "esc":
            return Answer(None)
        if key == "s":
            return Answer(self._ask_file())
        return Answer(self._ask() if key == "enter" else self)

    def _ask(self) -> Ask:
        what = self.words.what

        def then(text: str) -> Effects:
            answer = "".join(text.split()).lower()
            if answer not in {self.line, self.line[-ASKED:]}:
                message = f"that is not how the {what} ends"
                raise UsageError(message, "press Esc to see it again")
            return (self.making,)

        says = f"Last {ASKED} characters of the {what}, to see that you have it:"
        return Ask(f"The {what}", Line(), then, says, back=self)

    def _ask_file(self) -> Ask:
        def then(text: str) -> Effects:
            if not text.strip():
                message = "there is no name"
                raise UsageError(message, "type the name of a new file, or press Esc")
            return (SavePaper(self, text.strip()),)

        name = f"~/{self.account}.{self.words.what.replace(' ', '-')}"
        says = "A new file, which nobody else may read (mode 0600):"
        return Ask(f"Save the {self.words.what}", Line.of(name), then, says, back=self)

    def view(self, columns: int, rows: int) -> Block:
        drawn = _drawn(self.matrix, halves=self.halves)
        across = sum(len(span.text) for span in drawn[0])
        fits = rows >= len(drawn) and columns >= across + _TEXT + 1
        cells = columns - across - 1 if fits else columns
        words = self.words
        parts = [boxes.lines([words.head.format(self.account), ""], cells)]
        parts.append(boxes.lines([self.line], cells, Style.STRONG))
        more = ["", words.use, "", words.then]
        if self.saved:
            more += ["", f"It is written to {self.saved}. Keep a copy elsewhere."]
        if not fits:
            more += ["", _SMALL.format(across + _TEXT + 1, len(drawn) + 2)]
        text = above(*parts, boxes.lines(more, cells))
        if not fits:
            return crop(text, columns, rows)
        code = block(drawn, across, rows)
        return beside(block(text.rows[:rows], cells, rows), block([], 1, rows), code)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("Enter", "I have it"), ("s", "Save to a file"), ("Esc", self.words.leave))


def _drawn(matrix: Matrix, *, halves: bool) -> list[Row]:
    """Draw two rows of modules in one of cells; without half blocks, a module in two cells."""
    rows = list(framed(matrix))
    if not halves:
        styles = Style.PAPER, Style.INK
        return [tuple(Span("  ", styles[module]) for module in row) for row in rows]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(HALVES[two] for two in zip(*pair, strict=True)) for pair in pairs)
    return [(Span(line, Style.PAPER),) for line in lines]
