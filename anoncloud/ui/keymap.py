"""Which key does what: the table of ``ui.keys``, changed by a file of the user's.

The file is TOML. Its table ``[keys]`` is the panes': the name of an action and the keys that do it;
what lies over the panes has tables of its own (``keys.LAYERS``)::

    [keys]
    copy = ["f5", "y"]
    quit = "ctrl-q"

    [viewer]
    search = ["/", "ctrl-s"]

What is named there loses its keys of the table; a key given to it is taken from any other of the
same table.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui.keys import ACTIONS, BY_NAME, LAYERS_BY_NAME, NEEDED, Action, LayerKeys

_HELD: Final = re.compile(r"(?:ctrl-|alt-|shift-)*(.+)", re.DOTALL)
_SHOWN: Final = {
    "enter": "Enter",
    "backspace": "Backspace",
    "space": "Space",
    "tab": "Tab",
    "esc": "Esc",
    "delete": "Del",
    "insert": "Ins",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
}
_NAMED: Final = frozenset(_SHOWN) | {f"f{number}" for number in range(1, 13)}
_PANES: Final = "keys"
"""The table of the panes' keys."""
_FIXED: Final = frozenset({"ctrl-c", "ctrl-i", "ctrl-m", "ctrl-h", "ctrl-["})
"""Keys that terminals can't tell from others, or that always stop what is asked."""


def show(key: str) -> str:
    """Give a key as it is written in hints and help."""
    held, _, bare = key.rpartition("-") if len(key) > 1 else ("", "", key)
    if key.endswith("-") and len(key) > 1:
        held, bare = key[:-2], "-"
    shown = _SHOWN.get(bare, bare.upper() if held or bare in _NAMED else bare)
    words = {"ctrl": "^", "alt": "Alt-", "shift": "Shift-"}
    return "".join(words[word] for word in held.split("-") if word) + shown


@attrs.frozen
class LayerMap:
    """The keys of one kind of layer, as its user wants them.

    :ivar known: what a layer knows each key as.
    :ivar shown: how keys are written now, by how they are written without the user's file.
    """

    keys: Mapping[str, tuple[str, ...]]
    known: Mapping[str, str]
    shown: Mapping[str, str]

    @classmethod
    def of(cls, layer: LayerKeys, chosen: Mapping[str, tuple[str, ...]]) -> "LayerMap":
        """Change the keys of *layer* by what was *chosen*."""
        keys = _given(layer.actions, chosen, layer.name)
        for held in chosen.values() if layer.types else ():
            for key in held:
                if len(key) == 1 or key == "space":
                    message = f"the file of keys gives {key!r} away in [{layer.name}]"
                    raise UsageError(message, "letters are text there; take another key")
        known = dict.fromkeys((key for one in layer.actions for key in one.keys), "")
        shown: dict[str, str] = {}
        for action in layer.actions:
            held = keys[action.name]
            known |= dict.fromkeys(held, action.keys[0])
            if held != action.keys:
                told = show(held[0]) if held else "-"
                shown |= {show(key): told for key in action.keys}
        return cls(keys, known, shown)


@attrs.frozen
class Keymap:
    """What each key does, and which keys do each thing.

    :ivar layers: the same for what lies over the panes, by the names of their tables.
    """

    actions: Mapping[str, str]
    keys: Mapping[str, tuple[str, ...]]
    layers: Mapping[str, LayerMap] = attrs.Factory(dict)

    @classmethod
    def of(cls, text: str = "") -> "Keymap":
        """Read a user's file of keys; an empty one leaves the table as it is.

        :raises UsageError: a line of it can't be followed; says which, and what would do.
        """
        tables = _read(text)
        keys = _given(ACTIONS, tables.pop(_PANES, {}), _PANES)
        for name in NEEDED:
            if not keys[name]:
                message = f"the file of keys leaves no key for {name}"
                raise UsageError(message, f'add a line such as {name} = "{BY_NAME[name].keys[0]}"')
        layers = {
            name: LayerMap.of(LAYERS_BY_NAME[name], chosen) for name, chosen in tables.items()
        }
        return cls({key: name for name, held in keys.items() for key in held}, keys, layers)

    def in_layer(self, name: str, key: str) -> str:
        """Give the key that a layer knows, for one that was pressed; "" if it does nothing."""
        layer = self.layers.get(name)
        return key if layer is None else layer.known.get(key, key)

    def layer_keys(self, layer: LayerKeys, action: Action) -> tuple[str, ...]:
        """Give the keys that do an action of a layer."""
        changed = self.layers.get(layer.name)
        return action.keys if changed is None else changed.keys[action.name]

    def hinted(self, name: str, text: str) -> str:
        """Give a hint's keys as they are now, for those that a layer knows."""
        layer = self.layers.get(name)
        if layer is None:
            return text
        return " ".join(layer.shown.get(word, word) for word in text.split(" "))

    def action(self, key: str) -> str | None:
        """Tell what *key* does."""
        return self.actions.get(key)

    def shown(self, name: str) -> str:
        """Give the first key of an action as it is written; ":" and its name if it has none."""
        held = self.keys[name]
        return show(held[0]) if held else f":{name}"


def _given(
    actions: tuple[Action, ...], chosen: Mapping[str, tuple[str, ...]], table: str
) -> dict[str, tuple[str, ...]]:
    """Give each action its keys: those that were chosen, or its own that nobody else was given."""
    taken: dict[str, str] = {}
    for name, given in chosen.items():
        for key in given:
            if taken.setdefault(key, name) != name:
                where = "" if table == _PANES else f" in [{table}]"
                message = f"the file of keys gives {key!r} to {taken[key]} and to {name}{where}"
                raise UsageError(message, "let only one of them have it")
    return {
        action.name: chosen.get(action.name, tuple(key for key in action.keys if key not in taken))
        for action in actions
    }


def _read(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"the file of keys can't be read: {error}"
        raise UsageError(message, 'write lines such as copy = ["f5", "c"] below [keys]') from error
    known = {_PANES: BY_NAME, **{name: _by_name(one) for name, one in LAYERS_BY_NAME.items()}}
    for other in sorted(set(tables) - set(known)):
        if isinstance(tables[other], dict):
            message = f"the file of keys has a table [{other}], and there is no such group of keys"
            raise UsageError(message, f"there are {', '.join(f'[{name}]' for name in known)}")
        message = f"the file of keys has {other!r} outside the table [keys]"
        raise UsageError(message, "put all lines below one line [keys]")
    for name, table in tables.items():
        if not isinstance(table, dict):
            message = f"the file of keys has no table [{name}]"
            raise UsageError(message, f"begin it with a line [{name}]")
    return {
        table: {_action(name, known[table]): _keys(name, value) for name, value in lines.items()}
        for table, lines in tables.items()
    }


def _by_name(layer: LayerKeys) -> dict[str, Action]:
    return {action.name: action for action in layer.actions}


def _action(name: str, known: Mapping[str, Action]) -> str:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        message = f"the file of keys names {name!r}, and there is no such action"
        raise UsageError(message, f"did you mean {near[0]}?" if near else "see the help for names")
    return name


def _keys(name: str, value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        message = f"the file of keys gives {name} something that is no key"
        raise UsageError(message, f'write {name} = "f5", or {name} = ["f5", "c"]')
    keys = tuple(dict.fromkeys(cast("list[str]", listed)))
    for key in keys:
        _check(name, key)
    return keys


def _check(name: str, key: str) -> None:
    if key in _FIXED:
        message = f"the file of keys gives {key!r} to {name}, and that key can't be given away"
        raise UsageError(message, "terminals send it for another key, or to stop; take another")
    found = _HELD.fullmatch(key)
    bare = found[1] if found else ""
    if bare in _NAMED or (len(bare) == 1 and bare.isprintable() and bare != " "):
        return
    near = difflib.get_close_matches(bare.lower(), _NAMED, 1)
    hint = f"did you mean {near[0]}?" if near else "write a, ctrl-a, alt-a, f1, enter or space"
    message = f"the file of keys gives {name} the key {key!r}, and there is no such key"
    raise UsageError(message, hint)
