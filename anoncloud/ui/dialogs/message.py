"""Text to read, as long as it is: messages, help."""

import attrs

from anoncloud.ui import boxes
from anoncloud.ui.cells import Block, Row, Span, Style, block, crop, row_width
from anoncloud.ui.layers import Answer, Hints, Shape, mouse


@attrs.frozen
class Message:
    """Rows of text; a row that is too long is broken."""

    title: str
    text: tuple[Row, ...]
    top: int = 0
    whole: bool = False
    style: Style = Style.BORDER

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE if self.whole else Shape.BOX

    def press(self, key: str) -> Answer:
        seen = mouse(key)
        if seen is not None:
            key = {"wheel-up": "up", "wheel-down": "down"}.get(seen.kind, "")
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10, "space": 10}
        last = max(0, len(self.text) - 1)
        ends = {"home": 0, "g": 0, "end": last, "G": last}
        if key in steps or key in ends:
            top = ends.get(key, self.top + steps.get(key, 0))
            return Answer(attrs.evolve(self, top=max(0, min(top, last))))
        return Answer(None) if key in {"esc", "enter", "q", "h", "left"} else Answer(self)

    def view(self, columns: int, rows: int) -> Block:
        widest = max((row_width(row) for row in self.text), default=0)
        cells = max(0, columns - 4) if self.whole else boxes.inner(columns, widest)
        text = [line for row in self.text for line in _broken(row, cells)]
        room = max(0, rows - 2)
        top = max(0, min(self.top, len(text) - room))
        body = block(text[top : top + room], cells, room if self.whole else None)
        more = " - more below" if top + room < len(text) else ""
        return crop(boxes.frame(self.title + more, body, style=self.style), columns, rows)

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        del columns, rows
        return None

    def hints(self) -> Hints:
        return (("Up Down", "Read on"), ("Enter", "Close"))


def said(title: str, *texts: str, style: Style = Style.BORDER) -> Message:
    """Make a message of safe texts."""
    return Message(title, tuple((Span(text),) for text in texts), style=style)


def _broken(row: Row, cells: int) -> list[Row]:
    """Break the last span of a row that is too long; what follows stands below its beginning."""
    if not row or row_width(row) <= cells:
        return [row]
    *first, last = row
    indent = row_width(tuple(first))
    begun, *rest = boxes.wrapped(last.text, max(1, cells - indent))
    margin = Span(" " * indent)
    return [
        (*first, Span(begun, last.style)),
        *((margin, Span(line, last.style)) for line in rest),
    ]
