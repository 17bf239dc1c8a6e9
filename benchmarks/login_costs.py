"""What a login that is refused costs a server, in CPU time: its own code, without a network.

The real protocol, session and database of a server are driven in this process, with transports in
memory; what the client does is done before and after, and not measured.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from anoncloud.client.link import Credentials
from anoncloud.crypto.keys import AgreementKey, verify
from anoncloud.server.conditions import Registration, Terms
from anoncloud.server.delays import Schedules
from anoncloud.server.doors import ServerFactory
from anoncloud.server.events import Board
from anoncloud.server.house import House, alone
from anoncloud.server.pairings import Pairings
from anoncloud.server.protocol import Front
from anoncloud.server.session import MAX_FAILED_LOGINS
from anoncloud.server.staging import Staging
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.journal import SqlJournal
from anoncloud.server.stores.memory import MemoryBlobs
from anoncloud.server.stores.memory_pairings import MemoryPairings
from anoncloud.wire import messages
from anoncloud.wire.connection import Connection, Established
from anoncloud.wire.handshake import Role
from benchmarks.guesses import random_key
from benchmarks.lenient import MODES
from benchmarks.limits import own_cpu

_GROUP: Final = 300
"""Connections at once."""
_TURN: Final = 10
"""Of them those that are heard in one turn of the reactor."""


@attrs.frozen
class Costs:
    """CPU seconds of each of so many steps, the thread of the database included."""

    verifying: float
    agreeing: float
    held: float
    evaluated: float

    @property
    def held_whole(self) -> float:
        """A guess that is held back, with its share of agreeing on keys."""
        return self.held + self.agreeing / MAX_FAILED_LOGINS


class _Line(StringTransport):
    """A transport that takes what a socket takes."""

    SEND_LIMIT = bufferSize = 0  # noqa: N815 - Twisted's name

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001, N802 - Twisted's name
        """Do nothing: there is no socket."""

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Do nothing: there is no socket."""


class _Caller:
    """A client and the server's end of its connection."""

    def __init__(self, factory: ServerFactory, server_public: bytes, number: int) -> None:
        self._client = Connection(Role.CLIENT, entropy=os.urandom, server_public=server_public)
        self._line = _Line(IPv4Address("TCP", f"198.51.{number >> 8}.{number & 255}", 1))
        self._protocol: Any = factory.buildProtocol(self._line.getPeer())
        self._protocol.makeConnection(self._line)
        self._hash = b""
        self._number = 0
        self._client.begin()
        self._waiting = b"".join(self._client.take())

    def push(self) -> None:
        """Let the server hear what waits; this alone is the server's work."""
        self._protocol.dataReceived(self._waiting)

    @property
    def is_answered(self) -> bool:
        """Whether the server has written something since it was listened to."""
        return bool(self._line.value())

    def pull(self) -> None:
        """Hear what the server has written."""
        for event in self._client.receive(self._line.value()):
            if isinstance(event, Established):
                self._hash = event.handshake_hash
        self._line.clear()

    def prepare(self, name: str) -> None:
        """Make the next guess, which waits then."""
        self._number += 1
        message = Credentials(name, random_key()).message(self._number, self._hash)
        self._client.send(message)
        self._waiting = b"".join(self._client.take())

    def lose(self) -> None:
        """Be gone."""
        self._protocol.connectionLost()


def login_costs(folder: Path, count: int) -> Costs:
    """Measure about *count* steps of each kind; runs the reactor, which can be done once."""
    measured: list[Costs] = []
    failed: list[Failure] = []
    measuring = Deferred.fromCoroutine(_measure(folder, max(count // _GROUP, 1)))
    _ = measuring.addCallbacks(measured.append, failed.append)
    _ = measuring.addCallback(lambda _: reactor.callLater(0, reactor.stop))
    reactor.run()
    for failure in failed:
        failure.raiseException()
    return measured[0]


async def _measure(folder: Path, rounds: int) -> Costs:
    held = await _guesses(folder / "held", Schedules(), rounds)
    evaluated = await _guesses(folder / "evaluated", MODES["evaluating"], rounds)
    return Costs(_verifying(rounds * _GROUP), held[0], held[1], evaluated[1])


async def _guesses(folder: Path, schedules: Schedules, rounds: int) -> tuple[float, float]:
    """Give the CPU seconds of one agreement on keys, and of one guess."""
    folder.mkdir()
    database = Database(folder / "accounts.sqlite")
    key = AgreementKey(os.urandom(AgreementKey.LENGTH))
    factory = ServerFactory(Front(reactor, (key,), os.urandom, _house(database, schedules)))
    agreeing, guessing = _Watch(), _Watch()
    for _ in range(rounds):
        callers = [_Caller(factory, key.public, number) for number in range(_GROUP)]
        with agreeing.running():
            _each(callers, _Caller.push)
        _each(callers, _Caller.pull)
        for _ in range(MAX_FAILED_LOGINS):
            _each(callers, lambda caller: caller.prepare("bench"))
            with guessing.running():
                for at in range(0, _GROUP, _TURN):
                    _each(callers[at : at + _TURN], _Caller.push)
                    await deferLater(reactor, 0)
                await _answered(callers)
            _each(callers, _Caller.pull)
        _each(callers, _Caller.lose)
    database.close()
    every = rounds * _GROUP
    return agreeing.seconds / every, guessing.seconds / (every * MAX_FAILED_LOGINS)


def _house(database: Database, schedules: Schedules) -> House:
    async def wait(seconds: float) -> None:
        await deferLater(reactor, seconds)

    journal, blobs = SqlJournal(database), MemoryBlobs(time.time)
    staging, terms = Staging(blobs, journal, time.time), Terms(Registration.OPEN)
    accounts = SqlAccounts(database)
    pairings = Pairings(MemoryPairings(), Board(), time.time, alone)
    return House(
        accounts, journal, blobs, staging, time.time, wait, terms, pairings, schedules=schedules
    )


class _Watch:
    """Adds up CPU seconds of this process."""

    seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what the block costs."""
        before = own_cpu()
        yield
        self.seconds += (own_cpu() - before).total


def _each(callers: list[_Caller], step: Callable[[_Caller], object]) -> None:
    for caller in callers:
        step(caller)


async def _answered(callers: list[_Caller]) -> None:
    """Let the reactor turn until every caller has its answer."""
    while not all(caller.is_answered for caller in callers):
        await deferLater(reactor, 0.05)


def _verifying(count: int) -> float:
    """Give the CPU seconds of checking one signature."""
    key, signed = random_key(), os.urandom(70)
    signature = key.sign(messages.LOGIN_CONTEXT, signed)
    before = own_cpu()
    for _ in range(count):
        verify(key.public, messages.LOGIN_CONTEXT, signed, signature)
    return (own_cpu() - before).total / count
