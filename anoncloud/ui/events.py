"""What the shell tells the explorer: what it has read, what has changed, what time it is.

Values only. Texts in them are made safe by the explorer; notes of entries are safe already.
"""

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from anoncloud.ui.effects import Side
from anoncloud.ui.entries import Entry
from anoncloud.ui.places import Place

if TYPE_CHECKING:
    from anoncloud.ui.layers import Layer


class Severity(enum.Enum):
    """How much a message matters."""

    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


class Link(enum.Enum):
    """How the connection to the server is."""

    OFFLINE = "offline"
    """None was asked for."""
    CONNECTING = "connecting"
    ONLINE = "online"
    LOST = "lost"
    """It was cut, and is being made anew."""


class Progress(enum.Enum):
    """How a transfer is."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    DONE = "done"


@attrs.frozen
class Status:
    """What the status line tells of; sizes in bytes, *newest* and *now* in seconds since 1970.

    :ivar newest: the time of the newest record.
    :ivar quota: 0 where there is none.
    """

    account: str = ""
    host: str = ""
    link: Link = Link.OFFLINE
    used: int = 0
    quota: int = 0
    newest: int | None = None
    now: int = 0


@attrs.frozen
class TransferLine:
    """One transfer; *rate* in bytes a second, *left_s* in seconds.

    :ivar lasting: whether the next start of the program can carry it on.
    """

    number: int
    title: str
    done: int
    total: int | None
    rate: float = 0.0
    left_s: float | None = None
    state: Progress = Progress.RUNNING
    error: str = ""
    lasting: bool = False


@attrs.frozen
class Candidate:
    """One of the two files of a conflict; *modified* in nanoseconds since 1970."""

    size: int
    modified: int


@attrs.frozen
class Resized:
    """The terminal has so many cells."""

    rows: int
    columns: int


@attrs.frozen
class PlaceRead:
    """What *place* holds; *cached* if the server has not confirmed it yet."""

    side: Side
    place: Place
    entries: Sequence[Entry]
    cached: bool = False
    focus: bytes | None = None


@attrs.frozen
class PlaceFailed:
    """A place could not be listed."""

    side: Side
    place: Place
    message: str
    hint: str = ""


@attrs.frozen
class Told:
    """Something to say; *hint* says what to do about it."""

    text: str
    hint: str = ""
    severity: Severity = Severity.GOOD


@attrs.frozen
class StatusChanged:
    """The status line has something else to tell."""

    status: Status


@attrs.frozen
class TransfersChanged:
    """These are the transfers now, and so many bytes a second they may move together."""

    transfers: tuple[TransferLine, ...]
    limit: int | None = None


@attrs.frozen
class Conflict:
    """Copy *number* waits for an answer: what it brings to *path* is there already.

    :ivar path: where, as safe text.
    :ivar ours: the file that is on its way.
    :ivar theirs: the file that is there.
    :ivar name: what it is called.
    :ivar into_drive: whether the target is in the drive, where old versions are kept.
    """

    number: int
    path: str
    name: bytes
    ours: Candidate
    theirs: Candidate
    into_drive: bool


@attrs.frozen
class ConflictOver:
    """Copy *number* waits no longer: it was answered, or the copy was given up or held up."""

    number: int


@attrs.frozen
class DriveChanged:
    """The drive is not as it was listed: this device or another one has changed it.

    :ivar gone: which of the places that were visited lately are not in it any more.
    """

    gone: frozenset[Place] = frozenset()


@attrs.frozen
class LocalChanged:
    """The local disk has changed at *path*, by what this program did."""

    path: str


@attrs.frozen
class Shown:
    """A layer that the shell has made: a viewer, details, a history."""

    layer: "Layer"


@attrs.frozen
class Heard:
    """What the layer of that number asked for, or waits for (``ui.viewing.said``)."""

    number: int
    said: object


@attrs.frozen
class Tick:
    """Time goes by; seconds since 1970."""

    now: int


Event = (
    Resized
    | PlaceRead
    | PlaceFailed
    | Told
    | StatusChanged
    | TransfersChanged
    | Conflict
    | ConflictOver
    | DriveChanged
    | LocalChanged
    | Shown
    | Heard
    | Tick
)
"""Everything that may be told."""
