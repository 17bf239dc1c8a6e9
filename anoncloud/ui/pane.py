"""One pane: a place, what it holds in the order shown, and where the cursor and the marks are.

A pane is a value and every function gives a new one. It does not know how many rows it has on the
screen; whoever does calls :func:`settle`. While another place is being read, the old one stays in
sight, so that nothing is painted that is about to change again.
"""

import enum
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from anoncloud.ui import entries as listing
from anoncloud.ui import listed
from anoncloud.ui.entries import Entry, Sort
from anoncloud.ui.places import Past, Place

LONGEST_HISTORY: Final = 100
"""Steps that a pane can go back."""


class Step(enum.Enum):
    """What a place that is being read will be in the pane's history."""

    STAY = "stay"
    GO = "go"
    BACK = "back"
    FORTH = "forth"


@attrs.frozen
class Reading:
    """*place* is being read; none is whatever the drive was at some moment."""

    place: Place | None
    step: Step


@attrs.frozen
class Cached:
    """What is shown was known before; the server has not answered yet."""


@attrs.frozen
class Fresh:
    """What is shown is how it is."""


@attrs.frozen
class Failed:
    """The place could not be read."""

    message: str


State = Reading | Cached | Fresh | Failed


@attrs.frozen
class Visit:
    """A place where a pane was, and the name that the cursor stood on."""

    place: Place
    focus: bytes | None


@attrs.frozen
class Pane:
    """See the module.

    :ivar arranged: places in *entries*, sorted.
    :ivar folded: the names as a filter compares them; empty until there is one.
    :ivar order: those of *arranged* that are shown; the cursor and *top* are places in it.
    :ivar marks: keys of entries, shown or not.
    :ivar marked_size: bytes of the marked files.
    :ivar hidden: whether names that begin with a dot are shown.
    :ivar wanted: the name that the cursor goes to as soon as it is there.
    """

    place: Place
    entries: Sequence[Entry] = attrs.field(default=(), repr=False)
    arranged: Sequence[int] = attrs.field(default=(), repr=False)
    folded: Sequence[bytes] = attrs.field(default=(), repr=False)
    order: Sequence[int] = attrs.field(default=(), repr=False)
    cursor: int = 0
    top: int = 0
    marks: frozenset[bytes] = frozenset()
    marked_size: int = 0
    sort: Sort = Sort.NAME
    reverse: bool = False
    hidden: bool = False
    filter: str = ""
    back: tuple[Visit, ...] = ()
    forth: tuple[Visit, ...] = ()
    state: State = Fresh()
    wanted: bytes | None = None

    @property
    def entry(self) -> Entry | None:
        """What the cursor stands on."""
        return self.entries[self.order[self.cursor]] if self.order else None

    @property
    def chosen(self) -> tuple[Entry, ...]:
        """What an action is about: all that is marked, or else what the cursor stands on."""
        if not self.marks:
            return (self.entry,) if self.entry is not None else ()
        keys = listed.keys(self.entries)
        return tuple(self.entries[at] for at in self.arranged if keys[at] in self.marks)

    @property
    def visit(self) -> Visit:
        """Where the pane is, to come back to it."""
        return Visit(self.place, self.entry.name if self.entry is not None else None)


def moved_to(pane: Pane, cursor: int) -> Pane:
    """Put the cursor onto a place of the order, or the nearest there is."""
    return attrs.evolve(pane, cursor=max(0, min(cursor, len(pane.order) - 1)))


def moved(pane: Pane, by: int) -> Pane:
    """Move the cursor by so many entries."""
    return moved_to(pane, pane.cursor + by)


def scrolled(pane: Pane, by: int, height: int) -> Pane:
    """Move what is in sight by so many rows, and the cursor only if it would go out of sight."""
    top = max(0, min(pane.top + by, len(pane.order) - height))
    cursor = max(top, min(pane.cursor, top + max(1, height) - 1))
    return moved_to(attrs.evolve(pane, top=top), cursor)


def settle(pane: Pane, height: int, leap: int = 1) -> Pane:
    """Bring the cursor into sight on *height* rows.

    It takes as few rows as that needs, but *leap* at least, as far as there are so many.
    """
    highest = max(0, pane.cursor - max(1, height) + 1)
    lowest = min(pane.cursor, max(0, len(pane.order) - height))
    top = max(highest, min(pane.top, lowest))
    if pane.top < highest:
        top = max(top, min(pane.top + leap, lowest))
    elif pane.cursor < pane.top:
        top = min(top, max(pane.top - leap, highest))
    return pane if top == pane.top else attrs.evolve(pane, top=top)


def toggled(pane: Pane) -> Pane:
    """Mark what the cursor stands on, or take its mark away, and go on to the next entry."""
    entry = pane.entry
    if entry is None:
        return pane
    sign = -1 if entry.key in pane.marks else 1
    marks, size = pane.marks ^ {entry.key}, pane.marked_size + sign * max(0, entry.size)
    return moved(attrs.evolve(pane, marks=marks, marked_size=size), 1)


def marked(pane: Pane, choose: Callable[[bool, bool], bool], pattern: str = "*") -> Pane:
    """Mark of what is shown those for which *choose* (is marked, matches *pattern*) says so.

    Marks of what is not shown stay.
    """
    names, keys = listed.names(pane.entries), listed.keys(pane.entries)
    matches = listing.matching([names[at] for at in pane.order], pattern)
    marks = set(pane.marks)
    for at, fits in zip(pane.order, matches, strict=True):
        if choose(keys[at] in marks, fits):
            marks.add(keys[at])
        else:
            marks.discard(keys[at])
    return with_marks(pane, marks)


def unmarked(pane: Pane) -> Pane:
    """Take away all marks."""
    return attrs.evolve(pane, marks=frozenset(), marked_size=0)


def sorted_by(pane: Pane, sort: Sort, *, reverse: bool) -> Pane:
    """Sort anew; the cursor stays on its entry."""
    arranged = listed.arrange(pane.entries, sort, reverse=reverse)
    return _shown(attrs.evolve(pane, sort=sort, reverse=reverse, arranged=arranged), pane)


def filtered(pane: Pane, text: str) -> Pane:
    """Show only what matches *text*; the cursor stays on its entry if that is still shown."""
    if text == pane.filter:
        return pane
    return _shown(attrs.evolve(pane, filter=text), pane)


def with_hidden(pane: Pane, *, hidden: bool) -> Pane:
    """Show names that begin with a dot, or hide them."""
    return _shown(attrs.evolve(pane, hidden=hidden), pane)


def awaits(pane: Pane, place: Place) -> bool:
    """Tell whether a list of *place* is wanted here: it is shown, or being read."""
    state = pane.state
    if isinstance(state, Reading) and state.place is None and isinstance(place, Past):
        return True
    return place == (state.place if isinstance(state, Reading) else pane.place)


def with_entries(
    pane: Pane, place: Place, entries: Sequence[Entry], *, cached: bool, focus: bytes | None = None
) -> Pane:
    """Show what *place* holds, if it is awaited here.

    Where it is shown already, the cursor and the marks stay on their entries, and the cursor on
    its row of the screen.
    """
    if not awaits(pane, place):
        return pane
    old = pane
    state: State = Cached() if cached else Fresh()
    pane = attrs.evolve(_at(pane, place), state=state)
    if old.place != place or entries != old.entries:
        arranged = listed.arrange(entries, pane.sort, reverse=pane.reverse)
        pane = attrs.evolve(pane, entries=entries, arranged=arranged, folded=())
        pane = _shown(pane, old if old.place == place else None)
        pane = with_marks(pane, pane.marks) if pane.marks else pane
    pane = pane if focus is None else focused(pane, focus)
    return pane if pane.wanted is None else focused(pane, pane.wanted)


def focused(pane: Pane, name: bytes) -> Pane:
    """Put the cursor onto what is called *name*, if that is shown."""
    row = listed.place(pane.order, listed.place(listed.names(pane.entries), name))
    return pane if row is None else attrs.evolve(pane, cursor=row, wanted=None)


def with_marks(pane: Pane, marks: set[bytes] | frozenset[bytes]) -> Pane:
    """Set the marks, of what is still there, and count their bytes."""
    keys = listed.keys(pane.entries)
    size = sum(max(0, pane.entries[at].size) for at, key in enumerate(keys) if key in marks)
    return attrs.evolve(pane, marks=frozenset(marks.intersection(keys)), marked_size=size)


def _at(pane: Pane, place: Place) -> Pane:
    """Go to *place*, with the history that this makes."""
    if place == pane.place:
        return pane
    step = pane.state.step if isinstance(pane.state, Reading) else Step.GO
    back, forth = pane.back, pane.forth
    if step is Step.BACK:
        back, forth = back[:-1], (*forth, pane.visit)
    elif step is Step.FORTH:
        back, forth = (*back, pane.visit), forth[:-1]
    else:
        back, forth = (*back, pane.visit)[-LONGEST_HISTORY:], ()
    pane = attrs.evolve(unmarked(pane), place=place, back=back, forth=forth)
    return attrs.evolve(pane, cursor=0, top=0, filter="", wanted=None)


def _shown(pane: Pane, before: Pane | None) -> Pane:
    """Work out what is shown; keep the cursor on the entry that it stood on in *before*."""
    order = pane.arranged
    if not pane.hidden:
        order = listed.without(order, listed.dotted(pane.entries))
    if pane.filter:
        names = pane.folded or listing.folded(listed.names(pane.entries))
        pane = attrs.evolve(pane, folded=names)
        fitting = listing.fitting(names, pane.filter, anywhere=True)
        order = [at for at in order if at in fitting]
    pane = attrs.evolve(pane, order=order)
    if before is None or before.entry is None:
        return moved_to(pane, 0 if before is None else pane.cursor)
    at: int | None = before.order[before.cursor]
    if pane.entries is not before.entries:
        at = listed.place(listed.keys(pane.entries), before.entry.key)
    cursor = listed.place(order, at)
    pane = moved_to(pane, before.cursor if cursor is None else cursor)
    return attrs.evolve(pane, top=max(0, pane.cursor - (before.cursor - before.top)))
