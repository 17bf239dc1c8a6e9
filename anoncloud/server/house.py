"""What all sessions of a server share, and what each of them needs of its connection."""

import enum
from collections.abc import Awaitable, Callable
from typing import Protocol

import attrs

from anoncloud.server.account_contract import AccountStore
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.delays import Schedules
from anoncloud.server.downloads import Line
from anoncloud.server.events import Board
from anoncloud.server.gate import Gate
from anoncloud.server.pairings import Pairings
from anoncloud.server.reservations import Reservations
from anoncloud.server.staging import Staging
from anoncloud.wire import messages


class Registration(enum.Enum):
    """Who may make an account."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@attrs.frozen
class Terms:
    """On what terms accounts are made.

    :ivar max_accounts: how many there may be, 0 for any number.
    :ivar quota: what each may store, in bytes, 0 for no limit.
    :ivar least_score: what a passphrase must be worth, as zxcvbn counts it; clients see to it.
    """

    registration: Registration
    max_accounts: int = 0
    quota: int = 0
    least_score: int = 0


@attrs.frozen
class House:
    """What all sessions of a server share: its stores, its rules, its boards.

    :ivar clock: seconds since 1970.
    :ivar wait: waits so many seconds.
    """

    accounts: AccountStore
    journal: JournalStore
    blobs: BlobStore
    staging: Staging
    clock: Callable[[], float]
    wait: Callable[[float], Awaitable[None]]
    terms: Terms
    statements: tuple[messages.Statement, ...] = ()
    """What the server's older keys say of the newer ones, the oldest first."""
    schedules: Schedules = attrs.Factory(Schedules)
    gate: Gate = attrs.Factory(Gate)
    pairings: Pairings = attrs.Factory(Pairings)
    reservations: Reservations = attrs.Factory(Reservations)
    drives: Board[messages.JournalGrew] = attrs.Factory(Board)
    revoked: Board[None] = attrs.Factory(Board)
    """Topics are a drive and the public key that a session logged in with, and a drive alone:
    who listens hears that it ends, because the key was revoked, or the account deleted."""


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

    def hang_up(self) -> None:
        """End the connection when what was sent has gone out."""
