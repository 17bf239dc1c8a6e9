"""Where a pane can be: the local disk, the drive, its trash, or the drive as it was.

Paths only; nothing in here looks whether a place is there.
"""

import posixpath
from datetime import UTC, datetime
from typing import Final

import attrs

from anoncloud.client.tree import names
from anoncloud.ui import shown

DRIVE: Final = "drive:"
LOCAL: Final = "local:"
TRASH: Final = "trash:"
"""What a place on another side begins with, where a person types it."""


@attrs.frozen
class Local:
    """A folder of the local disk; *path* is absolute, as ``os.fsdecode`` gives it."""

    path: str


@attrs.frozen
class Remote:
    """A folder of the drive as it is."""

    path: names.Path


@attrs.frozen
class Trash:
    """What lies in the drive's trash."""


@attrs.frozen
class Past:
    """A folder of the drive as it was after record *number*; *moment* in microseconds."""

    number: int
    moment: int
    path: names.Path


Place = Local | Remote | Trash | Past


def encode(text: str) -> bytes:
    """Give the bytes of a name or path that is text, byte for byte."""
    return text.encode("utf-8", "surrogateescape")


def decode(name: bytes) -> str:
    """Give a name or path as text from which :func:`encode` makes the same bytes."""
    return name.decode("utf-8", "surrogateescape")


def parent(place: Place) -> Place | None:
    """Give the folder around *place*; none around a root.

    The trash and the root of the past lie in the root of the drive as it is.
    """
    if isinstance(place, Local):
        up = posixpath.dirname(place.path)
        return Local(up) if up != place.path else None
    if isinstance(place, Trash):
        return Remote(())
    if not place.path:
        return Remote(()) if isinstance(place, Past) else None
    return attrs.evolve(place, path=place.path[:-1])


def name(place: Place) -> bytes | None:
    """Give what *place* is called in the folder around it, if it is called anything there."""
    if isinstance(place, Local):
        return encode(posixpath.basename(place.path)) or None
    return None if isinstance(place, Trash) or not place.path else place.path[-1]


def inside(place: Place, name: bytes) -> Place:
    """Give what is called *name* in *place*; what lies in the trash has nothing inside."""
    if isinstance(place, Local):
        return Local(posixpath.join(place.path, decode(name)))
    if isinstance(place, Trash):
        return place
    return attrs.evolve(place, path=(*place.path, name))


def is_writable(place: Place) -> bool:
    """Tell whether files can be put there; permissions aside."""
    return isinstance(place, Local | Remote)


def is_remote(place: Place) -> bool:
    """Tell whether *place* belongs to the drive, as it is or was."""
    return not isinstance(place, Local)


def trail(place: Place) -> str:
    """Say where *place* is, in text that is safe to show."""
    if isinstance(place, Trash):
        return TRASH
    if isinstance(place, Past):
        moment = datetime.fromtimestamp(place.moment // 1_000_000, UTC)
        return f"as of {moment:%Y-%m-%d %H:%M} UTC:{shown.path(place.path)}"
    if isinstance(place, Remote):
        return DRIVE + shown.path(place.path)
    return shown.name(encode(place.path))


def spell(place: Place) -> str:
    """Give the text that :func:`parse` understands as *place*, for a person to edit.

    The past can't be typed; its path is given as one of the drive as it is.
    """
    if isinstance(place, Local):
        return LOCAL + place.path
    if isinstance(place, Trash):
        return TRASH
    return DRIVE + "/" + decode(b"/".join(place.path))


def parse(text: str, base: Place, home: str) -> Place:
    """Read where a person wants to go, seen from *base*.

    ``drive:`` and ``local:`` before a path change the side; a path without a slash before it goes
    on from *base*; ``~`` is *home* on the local disk; ``..`` goes up.

    :raises UsageError: a name in it is none.
    """
    if text.strip() == TRASH:
        return Trash()
    if text.startswith(DRIVE):
        return Remote(_climb((), text.removeprefix(DRIVE)))
    if text.startswith((LOCAL, "~")):
        text = from_home(text.removeprefix(LOCAL), home)
        return Local(_absolute(home, text))
    if isinstance(base, Local):
        return Local(_absolute(base.path, text))
    if isinstance(base, Trash):
        return Remote(_climb((), text))
    return attrs.evolve(base, path=_climb(base.path, text))


def from_home(text: str, home: str) -> str:
    """Give a local path with *home* for a ``~`` at its beginning."""
    return home + text[1:] if text == "~" or text.startswith("~/") else text


def _absolute(base: str, text: str) -> str:
    path = posixpath.normpath(posixpath.join(base, text))
    return "/" + path.lstrip("/")


def _climb(base: names.Path, text: str) -> names.Path:
    path = [] if text.startswith("/") else list(base)
    for part in text.split("/"):
        if part == "..":
            del path[-1:]
        elif part not in {"", "."}:
            path.append(names.check_name(encode(part)))
    return tuple(path)
