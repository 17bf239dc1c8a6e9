"""What a folder holds, one entry a line: what sorts before what, and what matches.

Made for 100,000 entries: sorting makes one key each in a few passes over all names at once, and
nothing here turns a name into text.
"""

import enum
import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import Final, NamedTuple

from anoncloud.ui.places import decode, encode


class Kind(enum.IntEnum):
    """What an entry is."""

    FOLDER = 0
    FOLDER_LINK = 1
    """A symbolic link of the local disk that leads to a folder."""
    FILE = 2
    LINK = 3
    OTHER = 4
    """A device, a socket, a pipe."""


_FOLDERS: Final = (Kind.FOLDER, Kind.FOLDER_LINK)


class Entry(NamedTuple):
    """One line of a pane.

    *size* is -1 where it is not known; *modified* is in nanoseconds since 1970; *node* is the
    node's number in a drive, 8 bytes; *note* is shown behind the name, and is safe text.
    """

    name: bytes
    kind: Kind
    size: int
    modified: int
    node: bytes | None = None
    note: str = ""

    @property
    def key(self) -> bytes:
        """What tells it from all others of its place, and stays when it is renamed in a drive."""
        return self.name if self.node is None else self.node

    @property
    def is_folder(self) -> bool:
        """Whether it can be opened as a place."""
        return self.kind in _FOLDERS


class Sort(enum.Enum):
    """What entries are sorted by; folders always come first."""

    NAME = "name"
    SIZE = "size"
    """The longest first."""
    TIME = "time"
    """The newest first."""
    KIND = "kind"
    """By what stands behind the last dot of the name."""


_DIGITS: Final = re.compile(rb"(\d+)")
_AT_ONCE: Final = 4_096
"""Names that get their keys in one go: few enough to take little memory, and no time to notice."""
_LENGTHS: Final = [b"9" * (length // 9) + b"%d" % (length % 9) for length in range(256)]
"""How long a number is, so written that a longer one sorts behind a shorter one."""


def natural_keys(names: Iterable[bytes]) -> list[bytes]:
    """Give for each name what it sorts by: case aside, and numbers in it by their value."""
    listed = list(names)
    keys: list[bytes] = []
    for begin in range(0, len(listed), _AT_ONCE):
        keys += _keys(listed[begin : begin + _AT_ONCE])
    if len(set(keys)) == len(keys):
        return keys
    return [key + b"\0" + name for key, name in zip(keys, listed, strict=True)]


def _keys(names: list[bytes]) -> list[bytes]:
    parts = _DIGITS.split(_folded(b"\0".join(names)))
    numbers = [number.lstrip(b"0") for number in parts[1::2]]
    parts[1::2] = [
        _LENGTHS[len(number)] + number if len(number) < len(_LENGTHS) else number
        for number in numbers
    ]
    return b"".join(parts).split(b"\0")


def folded(names: Sequence[bytes]) -> list[bytes]:
    """Give names as they are compared, case aside."""
    return _folded(b"\0".join(names)).split(b"\0") if names else []


def matching(names: Sequence[bytes], pattern: str, *, anywhere: bool = False) -> list[bool]:
    """Tell of each name whether it matches *pattern*, as :func:`fitting` does."""
    found = fitting(folded(names), pattern, anywhere=anywhere)
    return [at in found for at in range(len(names))]


def fitting(names: Sequence[bytes], pattern: str, *, anywhere: bool = False) -> set[int]:
    """Give the places of the *folded* names that match *pattern*, case aside.

    A pattern with ``*``, ``?`` or ``[`` describes the whole name, as in a shell; other text stands
    for itself, or for any name that holds it where *anywhere* is set.
    """
    wanted = _folded(encode(pattern))
    if any(mark in pattern for mark in "*?["):
        match = re.compile(translate(decode(wanted))).match
        return {at for at, name in enumerate(names) if match(decode(name))}
    if anywhere:
        return {at for at, name in enumerate(names) if wanted in name}
    return {at for at, name in enumerate(names) if wanted == name}


def _folded(name: bytes) -> bytes:
    return name.lower() if name.isascii() else encode(decode(name).casefold())
