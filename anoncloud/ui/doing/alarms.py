"""Alarms: they fill the screen; afterwards the drive may go on read-only, without its server."""

from typing import Final

import attrs

from anoncloud.client.following import Stage
from anoncloud.ui import effects
from anoncloud.ui.alarm_effects import GoReadOnly
from anoncloud.ui.doing.desk import Desk
from anoncloud.ui.events import Link, Severity, StatusChanged, Told
from anoncloud.ui.looking_effects import RestoreVersion
from anoncloud.ui.places import Local

_ALWAYS: Final = (
    effects.Undo,
    effects.Redo,
    effects.RestoreThem,
    effects.PurgeThem,
    RestoreVersion,
)
_AT_PLACE: Final = (
    effects.MakeFolder,
    effects.Rename,
    effects.RenameMany,
    effects.PutInTrash,
    effects.Edit,
)


def changes_drive(effect: effects.Effect) -> bool:
    """Tell whether an effect would change the drive."""
    if isinstance(effect, _AT_PLACE):
        return not isinstance(effect.place, Local)
    if isinstance(effect, effects.CopyThere):
        return not isinstance(effect.target, Local)
    if isinstance(effect, effects.MoveThere):
        return not (isinstance(effect.place, Local) and isinstance(effect.target, Local))
    return isinstance(effect, _ALWAYS)


async def go_read_only(desk: Desk, effect: GoReadOnly) -> None:
    """Leave the server; from now on the drive is only looked at."""
    del effect
    desk.read_only = True
    following = desk.following
    if following is None:
        return
    await following.link.stop()
    following.stage = Stage.CACHED
    desk.tell(StatusChanged(attrs.evolve(desk.state().status, link=Link.OFFLINE)))
    desk.changed()


def refuse(desk: Desk) -> None:
    """Say that the drive is only looked at."""
    hint = "quit and start again to ask the server again"
    desk.tell(Told("the drive is read-only since the alarm", hint, Severity.WARNING))
