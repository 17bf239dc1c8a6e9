"""A pane that waits for a place to be read: asked for, given up, or failed."""

import attrs

from anoncloud.ui.pane import Failed, Fresh, Pane, Reading, Step, awaits
from anoncloud.ui.places import Place


def going(pane: Pane, place: Place | None, step: Step) -> Pane:
    """Note that *place* is being read for this pane."""
    return attrs.evolve(pane, state=Reading(place, step))


def stopped(pane: Pane) -> Pane:
    """Wait no more for another place."""
    return attrs.evolve(pane, state=Fresh()) if isinstance(pane.state, Reading) else pane


def remembered(pane: Pane, place: Place) -> bytes | None:
    """Give the name that the cursor stood on when the pane was at *place* last."""
    for visit in (*reversed(pane.back), *reversed(pane.forth)):
        if visit.place == place:
            return visit.focus
    return None


def failed(pane: Pane, place: Place, message: str) -> Pane:
    """Note that *place* could not be read; what was shown before stays."""
    if not isinstance(pane.state, Reading):
        return attrs.evolve(pane, state=Failed(message)) if place == pane.place else pane
    if not awaits(pane, place):
        return pane
    begun = pane.state.place == pane.place
    return attrs.evolve(pane, state=Failed(message) if begun else Fresh())
