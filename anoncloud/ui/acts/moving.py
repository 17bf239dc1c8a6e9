"""Actions inside the panes: the cursor, marks, order, filter, and the room that panes have."""

from collections.abc import Callable
from typing import Final

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import layout, listed, waiting
from anoncloud.ui import pane as panes
from anoncloud.ui.comparing import Compared, compared
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.filtering import Filtering
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.effects import Perform, ReadPlace, Side
from anoncloud.ui.entries import Sort
from anoncloud.ui.events import Severity
from anoncloud.ui.lineedit import Line
from anoncloud.ui.model import Arrangement, Done, Explorer
from anoncloud.ui.pane import Pane, Reading
from anoncloud.ui.places import Trash

_STEP: Final = 0.05
"""The share of the screen by which the border moves."""
_SORTS: Final = {Sort.NAME: "n", Sort.SIZE: "s", Sort.TIME: "t", Sort.KIND: "k"}

Act = Callable[[Explorer, str | None], Done]


def on_pane(change: Callable[[Pane], Pane]) -> Act:
    """Make an action that only changes the active pane."""
    return lambda explorer, _: (explorer.with_pane(change(explorer.pane)), ())


def paged(pages: int) -> Act:
    """Make an action that moves the cursor by what fits on the screen."""

    def act(explorer: Explorer, _: str | None) -> Done:
        by = max(1, layout.height(explorer, explorer.active) - 1) * pages
        return explorer.with_pane(panes.moved(explorer.pane, by)), ()

    return act


def switch(explorer: Explorer, _: str | None) -> Done:
    """Let the keys go to the other pane."""
    return attrs.evolve(explorer, active=explorer.active.other), ()


def mark_like(*, mark: bool) -> Act:
    """Make an action that marks what matches a pattern, or takes the marks from it."""
    name, title = ("mark-like", "Mark") if mark else ("unmark-like", "Take the marks from")

    def act(explorer: Explorer, argument: str | None) -> Done:
        if argument:
            made = panes.marked(
                explorer.pane,
                lambda is_marked, fits: (is_marked or fits) if mark else (is_marked and not fits),
                argument,
            )
            return explorer.typed("mark", argument).with_pane(made), ()
        line = Line.of("*", explorer.histories.get("mark", ()))
        says = "* stands for any letters, ? for one"
        ask = Ask(title, line, lambda text: (Perform(name, text),), says)
        return explorer.over(ask), ()

    return act


def mark_kind(explorer: Explorer, _: str | None) -> Done:
    """Mark what is shown and has the extension of the entry under the cursor."""
    pane, entry = explorer.pane, explorer.pane.entry
    extension = b"" if entry is None else listed.extension(entry.name)
    if entry is None or not extension:
        return explorer.told("there is no extension here", "put the cursor onto another entry"), ()
    names, keys = listed.names(pane.entries), listed.keys(pane.entries)
    fits = (keys[at] for at in pane.order if listed.extension(names[at]) == extension)
    return explorer.with_pane(panes.with_marks(pane, pane.marks.union(fits))), ()


def compare(explorer: Explorer, _: str | None) -> Done:
    """Mark in both panes what differs between them."""
    here, there = explorer.pane, explorer.other
    if Trash() in {here.place, there.place} or here.place == there.place:
        return explorer.told("two different folders are compared", "show one in each pane"), ()
    ours, theirs = compared(here, there), compared(there, here)
    explorer = explorer.with_pane(ours.pane).with_pane(theirs.pane, explorer.active.other)
    if not ours.count and not theirs.count:
        return explorer.told("both hold the same", severity=Severity.GOOD), ()
    return explorer.told(f"here {_differs(ours)}; there {_differs(theirs)}"), ()


def _differs(one: Compared) -> str:
    counts = ((one.lacking, "only here"), (one.newer, "newer"), (one.another, "other"))
    return ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing"


def filter_by(explorer: Explorer, argument: str | None) -> Done:
    """Show only what matches, or begin to type what that is."""
    if argument is None:
        return explorer.over(Filtering(Line.of(explorer.pane.filter))), ()
    return explorer.with_pane(panes.filtered(explorer.pane, argument)), ()


def sort(explorer: Explorer, argument: str | None) -> Done:
    """Choose what entries are sorted by; the same again turns the order round."""
    pane = explorer.pane
    if argument is None:
        items = tuple(
            Item(f"by {one.value}", key, (Perform("sort", one.value),))
            for one, key in _SORTS.items()
        )
        turn = Item("turn the order round", "r", (Perform("reverse"),))
        cursor = list(_SORTS).index(pane.sort)
        return explorer.over(Menu.of("Sort", (*items, turn), cursor=cursor)), ()
    chosen = next((one for one in Sort if one.value == argument), None)
    if chosen is None:
        message = f"nothing is sorted by {argument!r}"
        raise UsageError(message, "say name, size, time or kind")
    return explorer.with_pane(panes.sorted_by(pane, chosen, reverse=pane.reverse)), ()


def reverse(pane: Pane) -> Pane:
    """Turn the order round."""
    return panes.sorted_by(pane, pane.sort, reverse=not pane.reverse)


def hidden(pane: Pane) -> Pane:
    """Show names that begin with a dot, or hide them."""
    return panes.with_hidden(pane, hidden=not pane.hidden)


def clear(explorer: Explorer, _: str | None) -> Done:
    """End what is going on, one thing at a time: a read, the filter, the marks."""
    pane = explorer.pane
    if isinstance(pane.state, Reading) and pane.state.place != pane.place:
        return explorer.with_pane(waiting.stopped(pane)), ()
    pane = panes.filtered(pane, "") if pane.filter else panes.unmarked(pane)
    return explorer.with_pane(pane), ()


def wider(way: int) -> Act:
    """Make an action that gives the active pane more room, or less."""

    def act(explorer: Explorer, _: str | None) -> Done:
        towards = way if explorer.active is Side.LEFT else -way
        return attrs.evolve(explorer, split=shared(explorer.split + towards * _STEP)), ()

    return act


def shared(split: float) -> float:
    """Keep a share within what makes sense."""
    return round(max(0.05, min(split, 0.95)), 4)


def arrange(explorer: Explorer, _: str | None) -> Done:
    """Go on to the next way in which the panes share the screen."""
    ways = list(Arrangement)
    now = layout.arrangement(explorer)
    after = ways[ways.index(now) + 1 :] + ways  # one alone always has room
    made = (attrs.evolve(explorer, arrangement=way) for way in after)
    return next(one for one in made if layout.arrangement(one) is one.arrangement), ()


def swap(explorer: Explorer, _: str | None) -> Done:
    """Let the panes change sides; what they are reading is asked for again."""
    panes_now = (explorer.panes[1], explorer.panes[0])
    made = attrs.evolve(explorer, panes=panes_now, active=explorer.active.other)
    asked = [
        ReadPlace(side, pane.state.place)
        for side, pane in zip(Side, panes_now, strict=True)
        if isinstance(pane.state, Reading) and pane.state.place is not None
    ]
    return made, tuple(asked)
