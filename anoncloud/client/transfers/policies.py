"""What happens to a file that is there already: kept, replaced, or joined by a second one."""

import enum
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, NamedTuple

import attrs

from anoncloud.client.tree.names import numbered

_COPY: Final = b"copy"
"""What the name of a second file gets."""


class Existing(enum.Enum):
    """What to do when there is a file of that name."""

    FAIL = "fail"
    REPLACE = "replace"
    SKIP = "skip"
    NEWER = "newer"
    RENAME = "rename"
    ASK = "ask"


class Decision(enum.Enum):
    """What is done with one file."""

    STORE = "store it there"
    LEAVE = "leave what is there"
    BESIDE = "store it beside that, under a free name"
    REFUSE = "say that something is in the way"


class Seen(NamedTuple):
    """What a file looks like from outside: bytes, and when it was changed (nanoseconds)."""

    size: int
    modified: int


@attrs.frozen
class Clash:
    """A file on its way to a place where there is another one.

    :ivar shown: the place, as safe text.
    :ivar name: what it is called there.
    """

    shown: str
    name: bytes
    ours: Seen
    theirs: Seen


@attrs.frozen
class Settled:
    """What becomes of a clash; with BESIDE, *name* is the name beside it, if somebody chose one."""

    decision: Decision
    name: bytes | None = None


LEFT: Final = Settled(Decision.LEAVE)


async def _leave(_: Clash) -> Settled:
    return LEFT


@attrs.frozen
class Policy:
    """What to do with files that exist; *ask* is told of each, and its answer may take a while."""

    existing: Existing
    ask: Callable[[Clash], Awaitable[Settled]] = _leave

    @property
    def asks(self) -> bool:
        """Whether somebody is asked."""
        return self.existing is Existing.ASK

    async def settle(self, clash: Clash) -> Settled:
        """Say what becomes of a file that exists."""
        if self.asks:
            return await self.ask(clash)
        return Settled(self.decide(clash.ours.modified, clash.theirs.modified))

    def decide(self, ours: int, theirs: int) -> Decision:
        """Decide where nobody can be asked; times of the new and the old in nanoseconds.

        What would have been asked about stays, and so does what is new: beside it.
        """
        if self.existing is Existing.NEWER:
            return Decision.STORE if ours > theirs else Decision.LEAVE
        return _DECISIONS[self.existing]


_DECISIONS = {
    Existing.FAIL: Decision.REFUSE,
    Existing.REPLACE: Decision.STORE,
    Existing.SKIP: Decision.LEAVE,
    Existing.RENAME: Decision.BESIDE,
    Existing.ASK: Decision.BESIDE,
}


def names_beside(name: bytes) -> Iterator[bytes]:
    """Give the names that a file may have beside the one called *name*, the first choice first."""
    yield numbered(name, _COPY)
    number = 2
    while True:
        yield numbered(name, b"%s %d" % (_COPY, number))
        number += 1
