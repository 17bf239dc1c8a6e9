"""Clients' ends of connections to a server's factory, and transports without sockets."""

import errno
from typing import Any

from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Allowance
from anoncloud.server.doors import ServerFactory
from anoncloud.server.protocol import Front
from anoncloud.wire import messages
from anoncloud.wire.connection import Bulk, Ended, Established, Received
from tests.support.entropy import counting
from tests.support.pairs import STATIC, new_client, sent
from tests.support.server import Person, Rooms


class Line(StringTransport):
    """A server's transport; like a socket's, it may be told twice that its producer is gone."""

    def __init__(self, *, has_no_delay: bool = True) -> None:
        super().__init__()
        self.has_no_delay = has_no_delay
        self.no_delay = False
        self.bufferSize = 0

    def setTcpNoDelay(self, enabled: bool) -> None:
        if not self.has_no_delay:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        self.no_delay = enabled

    def unregisterProducer(self) -> None:
        self.producer = None


class Socket(FileDescriptor):
    """Twisted's own transport over a kernel's buffer of *room* bytes, and a reactor of two sets."""

    def __init__(self, room: int) -> None:
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        super().__init__(reactor=self)  # type: ignore[arg-type]
        self.connected = 1
        self.peerAddr = IPv4Address("TCP", "192.0.2.1", 1)
        self.room = room
        self.written = b""
        self.protocol: Any = None
        self.startReading()

    def addReader(self, reader: Any) -> None:
        self.readers.add(reader)

    def addWriter(self, writer: Any) -> None:
        self.writers.add(writer)

    def removeReader(self, reader: Any) -> None:
        self.readers.discard(reader)

    def removeWriter(self, writer: Any) -> None:
        self.writers.discard(writer)

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled

    def getPeer(self) -> IPv4Address:
        return self.peerAddr

    def abortConnection(self) -> None:
        self.connected = 0

    def writeSomeData(self, data: bytes) -> int:
        taken = bytes(data[: self.room])
        self.room -= len(taken)
        self.written += taken
        return len(taken)

    def turn(self, room: int = 0) -> None:
        """Let the kernel take *room* bytes more, and the reactor turn until nothing happens."""
        self.room += room
        while self.room and self.writers:
            gone = self.doWrite()
            if gone is not None:
                reason = Failure(gone if isinstance(gone, Exception) else ConnectionDone())
                self.connectionLost(reason)
                self.protocol.connectionLost(reason)
                return

    def value(self) -> bytes:
        return self.written

    def clear(self) -> None:
        self.written = b""


class Caller:
    """A client who calls a server, and remembers what it hears."""

    def __init__(self, desk: "Desk", host: str = "192.0.2.1", line: Any = None) -> None:
        self.line = line or Line()
        self.clock = desk.clock
        self.connection = new_client()
        self.heard: list[Any] = []
        self.bulk: dict[int, bytes] = {}
        self.handshake_hash = b""
        self.ended = False
        self.number = 0
        self.line.peerAddr = IPv4Address("TCP", host, 1)
        self.protocol: Any = desk.factory.buildProtocol(self.line.peerAddr)
        if self.protocol is not None:
            self.line.protocol = self.protocol
            self.protocol.makeConnection(self.line)

    def push(self) -> None:
        """Let the server hear what waits, and hear what it says."""
        self.protocol.dataReceived(sent(self.connection))
        self.pull()

    def pull(self) -> None:
        """Hear what the server has written."""
        if isinstance(self.line, Socket):
            self.line.turn()
        written = self.line.value()
        self.line.clear()
        for event in self.connection.receive(written):
            if isinstance(event, Established):
                self.handshake_hash = event.handshake_hash
            elif isinstance(event, Received):
                self.heard.append(event.message)
            elif isinstance(event, Bulk):
                self.bulk[event.request] = self.bulk.get(event.request, b"") + event.data
            elif isinstance(event, Ended):
                self.ended = True

    def agree(self) -> "Caller":
        """Agree on keys."""
        self.connection.begin()
        self.push()
        return self

    def log_in(self, person: Person, device: str = "") -> "Caller":
        """Agree on keys, and log in."""
        self.agree()
        self.ask(messages.LogIn, *person.log_in(device, self.handshake_hash))
        return self

    def ask(self, kind: Any, *fields: Any) -> int:
        """Ask something, and wait for a refused login's answer; give the request's number."""
        self.number += 1
        self.connection.send(kind(self.number, *fields))
        self.push()
        answered = {getattr(message, "request", None) for message in self.heard}
        if kind is messages.LogIn and self.number not in answered:
            self.wait(PACE)
        return self.number

    def wait(self, seconds: float) -> None:
        """Let time go by, and hear what the server says then."""
        self.clock.advance(seconds)
        self.pull()

    def lose(self) -> None:
        """Lose the connection."""
        self.protocol.connectionLost(Failure(ConnectionDone()))


class Desk:
    """A factory over a house in memory."""

    def __init__(
        self, max_connections: int = 100, max_per_address: int = 100, **allowance: Any
    ) -> None:
        self.rooms = Rooms()
        self.rooms.house.allowance = Allowance(max_connections, max_per_address, **allowance)
        self.clock = self.rooms.clock
        self.factory = ServerFactory(
            Front(
                self.clock,
                (STATIC,),
                counting(b"server"),
                self.rooms.house,
            )
        )

    def call(self, host: str = "192.0.2.1", line: Any = None) -> Caller:
        """Call the server."""
        return Caller(self, host, line)
