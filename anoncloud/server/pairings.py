"""The slots in which two devices meet, whichever processes of the server have their connections.

A store says who is in which slot, and the board carries what the two say to each other, as it came;
nothing of it is understood (docs/protocol.rst section 5.11).
"""

import enum
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from anoncloud.crypto.entropy import Entropy, system_entropy
from anoncloud.errors import Refused
from anoncloud.ids import DriveId
from anoncloud.limits import LOGIN_TIMEOUT, PAIRING_TIMEOUT
from anoncloud.server.events import Board
from anoncloud.server.pairing_contract import Opening, PairingStore, nobody_there
from anoncloud.wire import messages

CLOSED: Final = b""
"""The word on the board for the end of a pairing."""
SAID: Final = b"m"
"""How the words begin that carry a message."""
_NAME: Final = 16
_START: Final = 8


class Side(enum.Enum):
    """The two places in a pairing."""

    OPENER = b"o"
    JOINER = b"j"

    @property
    def other(self) -> "Side":
        """The other place."""
        return Side.JOINER if self is Side.OPENER else Side.OPENER


class End(Protocol):
    """What a pairing needs of the way to one of its devices."""

    def send(self, message: messages.Message) -> None:
        """Send a message."""

    def give_time(self, seconds: float) -> None:
        """Let a peer who has not logged in stay so many seconds from now."""


class Place:
    """One device's place in a pairing.

    :ivar is_over: nothing more comes or goes.
    :ivar on_end: called once, when it is over.
    """

    def __init__(self, pairing: bytes, side: Side, end: End, board: Board[bytes]) -> None:
        self.pairing = pairing
        self.is_over = False
        self.on_end: list[Callable[[], object]] = []
        self._side = side
        self._end = end
        self._board = board
        self._leave = board.listen(pairing + side.value, self._hear)

    def tell_other(self, word: bytes) -> None:
        """Say something to the other end."""
        self._board.say(self.pairing + self._side.other.value, word)

    def end(self) -> None:
        """Hear nothing more; harmless if it is over."""
        if self.is_over:
            return
        self.is_over = True
        self._leave()
        self._end.give_time(LOGIN_TIMEOUT)
        for told in self.on_end:
            told()

    def end_and_tell(self) -> None:
        """Hear nothing more, and tell the device so; harmless if it is over."""
        if not self.is_over:
            self.end()
            self._end.send(messages.PairingClosed())

    def _hear(self, word: bytes) -> None:
        if word == CLOSED:
            self.end_and_tell()
        else:
            self._end.send(messages.PairingSaid(word[len(SAID) :]))


class Pairings:
    """All slots of a server, as one of its processes sees them."""

    def __init__(
        self,
        store: PairingStore,
        board: Board[bytes],
        clock: Callable[[], float],
        in_step: Callable[[], Awaitable[int]],
        entropy: Entropy = system_entropy,
    ) -> None:
        self._store = store
        self._board = board
        self._clock = clock
        self._in_step = in_step
        self._entropy = entropy

    async def open(self, drive: DriveId, end: End, first: bytes) -> tuple[Place, int]:
        """Open a slot for *drive*, whose earlier one is closed; give the opener's place in it.

        :raises Refused: TOO_MANY: all slots are in use.
        """
        pairing, start = self._entropy(_NAME), int.from_bytes(self._entropy(_START), "big")
        now = self._clock()
        opening = Opening(pairing, drive, first, start, now + PAIRING_TIMEOUT)
        place = Place(pairing, Side.OPENER, end, self._board)
        try:
            await self._in_step()
            opened = await self._store.open(opening, now)
        except BaseException:
            place.end()
            raise
        if opened.closed is not None:
            self.tell_both(opened.closed)
        return place, opened.slot

    async def join(self, slot: int, end: End, message: bytes) -> tuple[Place, bytes]:
        """Take the one place in *slot*, and say *message*; give the place, and what was said first.

        :raises Refused: NOT_ALLOWED, alike if it is taken and if there is none.
        """
        joined = await self._store.join(slot, self._clock())
        place = Place(joined.pairing, Side.JOINER, end, self._board)
        end.give_time(PAIRING_TIMEOUT)
        try:
            await self._in_step()
            await self.say(place, message)
        except Refused:
            place.end()
            raise
        return place, joined.first

    async def say(self, place: Place, message: bytes) -> None:
        """Pass *message* on to the other end.

        :raises Refused: NOT_ALLOWED: there is no other; TOO_MANY: all has been said.
        """
        if place.is_over:
            raise nobody_there()
        await self._store.count(place.pairing)
        place.tell_other(SAID + message)

    async def close(self, place: Place, *, and_tell: bool = False) -> None:
        """End a pairing, and tell the other end, and this one too if *and_tell*; once."""
        if place.is_over:
            return
        if and_tell:
            place.end_and_tell()
        else:
            place.end()
        if await self._store.close(place.pairing):
            place.tell_other(CLOSED)

    async def close_of(self, holder: bytes) -> None:
        """End all pairings that a process has an end of, which has ended itself."""
        for pairing in await self._store.close_of(holder):
            self.tell_both(pairing)

    def tell_both(self, pairing: bytes) -> None:
        """Tell both ends of a pairing that it is over."""
        for side in Side:
            self._board.say(pairing + side.value, CLOSED)
