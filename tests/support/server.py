"""A server's rules over stores in memory: people, records, a house, and peers that ask."""

from collections.abc import Awaitable, Callable, Coroutine
from hashlib import shake_256
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.server.account_contract import NewAccount
from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Registration, Terms
from anoncloud.server.contracts import Head
from anoncloud.server.events import Board
from anoncloud.server.house import House, alone
from anoncloud.server.pairings import Pairings
from anoncloud.server.session import Session
from anoncloud.server.staging import Staging
from anoncloud.server.stores.memory import MemoryBlobs, MemoryJournal
from anoncloud.server.stores.memory_accounts import MemoryAccounts
from anoncloud.server.stores.memory_pairings import MemoryPairings
from anoncloud.wire import messages
from anoncloud.wire.records import Header, encode_header, join

HANDSHAKE_HASH = bytes(range(64))
"""The hash of every handshake that was not made."""


def blob_name(number: int) -> BlobId:
    """Make the name of a blob."""
    return BlobId(shake_256(b"blob %d" % number).digest(16))


def record(
    drive: bytes,
    head: Head,
    adds: tuple[bytes, ...] = (),
    drops: tuple[bytes, ...] = (),
    body: bytes = b"sealed",
) -> bytes:
    """Make a record that follows *head*."""
    header = Header(1, drive, 0, head.number + 1, head.hash, adds, drops)
    return join(encode_header(header), body)


@attrs.frozen
class Person:
    """Somebody with an account: all follows from the name."""

    name: str

    @property
    def drive(self) -> DriveId:
        """The identifier of the drive."""
        return DriveId(shake_256(b"drive " + self.name.encode()).digest(16))

    @property
    def keyring(self) -> bytes:
        """Bytes that stand for a sealed keyring."""
        return b"keyring of " + self.name.encode()

    def key(self, device: str = "") -> SigningKey:
        """Give the login key, or the key of a device."""
        return SigningKey(shake_256(f"{self.name} {device}".encode()).digest(32))

    def new_account(self, quota: int = 0) -> NewAccount:
        """Say what a registration brings."""
        return NewAccount(self.name, self.key().public, self.keyring, self.drive, quota)

    def register(self, invitation: bytes = b"") -> tuple[Any, ...]:
        """Give the fields of a Register behind its number."""
        return (self.name, invitation, self.key().public, self.keyring, self.drive)

    def log_in(self, device: str = "", handshake_hash: bytes = HANDSHAKE_HASH) -> tuple[Any, ...]:
        """Give the fields of a LogIn behind its number."""
        signed = handshake_hash + self.name.encode()
        key = self.key(device)
        return (self.name, key.public, key.sign(messages.LOGIN_CONTEXT, signed))


ADA = Person("ada")
BOB = Person("bob")


class Rooms:
    """The stores of a house, and the house."""

    def __init__(
        self,
        registration: Registration = Registration.OPEN,
        max_accounts: int = 0,
        quota: int = 0,
        blobs: Any = None,
        least_score: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.clock.advance(1_000_000)
        self.journal = MemoryJournal()
        self.accounts = MemoryAccounts(self.journal)
        self.blobs: Any = blobs or MemoryBlobs(self.clock.seconds)
        self.staging = Staging(self.blobs, self.journal, self.clock.seconds)
        self.house = House(
            self.accounts,
            self.journal,
            self.blobs,
            self.staging,
            self.clock.seconds,
            self.wait,
            Terms(registration, max_accounts, quota, least_score),
            Pairings(MemoryPairings(), Board(), self.clock.seconds, alone),
        )

    async def wait(self, seconds: float) -> None:
        """Wait until the clock has gone on."""
        await deferLater(self.clock, seconds)  # type: ignore[arg-type] - a clock is all it needs


class Held:
    """Stands for the method of a store: each call waits for :meth:`go`."""

    def __init__(self, method: Callable[..., Awaitable[Any]]) -> None:
        self._method = method
        self._waiting: list[Deferred[None]] = []

    async def __call__(self, *arguments: Any) -> Any:
        waiting: Deferred[None] = Deferred()
        self._waiting.append(waiting)
        await waiting
        return await self._method(*arguments)

    def __len__(self) -> int:
        """Count the calls that wait."""
        return len(self._waiting)

    def go(self) -> None:
        """Let the call that has waited longest go on."""
        self._waiting.pop(0).callback(None)


def failing(error: Exception) -> Callable[..., Any]:
    """Make a method that raises *error*."""

    async def method(*arguments: Any) -> Any:
        raise error

    return method


class Peer:
    """The other end of a session: asks, and remembers what it hears; fulfils ``Channel``.

    With the house's *clock* it waits for the answer to a login that is refused.
    """

    def __init__(self, house: House, clock: Clock | None = None) -> None:
        self.heard: list[Any] = []
        self.bulk: dict[int, bytes] = {}
        self.frames: list[int] = []
        self.trusted = False
        self.hung_up = False
        self.full: Deferred[None] | None = None
        self.from_network = ""
        self.time_given = 0.0
        self.is_read = True
        self._clock = clock
        self.session = Session(house, self, HANDSHAKE_HASH)
        self._number = 0

    def send(self, message: messages.Message) -> None:
        if not self.hung_up:
            self.heard.append(message)

    def send_bulk(self, request: int, data: bytes | memoryview) -> None:
        self.frames.append(len(data))
        self.bulk[request] = self.bulk.get(request, b"") + data

    async def ready(self) -> None:
        while self.full is not None:
            await self.full

    def trust(self) -> None:
        self.trusted = True

    def network(self) -> str:
        return self.from_network

    def give_time(self, seconds: float) -> None:
        self.time_given = seconds

    def stop_reading(self) -> None:
        self.is_read = False

    def go_on_reading(self) -> None:
        self.is_read = True

    def hang_up(self) -> None:
        self.hung_up = True

    def fill(self) -> None:
        """Let the line take no more."""
        self.full = Deferred()

    def drain(self) -> None:
        """Let the line take more again."""
        full, self.full = self.full, None
        if full is not None:
            full.callback(None)

    def begin(self, kind: Any, *fields: Any) -> int:
        """Ask, and give the request's number."""
        self._number += 1
        self.session.receive(kind(self._number, *fields))
        return self._number

    def answers(self, number: int) -> list[Any]:
        """Give the answers to a request; one, if all is well."""
        return [
            message
            for message in self.heard
            if getattr(message, "request", None) == number
            and not isinstance(message, messages.Credit)
        ]

    def ask(self, kind: Any, *fields: Any) -> Any:
        """Ask what is answered at once, or a login, and give the answer."""
        number = self.begin(kind, *fields)
        if kind is messages.LogIn and self._clock is not None and not self.answers(number):
            self._clock.advance(PACE)
        (answer,) = self.answers(number)
        return answer

    def credit(self, number: int) -> int:
        """Add up the credit granted to an upload."""
        given = (m for m in self.heard if isinstance(m, messages.Credit))
        return sum(message.length for message in given if message.request == number)

    def deliver(self, number: int, data: bytes) -> None:
        """Send bulk bytes."""
        self.session.receive_bulk(number, memoryview(data))


class ServerTestCase(SynchronousTestCase):
    """A test of what is async but waits for nothing outside, with a house and peers."""

    def setUp(self) -> None:
        self.rooms = Rooms()

    def now(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give what a coroutine gives at once."""
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def refused(self, code: Code, coroutine: Coroutine[Any, Any, Any]) -> Refused:
        """Give the refusal, with *code*, that a coroutine ends with at once."""
        refusal = self.failureResultOf(Deferred.fromCoroutine(coroutine), Refused).value
        self.assertEqual(refusal.code, code)
        return refusal

    def peer(self, person: Person | None = None, device: str = "") -> Peer:
        """Connect, and log in as *person*, who is registered first if need be."""
        peer = Peer(self.rooms.house, self.rooms.clock)
        if person is not None:
            find = self.rooms.accounts.find(person.name, person.key().public)
            if self.now(find) is None:
                self.now(self.rooms.accounts.register(person.new_account(), None, 0, 0))
            if device:
                self.now(self.rooms.accounts.enrol(person.name, person.key(device).public))
            answer = peer.ask(messages.LogIn, *person.log_in(device))
            self.assertIsInstance(answer, messages.LoggedIn)
        return peer

    def assert_refused(self, answer: Any, code: Code) -> None:
        """See that *answer* is a refusal with *code* and a sentence."""
        self.assertIsInstance(answer, messages.Refusal)
        self.assertEqual(Code(answer.code), code)
        self.assertTrue(answer.sentence)
