"""A picture in blocks: every cell shows two pixels, one above the other."""

from typing import Final

import attrs

from anoncloud.ui import keys
from anoncloud.ui.cells import Block, Row, Span, Style, Tint, block, fill
from anoncloud.ui.layers import Answer, Hints, Shape
from anoncloud.ui.looking_effects import How, Leave, Look, Subject
from anoncloud.ui.viewing.said import Room

_BAR: Final = 1
_MOST_SIDE: Final = 2_000


@attrs.frozen
class Small:
    """A picture made small: its *colours* as 0xRRGGBB, and the number of each pixel's."""

    width: int
    height: int
    colours: tuple[int, ...]
    pixels: bytes = attrs.field(repr=False)


@attrs.frozen
class NotShown:
    """The shell says: it can't be shown; safe text."""

    message: str


def parse(made: bytes) -> Small | None:
    """Read what ``ui.viewing.thumbnail`` writes; none if it is anything else."""
    head, _, rest = made.partition(b"\n")
    parts = head.split()
    if len(parts) != 3 or not all(part.isdigit() for part in parts):  # noqa: PLR2004
        return None
    width, height, count = map(int, parts)
    colours, pixels = rest[: 3 * count], rest[3 * count :]
    sides = 0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE
    if not sides or len(pixels) != width * height or max(pixels) >= count:
        return None
    found = [int.from_bytes(colours[at : at + 3], "big") for at in range(0, len(colours), 3)]
    return Small(width, height, tuple(found), pixels)


@attrs.frozen
class Picture:
    """See the module.

    :ivar said: what there is to say in the picture's place.
    """

    number: int
    title: str
    subject: Subject
    small: Small | None = None
    said: str = "reading ..."

    @property
    def group(self) -> str:
        """Which keys it takes."""
        return keys.VIEWER

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    def hear(self, number: int, message: object) -> Answer:
        """Take what the shell says."""
        if number == self.number and isinstance(message, Small):
            return Answer(attrs.evolve(self, small=message))
        if number == self.number and isinstance(message, NotShown):
            return Answer(attrs.evolve(self, said=message.message))
        return Answer(self)

    def press(self, key: str) -> Answer:
        if key in {"x", "f4"}:
            return Answer(self, (Look(self.subject, How.HEX),))
        closes = {"esc", "q", "f3", "f10", "backspace", "enter", "h", "left"}
        return Answer(None, (Leave(self.number),)) if key in closes else Answer(self)

    def view(self, columns: int, rows: int) -> Block:
        made: list[Row] = [fill((Span(f" {self.title}", Style.BAR),), columns, Style.BAR)]
        if self.small is None:
            return block([*made, (Span(f" {self.said}", Style.WARNING),)], columns, rows)
        return block([*made, *drawn(self.small, columns, max(0, rows - _BAR))], columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("x", "Bytes"), ("Esc", "Close"))


def pixels_of(room: Room) -> tuple[int, int]:
    """Tell how many columns and rows of pixels there is room for."""
    return max(1, room.columns), max(1, 2 * (room.rows - _BAR))


def drawn(small: Small, columns: int, rows: int) -> list[Row]:
    """Draw a picture in the middle of so many cells, smaller if it does not fit."""
    scale = min(1.0, columns / small.width, 2 * rows / small.height)
    wide, high = max(1, int(small.width * scale)), max(1, int(small.height * scale))
    before = " " * max(0, (columns - wide) // 2)
    xs = [x * small.width // wide for x in range(wide)]
    made: list[Row] = []
    for y in range(0, high, 2):
        upper = _line(small, y, high, xs)
        lower = _line(small, y + 1, high, xs) if y + 1 < high else [0] * wide
        made.append((Span(before), *_joined(upper, lower)))
    return [()] * ((rows - len(made)) // 2) + made


def _line(small: Small, y: int, high: int, xs: list[int]) -> list[int]:
    start = (y * small.height // high) * small.width
    return [small.colours[small.pixels[start + x]] for x in xs]


def _joined(upper: list[int], lower: list[int]) -> list[Span]:
    """Make one span of neighbours that look the same."""
    made: list[Span] = []
    for above, under in zip(upper, lower, strict=True):
        tint = Tint(above, under)
        if made and made[-1].style == tint:
            made[-1] = Span(made[-1].text + " ", tint)
        else:
            made.append(Span(" ", tint))
    return made
