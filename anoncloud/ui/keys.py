"""The one table of what the explorer can do: names, keys, hints and help all come from it.

A key is named by what is on it: a character by itself (``a``, ``G``, ``/``), ``space``, ``enter``,
``tab``, ``shift-tab``, ``esc``, ``backspace``, ``delete``, ``insert``, ``home``, ``end``,
``pageup``, ``pagedown``, ``up``, ``down``, ``left``, ``right``, ``f1`` to ``f12``, and with
``ctrl-`` or ``alt-`` before it. Pasted text comes as ``paste:TEXT``, the mouse as
``mouse:KIND:ROW:COLUMN``.
"""

from typing import Final

import attrs

MOVING: Final = "Moving about"
PLACES: Final = "Places"
MARKING: Final = "Marking"
FILES: Final = "Files"
LOOKING: Final = "Looking"
SCREEN: Final = "The screen"
PROGRAM: Final = "The program"
GROUPS: Final = (MOVING, PLACES, MARKING, FILES, LOOKING, SCREEN, PROGRAM)


@attrs.frozen
class Action:
    """Something that can be done.

    :ivar name: what it is called on the command line and in the file of keys.
    :ivar keys: what does it unless the user's file says otherwise; the first is shown in hints.
    :ivar hint: a word or two for the bar.
    :ivar says: a sentence for the help, without a full stop.
    :ivar takes: what may stand behind the name on the command line; "" if nothing may.
    """

    name: str
    keys: tuple[str, ...]
    hint: str
    says: str
    group: str
    takes: str = ""


def _rows(
    group: str, *rows: tuple[str, str, str, str] | tuple[str, str, str, str, str]
) -> list[Action]:
    return [Action(row[0], tuple(row[1].split()), row[2], row[3], group, *row[4:]) for row in rows]


ACTIONS: Final = (
    *_rows(
        MOVING,
        ("down", "down j", "Down", "go to the next entry"),
        ("up", "up k", "Up", "go to the entry before"),
        ("page-down", "pagedown ctrl-f", "Page down", "go down by what fits on the screen"),
        ("page-up", "pageup ctrl-b", "Page up", "go up by what fits on the screen"),
        ("first", "home g", "First", "go to the first entry"),
        ("last", "end G", "Last", "go to the last entry"),
        ("open", "enter l right", "Open", "open the folder, or look at the file"),
        ("parent", "backspace h left", "Up", "go to the folder around this one"),
        ("switch", "tab shift-tab", "Other pane", "go to the other pane"),
    ),
    *_rows(
        PLACES,
        ("back", "[ alt-left alt-y", "Back", "go to where this pane was before"),
        ("forth", "] alt-right alt-u", "Forth", "take back a step back"),
        ("cd", "ctrl-g", "Go to", "go to a path, of the drive or of the local disk", "PATH"),
        ("drive", "D", "Drive", "show the drive in this pane"),
        ("local", "L", "Local", "show the local disk in this pane"),
        ("trash-can", "T", "Trash", "show what lies in the drive's trash"),
        ("as-of", "@", "As of", "show the drive as it was at a moment, to read", "TIME"),
        ("bookmarks", "b", "Bookmarks", "go to a bookmark, or where you were lately", "LETTER"),
        ("bookmark", "B", "Bookmark", "remember this place under a letter", "LETTER"),
        ("unbookmark", "", "Forget", "forget a bookmark", "LETTER"),
        ("same", "=", "Same place", "show this place in the other pane too"),
    ),
    *_rows(
        MARKING,
        ("mark", "space insert", "Mark", "mark the entry, or take its mark away"),
        ("mark-all", "ctrl-a", "Mark all", "mark all that is shown"),
        ("mark-none", "ctrl-n", "Unmark", "take away all marks"),
        ("mark-like", "+", "Mark like", "mark what matches a pattern", "PATTERN"),
        ("unmark-like", "-", "Unmark like", "take marks from what matches a pattern", "PATTERN"),
        ("invert", "*", "Invert", "mark what is not marked, and the other way round"),
    ),
    *_rows(
        FILES,
        ("view", "f3 v", "View", "look at the file"),
        ("edit", "f4 e", "Edit", "change the file in $EDITOR"),
        ("copy", "f5 c", "Copy", "copy to the other pane: an upload, or a download", "PATH"),
        ("move", "f6 r", "Move", "rename, or move elsewhere", "PATH"),
        ("mkdir", "f7 n", "Folder", "make a folder", "NAME"),
        ("trash", "f8 d delete", "Trash", "put into the trash; from the local disk, remove"),
        ("restore", "R", "Restore", "bring back what lies in the trash"),
        ("undo", "u", "Undo", "take back what was done last in the drive"),
        ("redo", "U", "Redo", "do again what was taken back"),
        ("transfers", "t", "Transfers", "show what goes up and down"),
        ("limit", "", "Limit", "move no more than so many bytes a second", "RATE"),
    ),
    *_rows(
        LOOKING,
        ("filter", "/", "Filter", "show only what has these letters, or matches", "TEXT"),
        ("find", "f", "Find", "find by name in the whole drive", "PATTERN"),
        ("details", "i", "Details", "show all that is known of the entry"),
        ("history", "H", "History", "show the file's earlier versions"),
        ("sizes", "w", "Sizes", "show how much lies in each folder"),
        ("sort", "s", "Sort", "choose what entries are sorted by", "name|size|time|kind"),
        ("reverse", "S", "Reverse", "turn the order round"),
        ("hidden", ".", "Hidden", "show names that begin with a dot, or hide them"),
        ("refresh", "ctrl-r", "Refresh", "ask the server, or the disk, again"),
    ),
    *_rows(
        SCREEN,
        ("wider", ">", "Wider", "give this pane more room"),
        ("narrower", "<", "Narrower", "give this pane less room"),
        ("panes", "|", "Panes", "one pane alone, one above the other, side by side"),
        ("swap", "ctrl-x", "Swap", "let the panes change their sides"),
        ("repaint", "ctrl-l", "Repaint", "paint the screen again"),
    ),
    *_rows(
        PROGRAM,
        ("help", "f1 ?", "Help", "show all keys"),
        ("menu", "f9 m", "Menu", "choose from all that can be done"),
        ("command", ":", "Command", "type a command by its name"),
        ("account", "", "Account", "make an account, or log in"),
        ("clear", "esc", "Clear", "end the filter, then take away all marks"),
        ("suspend", "ctrl-z", "Suspend", "go back to the shell for a while; fg comes back"),
        ("quit", "f10 q", "Quit", "end; transfers may carry on at the next start"),
    ),
)  # fmt: skip
"""Everything that can be done with the panes, in the order of the help."""

BY_NAME: Final = {action.name: action for action in ACTIONS}
NEEDED: Final = ("help", "menu", "quit")
"""Actions that always have a key, so that nobody is lost."""
