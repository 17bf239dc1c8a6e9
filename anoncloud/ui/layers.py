"""What lies over the panes and takes the keys: questions, menus, messages, viewers.

A layer is a frozen value. It knows neither the explorer nor the terminal: a key gives the layer
that stands there next, and what is to be done.
"""

import enum
from typing import Protocol

import attrs

from anoncloud.ui.cells import Block
from anoncloud.ui.effects import Effect
from anoncloud.ui.keys import DIALOG

Hints = tuple[tuple[str, str], ...]
"""Pairs of a key and what it does, for the bar at the bottom."""


class Shape(enum.Enum):
    """Where a layer lies on the screen."""

    BOX = "box"
    """In the middle, as large as its block."""
    LINE = "line"
    """At the bottom of the panes, which stay in sight."""
    WHOLE = "whole"
    """Everywhere but for the status line and the bar of hints."""


class Layer(Protocol):
    """Something that lies over the panes."""

    @property
    def shape(self) -> Shape:
        """Where it lies."""

    def press(self, key: str) -> "Answer":
        """Take a key (``ui.keys``); the mouse's is as :func:`mouse_in` gives it."""

    def view(self, columns: int, rows: int) -> Block:
        """Draw it, no larger than so many cells and rows."""

    def cursor(self, columns: int, rows: int) -> tuple[int, int] | None:
        """Tell the row and cell of the cursor in the block that :meth:`view` would draw, if any."""

    def hints(self) -> Hints:
        """Tell what the keys do."""


def keys_of(layer: Layer) -> str:
    """Tell which group of keys (``keys.LAYERS``) a layer takes; its *group*, or a dialog's."""
    return str(getattr(layer, "group", DIALOG))


@attrs.frozen
class Answer:
    """What a key leads to: the layer that stands there next, or none, and what is to be done."""

    layer: Layer | None
    effects: tuple[Effect, ...] = ()


@attrs.frozen
class MouseKey:
    """What the mouse did, and at which row and cell.

    :ivar columns: with *rows*, what the layer that gets it was drawn for, so that it knows what
        was there; 0 for the whole screen.
    """

    kind: str
    row: int
    column: int
    columns: int = 0
    rows: int = 0


def mouse(key: str) -> MouseKey | None:
    """Read a key that is the mouse's."""
    if not key.startswith("mouse:"):
        return None
    _, kind, *numbers = key.split(":")
    return MouseKey(kind, *map(int, numbers))


def mouse_in(seen: MouseKey, corner: tuple[int, int], columns: int, rows: int) -> str:
    """Give the key for a layer drawn for so many cells and rows, its corner at row and cell."""
    at = f"{seen.row - corner[0]}:{seen.column - corner[1]}"
    return f"mouse:{seen.kind}:{at}:{columns}:{rows}"
