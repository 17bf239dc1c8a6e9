"""Actions that lead a pane somewhere else."""

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui import places, shown, waiting
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.effects import Effects, Perform, ReadPast, ReadPlace, Remember, Side, View
from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import PickMoment
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.pane import Step
from anoncloud.ui.places import Local, Past, Place, Remote, Trash

_MOST_RECENT = 9
"""Places visited lately that have a key in the menu of bookmarks."""


def go(
    explorer: Explorer,
    place: Place,
    *,
    side: Side | None = None,
    step: Step = Step.GO,
    focus: bytes | None = None,
) -> Done:
    """Let a pane read *place*; it goes there when that has been read."""
    at = explorer.active if side is None else side
    pane = waiting.going(explorer.panes[at], place, step)
    focus = waiting.remembered(pane, place) if focus is None else focus
    return explorer.with_pane(pane, at), (ReadPlace(at, place, focus),)


def open_entry(explorer: Explorer, _: str | None) -> Done:
    """Open the folder under the cursor, or look at the file."""
    entry, place = explorer.pane.entry, explorer.pane.place
    if entry is None:
        return explorer, ()
    if isinstance(place, Trash):
        key = explorer.keymap.shown("restore")
        return explorer.told("what lies in the trash can't be opened", f"{key} restores it"), ()
    if entry.is_folder:
        return go(explorer, places.inside(place, entry.name))
    return explorer, (View(place, entry),)


def parent(explorer: Explorer, _: str | None) -> Done:
    """Go to the folder around this one; the cursor stands on the one that was left."""
    place = explorer.pane.place
    around = places.parent(place)
    return (explorer, ()) if around is None else go(explorer, around, focus=places.name(place))


def back(explorer: Explorer, _: str | None) -> Done:
    """Go to where the pane was before."""
    if not explorer.pane.back:
        return explorer.told("this pane was nowhere else before"), ()
    visit = explorer.pane.back[-1]
    return go(explorer, visit.place, step=Step.BACK, focus=visit.focus)


def forth(explorer: Explorer, _: str | None) -> Done:
    """Take a step back back."""
    if not explorer.pane.forth:
        return explorer.told("there is no step back to take back"), ()
    visit = explorer.pane.forth[-1]
    return go(explorer, visit.place, step=Step.FORTH, focus=visit.focus)


def cd(explorer: Explorer, argument: str | None) -> Done:
    """Go to a path that is typed."""
    base, home = explorer.pane.place, explorer.home
    if argument is not None:
        return go(explorer.typed("cd", argument), places.parse(argument, base, home))

    def there(text: str) -> Effects:
        places.parse(text, base, home)
        return (Perform("cd", text),)

    line = Line.of(places.spell(base), explorer.histories.get("cd", ()))
    says = "drive:/path, local:/path, ~, or a path from here"
    return explorer.over(Ask("Go to", line, there, says)), ()


def drive(explorer: Explorer, _: str | None) -> Done:
    """Show the drive: the folder of it that was shown last, or its root if that is shown."""
    place = explorer.pane.place
    if isinstance(place, Past):
        return go(explorer, Remote(place.path))
    if isinstance(place, Remote):
        return go(explorer, Remote(()))
    visited = (visit.place for visit in reversed(explorer.pane.back))
    last = next((one for one in visited if isinstance(one, Remote)), Remote(()))
    return go(explorer, last)


def local(explorer: Explorer, _: str | None) -> Done:
    """Show the local disk: the folder that was shown last, or home if one is shown."""
    visited = (visit.place for visit in reversed(explorer.pane.back))
    last = next((one for one in visited if isinstance(one, Local)), Local(explorer.home))
    return go(explorer, Local(explorer.home) if isinstance(explorer.pane.place, Local) else last)


def trash_can(explorer: Explorer, _: str | None) -> Done:
    """Show what lies in the trash."""
    return go(explorer, Trash())


def as_of(explorer: Explorer, argument: str | None) -> Done:
    """Show the drive as it was at a moment."""
    place = explorer.pane.place
    path = place.path if isinstance(place, Remote | Past) else ()
    if argument:
        pane = waiting.going(explorer.pane, None, Step.GO)
        made = explorer.typed("as-of", argument).with_pane(pane)
        return made, (ReadPast(explorer.active, argument, path),)
    line = Line.of("", explorer.histories.get("as-of", ()))
    says = "2026-01-31T18:30 (UTC), or 3d for three days ago; nothing lists the newest changes"

    def then(text: str) -> Effects:
        return (Perform("as-of", text),) if text else (PickMoment(path),)

    ask = Ask("Show the drive as of", line, then, says)
    return explorer.over(ask), ()


def bookmarks(explorer: Explorer, argument: str | None) -> Done:
    """Go to a bookmark, or choose one, or a place that was visited lately."""
    named = explorer.bookmarks.named
    if argument:
        for letter, place in named:
            if letter == argument:
                return go(explorer, place)
        message = f"no bookmark is called {argument}"
        raise UsageError(message, f"{explorer.keymap.shown('bookmarks')} shows them all")
    items = [_item(letter, place) for letter, place in named]
    taken = {letter for letter, _ in named}
    recent = [one for one in explorer.bookmarks.recent if one != explorer.pane.place]
    for number, place in enumerate(recent, start=1):
        key = str(number)
        items.append(_item("" if key in taken or number > _MOST_RECENT else key, place))
    if not items:
        key = explorer.keymap.shown("bookmark")
        return explorer.told("there are no bookmarks yet", f"{key} makes one"), ()
    return explorer.over(Menu.of("Bookmarks, and where you were lately", tuple(items))), ()


def _item(key: str, place: Place) -> Item:
    return Item(places.trail(place), key, (Perform("cd", places.spell(place)),))


def bookmark(explorer: Explorer, argument: str | None) -> Done:
    """Remember the place that is shown under a letter."""
    place = explorer.pane.place
    if isinstance(place, Past):
        hint = "go to the drive as it is first"
        return explorer.told("a moment of the past can't be a bookmark", hint), ()
    if argument is None:
        ask = Ask(f"Remember {places.trail(place)} as", Line.of(""), _named, "one letter or digit")
        return explorer.over(ask), ()
    _named(argument)
    made = explorer.bookmarks.with_named(argument, place)
    said = f"{shown.text(argument)} leads to {places.trail(place)} from now on"
    return attrs.evolve(explorer, bookmarks=made).told(said), (Remember(made),)


def _named(letter: str) -> Effects:
    if len(letter) != 1 or not letter.isalnum():
        message = f"{letter!r} can't name a bookmark"
        raise UsageError(message, "take one letter or digit")
    return (Perform("bookmark", letter),)


def unbookmark(explorer: Explorer, argument: str | None) -> Done:
    """Forget a bookmark."""
    named = dict(explorer.bookmarks.named)
    if argument is None:
        if not named:
            return explorer.told("there are no bookmarks"), ()
        items = tuple(
            Item(places.trail(place), letter, (Perform("unbookmark", letter),))
            for letter, place in named.items()
        )
        return explorer.over(Menu.of("Forget a bookmark", items)), ()
    if argument not in named:
        message = f"no bookmark is called {argument}"
        raise UsageError(message, f"{explorer.keymap.shown('bookmarks')} shows them all")
    made = explorer.bookmarks.without(argument)
    return attrs.evolve(explorer, bookmarks=made), (Remember(made),)


def same(explorer: Explorer, _: str | None) -> Done:
    """Show this place in the other pane too."""
    entry = explorer.pane.entry
    focus = entry.name if entry else None
    return go(explorer, explorer.pane.place, side=explorer.active.other, focus=focus)
