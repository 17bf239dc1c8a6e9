"""Which function does each action of ``ui.keys``."""

from collections.abc import Mapping
from typing import Final

from anoncloud.errors import UsageError
from anoncloud.ui import effects
from anoncloud.ui import pane as panes
from anoncloud.ui.acts import files, going, moving, program, transferring
from anoncloud.ui.acts.moving import Act, on_pane
from anoncloud.ui.alarm_effects import AskFolder, AskWord, Export
from anoncloud.ui.effects import Effect
from anoncloud.ui.entering_effects import AskRecovery, ShowDoor
from anoncloud.ui.events import Severity
from anoncloud.ui.model import Done, Explorer


def _just(effect: Effect) -> Act:
    return lambda explorer, _: (explorer, (effect,))


def _refresh(explorer: Explorer, _: str | None) -> Done:
    return explorer, (effects.Refresh(explorer.active),)


def _sizes(explorer: Explorer, _: str | None) -> Done:
    return explorer, (effects.MeasureThem(explorer.pane.place),)


def _export(explorer: Explorer, folder: str | None) -> Done:
    return explorer, (Export(folder) if folder else AskFolder(),)


ACTS: Final[Mapping[str, Act]] = {
    "down": on_pane(lambda pane: panes.moved(pane, 1)),
    "up": on_pane(lambda pane: panes.moved(pane, -1)),
    "page-down": moving.paged(1),
    "page-up": moving.paged(-1),
    "first": on_pane(lambda pane: panes.moved_to(pane, 0)),
    "last": on_pane(lambda pane: panes.moved_to(pane, len(pane.order) - 1)),
    "open": going.open_entry,
    "parent": going.parent,
    "switch": moving.switch,
    "back": going.back,
    "forth": going.forth,
    "cd": going.cd,
    "drive": going.drive,
    "local": going.local,
    "trash-can": going.trash_can,
    "as-of": going.as_of,
    "bookmarks": going.bookmarks,
    "bookmark": going.bookmark,
    "unbookmark": going.unbookmark,
    "same": going.same,
    "mark": on_pane(panes.toggled),
    "mark-all": on_pane(lambda pane: panes.marked(pane, lambda _, __: True)),
    "mark-none": on_pane(panes.unmarked),
    "mark-like": moving.mark_like(mark=True),
    "unmark-like": moving.mark_like(mark=False),
    "invert": on_pane(lambda pane: panes.marked(pane, lambda is_marked, _: not is_marked)),
    "mark-kind": moving.mark_kind,
    "compare": moving.compare,
    "view": files.on_entry(effects.View),
    "edit": files.edit,
    "copy": files.copy,
    "move": files.move,
    "rename-many": files.rename_many,
    "mkdir": files.mkdir,
    "trash": files.trash,
    "restore": files.restore,
    "undo": _just(effects.Undo()),
    "redo": _just(effects.Redo()),
    "transfers": transferring.show,
    "limit": files.limit,
    "filter": moving.filter_by,
    "find": files.find,
    "details": files.on_entry(effects.DetailsOf),
    "history": files.history,
    "sizes": _sizes,
    "sort": moving.sort,
    "reverse": on_pane(moving.reverse),
    "hidden": on_pane(moving.hidden),
    "refresh": _refresh,
    "wider": moving.wider(1),
    "narrower": moving.wider(-1),
    "panes": moving.arrange,
    "swap": moving.swap,
    "repaint": _just(effects.Repaint()),
    "help": program.show_help,
    "menu": program.menu,
    "command": program.command,
    "account": _just(ShowDoor()),
    "recovery": _just(AskRecovery()),
    "export": _export,
    "accept": _just(AskWord()),
    "clear": moving.clear,
    "shell": _just(effects.ShowShell()),
    "suspend": _just(effects.Suspend()),
    "quit": transferring.leave,
    "command-typed": program.typed,
}
"""All actions, and ``command-typed``, which remembers a line and has no key."""


def perform(explorer: Explorer, name: str, argument: str | None = None) -> Done:
    """Do an action; what makes no sense is told."""
    try:
        return ACTS[name](explorer, argument)
    except UsageError as error:
        return explorer.told(error.message, error.hint, Severity.ERROR), ()
