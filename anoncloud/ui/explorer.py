"""The explorer's three functions: a key or an event makes a new state, and a state a picture.

Pure: what is to be done beside that is given back as effects (``ui.effects``), and what came of it
is told by events (``ui.events``).
"""

from functools import partial
from typing import Final

import attrs

from anoncloud.ui import amounts, effects, events, keymap, layout, learning
from anoncloud.ui import pane as panes
from anoncloud.ui.acts.going import go
from anoncloud.ui.acts.table import perform
from anoncloud.ui.covering import Picture, picture, spot
from anoncloud.ui.dialogs.clash import Clash
from anoncloud.ui.effects import Effect, Effects, Perform, Side
from anoncloud.ui.events import Event
from anoncloud.ui.layers import Layer, keys_of, mouse, mouse_in
from anoncloud.ui.looking_effects import GoThere
from anoncloud.ui.model import Arrangement, Done, Explorer
from anoncloud.ui.pointing import point
from anoncloud.ui.viewing.transfers import Transfers

__all__ = ["Explorer", "Picture", "learn", "picture", "press"]

_ALWAYS: Final = frozenset({"quit", "suspend", "repaint"})
"""What can be done where the screen is too small to see anything."""


_OVER_ALL: Final = frozenset({"suspend", "repaint"})
"""What keys that are no letters do whatever lies over the panes."""


def press(explorer: Explorer, key: str) -> Done:
    """Take a key (``ui.keys``)."""
    explorer = attrs.evolve(explorer, notice=None)
    if explorer.is_too_small:
        action = explorer.keymap.action(key)
        done: Effects = ()
        if action is not None and action in _ALWAYS:
            explorer, done = perform(explorer, action)
    elif explorer.layers:
        explorer, done = _to_layer(explorer, "esc" if key == "ctrl-c" else key)
    else:
        explorer, done = _to_panes(explorer, key)
    return _settled(explorer, done)


def _to_panes(explorer: Explorer, key: str) -> Done:
    seen = mouse(key)
    if seen is not None:
        return point(explorer, seen)
    shown = explorer.keymap.shown
    if key.startswith("paste:"):
        hint = f"{shown('filter')} filters, {shown('command')} takes a command"
        return explorer.told("there is nothing here to paste into", hint), ()
    if key == "ctrl-c":
        return explorer.told(f"{shown('quit')} ends the program"), ()
    action = explorer.keymap.action(key)
    if action is None:
        said = f"{keymap.show(key)} does nothing here"
        return explorer.told(said, f"{shown('help')} shows all keys"), ()
    return perform(explorer, action)


def _to_layer(explorer: Explorer, key: str) -> Done:
    *below, top = explorer.layers
    seen = mouse(key)
    if seen is not None:
        lies = spot(explorer, top)
        key = mouse_in(seen, (lies.row, lies.column), lies.columns, lies.rows)
    elif len(key) > 1 and explorer.keymap.action(key) in _OVER_ALL:
        return perform(explorer, explorer.keymap.actions[key])
    else:
        key = explorer.keymap.in_layer(keys_of(top), key)
    answer = top.press(key)
    layers = tuple(below) if answer.layer is None else (*below, answer.layer)
    return attrs.evolve(explorer, layers=layers), answer.effects


def learn(explorer: Explorer, event: Event) -> Done:
    """Take an event."""
    return _settled(*learning.learn(explorer, event))


def _settled(explorer: Explorer, done: Effects) -> Done:
    """Do what the explorer does itself, and bring everything that is shown into sight."""
    outside: list[Effect] = []
    waiting = list(done)
    while waiting:
        effect = waiting.pop(0)
        if isinstance(effect, Perform):
            explorer, more = perform(explorer, effect.action, effect.argument)
            waiting = [*more, *waiting]
        elif isinstance(effect, GoThere):
            bare = attrs.evolve(explorer, layers=())
            explorer, more = go(bare, effect.place, focus=effect.focus)
            waiting = [*more, *waiting]
        else:
            explorer = _awaiting(explorer, effect)
            outside.append(effect)
    if explorer.conflicts and _may_ask(explorer):
        first, *rest = explorer.conflicts
        explorer = attrs.evolve(explorer, conflicts=tuple(rest)).over(_clash(explorer, first))
    for side in Side:
        rows = layout.height(explorer, side)
        pane = panes.settle(explorer.panes[side], rows, _leap(explorer, rows))
        if pane is not explorer.panes[side]:
            explorer = explorer.with_pane(pane, side)
    return explorer, tuple(outside)


def _leap(explorer: Explorer, rows: int) -> int:
    """Tell by how many rows a pane goes on at least when its cursor leaves it.

    Where the terminal can't scroll one pane beside the other, each such step paints all of it: half
    a page at once, as in Midnight Commander, makes that rare.
    """
    beside = layout.arrangement(explorer) is Arrangement.BESIDE
    return rows // 2 if beside and not explorer.scrolls else 1


def _may_ask(explorer: Explorer) -> bool:
    """Tell whether a question may show: over the panes, or over the list of transfers."""
    return all(isinstance(layer, Transfers) for layer in explorer.layers)


def _clash(explorer: Explorer, conflict: events.Conflict) -> Layer:
    return Clash(conflict, partial(amounts.time, zone=explorer.zone))


def _awaiting(explorer: Explorer, effect: Effect) -> Explorer:
    """Let the cursor go to what gets a new name here, as soon as it has it."""
    if isinstance(effect, effects.Rename):
        place, name = effect.place, effect.new
    elif isinstance(effect, effects.MakeFolder):
        place, name = effect.place, effect.name.split(b"/")[0]
    else:
        return explorer
    if place != explorer.pane.place:
        return explorer
    return explorer.with_pane(attrs.evolve(explorer.pane, wanted=name))
