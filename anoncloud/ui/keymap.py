"""Which key does what: the table of ``ui.keys``, changed by a file of the user's.

The file is TOML with one table, ``[keys]``: the name of an action and the keys that do it::

    [keys]
    copy = ["f5", "y"]
    quit = "ctrl-q"

What is named there loses its keys of the table; a key given to it is taken from any other.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from anoncloud.errors import UsageError
from anoncloud.ui.keys import ACTIONS, BY_NAME, NEEDED

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
class Keymap:
    """What each key does, and which keys do each thing."""

    actions: Mapping[str, str]
    keys: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, text: str = "") -> "Keymap":
        """Read a user's file of keys; an empty one leaves the table as it is.

        :raises UsageError: a line of it can't be followed; says which, and what would do.
        """
        chosen = _read(text)
        taken: dict[str, str] = {}
        for name, given in chosen.items():
            for key in given:
                if taken.setdefault(key, name) != name:
                    message = f"the file of keys gives {key!r} to {taken[key]} and to {name}"
                    raise UsageError(message, "let only one of them have it")
        keys = {
            action.name: chosen.get(
                action.name, tuple(key for key in action.keys if key not in taken)
            )
            for action in ACTIONS
        }
        for name in NEEDED:
            if not keys[name]:
                message = f"the file of keys leaves no key for {name}"
                raise UsageError(message, f'add a line such as {name} = "{BY_NAME[name].keys[0]}"')
        return cls({key: name for name, held in keys.items() for key in held}, keys)

    def action(self, key: str) -> str | None:
        """Tell what *key* does."""
        return self.actions.get(key)

    def shown(self, name: str) -> str:
        """Give the first key of an action as it is written; ":" and its name if it has none."""
        held = self.keys[name]
        return show(held[0]) if held else f":{name}"


def _read(text: str) -> dict[str, tuple[str, ...]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"the file of keys can't be read: {error}"
        raise UsageError(message, 'write lines such as copy = ["f5", "c"] below [keys]') from error
    for other in sorted(set(table) - {"keys"}):
        message = f"the file of keys has {other!r} outside the table [keys]"
        raise UsageError(message, "put all lines below one line [keys]")
    chosen = table.get("keys", {})
    if not isinstance(chosen, dict):
        message = "the file of keys has no table [keys]"
        raise UsageError(message, "begin it with a line [keys]")
    return {_action(name): _keys(name, value) for name, value in chosen.items()}


def _action(name: str) -> str:
    if name not in BY_NAME:
        near = difflib.get_close_matches(name, BY_NAME, 1)
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
