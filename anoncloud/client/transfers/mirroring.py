"""Making one side like the other: what is compared, what is removed, and what came of it.

``mirror_up`` makes a folder of the drive like a local one, ``mirror_down`` the other way round.
Each first plans, so that one can see what would happen, and then carries out its plan.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import attrs

from anoncloud.client.transfers.localfiles import reported
from anoncloud.client.transfers.localtree import Chosen, everything
from anoncloud.client.tree.nodes import File, Folder, Link, Node
from anoncloud.client.tree.versions import Version
from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.errors import Exists
from anoncloud.limits import MIB

Thing = TypeVar("Thing")

PORTION_THINGS: Final = 5000
PORTION_BYTES: Final = MIB
"""What goes into one record of the journal."""
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@attrs.frozen
class Choice:
    """What is mirrored, and how.

    *delete*: what the other side has not is removed, and what is of another kind is replaced.
    *by_content*: files of one size are compared by their contents, and not by their times.
    """

    chosen: Chosen = everything
    delete: bool = False
    by_content: bool = False


@attrs.define
class Mirrored:
    """What was done, or would be, as paths of the side that changes, safe to show."""

    made: list[str] = attrs.Factory(list)
    copied: list[str] = attrs.Factory(list)
    linked: list[str] = attrs.Factory(list)
    adjusted: list[str] = attrs.Factory(list)
    removed: list[str] = attrs.Factory(list)
    unchanged: int = 0

    @property
    def changes(self) -> int:
        """How many things there are to do."""
        return sum(map(len, (self.made, self.copied, self.linked, self.adjusted, self.removed)))


def kind_of(node: Node) -> str:
    """Say what a node is."""
    return {Folder: "a folder", File: "a file", Link: "a symbolic link"}[type(node)]


def of_another_kind(shown: str, here: str, there: str) -> Exists:
    """Say that something is a folder on one side, for instance, and a file on the other."""
    message = f"mirroring {shown}: it is {here} here and {there} in the drive"
    return Exists(message, "use --delete to replace it, or move it away first")


def has_content(path: str | Path, version: Version, prints: Fingerprints) -> bool:
    """Whether a local file has the content of *version*, whose size it has; blocking.

    :raises LocalFileError: it can't be read.
    """
    digest = prints.content()
    with reported("reading", path):
        descriptor = os.open(path, _OPEN)
        try:
            while piece := os.read(descriptor, MIB):
                digest.update(piece)
        finally:
            os.close(descriptor)
    return digest.digest() == version.digest


def portions(things: Iterable[Thing], weigh: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """Divide *things*, each of so many bytes in a record, into what one record holds."""
    portion: list[Thing] = []
    length = 0
    for thing in things:
        weight = weigh(thing)
        if portion and (length + weight > PORTION_BYTES or len(portion) == PORTION_THINGS):
            yield portion
            portion, length = [], 0
        portion.append(thing)
        length += weight
    if portion:
        yield portion
