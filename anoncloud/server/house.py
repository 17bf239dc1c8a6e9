"""What all sessions of a server share, and what each of them needs of its connection."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import attrs

from anoncloud.server.account_contract import AccountStore
from anoncloud.server.conditions import Allowance, Terms
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.delays import Schedules
from anoncloud.server.downloads import Line
from anoncloud.server.events import Board
from anoncloud.server.gate import Gate
from anoncloud.server.metrics.tally import Tally
from anoncloud.server.online import Online
from anoncloud.server.pairings import Pairings
from anoncloud.server.reservations import Reservations
from anoncloud.server.room import Room
from anoncloud.server.staging import Staging
from anoncloud.wire import messages


async def alone() -> int:
    """Be in step with the other processes of a server: there are none."""
    return 0


@attrs.define(eq=False)
class House:
    """What all sessions of a server share: its stores, its rules, its boards.

    Its terms and its allowance may be replaced at any time; the rest stays.

    :ivar clock: seconds since 1970.
    :ivar wait: waits so many seconds.
    :ivar in_step: waits until what is listened to will be heard of other processes, too. Gives the
        accounts online then in all of them; 0 if there are no others, so that nothing was missed.
    """

    accounts: AccountStore
    journal: JournalStore
    blobs: BlobStore
    staging: Staging
    clock: Callable[[], float]
    wait: Callable[[float], Awaitable[None]]
    terms: Terms
    pairings: Pairings
    statements: tuple[messages.Statement, ...] = ()
    """What the server's older keys say of the newer ones, the oldest first."""
    schedules: Schedules = attrs.Factory(Schedules)
    allowance: Allowance = attrs.Factory(Allowance)
    gate: Gate = attrs.Factory(Gate)
    online: Online = attrs.Factory(Online)
    tally: Tally = attrs.Factory(Tally)
    reservations: Reservations = attrs.Factory(Reservations)
    room: Room = attrs.field(init=False)
    in_step: Callable[[], Awaitable[int]] = alone
    drives: Board[messages.JournalGrew] = attrs.Factory(Board)
    revoked: Board[None] = attrs.Factory(Board)
    """Topics are a drive and the public key that a session logged in with, and a drive alone:
    who listens hears that it ends, because the key was revoked, or the account deleted."""

    @room.default
    def _make_room(self) -> Room:
        return Room(self.journal, self.blobs, self.reservations, self.clock)


class Channel(Line, Protocol):
    """The way back to the peer."""

    def send(self, message: messages.Message) -> None:
        """Send a message."""

    def trust(self) -> None:
        """Let the peer send frames of full length."""

    def network(self) -> str:
        """Name the peer's network (``networks.network_of``); "" if it has none."""

    def give_time(self, seconds: float) -> None:
        """Let a peer who has not logged in stay so many seconds from now."""

    def stop_reading(self) -> None:
        """Read nothing from the peer: what it sent is not written yet."""

    def go_on_reading(self) -> None:
        """Read again what the peer sends."""

    def hang_up(self) -> None:
        """End the connection when what was sent has gone out."""
