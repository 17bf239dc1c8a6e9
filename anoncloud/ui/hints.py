"""What the bar at the bottom says that keys do, here and now."""

from typing import Final

from anoncloud.ui.cells import width
from anoncloud.ui.keys import BY_NAME
from anoncloud.ui.layers import Hints, keys_of
from anoncloud.ui.model import Explorer
from anoncloud.ui.places import Local, Past, Place, Trash, is_remote

_FILES: Final = (
    "help",
    "view",
    "edit",
    "copy",
    "move",
    "mkdir",
    "trash",
    "menu",
    "quit",
    "switch",
    "mark",
    "filter",
    "find",
    "undo",
    "transfers",
    "bookmarks",
    "details",
    "history",
    "sort",
    "command",
)
_PAST: Final = ("help", "view", "copy", "menu", "quit", "switch", "drive", "filter", "details")
_TRASH: Final = ("help", "restore", "trash", "menu", "quit", "switch", "mark", "undo", "drive")
_MARKED: Final = ("help", "copy", "move", "trash", "menu", "quit", "clear", "invert", "switch")
_FIRST: Final = (
    "help",
    "menu",
    "quit",
    "copy",
    "restore",
    "trash",
    "view",
    "move",
    "mkdir",
    "edit",
)
"""What is in the bar before all else where there is little room."""
_APART: Final = 1


def label(action: str, place: Place, other: Place) -> str:
    """Tell in a word what *action* does at *place*, with *other* in the other pane."""
    if action == "copy" and is_remote(place) != is_remote(other):
        return "Upload" if isinstance(place, Local) else "Download"
    if action == "trash" and not (is_remote(place) and not isinstance(place, Trash)):
        return "Delete"
    return BY_NAME[action].hint


def names(explorer: Explorer) -> tuple[str, ...]:
    """Tell which actions matter where the cursor is, in the order of the bar."""
    place = explorer.pane.place
    if isinstance(place, Trash):
        return _TRASH
    if isinstance(place, Past):
        return _PAST
    return _MARKED if explorer.pane.marks else _FILES


def actions(explorer: Explorer) -> list[tuple[str, str, str]]:
    """Give what fits into the bar: actions, their keys, and what they do."""
    wanted = names(explorer)
    place, other = explorer.pane.place, explorer.other.place
    made = {name: (explorer.keymap.shown(name), label(name, place, other)) for name in wanted}
    room, kept = explorer.columns, set()
    for name in sorted(wanted, key=lambda name: _FIRST.index(name) if name in _FIRST else 99):
        room -= cells(made[name])
        if room < 0:
            break
        kept.add(name)
    return [(name, *made[name]) for name in wanted if name in kept]


def hints(explorer: Explorer) -> Hints:
    """Give the bar's pairs of a key and what it does."""
    if explorer.layers:
        top = explorer.layers[-1]
        group, keys = keys_of(top), explorer.keymap
        return tuple((keys.hinted(group, held), says) for held, says in top.hints())
    return tuple((key, says) for _, key, says in actions(explorer))


def cells(hint: tuple[str, str]) -> int:
    """Count the cells that a hint takes in the bar, the blank behind it included."""
    return width(hint[0]) + width(hint[1]) + 1 + _APART


def action_at(explorer: Explorer, column: int) -> str | None:
    """Tell which action of the bar stands at *column*."""
    begin = 0
    for name, key, says in actions(explorer):
        end = begin + cells((key, says))
        if begin <= column < end - _APART:
            return name
        begin = end
    return None
