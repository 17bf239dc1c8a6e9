"""What all sessions of a server share, and what each of them needs of its connection."""

import enum
from collections.abc import Callable
from typing import Protocol

import attrs

from anoncloud.server.contracts import AccountStore, BlobStore, JournalStore
from anoncloud.server.downloads import Line
from anoncloud.server.events import Board
from anoncloud.server.reservations import Reservations
from anoncloud.server.staging import Staging
from anoncloud.wire import messages


class Registration(enum.Enum):
    """Who may make an account."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@attrs.frozen
class House:
    """What all sessions of a server share: its stores, its rules, its boards."""

    accounts: AccountStore
    journal: JournalStore
    blobs: BlobStore
    staging: Staging
    clock: Callable[[], float]
    registration: Registration
    max_accounts: int
    quota: int
    reservations: Reservations = attrs.Factory(Reservations)
    drives: Board[messages.JournalGrew] = attrs.Factory(Board)
    revoked: Board[None] = attrs.Factory(Board)
    """Topics are a drive and a device's public key: sessions so logged in hear that they end."""


class Channel(Line, Protocol):
    """The way back to the peer."""

    def send(self, message: messages.Message) -> None:
        """Send a message."""

    def trust(self) -> None:
        """Let the peer send frames of full length."""

    def hang_up(self) -> None:
        """End the connection when what was sent has gone out."""
