"""The one table of what the explorer can do: names, keys, hints and help all come from it.

The panes' actions come first. What lies over the panes has actions of its own, in groups (LAYERS):
there the first key of an action is the one that layers know, and all others stand for it.

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
        ("mark-kind", "x", "Mark kind", "mark all with the extension of this one"),
        ("compare", "C", "Compare", "mark what differs between the two panes"),
    ),
    *_rows(
        FILES,
        ("view", "f3 v", "View", "look at the file"),
        ("edit", "f4 e", "Edit", "change the file in $EDITOR"),
        ("copy", "f5 c", "Copy", "copy to the other pane: an upload, or a download", "PATH"),
        ("move", "f6 r", "Move", "rename, or move elsewhere", "PATH"),
        ("rename-many", "E", "Rename many", "change the names of all that is marked"),
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
        ("recovery", "", "Recovery key", "make a key for a lost kit or passphrase"),
        ("export", "", "Export", "save all that can be read into a new folder", "FOLDER"),
        ("accept", "", "Accept", "after an alarm, go on with what the server shows"),
        ("clear", "esc", "Clear", "end the filter, then take away all marks"),
        ("shell", "ctrl-o", "Shell's screen", "show what the shell had, until the next key"),
        ("suspend", "ctrl-z", "Suspend", "go back to the shell for a while; fg comes back"),
        ("quit", "f10 q", "Quit", "end; transfers may carry on at the next start"),
    ),
)  # fmt: skip
"""Everything that can be done with the panes, in the order of the help."""

BY_NAME: Final = {action.name: action for action in ACTIONS}
NEEDED: Final = ("help", "menu", "quit")
"""Actions that always have a key, so that nobody is lost."""


@attrs.frozen
class LayerKeys:
    """The keys of one kind of layer; where it *types*, letters are text.

    :ivar name: its table in the file of keys.
    """

    name: str
    title: str
    actions: tuple[Action, ...]
    types: bool = False


def _layer(name: str, title: str, *rows: tuple[str, str, str], types: bool = False) -> LayerKeys:
    made = (Action(row[0], tuple(row[1].split()), "", row[2], title) for row in rows)
    return LayerKeys(name, title, tuple(made), types)


DIALOG, TYPING = "dialog", "typing"
QUESTION, CONFLICT = "question", "conflict"
LIST, TRANSFERS = "list", "transfers"
VIEWER, ALARM = "viewer", "alarm"
_LIST_ROWS: Final = (
    ("down", "down j", "go to the next line"),
    ("up", "up k", "go to the line before"),
    ("page-down", "pagedown ctrl-f", "go down by what fits"),
    ("page-up", "pageup b ctrl-b", "go up by what fits"),
    ("first", "home g", "go to the first line"),
    ("last", "end G", "go to the last line"),
    ("narrow", "/", "show only lines with these letters"),
    ("close", "esc q f10", "close the list"),
)

LAYERS: Final = (
    _layer(
        DIALOG, "Menus and messages",
        ("down", "down j", "go down"),
        ("up", "up k", "go up"),
        ("page-down", "pagedown", "go down by a page"),
        ("page-up", "pageup", "go up by a page"),
        ("first", "home g", "go to the beginning"),
        ("last", "end G", "go to the end"),
        ("take", "enter", "take it, or go on"),
        ("leave", "esc q h", "leave it"),
    ),
    _layer(
        TYPING, "Typing",
        ("take", "enter", "take what was typed; in a form, go on to the next field"),
        ("leave", "esc", "leave it"),
        ("complete", "tab", "complete a command; in a form, go to the next field"),
        ("complete-back", "shift-tab", "the completion before, or the field before"),
        ("earlier", "up", "what was typed before, or the field above"),
        ("later", "down", "what was typed after it, or the field below"),
        ("left", "left ctrl-b", "one character to the left"),
        ("right", "right ctrl-f", "one character to the right"),
        ("word-left", "alt-b ctrl-left", "one word to the left"),
        ("word-right", "alt-f ctrl-right", "one word to the right"),
        ("start", "home ctrl-a", "to the beginning of the line"),
        ("end", "end ctrl-e", "to its end"),
        ("erase", "backspace", "erase the character before"),
        ("erase-next", "delete ctrl-d", "erase the character here"),
        ("cut-word", "ctrl-w alt-backspace", "cut the word before"),
        ("cut-next-word", "alt-d", "erase the word behind"),
        ("cut-start", "ctrl-u", "cut all that stands before"),
        ("cut-end", "ctrl-k", "cut all that stands behind"),
        ("put-back", "ctrl-y", "put back what was cut last"),
        types=True,
    ),
    _layer(
        QUESTION, "Yes or no",
        ("yes", "y Y", "yes"),
        ("no", "n N esc q", "no"),
        ("other", "tab shift-tab left right h l", "go to the other button"),
        ("take", "enter", "press the button"),
    ),
    _layer(
        CONFLICT, "Two files of one name",
        ("overwrite", "o", "put the new one in the old one's place, as a version of it"),
        ("both", "b", "keep both"),
        ("skip", "s", "leave the old one alone"),
        ("newer", "n", "overwrite only older ones"),
        ("rename", "r", "give the new one another name"),
        ("for-all", "a space", "do the same with all that follow"),
        ("give-up", "q", "give the whole copy up"),
        ("down", "down j tab", "go to the next answer"),
        ("up", "up k shift-tab", "go to the answer before"),
        ("take", "enter", "take the answer"),
        ("leave", "esc", "leave the old one alone"),
    ),
    _layer(
        LIST, "Lists: versions, finds, sizes, moments, archives",
        *_LIST_ROWS,
        ("open", "enter", "open it, or go there"),
        ("view", "v f3", "look at it"),
        ("details", "i", "show all that is known of it"),
        ("restore", "R", "make this version the newest"),
        ("get", "c f5", "copy this version to the other pane"),
        ("into", "l right", "sizes: into the folder"),
        ("out", "backspace h left", "sizes: out of the folder"),
        ("go", "o", "sizes: show it in the pane"),
        ("bytes", "x", "archives: show the file's bytes"),
    ),
    _layer(
        TRANSFERS, "The list of transfers",
        *_LIST_ROWS,
        ("toggle", "space enter", "pause it, let it go on, or try it again"),
        ("pause-all", "p", "pause all, or let all go on"),
        ("retry", "r", "try it again"),
        ("raise", "+ K", "let it go earlier"),
        ("lower", "- J", "let it go later"),
        ("give-up", "d x delete f8", "give it up, or take it off the list"),
        ("clear", "c", "take all that are done off the list"),
        ("limit", "l", "move no more than so many bytes a second"),
        ("leave", "t", "close the list too"),
    ),
    _layer(
        VIEWER, "Looking at a file",
        ("down", "down j enter", "go down by a row"),
        ("up", "up k", "go up by a row"),
        ("page-down", "pagedown space ctrl-f", "go down by a page"),
        ("page-up", "pageup b ctrl-b", "go up by a page"),
        ("first", "g home", "go to the beginning"),
        ("last", "G end", "go to the end"),
        ("right", "right l", "show what is further right"),
        ("left", "left h", "show what is further left"),
        ("search", "/ f7", "search for text, or in hex for bytes"),
        ("next", "n", "find the next place"),
        ("previous", "N", "find the place before"),
        ("go", ": f5", "go to an offset, or so many per cent into the file"),
        ("hex", "x f4", "show bytes, or text"),
        ("wrap", "w f2", "wrap long lines, or cut them"),
        ("encoding", "e", "take the text for another encoding"),
        ("close", "esc q f3 f10 backspace", "close it"),
    ),
    _layer(
        ALARM, "Alarms",
        ("read-only", "r", "go on read-only"),
        ("export", "x", "save all that can be read into a local folder"),
        ("accept", "a", "accept what the server shows; asks first"),
        ("go-on", "enter esc", "go on, if only one thing is damaged"),
        ("quit", "q", "end the program"),
        ("down", "down j", "read on"),
        ("up", "up k", "read back"),
        ("page-down", "pagedown space", "read on by a page"),
        ("page-up", "pageup", "read back by a page"),
        ("first", "home g", "go to the beginning"),
        ("last", "end G", "go to the end"),
    ),
)  # fmt: skip
"""What lies over the panes, in the order of the help."""
LAYERS_BY_NAME: Final = {layer.name: layer for layer in LAYERS}
