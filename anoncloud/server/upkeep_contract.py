"""What the server's owner asks of the stores, in a narrow contract; the owner is no peer.

What ``contracts`` says of its stores holds for this one too. It tells what the server knows
anyway: of names, bytes, counts and days, and of nothing inside.
"""

import enum
from typing import Protocol

import attrs

from anoncloud.ids import DriveId


class ErrandKind(enum.Enum):
    """What the owner's command asks of the running server."""

    COLLECT = "collect"
    STATUS = "status"


@attrs.frozen
class Errand:
    """Something that the owner's command has asked for, by its number."""

    number: int
    kind: ErrandKind


@attrs.frozen
class Due:
    """What a running server has to do for its owner.

    :ivar ended: drives whose sessions are to end: their accounts are locked or deleted.
    """

    ended: tuple[DriveId, ...]
    errands: tuple[Errand, ...]


@attrs.frozen
class User:
    """An account as the server's owner sees it; sizes in bytes, times in seconds since 1970.

    :ivar stored: bytes of staged and stored blobs.
    :ivar dropped: bytes of dropped blobs that are still kept.
    :ivar quota: 0 for none.
    :ivar blobs: how many there are of all of them.
    :ivar locked: when it was locked, 0 if it is not.
    :ivar seen: its last login, to a day or coarser; 0 if there was none.
    """

    name: str
    stored: int
    dropped: int
    quota: int
    blobs: int
    devices: int
    locked: int
    seen: int


@attrs.frozen
class Day:
    """Bytes that came on a day (the second that it began), and are still there."""

    begin: int
    stored: int


@attrs.frozen
class Totals:
    """What a server keeps; sizes in bytes.

    :ivar growth: the days since the one that was asked for on which something came, in order.
    """

    accounts: int
    locked: int
    stored: int
    dropped: int
    blobs: int
    growth: tuple[Day, ...]


class UpkeepStore(Protocol):
    """Accounts and space as the server's owner looks after them, and errands of a running server.

    What is asked of an account that is not there, or closed, gives False.
    """

    async def users(self) -> list[User]:
        """Give all accounts in the order of their names."""

    async def lock(self, name: str, now: int) -> bool:
        """Let nobody into an account, and refuse its open sessions; harmless if it is locked."""

    async def unlock(self, name: str) -> bool:
        """Let its people in again; harmless if it is not locked."""

    async def set_quota(self, name: str, quota: int) -> bool:
        """Say what an account may store, in bytes, 0 for no limit; what it has stays."""

    async def delete(self, name: str, now: int) -> bool:
        """Close an account as its own owner can; a collector takes its blobs."""

    async def totals(self, since: int) -> Totals:
        """Give what is kept in all, and what came on the days from *since* on."""

    async def due(self) -> Due:
        """Give what a running server has to do."""

    async def ask(self, kind: ErrandKind) -> int:
        """Ask for an errand; give its number, which no other has."""

    async def answer(self, number: int, answer: str) -> None:
        """Note what came of an errand; harmless if nobody waits for it any more."""

    async def answered(self, number: int) -> str | None:
        """Give what came of an errand; None if nothing yet."""

    async def take_back(self, number: int) -> None:
        """Forget an errand."""
