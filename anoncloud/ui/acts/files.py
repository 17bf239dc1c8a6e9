"""Actions on what is marked, or on what the cursor stands on."""

from collections.abc import Callable
from typing import Final

from anoncloud.client.amounts import parse_size
from anoncloud.client.tree.names import check_name
from anoncloud.errors import UsageError
from anoncloud.ui import effects, listed, places, shown
from anoncloud.ui import transfer_effects as transfers
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.confirm import Confirm
from anoncloud.ui.effects import Effect, Effects, Perform
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.lineedit import Line
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local, Past, Place, Remote, Trash

_LISTED: Final = 5
"""Names that a question about several shows."""
_NO_LIMIT: Final = ("", "off", "none", "0")


def things(entries: tuple[Entry, ...]) -> str:
    """Write what an action is about: a name, or how many there are."""
    return shown.name(entries[0].name) if len(entries) == 1 else f"{len(entries)} entries"


def _listed(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    names = [shown.name(entry.name) + ("/" if entry.is_folder else "") for entry in entries]
    more = len(names) - _LISTED
    return (*names[:_LISTED], f"and {more} more") if more > 0 else tuple(names)


def copy(explorer: Explorer, argument: str | None) -> Done:
    """Copy into the other pane, or where a path leads: up, down, or on one side."""
    if isinstance(explorer.pane.place, Trash):
        key = explorer.keymap.shown("restore")
        return explorer.told("what lies in the trash can't be copied", f"{key} restores it"), ()
    return _take(explorer, argument, "copy", effects.CopyThere)


def move(explorer: Explorer, argument: str | None) -> Done:
    """Rename one entry, or move any into the other pane, or where a path leads."""
    place = explorer.pane.place
    if not isinstance(place, Local | Remote):
        return explorer.told(*_fixed(explorer, place)), ()
    return _take(explorer, argument, "move", effects.MoveThere)


def rename_many(explorer: Explorer, _: str | None) -> Done:
    """Change the names of what is marked, all at once."""
    pane, place = explorer.pane, explorer.pane.place
    if not isinstance(place, Local | Remote):
        return explorer.told(*_fixed(explorer, place)), ()
    names = tuple(entry.name for entry in pane.chosen)
    if not names:
        return explorer.told("there is nothing to rename"), ()
    others = frozenset(listed.names(pane.entries)) - set(names)
    return explorer, (effects.RenameMany(place, names, others),)


def _fixed(explorer: Explorer, place: Place) -> tuple[str, str]:
    """Say why nothing can be changed at *place*."""
    if isinstance(place, Trash):
        return "that can't be done in the trash", f"{explorer.keymap.shown('restore')} restores"
    return "the past can't be changed", f"{explorer.keymap.shown('drive')} shows the drive as it is"


_Making = type[effects.CopyThere] | type[effects.MoveThere]


def _take(explorer: Explorer, argument: str | None, action: str, making: _Making) -> Done:
    pane, chosen = explorer.pane, explorer.pane.chosen
    if not chosen:
        return explorer.told(f"there is nothing to {action}"), ()

    def there(text: str) -> Effects:
        effect = _effect(explorer, text, chosen, making)
        return (effect, Perform("mark-none")) if pane.marks else (effect,)

    if argument is not None:
        return explorer, there(argument)
    beside = places.spell(explorer.other.place).rstrip("/") + "/"
    if not places.is_writable(explorer.other.place):
        beside = places.spell(pane.place).rstrip("/") + "/"
    begun, others = beside, {}
    if action == "move" and len(chosen) == 1:
        begun = places.decode(chosen[0].name)
        others = {"f6": (beside, "Other pane")}
    path = "a name, or a path: drive:/path, local:/path, or from here"
    says = f"{things(chosen)}\n{path}"
    ask = Ask(f"{action.capitalize()} to", Line.of(begun), there, says, others=others)
    return explorer.over(ask), ()


def _effect(explorer: Explorer, text: str, chosen: tuple[Entry, ...], making: _Making) -> Effect:
    place, names = explorer.pane.place, tuple(entry.name for entry in chosen)
    target, name = _target(explorer, text, chosen)
    if making is effects.MoveThere and target == place and isinstance(place, Local | Remote):
        if name is None or name == names[0]:
            message = f"{things(chosen)} is there already"
            raise UsageError(message, "give another name, or another place")
        return effects.Rename(place, names[0], name)
    return making(place, names, target, None if name == names[0] else name)


def _target(
    explorer: Explorer, text: str, chosen: tuple[Entry, ...]
) -> tuple[Local | Remote, bytes | None]:
    """Read where something goes: into a folder, or, for one entry, to a name of its own."""
    pane = explorer.pane
    place = places.parse(text, pane.place, explorer.home)
    last = text.rpartition("/")[2]
    name = places.name(place)
    named = len(chosen) == 1 and last not in {"", ".", "..", "~"}
    itself = place == places.inside(pane.place, chosen[0].name)
    if named and (itself or not _is_folder(explorer, place)):
        around = places.parent(place)
        if isinstance(around, Local | Remote) and name is not None:
            return around, check_name(name)
    if not isinstance(place, Local | Remote):
        message = f"nothing can be put into {places.trail(place)}"
        raise UsageError(message, "choose a folder of the drive or of the local disk")
    return place, None


def _is_folder(explorer: Explorer, place: Place) -> bool:
    """Tell whether *place* is known to be a folder: it is shown, or what is shown holds it."""
    around, name = places.parent(place), places.name(place)
    return any(
        pane.place == place or (pane.place == around and _has_folder(pane, name))
        for pane in explorer.panes
    )


def _has_folder(pane: Pane, name: bytes | None) -> bool:
    return any(entry.name == name and entry.is_folder for entry in pane.entries)


def mkdir(explorer: Explorer, argument: str | None) -> Done:
    """Make a folder; the cursor goes to it."""
    place = explorer.pane.place
    if not isinstance(place, Local | Remote):
        return explorer.told(*_fixed(explorer, place)), ()

    def made(text: str) -> Effects:
        return (effects.MakeFolder(place, _checked(text)),)

    if argument is not None:
        return explorer, made(argument)

    ask = Ask("Make a folder", Line.of(""), made, "a name, or several with slashes between them")
    return explorer.over(ask), ()


def _checked(text: str) -> bytes:
    name = places.encode(text.strip("/"))
    for part in name.split(b"/"):
        check_name(part)
    return name


def trash(explorer: Explorer, _: str | None) -> Done:
    """Put into the trash; remove for good what lies there, or on the local disk."""
    place, chosen = explorer.pane.place, explorer.pane.chosen
    if isinstance(place, Past):
        return explorer.told(*_fixed(explorer, place)), ()
    if not chosen:
        return explorer.told("there is nothing to remove"), ()
    names = tuple(entry.name for entry in chosen)
    if isinstance(place, Remote):
        undo = f"{explorer.keymap.shown('undo')} takes that back."
        done: Effects = (effects.PutInTrash(place, names),)
        asked = Confirm("Put into the trash?", (*_listed(chosen), undo), "Trash", done)
        return explorer.over(asked), ()
    if isinstance(place, Local):
        return explorer.over(_for_good(chosen, (effects.PutInTrash(place, names),))), ()
    nodes = tuple(entry.node for entry in chosen if entry.node is not None)
    says = (*_listed(chosen), "It can't be brought back.")
    purge = (effects.PurgeThem(nodes),)
    return explorer.over(Confirm("Remove for good?", says, "Remove", purge, grave=True)), ()


def _for_good(chosen: tuple[Entry, ...], done: Effects) -> Confirm:
    """Ask twice: the local disk has no trash here."""
    really = (f"Once it is removed, {things(chosen)} can't be brought back.",)
    second = Confirm("Really remove for good?", really, "Remove", done, grave=True)
    title = "Remove from the local disk, which has no trash?"
    return Confirm(title, _listed(chosen), "Remove", grave=True, next=second)


def restore(explorer: Explorer, _: str | None) -> Done:
    """Bring back what lies in the trash."""
    if not isinstance(explorer.pane.place, Trash):
        key = explorer.keymap.shown("trash-can")
        return explorer.told("only what lies in the trash is restored", f"{key} shows it"), ()
    nodes = tuple(entry.node for entry in explorer.pane.chosen if entry.node is not None)
    return explorer, (effects.RestoreThem(nodes),) if nodes else ()


def on_entry(make: Callable[[Place, Entry], Effect]) -> Callable[[Explorer, str | None], Done]:
    """Make an action that asks for something about the entry under the cursor."""

    def act(explorer: Explorer, _: str | None) -> Done:
        entry = explorer.pane.entry
        if entry is None:
            return explorer.told("there is nothing here"), ()
        return explorer, (make(explorer.pane.place, entry),)

    return act


def edit(explorer: Explorer, _: str | None) -> Done:
    """Open a file in the editor."""
    place, entry = explorer.pane.place, explorer.pane.entry
    if not isinstance(place, Local | Remote):
        return explorer.told(*_fixed(explorer, place)), ()
    if entry is None or entry.kind not in {Kind.FILE, Kind.LINK}:
        return explorer.told("only a file can be edited", "put the cursor onto one"), ()
    return explorer, (effects.Edit(place, entry),)


def history(explorer: Explorer, _: str | None) -> Done:
    """Show the versions of a file of the drive."""
    place, entry = explorer.pane.place, explorer.pane.entry
    if not isinstance(place, Remote | Past) or entry is None or entry.kind is not Kind.FILE:
        return explorer.told("only a file of the drive has earlier versions"), ()
    return explorer, (effects.HistoryOf((*place.path, entry.name)),)


def find(explorer: Explorer, argument: str | None) -> Done:
    """Find by name in the whole drive."""
    if argument:
        return explorer.typed("find", argument), (effects.FindAll(argument),)
    line = Line.of("", explorer.histories.get("find", ()))
    says = "a part of the name, or a pattern: * for any letters, ? for one"
    return explorer.over(Ask("Find", line, _wanted, says)), ()


def _wanted(text: str) -> Effects:
    if not text:
        message = "there is nothing to look for"
        raise UsageError(message, "type a part of a name")
    return (Perform("find", text),)


def limit(explorer: Explorer, argument: str | None) -> Done:
    """Hold transfers to a rate, or let them go as fast as they can."""
    if argument is not None:
        return explorer, _limited(argument)
    says = "bytes a second, such as 500K or 2M; empty for none"
    return explorer.over(Ask("Limit transfers to", Line.of(""), _limited, says)), ()


def _limited(text: str) -> Effects:
    if text.strip().lower() in _NO_LIMIT:
        return (transfers.SetLimit(None),)
    return (transfers.SetLimit(parse_size(text.strip().removesuffix("/s"))),)
