"""What the explorer asks its shell to do; the shell answers with events (``ui.events``).

Values only: nothing in here does anything.
"""

import enum
from typing import TYPE_CHECKING

import attrs

from anoncloud.client.tree import names as paths
from anoncloud.ui.alarm_effects import AlarmEffect
from anoncloud.ui.entering_effects import EnteringEffect
from anoncloud.ui.entries import Entry
from anoncloud.ui.looking_effects import LookingEffect
from anoncloud.ui.places import Local, Place, Remote
from anoncloud.ui.transfer_effects import (
    AnswerConflict,
    CancelTransfer,
    PauseTransfer,
    RaiseTransfer,
    ResumeTransfer,
    RetryTransfer,
    SetLimit,
)

if TYPE_CHECKING:
    from anoncloud.ui.bookmarks import Bookmarks


class Side(enum.IntEnum):
    """A pane, by where it stands."""

    LEFT = 0
    RIGHT = 1

    @property
    def other(self) -> "Side":
        """The pane beside it."""
        return Side(1 - self)


@attrs.frozen
class Perform:
    """Do an action of ``ui.keys``; the explorer does this itself and the shell never sees it."""

    action: str
    argument: str | None = None


@attrs.frozen
class ReadPlace:
    """List *place* for the pane on *side*; answered by PlaceRead or PlaceFailed.

    *focus* is the name that the cursor goes to; none leaves it where it is.
    """

    side: Side
    place: Place
    focus: bytes | None = None


@attrs.frozen
class ReadPast:
    """List *path* of the drive as it was at *moment*, as a person wrote that, for a pane.

    Answered by PlaceRead of a Past, or PlaceFailed of a Past with number 0.
    """

    side: Side
    moment: str
    path: paths.Path


@attrs.frozen
class Refresh:
    """Ask the server, or the disk, again for what a pane shows; answered as ReadPlace is."""

    side: Side


@attrs.frozen
class MakeFolder:
    """Make a folder; *name* may be several, divided by slashes, each in the one before."""

    place: Place
    name: bytes


@attrs.frozen
class Rename:
    """Give an entry of *place* another name there."""

    place: Place
    old: bytes
    new: bytes


@attrs.frozen
class RenameMany:
    """Let the user change the names of entries of *place* in an editor.

    *others* are the names of what else is there.
    """

    place: Local | Remote
    names: tuple[bytes, ...]
    others: frozenset[bytes]


@attrs.frozen
class MoveThere:
    """Move entries of *place* into *target*; between disk and drive they are copied, then removed.

    With *name*, the only entry is called so there.
    """

    place: Place
    names: tuple[bytes, ...]
    target: Local | Remote
    name: bytes | None = None


@attrs.frozen
class CopyThere:
    """Copy entries of *place* into *target*: an upload, a download, or a copy on one side.

    With *name*, the only entry is called so there.
    """

    place: Place
    names: tuple[bytes, ...]
    target: Local | Remote
    name: bytes | None = None


@attrs.frozen
class PutInTrash:
    """Remove entries: those of the drive into its trash, those of the local disk for good."""

    place: Local | Remote
    names: tuple[bytes, ...]


@attrs.frozen
class RestoreThem:
    """Take nodes out of the trash."""

    nodes: tuple[bytes, ...]


@attrs.frozen
class PurgeThem:
    """Remove nodes that lie in the trash for good."""

    nodes: tuple[bytes, ...]


@attrs.frozen
class Undo:
    """Take back what was done last."""


@attrs.frozen
class Redo:
    """Do again what was taken back last."""


@attrs.frozen
class View:
    """Show what a file holds."""

    place: Place
    entry: Entry


@attrs.frozen
class Edit:
    """Open a file in the user's editor, and store what it leaves."""

    place: Local | Remote
    entry: Entry


@attrs.frozen
class HistoryOf:
    """Show the versions of a file."""

    path: paths.Path


@attrs.frozen
class DetailsOf:
    """Show all that is known of an entry."""

    place: Place
    entry: Entry


@attrs.frozen
class MeasureThem:
    """Show how many bytes lie below *place*, folder by folder, the cursor on *focus*."""

    place: Place
    focus: bytes | None = None


@attrs.frozen
class FindAll:
    """Show whatever in the whole drive has a name that matches *pattern*."""

    pattern: str


@attrs.frozen
class RunCommand:
    """Run a command that is not the explorer's own, by its words."""

    words: tuple[str, ...]


@attrs.frozen
class ShowShell:
    """Show what the terminal held before the explorer, until a key is pressed."""


@attrs.frozen
class Remember:
    """Keep the bookmarks, for the next start too."""

    bookmarks: "Bookmarks"


@attrs.frozen
class Suspend:
    """Give the terminal to the shell that started this, until it is called back."""


@attrs.frozen
class Repaint:
    """Paint the whole screen again, whatever the terminal holds."""


@attrs.frozen
class Quit:
    """End; with *carry_on*, what is under way goes on at the next start."""

    carry_on: bool


Effect = (
    Perform
    | ReadPlace
    | ReadPast
    | Refresh
    | MakeFolder
    | Rename
    | RenameMany
    | MoveThere
    | CopyThere
    | PutInTrash
    | RestoreThem
    | PurgeThem
    | Undo
    | Redo
    | View
    | Edit
    | HistoryOf
    | DetailsOf
    | MeasureThem
    | FindAll
    | SetLimit
    | PauseTransfer
    | ResumeTransfer
    | CancelTransfer
    | RaiseTransfer
    | RetryTransfer
    | AnswerConflict
    | RunCommand
    | ShowShell
    | Remember
    | Suspend
    | Repaint
    | Quit
    | LookingEffect
    | EnteringEffect
    | AlarmEffect
)
"""Everything that may be asked for."""
Effects = tuple[Effect, ...]
