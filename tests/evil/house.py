"""A house that means harm: the real server's rules and wire over stores in memory, with tricks.

It holds its keys, so it can say whatever a server can say. What a client sends it is kept, as
messages and as the lengths of frames on the wire.
"""

from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from anoncloud.client import accounts
from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.address import Address, Invitation
from anoncloud.client.keyring import Keyring
from anoncloud.client.kit import Kit
from anoncloud.client.profile import Profile
from anoncloud.client.sealing import seal_record
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.client.tree.changes import Change, Operations
from anoncloud.crypto.keys import ServerSecret
from anoncloud.crypto.passphrases import Argon2
from anoncloud.crypto.server_keys import agreement_key
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR
from anoncloud.server import doors
from anoncloud.server.doors import ServerFactory
from anoncloud.server.protocol import Front, ServerProtocol
from anoncloud.wire import messages, records
from anoncloud.wire.connection import GREETING, Event, Received
from anoncloud.wire.fields import Statement
from tests.support.client import Ticking, in_thread, log_in
from tests.support.client_wire import Pipe
from tests.support.entropy import counting
from tests.support.server import Rooms
from tests.support.server_wire import Line

COST = Argon2(ARGON2_PASSES_FLOOR, ARGON2_MEMORY_FLOOR)
PASSPHRASE = "correct horse battery staple"
PATIENCE = 3600.0
"""Seconds of the clock after which a command that has not ended is stuck."""
Trick = Callable[[Any], Iterable[Any] | None]
"""What is said instead of a message; None for the message itself."""


class EvilProtocol(ServerProtocol):
    """A server's end that says what its house wants it to say."""

    def __init__(self, front: Front, factory: ServerFactory, house: "EvilHouse") -> None:
        super().__init__(front, factory)
        self._tricks = house.tricks
        self.heard: list[Any] = []
        self.received = bytearray()

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        super().dataReceived(data)

    def send(self, message: messages.Message) -> None:
        spoken: list[Any] = [message]
        for trick in self._tricks:
            spoken = [made for one in spoken for made in _played(trick, one)]
        for one in spoken:
            super().send(one)

    def _take_event(self, event: Event) -> None:
        if isinstance(event, Received):
            self.heard.append(event.message)
        super()._take_event(event)

    def frames(self) -> list[int]:
        """Give the lengths of the bodies of all frames that came, the handshake's first."""
        lengths, at = [], len(GREETING)
        while at + 4 <= len(self.received):
            lengths.append(int.from_bytes(self.received[at : at + 4], "big"))
            at += 4 + lengths[-1]
        return lengths


def _played(trick: Trick, message: Any) -> Iterable[Any]:
    made = trick(message)
    return [message] if made is None else made


@attrs.define
class Visit:
    """One connection: both ends, and the bytes between them.

    :ivar answered: how many bytes the server said each time.
    """

    server: EvilProtocol
    line: Line
    pipe: Pipe
    over: bool = False
    answered: list[int] = attrs.Factory(list)

    def carry(self) -> bool:
        """Let each end hear what the other has said; tell whether anything happened."""
        if self.over:
            return False
        said, answered = self.pipe.value(), self.line.value()
        self.pipe.clear()
        self.line.clear()
        if said and not self.line.disconnecting:
            self.server.dataReceived(said)
        if answered:
            self.answered.append(len(answered))
        if answered and not self.pipe.gone:
            self.pipe.protocol.dataReceived(answered)
        quiet = not (self.pipe.value() or self.line.value())
        if self.line.disconnecting and quiet and not self.pipe.gone:
            self.pipe.lose(ConnectionDone())
        if self.pipe.gone:
            self.over = True
            self.server.connectionLost(Failure(ConnectionDone()))
        return bool(said or answered or self.over)


@implementer(IStreamClientEndpoint)
class EvilHouse:
    """A server at *address*: its stores in ``rooms``, its *tricks*, and who came."""

    def __init__(self, clock: Clock, host: str, keys: tuple[ServerSecret, ...]) -> None:
        self.clock = clock
        self.rooms = Rooms(clock=clock)
        self.tricks: list[Trick] = []
        self.visits: list[Visit] = []
        self._open: list[Visit] = []
        self.visitors = "192.0.2.1"
        self.is_away = False
        self._host = host
        self.start(*keys)

    def start(self, *secrets: ServerSecret, statements: tuple[Statement, ...] = ()) -> None:
        """Begin anew with other keys, the newest first; whoever is there is cut off."""
        for visit in self.visits:
            visit.pipe.lose(ConnectionDone())
        keys = tuple(map(agreement_key, secrets))
        self.address = Address(self._host, 9650, keys[0].public)
        self.rooms.house = attrs.evolve(self.rooms.house, statements=statements)
        front: Any = Front(self.clock, keys, counting(b"server"), self.rooms.house)  # type: ignore[arg-type]
        self.factory = ServerFactory(front)

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":  # noqa: N803 - Twisted's name
        if self.is_away:
            return fail(ConnectError())
        line, pipe = Line(), Pipe(self.clock)
        line.peerAddr = IPv4Address("TCP", self.visitors, 1)
        server: Any = self.factory.buildProtocol(line.peerAddr)
        pipe.protocol = protocolFactory.buildProtocol(None)
        self.visits.append(Visit(server, line, pipe))
        self._open.append(self.visits[-1])
        server.makeConnection(line)
        pipe.protocol.makeConnection(pipe)
        return succeed(pipe.protocol)

    def carry(self) -> bool:
        """Carry all bytes that wait once; tell whether there were any."""
        self._open = [visit for visit in self._open if not visit.over]
        carried = [visit.carry() for visit in self._open]
        return any(carried)

    def heard(self, kind: type[Any] = messages.Message) -> list[Any]:
        """Give the messages of *kind* that came, over all connections."""
        return [
            said for visit in self.visits for said in visit.server.heard if isinstance(said, kind)
        ]

    def asked(self) -> list[str]:
        """Give the kinds of all messages that came, in order."""
        return [type(said).__name__ for said in self.heard()]


class EvilTestCase(SynchronousTestCase):
    """Programs on several machines, and houses that they come to."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.houses: dict[str, EvilHouse] = {}
        self.patch(accounts, "HostnameEndpoint", self.endpoint)
        self.patch(doors, "ServerProtocol", self._build)
        self.house = self.open_house("box.example", ServerSecret(bytes(range(32))))

    def open_house(self, host: str, *secrets: ServerSecret) -> EvilHouse:
        """Open a house at *host*; its newest key is the first one."""
        house = self.houses[host] = EvilHouse(self.clock, host, secrets)
        return house

    def _build(self, front: Front, factory: ServerFactory) -> EvilProtocol:
        house = next(one for one in self.houses.values() if one.factory is factory)
        return EvilProtocol(front, factory, house)

    def endpoint(self, reactor: object, host: str, port: int, timeout: float) -> EvilHouse:
        """Lead to the house at *host*, and nowhere else."""
        del reactor, port, timeout
        return self.houses[host]

    def machine(self, seed: bytes) -> Surroundings:
        """Give the surroundings of a program on a machine that remembers nothing."""
        profile = Profile(Path(self.mktemp()))
        return Surroundings(self.clock, counting(seed), Ticking(), in_thread, profile)

    def settle(self) -> None:
        """Let all talk until nobody has anything left to say, without any time passing."""
        for _ in range(10_000):
            carried = [house.carry() for house in self.houses.values()]
            now = self.clock.seconds()
            due = any(call.getTime() <= now for call in self.clock.getDelayedCalls())
            if due:
                self.clock.advance(0)
            if not due and not any(carried):
                return
        self.fail("they talk for ever")

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> "Deferred[Any]":
        """Begin a coroutine, and let time pass until it ends."""
        running: Deferred[Any] = Deferred.fromCoroutine(coroutine)
        self.settle()
        until = self.clock.seconds() + PATIENCE
        while not running.called and self.clock.seconds() < until:
            waiting = [call.getTime() for call in self.clock.getDelayedCalls()]
            self.clock.advance(max(min(waiting, default=until) - self.clock.seconds(), 0))
            self.settle()
        return running

    def now(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give what a coroutine gives."""
        return self.successResultOf(self.begin(coroutine))

    def fault(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give the exception that a coroutine ends with."""
        return self.failureResultOf(self.begin(coroutine)).value

    def register(
        self, name: str = "ada", passphrase: str = PASSPHRASE, house: EvilHouse | None = None
    ) -> tuple[Surroundings, Kit]:
        """Register somebody, on a machine of their own that stays logged in."""
        here = self.machine(name.encode())
        invitation = Invitation((house or self.house).address)
        drawn = self.now(accounts.draw(here, invitation, name, passphrase, COST))
        opened: OpenAccount = self.now(accounts.register(here, drawn))
        self.now(stay_logged_in(here, opened, b"laptop"))
        self.now(opened.close())
        return here, drawn.kit

    def resume(self, here: Surroundings) -> OpenAccount:
        """Come back as the device that stays logged in."""
        opened: OpenAccount = self.now(resume(here))
        return opened

    def insert(
        self, keyring: Keyring, time: int, *operations: Operations, epoch: int | None = None
    ) -> None:
        """Let the house append a record, as if whoever has *keyring* had sealed it."""
        journal = self.house.rooms.journal
        head = self.now(journal.head(keyring.drive))
        epoch = keyring.epoch if epoch is None else epoch
        place = (records.FORMAT, keyring.drive, epoch, head.number + 1, head.hash, (), ())
        change = Change(time, operations)
        record = seal_record(keyring, records.Header(*place), change, counting(b"evil"))
        self.now(journal.append(keyring.drive, record, 0))

    def log_in(self, kit: Kit, passphrase: str = PASSPHRASE, **options: Any) -> Any:
        """Make the coroutine of a login from a machine that remembers nothing."""
        return log_in(self.machine(b"new"), kit, passphrase, **options)
