"""Layers that are told things: how large the screen is, and what came of what they asked for."""

from typing import Final, cast

import attrs

from anoncloud.ui import layout
from anoncloud.ui.effects import Effect
from anoncloud.ui.layers import Layer
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.viewing.said import Hearing, Room

NOBODY: Final = 0
"""The number of no layer; what is said with it is for all."""


def room(explorer: Explorer) -> Room:
    """Tell how much room a layer has that takes the whole screen."""
    return Room(explorer.columns, max(0, explorer.rows - layout.BARS))


def shown(explorer: Explorer, layer: Layer) -> Done:
    """Lay *layer* over all there is, and tell it how much room it has."""
    told, effects = _told(layer, NOBODY, room(explorer))
    return attrs.evolve(explorer, layers=(*explorer.layers, *told)), effects


def all_hear(explorer: Explorer, number: int, said: object) -> Done:
    """Tell all layers something; only those it is for change."""
    layers: tuple[Layer, ...] = ()
    effects: tuple[Effect, ...] = ()
    for layer in explorer.layers:
        told, more = _told(layer, number, said)
        layers, effects = layers + told, effects + more
    return attrs.evolve(explorer, layers=layers), effects


def _told(layer: Layer, number: int, said: object) -> tuple[tuple[Layer, ...], tuple[Effect, ...]]:
    if not hasattr(layer, "hear"):
        return (layer,), ()
    answer = cast("Hearing", layer).hear(number, said)
    return () if answer.layer is None else (answer.layer,), answer.effects
