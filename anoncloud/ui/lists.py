"""A list of lines to choose from: a cursor, what is in sight, and letters that narrow it.

Made of the lines' texts alone; what choosing one means is its owner's business.
"""

from collections.abc import Sequence

import attrs

from anoncloud.ui.cells import Row, Span, Style, fill


@attrs.frozen
class Choice:
    """*texts* are safe; *order* are the places of those that are shown."""

    texts: tuple[str, ...]
    order: Sequence[int]
    cursor: int = 0

    @classmethod
    def of(cls, texts: Sequence[str], cursor: int = 0) -> "Choice":
        """Show all *texts*."""
        return cls(tuple(texts), range(len(texts)), max(0, min(cursor, len(texts) - 1)))

    @property
    def chosen(self) -> int | None:
        """Give the place of the line under the cursor among all texts."""
        return self.order[self.cursor] if self.order else None


def moved(choice: Choice, key: str, page: int = 10) -> Choice | None:
    """Give the list after *key*, or none if the key does not move in lists."""
    last = len(choice.order) - 1
    steps = {
        "up": choice.cursor - 1,
        "down": choice.cursor + 1,
        "pageup": choice.cursor - page,
        "pagedown": choice.cursor + page,
        "home": 0,
        "end": last,
    }
    if key not in steps:
        return None
    return attrs.evolve(choice, cursor=max(0, min(steps[key], last)))


def narrowed(choice: Choice, text: str) -> Choice:
    """Show only lines that hold every word of *text*, case aside."""
    words = text.casefold().split()
    order = tuple(
        at for at, line in enumerate(choice.texts) if all(word in line.casefold() for word in words)
    )
    return attrs.evolve(choice, order=order, cursor=0)


def first_row(choice: Choice, rows: int) -> int:
    """Tell which line is the uppermost in sight on so many rows; the cursor is in their middle."""
    return max(0, min(choice.cursor - rows // 2, len(choice.order) - rows))


def rows(choice: Choice, cells: int, height: int) -> list[Row]:
    """Draw the lines in sight, each as wide as *cells*."""
    top = first_row(choice, height)
    made: list[Row] = []
    for at in range(top, min(top + height, len(choice.order))):
        style = Style.CHOSEN if at == choice.cursor else Style.PLAIN
        made.append(fill((Span(choice.texts[choice.order[at]], style),), cells, style))
    return made
