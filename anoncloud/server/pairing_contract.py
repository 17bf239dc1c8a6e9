"""What pairings need of their store, in a narrow contract, and what they are refused with.

What ``contracts`` says of its stores holds for this one too, but that nothing of it need outlive a
power loss. It is atomic over all processes.
"""

from typing import Protocol

import attrs

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.limits import MAX_PAIRING_MESSAGES, MAX_SLOT


@attrs.frozen
class Opening:
    """What a slot is opened with.

    :ivar pairing: a name for it that nobody can guess, 16 bytes.
    :ivar first: the opener's first message.
    :ivar start: where the search for a free slot begins, drawn at random.
    :ivar until: when it closes by itself, in seconds since 1970.
    """

    pairing: bytes
    drive: DriveId
    first: bytes
    start: int
    until: float


@attrs.frozen
class Opened:
    """The slot, and the pairing that the drive had before, which is closed now; or None."""

    slot: int
    closed: bytes | None


@attrs.frozen
class Joined:
    """A pairing whose place was taken, and its opener's first message."""

    pairing: bytes
    first: bytes


class PairingStore(Protocol):
    """Slots, each with one place that is taken once; a drive has one slot at most."""

    async def open(self, opening: Opening, now: float) -> Opened:
        """Open a free slot, the next one from *start* on, the first after the last.

        Slots whose time is over are free.

        :raises Refused: TOO_MANY: all slots are in use.
        """

    async def join(self, slot: int, now: float) -> Joined:
        """Take the one place in a slot.

        :raises Refused: NOT_ALLOWED, alike if it is taken and if there is none.
        """

    async def count(self, pairing: bytes) -> None:
        """Count one more message.

        :raises Refused: NOT_ALLOWED: there is nobody at the other end; TOO_MANY: all has been said.
        """

    async def close(self, pairing: bytes) -> bool:
        """Free the slot of a pairing; False if it is over already."""

    async def close_of(self, holder: bytes) -> list[bytes]:
        """Free the slots of all pairings that a process has an end of; give them."""


def all_taken() -> Refused:
    """Make the refusal of a slot more than there are."""
    fault = "as many pairings as there may be are under way"
    return Refused(Code.TOO_MANY, fault, "try again in a few minutes")


def no_such_slot() -> Refused:
    """Make the one refusal of a slot that can't be joined, for whatever reason."""
    fault = "no device waits for this pairing code: it is wrong, was used, or is too old"
    return Refused(Code.NOT_ALLOWED, fault, "let the other device make a new code")


def nobody_there() -> Refused:
    """Make the refusal of a message that nobody would hear."""
    fault = "there is nobody at the other end of the pairing"
    return Refused(Code.NOT_ALLOWED, fault, "wait for the other device, or begin again")


def all_said() -> Refused:
    """Make the refusal of a message more than a pairing has."""
    fault = f"a pairing has {MAX_PAIRING_MESSAGES} messages"
    return Refused(Code.TOO_MANY, fault, "begin again")


def free_slot(start: int, taken: set[int]) -> int:
    """Give the next free slot from *start* on, which may be any number.

    :raises Refused: TOO_MANY.
    """
    if len(taken) >= MAX_SLOT:
        raise all_taken()
    slot = start % MAX_SLOT + 1
    while slot in taken:
        slot = slot % MAX_SLOT + 1
    return slot
