"""The newest records of the drive with what they did, as a list: see the drive as it was then."""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from anoncloud.client.tree import changes, names
from anoncloud.client.tree.listing import origin
from anoncloud.client.tree.nodes import Space
from anoncloud.ids import NodeId
from anoncloud.ui import amounts, shown
from anoncloud.ui.amounts import TIME_CELLS, Zone
from anoncloud.ui.looking_effects import GoThere
from anoncloud.ui.places import Past
from anoncloud.ui.viewing.table import Act, Column, Item, Table

MOST: Final = 500
"""Records that are listed."""
NEAR: Final = 5_000
"""A drive of at most so many records is read from its beginning, if need be."""
_NUMBER: Final = 9
_COLUMNS: Final = (Column("record", _NUMBER), Column("made", TIME_CELLS))
_DID: Final = {
    changes.MakeFolder: "made",
    changes.PutFile: "stored",
    changes.PutVersion: "stored a version of",
    changes.Move: "moved",
    changes.Trash: "put into the trash",
    changes.Restore: "restored",
    changes.Purge: "removed for good",
    changes.MakeLink: "made",
    changes.SetAttributes: "gave time and mode to",
    changes.ForgetVersions: "forgot versions of",
    changes.Relocate: "laid elsewhere",
    changes.EnrolDevice: "let a device stay logged in",
    changes.RevokeDevice: "revoked a device",
    changes.SetOptions: "set options",
    changes.RenameDevice: "renamed a device",
    changes.NewEpoch: "began a new key",
    changes.NewAccountKeys: "gave the account new keys",
    changes.NoteKeys: "noted a change of keys",
    changes.NoteServer: "noted the server's new key",
    changes.AcceptHistory: "accepted this history in place of another",
}


@attrs.frozen
class Moment:
    """A record: its number, when it was made (microseconds), and what it did, as safe text."""

    number: int
    time: int
    did: str


def moments(number: int, path: names.Path) -> Table:
    """Begin the list; the drive as it was is shown at *path*."""
    act = Act("See the drive then", lambda one: (GoThere(Past(one.number, one.time, path)),))
    return Table(number, "the newest changes", _COLUMNS, "what was done", {"enter": act})


def items_of(found: Iterable[Moment], zone: Zone) -> tuple[Item, ...]:
    """Make an item for each record, the newest first."""
    return tuple(
        Item((f"{one.number:,}", amounts.time(one.time * 1000, zone)), one.did, one)
        for one in sorted(found, key=lambda one: -one.number)
    )


def note(found: Sequence[Moment], head: int) -> str:
    """Say how many of all records these are."""
    made = "times are those of the devices' clocks"
    return made if len(found) == head else f"{len(found):,} of {head:,} records; {made}"


def said(space: Space, change: changes.Change) -> str:
    """Say what a change did; *space* is the drive as it is now, and has the paths."""
    first = change.operations[0] if change.operations else None
    if first is None:
        return "nothing"
    kinds = {type(one) for one in change.operations}
    chosen = next(
        (one for one in change.operations if not isinstance(one, changes.MakeFolder)), first
    )
    where = _where(space, chosen)
    made = _DID[type(chosen)] + (f" {where}" if where else "")
    more = sum(type(one) is type(chosen) for one in change.operations) - 1
    if more:
        made += f" and {more:,} more"
    return made if len(kinds) == 1 else f"{made}, and other things"


def _where(space: Space, operation: changes.Operations) -> str:
    number: NodeId | None = getattr(operation, "node", None)
    if number is None:
        return ""
    node = space.node(number)
    return "something that is gone" if node is None else shown.path(origin(space, node))
