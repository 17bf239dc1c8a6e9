"""Actions of the program itself: help, menu, command line, end."""

import difflib
import shlex
from typing import Final

from anoncloud.errors import UsageError
from anoncloud.ui import keymap, places
from anoncloud.ui.cells import Row, Span, Style, left, width
from anoncloud.ui.dialogs.command import Command
from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.dialogs.message import Message
from anoncloud.ui.effects import Effects, Perform, RunCommand
from anoncloud.ui.keymap import Keymap
from anoncloud.ui.keys import (
    ACTIONS,
    BY_NAME,
    FILES,
    GROUPS,
    LAYERS,
    LOOKING,
    MARKING,
    MOVING,
    PLACES,
    PROGRAM,
    SCREEN,
)
from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import CompletePath
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.places import Place

_KEYS_CELLS: Final = 20
"""Cells of the help that keys take."""
_MENU: Final = (FILES, LOOKING, MARKING, PLACES, SCREEN, PROGRAM, MOVING)
"""The groups as the menu has them: whoever opens it knows already how to move about."""
_TAKE_PATHS: Final = ("PATH", "FOLDER")
_NEED_LETTER: Final = ("bookmarks", "unbookmark")
_MOUSE: Final = (
    ("click", "put the cursor there; a key of the bar or a column's name does what it says"),
    ("double click", "open"),
    ("wheel", "scroll the pane under the pointer"),
    ("drag", "move the border between the panes"),
)


def help_rows(keys: Keymap) -> tuple[Row, ...]:
    """Write all actions with their keys, by group."""
    made: list[Row] = []
    for group in GROUPS:
        made.append((Span(group, Style.STRONG),))
        for action in ACTIONS:
            if action.group == group:
                held = " ".join(keymap.show(key) for key in keys.keys[action.name])
                made.append(_help_row(held or f":{action.name}", action.says))
        made.append(())
    for layer in LAYERS:
        made.append((Span(layer.title, Style.STRONG),))
        for action in layer.actions:
            held = " ".join(keymap.show(key) for key in keys.layer_keys(layer, action))
            made.append(_help_row(held or "no key", action.says))
        made.append(())
    made.append((Span("The mouse", Style.STRONG),))
    made += [_help_row(what, says) for what, says in _MOUSE]
    made += [(), (Span("What the panes do are commands too: type : and the name.", Style.DIM),)]
    return tuple(made)


def _help_row(held: str, says: str) -> Row:
    cells = max(_KEYS_CELLS, width(held) + 1)
    return (Span("  " + left(held, cells), Style.KEY), Span(says))


def show_help(explorer: Explorer, _: str | None) -> Done:
    """Show all keys."""
    return explorer.over(Message("Help", help_rows(explorer.keymap), whole=True)), ()


def menu(explorer: Explorer, _: str | None) -> Done:
    """Choose from all that can be done."""
    items = tuple(
        Item(
            f"{action.says} ({action.name})",
            explorer.keymap.shown(action.name),
            (Perform(action.name),),
        )
        for group in _MENU
        for action in ACTIONS
        if action.group == group and action.name != "menu"
    )
    return explorer.over(Menu.of("What can be done", items, typing=True)), ()


def command(explorer: Explorer, _: str | None) -> Done:
    """Type a command by its name."""
    line = Line.of("", explorer.histories.get("command", ()))

    def complete(text: str) -> list[str]:
        return completions(explorer, text)

    def ask(text: str) -> Effects:
        return _elsewhere(explorer, text)

    return explorer.over(Command(line, read_command, complete, ask)), ()


def read_command(text: str) -> Effects:
    """Read a command: the name of an action and what stands behind it, or ``!`` and a program's.

    :raises UsageError: there is no such action.
    """
    text = text.strip()
    if text.startswith("!"):
        try:
            words = tuple(shlex.split(text[1:]))
        except ValueError as error:
            message = f"the command can't be read: {error}"
            raise UsageError(message, "close all quotes") from error
        return (RunCommand(words),) if words else ()
    name, _, argument = text.partition(" ")
    if not name:
        return ()
    if name not in BY_NAME:
        near = difflib.get_close_matches(name, BY_NAME, 1)
        message = f"there is no command {name!r}"
        raise UsageError(message, f"did you mean {near[0]}?" if near else "Tab shows them all")
    if argument.strip() and not BY_NAME[name].takes:
        message = f"nothing may stand behind {name}"
        raise UsageError(message, f"type {name} alone")
    return (Perform("command-typed", text), Perform(name, argument.strip() or None))


def typed(explorer: Explorer, argument: str | None) -> Done:
    """Remember a command that was typed."""
    return explorer.typed("command", argument or ""), ()


def completions(explorer: Explorer, text: str) -> list[str]:
    """Give what a command could become: names of actions, and what may stand behind them."""
    name, space, argument = text.partition(" ")
    if not space:
        return [
            one.name + (" " if one.takes else "") for one in ACTIONS if one.name.startswith(name)
        ]
    takes = BY_NAME[name].takes if name in BY_NAME else ""
    words: list[str] = []
    if "|" in takes:
        words = takes.split("|")
    elif takes in _TAKE_PATHS:
        words = _paths(explorer, argument)
    elif name in _NEED_LETTER:
        words = [letter for letter, _ in explorer.bookmarks.named]
    return [f"{name} {word}" for word in words if word.startswith(argument)]


def _around(explorer: Explorer, argument: str) -> Place | None:
    """Tell which folder a path leads into that is being typed; none if it can be none."""
    before, slash, _ = argument.rpartition("/")
    here = explorer.pane.place
    try:
        return places.parse(before + slash, here, explorer.home) if slash else here
    except UsageError:
        return None


def _elsewhere(explorer: Explorer, text: str) -> Effects:
    """Ask the shell for what a path could become that leads into a folder that no pane shows."""
    name, space, argument = text.partition(" ")
    takes = BY_NAME[name].takes if name in BY_NAME else ""
    around = _around(explorer, argument)
    shown = [pane.place for pane in explorer.panes]
    if not space or takes not in _TAKE_PATHS or around is None or around in shown:
        return ()
    before, slash, _ = argument.rpartition("/")
    return (CompletePath(text, f"{name} {before}{slash}", around),)


def _paths(explorer: Explorer, argument: str) -> list[str]:
    """Give what a path could become, as far as one of the panes shows it."""
    before, slash, _ = argument.rpartition("/")
    around = _around(explorer, argument)
    shown = [pane for pane in explorer.panes if pane.place == around][:1]
    names = [one.name for pane in shown for one in pane.entries if one.is_folder]
    made = [before + slash + places.decode(name) + "/" for name in sorted(names)]
    if not slash:
        made += [places.spell(pane.place).rstrip("/") + "/" for pane in explorer.panes]
    return made
