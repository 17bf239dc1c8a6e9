"""The slots in which two devices meet, as long as they do; of one process, in memory.

A slot has one opener and one place, which is taken once. What the two say to each other is passed
on as it came, and nothing of it is understood (docs/protocol.rst section 5.11).
"""

import enum
from collections.abc import Callable
from typing import Protocol

from anoncloud.crypto.entropy import Entropy, system_entropy
from anoncloud.errors import Code, Refused
from anoncloud.limits import LOGIN_TIMEOUT, MAX_PAIRING_MESSAGES, MAX_SLOT, PAIRING_TIMEOUT
from anoncloud.server.delays import MemoryRows
from anoncloud.wire import messages


class End(Protocol):
    """What a pairing needs of the way to one of its devices."""

    def send(self, message: messages.Message) -> None:
        """Send a message."""

    def give_time(self, seconds: float) -> None:
        """Let a peer who has not logged in stay so many seconds from now."""


class State(enum.Enum):
    """Where a pairing is: from each state on to the next, or from the first to the last."""

    OPEN = "its place is free"
    JOINED = "both devices are there"
    OVER = "nothing more is passed on"


class Pairing:
    """A slot and the two devices that meet in it.

    :ivar on_end: called once, when it is over.
    """

    def __init__(self, slot: int, opener: End, first: bytes) -> None:
        self.slot = slot
        self.state = State.OPEN
        self.on_end: list[Callable[[], object]] = []
        self._ends: list[End] = [opener]
        self._first = first
        self._said = 1

    def join(self, joiner: End, message: bytes) -> bytes:
        """Take the one place; give the opener's first message.

        :raises Refused: NOT_ALLOWED: it is taken.
        """
        if self.state is not State.OPEN:
            raise no_such_slot()
        self.state = State.JOINED
        self._ends.append(joiner)
        joiner.give_time(PAIRING_TIMEOUT)
        self.say(joiner, message)
        return self._first

    def say(self, end: End, message: bytes) -> None:
        """Pass *message* of one *end* on to the other.

        :raises Refused: NOT_ALLOWED: there is no other; TOO_MANY: all has been said.
        """
        if self.state is not State.JOINED:
            fault = "there is nobody at the other end of the pairing"
            raise Refused(Code.NOT_ALLOWED, fault, "wait for the other device, or begin again")
        if self._said >= MAX_PAIRING_MESSAGES:
            fault = f"a pairing has {MAX_PAIRING_MESSAGES} messages"
            raise Refused(Code.TOO_MANY, fault, "begin again")
        self._said += 1
        for other in self._ends:
            if other is not end:
                other.send(messages.PairingSaid(message))

    def close(self, but: End | None = None) -> None:
        """Pass nothing more on, and say so to both ends *but* to one; harmless if it is over."""
        if self.state is State.OVER:
            return
        self.state = State.OVER
        for end in self._ends:
            end.give_time(LOGIN_TIMEOUT)
            if end is not but:
                end.send(messages.PairingClosed())
        for told in self.on_end:
            told()


class Pairings:
    """All slots of a server.

    :ivar wrong: the networks from which slots were asked for that nobody waits in.
    """

    def __init__(self, entropy: Entropy = system_entropy) -> None:
        self.wrong = MemoryRows()
        self._entropy = entropy
        self._slots: dict[int, Pairing] = {}
        self._accounts: dict[str, Pairing] = {}

    def open(self, account: str, opener: End, first: bytes) -> Pairing:
        """Open a slot for *account*, whose earlier one is closed.

        :raises Refused: TOO_MANY: all slots are in use.
        """
        earlier = self._accounts.get(account)
        if earlier is not None:
            earlier.close()
        pairing = Pairing(self._draw(), opener, first)
        self._slots[pairing.slot] = self._accounts[account] = pairing

        def forget() -> None:
            del self._slots[pairing.slot]
            del self._accounts[account]

        pairing.on_end.append(forget)
        return pairing

    def find(self, slot: int) -> Pairing:
        """Give the pairing in *slot* whose place is free.

        :raises Refused: NOT_ALLOWED, alike if it is taken and if there is none.
        """
        pairing = self._slots.get(slot)
        if pairing is None or pairing.state is not State.OPEN:
            raise no_such_slot()
        return pairing

    def _draw(self) -> int:
        """Draw a slot that is free."""
        if len(self._slots) >= MAX_SLOT:
            fault = "as many pairings as there may be are under way"
            raise Refused(Code.TOO_MANY, fault, "try again in a few minutes")
        slot = int.from_bytes(self._entropy(8), "big") % MAX_SLOT + 1
        while slot in self._slots:
            slot = slot % MAX_SLOT + 1
        return slot


def no_such_slot() -> Refused:
    """Make the one refusal of a slot that can't be joined, for whatever reason."""
    fault = "no device waits for this pairing code: it is wrong, was used, or is too old"
    return Refused(Code.NOT_ALLOWED, fault, "let the other device make a new code")
