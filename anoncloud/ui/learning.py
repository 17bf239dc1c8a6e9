"""What each event does to the explorer."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from anoncloud.ui import events, hearing, places, waiting
from anoncloud.ui import pane as panes
from anoncloud.ui.acts import transferring
from anoncloud.ui.acts.going import go
from anoncloud.ui.dialogs import clash
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.events import Event, Severity
from anoncloud.ui.hearing import NOBODY
from anoncloud.ui.model import Done, Explorer
from anoncloud.ui.places import Local, Past, Trash

_TICKS: Final = 2
"""How often the clock ticks until good news goes away by itself."""


def learn(explorer: Explorer, event: Event) -> Done:
    """Take an event."""
    return _LEARNT[type(event)](explorer, event)


def _resized(explorer: Explorer, event: events.Resized) -> Done:
    rows, columns = max(0, event.rows), max(0, event.columns)
    explorer = attrs.evolve(explorer, rows=rows, columns=columns, dragging=False)
    return hearing.all_hear(explorer, NOBODY, hearing.room(explorer))


def _read(explorer: Explorer, event: events.PlaceRead) -> Done:
    old = explorer.panes[event.side]
    pane = panes.with_entries(
        old, event.place, event.entries, cached=event.cached, focus=event.focus
    )
    if pane.place != old.place and not isinstance(pane.place, Past | Trash):
        recent = explorer.bookmarks.with_recent(pane.place)
        explorer = attrs.evolve(explorer, bookmarks=recent)
    return explorer.with_pane(pane, event.side), ()


def _failed(explorer: Explorer, event: events.PlaceFailed) -> Done:
    """Tell it; a pane whose place is gone goes to the folder around that."""
    old = explorer.panes[event.side]
    if not panes.awaits(old, event.place):
        return explorer, ()
    explorer = explorer.with_pane(waiting.failed(old, event.place, event.message), event.side)
    explorer = explorer.told(event.message, event.hint, Severity.ERROR)
    around = places.parent(event.place)
    if event.place != old.place or around is None:
        return explorer, ()
    return go(explorer, around, side=event.side)


def _told(explorer: Explorer, event: events.Told) -> Done:
    return attrs.evolve(explorer, notice=event, noticed=0), ()


def _status(explorer: Explorer, event: events.StatusChanged) -> Done:
    return transferring.tell(attrs.evolve(explorer, status=event.status))


def _transfers(explorer: Explorer, event: events.TransfersChanged) -> Done:
    explorer = attrs.evolve(explorer, transfers=event.transfers, limit=event.limit)
    return transferring.tell(explorer)


def _conflict(explorer: Explorer, event: events.Conflict) -> Done:
    return attrs.evolve(explorer, conflicts=(*explorer.conflicts, event)), ()


def _conflict_over(explorer: Explorer, event: events.ConflictOver) -> Done:
    """Take the question away, where it waits or is open."""
    conflicts = tuple(one for one in explorer.conflicts if one.number != event.number)
    layers = tuple(one for one in explorer.layers if not clash.is_about(one, event.number))
    return attrs.evolve(explorer, conflicts=conflicts, layers=layers), ()


def _drive_changed(explorer: Explorer, event: events.DriveChanged) -> Done:
    """List anew what shows the drive as it is; forget places that are gone."""
    if event.gone:
        bookmarks = explorer.bookmarks.without_recent(event.gone)
        explorer = attrs.evolve(explorer, bookmarks=bookmarks)
    asked = tuple(
        ReadPlace(side, pane.place)
        for side, pane in zip(Side, explorer.panes, strict=True)
        if not isinstance(pane.place, Local | Past)
    )
    return explorer, asked


def _local_changed(explorer: Explorer, event: events.LocalChanged) -> Done:
    asked = tuple(
        ReadPlace(side, pane.place)
        for side, pane in zip(Side, explorer.panes, strict=True)
        if pane.place == Local(event.path)
    )
    return explorer, asked


def _shown(explorer: Explorer, event: events.Shown) -> Done:
    return hearing.shown(explorer, event.layer)


def _heard(explorer: Explorer, event: events.Heard) -> Done:
    return hearing.all_hear(explorer, event.number, event.said)


def _ticked(explorer: Explorer, event: events.Tick) -> Done:
    status = attrs.evolve(explorer.status, now=event.now)
    explorer = attrs.evolve(explorer, status=status, noticed=explorer.noticed + 1)
    notice = explorer.notice
    good = notice is not None and notice.severity is Severity.GOOD
    gone = good and explorer.noticed >= _TICKS
    return attrs.evolve(explorer, notice=None) if gone else explorer, ()


_LEARNT: Final[Mapping[type, Callable[[Explorer, Any], Done]]] = {
    events.Resized: _resized,
    events.PlaceRead: _read,
    events.PlaceFailed: _failed,
    events.Told: _told,
    events.StatusChanged: _status,
    events.TransfersChanged: _transfers,
    events.Conflict: _conflict,
    events.ConflictOver: _conflict_over,
    events.DriveChanged: _drive_changed,
    events.LocalChanged: _local_changed,
    events.Shown: _shown,
    events.Heard: _heard,
    events.Tick: _ticked,
}
