"""The list of transfers: how far each is, and keys to hold up, give up, reorder and retry."""

from collections.abc import Callable
from typing import Final

import attrs

from anoncloud.ui import amounts, boxes, keys
from anoncloud.ui.amounts import SIZE_CELLS
from anoncloud.ui.cells import Block, Row, Span, Style, above, block, crop, over
from anoncloud.ui.dialogs.confirm import Confirm
from anoncloud.ui.effects import Effects, Perform
from anoncloud.ui.events import Link, Progress, TransferLine
from anoncloud.ui.layers import Answer, Hints, Shape, mouse, mouse_in
from anoncloud.ui.transfer_effects import (
    CancelTransfer,
    PauseTransfer,
    RaiseTransfer,
    ResumeTransfer,
    RetryTransfer,
)
from anoncloud.ui.viewing.said import Room
from anoncloud.ui.viewing.table import Column, Item, Table

NUMBER: Final = -1
"""The number of the layer; those that look at something have theirs from 1 on."""
BELOW: Final = 4
"""Rows under the list that tell more of the transfer under the cursor."""
_ROOMY: Final = 12
"""Rows from which on there is room for them."""
_BAR: Final = 10
_LEFT: Final = 8
_RATE: Final = 12
_COLUMNS: Final = (
    Column("of", SIZE_CELLS),
    Column("left", _LEFT),
    Column("rate", _RATE),
    Column("done", SIZE_CELLS),
    Column("", _BAR),
    Column("", 4),
    Column("state", 7),
)
_STYLES: Final = {
    Progress.RUNNING: Style.STRONG,
    Progress.WAITING: Style.PLAIN,
    Progress.PAUSED: Style.WARNING,
    Progress.FAILED: Style.ERROR,
    Progress.DONE: Style.DIM,
}
_GOING: Final = frozenset({Progress.RUNNING, Progress.WAITING})
_OVER: Final = frozenset({Progress.DONE, Progress.FAILED})
_LINE: Final = "the line is lost: transfers go on by themselves as soon as it is back"


@attrs.frozen
class Now:
    """What the explorer says: how the transfers are, their limit, and the line to the server."""

    lines: tuple[TransferLine, ...] = ()
    limit: int | None = None
    link: Link = Link.ONLINE


@attrs.frozen
class Transfers:
    """See the module.

    :ivar asking: whether one is to be given up.
    """

    now: Now = attrs.Factory(Now)
    table: Table = attrs.Factory(lambda: Table(NUMBER, "transfers", _COLUMNS, "what", {}))
    asking: Confirm | None = None

    @classmethod
    def of(cls, now: Now) -> "Transfers":
        """Begin the list."""
        return cls().with_now(now)

    @property
    def group(self) -> str:
        """Which keys it takes."""
        if self.asking is not None:
            return keys.QUESTION
        return keys.TRANSFERS if self.table.line is None else keys.TYPING

    @property
    def shape(self) -> Shape:
        return Shape.WHOLE

    @property
    def chosen(self) -> TransferLine | None:
        """The transfer under the cursor."""
        item = self.table.item
        if item is None:
            return None
        return next((one for one in self.now.lines if one.number == item.subject), None)

    def hear(self, number: int, said: object) -> Answer:
        """Take what is said."""
        if number == NUMBER and isinstance(said, Now):
            return Answer(self.with_now(said))
        if isinstance(said, Room):
            below = BELOW if said.rows >= _ROOMY else 0
            said = attrs.evolve(said, rows=said.rows - below)
        table = self.table.hear(number, said).layer
        return Answer(attrs.evolve(self, table=table if isinstance(table, Table) else self.table))

    def with_now(self, now: Now) -> "Transfers":
        """Show how they are now."""
        items = tuple(_item(one) for one in now.lines)
        return attrs.evolve(self, now=now, table=self.table.with_items(items, _note(now)))

    def press(self, key: str) -> Answer:
        if self.asking is not None:
            return self._answered(self.asking, key)
        if key in _ACTS and self.table.line is None:
            return Answer(self, _ACTS[key](self))
        if key in {"d", "x", "delete", "f8"} and self.table.line is None:
            return self._give_up()
        if key == "t" and self.table.line is None:
            return Answer(None)
        answer = self.table.press(key)
        if not isinstance(answer.layer, Table):
            return Answer(None)
        return Answer(attrs.evolve(self, table=answer.layer))

    def _give_up(self) -> Answer:
        one = self.chosen
        if one is None:
            return Answer(self)
        gives = (CancelTransfer(one.number),)
        if one.state in _OVER:
            return Answer(self, gives)
        asking = Confirm("Give up", (one.title,), "Give up", gives)
        return Answer(attrs.evolve(self, asking=asking))

    def _answered(self, asking: Confirm, key: str) -> Answer:
        seen = mouse(key)
        if seen is not None:
            box = crop(asking.view(seen.columns, seen.rows), seen.columns, seen.rows)
            corner = ((seen.rows - box.height) // 2, (seen.columns - box.width) // 2)
            key = mouse_in(seen, corner, seen.columns, seen.rows)
        answer = asking.press(key)
        kept = answer.layer if isinstance(answer.layer, Confirm) else None
        return Answer(attrs.evolve(self, asking=kept), answer.effects)

    # How it looks.

    def view(self, columns: int, rows: int) -> Block:
        below = BELOW if rows >= _ROOMY else 0
        made = self.table.view(columns, rows - below)
        if below:
            made = above(made, block(self._more(columns), columns, below))
        if self.asking is not None:
            box = crop(self.asking.view(columns, rows), columns, rows)
            made = over(made, box, (rows - box.height) // 2, (columns - box.width) // 2)
        return made

    def _more(self, columns: int) -> list[Row]:
        one = self.chosen
        if one is None:
            return []
        size = "" if one.total is None else f" of {amounts.size(one.total)}"
        moved = f"{amounts.size(one.done)}{size}"
        if one.rate:
            moved += f", {amounts.rate(one.rate)}"
        if one.left_s is not None:
            moved += f", {amounts.left(one.left_s)} left"
        said = [
            (one.title, Style.STRONG),
            (f"{one.state.value}: {moved}", Style.PLAIN),
            (one.error, Style.ERROR),
        ]
        made = [
            (Span(f" {line}", style),)
            for text, style in said
            for line in boxes.wrapped(text, max(1, columns - 2))
        ]
        return [*made[:BELOW]]

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        below = BELOW if rows >= _ROOMY else 0
        return self.table.cursor(columns, rows - below)

    def hints(self) -> Hints:
        if self.asking is not None:
            return self.asking.hints()
        if self.table.line is not None:
            return self.table.hints()
        one = self.chosen
        made = [("Esc", "Close")]
        if one is not None and one.state in _GOING:
            made.append(("Space", "Pause"))
        elif one is not None and one.state is Progress.PAUSED:
            made.append(("Space", "Go on"))
        elif one is not None and one.state is Progress.FAILED:
            made.append(("r", "Retry"))
        if one is not None:
            made.append(("d", "Remove" if one.state in _OVER else "Give up"))
            made += [("+ -", "Earlier, later"), ("p", "Pause all"), ("c", "Clear done")]
        return (*made, ("l", "Limit"), ("/", "Narrow"))


def _toggle(shown: Transfers) -> Effects:
    """Hold one up, let it go on, or try it again."""
    one = shown.chosen
    if one is None or one.state is Progress.DONE:
        return ()
    if one.state in _GOING:
        return (PauseTransfer(one.number),)
    return (ResumeTransfer(one.number),) if one.state is Progress.PAUSED else _retry(shown)


def _all(shown: Transfers) -> Effects:
    """Hold all of them up; if none goes, let all go on."""
    going = [one for one in shown.now.lines if one.state in _GOING]
    if going:
        # The last first, so that none begins in the place of one before it.
        return tuple(PauseTransfer(one.number) for one in reversed(going))
    held = [one for one in shown.now.lines if one.state is Progress.PAUSED]
    return tuple(ResumeTransfer(one.number) for one in held)


def _retry(shown: Transfers) -> Effects:
    one = shown.chosen
    if one is None or one.state is not Progress.FAILED:
        return ()
    return (RetryTransfer(one.number),)


def _moves(by: int) -> Callable[[Transfers], Effects]:
    def moved(shown: Transfers) -> Effects:
        return () if shown.chosen is None else (RaiseTransfer(shown.chosen.number, by),)

    return moved


def _clear(shown: Transfers) -> Effects:
    done = [one for one in shown.now.lines if one.state is Progress.DONE]
    return tuple(CancelTransfer(one.number) for one in done)


def _limit(_: Transfers) -> Effects:
    return (Perform("limit"),)


_ACTS: Final = {
    "space": _toggle,
    "enter": _toggle,
    "p": _all,
    "r": _retry,
    "+": _moves(-1),
    "K": _moves(-1),
    "-": _moves(1),
    "J": _moves(1),
    "c": _clear,
    "l": _limit,
}


def _item(one: TransferLine) -> Item:
    share = min(1.0, one.done / one.total) if one.total else float(one.state is Progress.DONE)
    known = one.total is not None or one.state is Progress.DONE
    cells = (
        "" if one.total is None else amounts.short_size(one.total),
        "" if one.left_s is None else amounts.left(one.left_s),
        amounts.rate(one.rate) if one.rate else "",
        amounts.short_size(one.done),
        ("#" * int(share * _BAR)).ljust(_BAR, "-") if known else "",
        f"{int(share * 100)}%" if known else "",
        one.state.value,
    )
    text = f"{one.title}: {one.error}" if one.error else one.title
    return Item(cells, text, one.number, _STYLES[one.state])


def _note(now: Now) -> str:
    if now.link is Link.LOST and any(one.state in _GOING for one in now.lines):
        return _LINE
    if not now.lines:
        said = "nothing goes up or down; copy a file to the other pane"
        return said if now.limit is None else f"{said}; limit {amounts.rate(now.limit)}"
    counts = {state: sum(one.state is state for one in now.lines) for state in Progress}
    said = ", ".join(f"{many} {state.value}" for state, many in counts.items() if many)
    return said if now.limit is None else f"{said}; limit {amounts.rate(now.limit)}"
