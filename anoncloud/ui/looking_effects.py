"""What layers that look at things ask the shell for; it answers with Heard (``ui.events``).

Each such layer has a number, which the shell gave it; what is asked and answered bears it.
"""

import enum
from typing import Final

import attrs

from anoncloud.client.tree import names
from anoncloud.ui.entries import Entry
from anoncloud.ui.places import Place


class How(enum.Enum):
    """As what a file is shown."""

    BEST = "whatever fits it best"
    TEXT = "text"
    HEX = "bytes"
    PICTURE = "a picture"
    LIST = "the list of what is in an archive"


@attrs.frozen
class Named:
    """A file by where it is."""

    place: Place
    entry: Entry


@attrs.frozen
class Stored:
    """The version of a file of the drive that was stored at *moment* (microseconds).

    *node* is the file's number, 8 bytes; *name* what it is called; *number* counts versions from 1,
    the oldest that was kept.
    """

    node: bytes
    number: int
    name: bytes
    moment: int


Subject = Named | Stored


@attrs.frozen
class Look:
    """Open a file, and show it."""

    subject: Subject
    how: How = How.BEST


@attrs.frozen
class ReadRange:
    """Read *length* bytes at *offset*; answered by Bytes or Unread."""

    number: int
    offset: int
    length: int


@attrs.frozen
class Search:
    """Look for *pattern* from *offset* on, or before it; answered by Found or NotFound.

    *any_case*: ASCII letters match both ways.
    """

    number: int
    pattern: bytes
    offset: int
    backwards: bool = False
    any_case: bool = False


@attrs.frozen
class StopSearch:
    """Look no further."""

    number: int


@attrs.frozen
class Leave:
    """The layer is closed: nothing more is wanted."""

    number: int


@attrs.frozen
class RestoreVersion:
    """Make an older version the newest one."""

    stored: Stored


@attrs.frozen
class GetVersion:
    """Bring a version down into the local folder that one of the panes shows."""

    stored: Stored


@attrs.frozen
class PickMoment:
    """Show the newest records with what they did, to go to the drive as it was after one.

    *path* is what is shown of it then.
    """

    path: names.Path


@attrs.frozen
class GoThere:
    """Show *place* in the pane that the keys go to, the cursor on what is called *focus*."""

    place: Place
    focus: bytes | None = None


COMMAND: Final = -3
"""The number that Heard bears, for the line into which a command is typed."""


@attrs.frozen
class CompletePath:
    """Tell which folders in *place* could complete *text*, in which they follow *before*.

    Answered by Completed.
    """

    text: str
    before: str
    place: Place


@attrs.frozen
class Completed:
    """All lines that *text* could become."""

    text: str
    lines: tuple[str, ...]


LookingEffect = (
    Look
    | CompletePath
    | ReadRange
    | Search
    | StopSearch
    | Leave
    | RestoreVersion
    | GetVersion
    | PickMoment
    | GoThere
)
