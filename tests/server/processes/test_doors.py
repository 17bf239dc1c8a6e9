"""The two halves of a door: what the listener hands on, and what a worker lays over it."""

import socket
from pathlib import Path
from typing import Any

from OpenSSL import crypto
from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.ssl import KeyPair
from twisted.internet.testing import MemoryReactorClock
from twisted.protocols.tls import TLSMemoryBIOFactory

from anoncloud.errors import UsageError
from anoncloud.server.processes import channel
from anoncloud.server.processes.doors import WorkerFactory, inside, outside
from anoncloud.wire.connection import GREETING
from tests.server.test_protocol import ProtocolTestCase
from tests.support.server_wire import Desk, Line


class Taken(Line):
    """A listener's transport over a real socket that nobody is at the other end of."""

    def __init__(self) -> None:
        super().__init__()
        self.handle = socket.socket()
        self.reads = True

    def getHandle(self) -> socket.socket:
        return self.handle

    def stopReading(self) -> None:
        self.reads = False


class OutsideTests(ProtocolTestCase):
    """The listener's half."""

    def setUp(self) -> None:
        super().setUp()
        self.taken: list[tuple[socket.socket, str | None]] = []

    def listen(self, endpoint: str) -> tuple[Any, Any]:
        """Listen at an endpoint; give what it does to the reactor, and the factory."""
        reactor = MemoryReactorClock()
        service = outside(endpoint, lambda *taken: self.taken.append(taken), reactor)
        service.privilegedStartService()
        ((port, factory, *_),) = reactor.tcpServers or reactor.unixServers
        return port, factory

    def test_plain(self) -> None:
        """A socket is taken with not a byte read, and its network, whatever the endpoint adds."""
        for endpoint, expected in (("tcp:12", "192.0.2.1"), ("haproxy:tcp:12", None)):
            port, factory = self.listen(endpoint)
            self.assertEqual(port, 12)
            protocol, line = factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)), Taken()
            descriptor = line.handle.fileno()
            protocol.makeConnection(line)
            ((handle, network),) = self.taken
            self.assertEqual((handle.fileno(), network, line.reads), (descriptor, expected, False))
            self.assertEqual(line.handle.fileno(), -1)  # nothing of the listener's can close it
            handle.close()
            self.taken.clear()

    def test_unix(self) -> None:
        """A peer on a unix socket has no network."""
        _, factory = self.listen("unix:/run/socket")
        line = Taken()
        factory.buildProtocol(UNIXAddress(None)).makeConnection(line)
        ((handle, network),) = self.taken
        self.assertEqual(network, "")
        handle.close()

    def test_wrong(self) -> None:
        """What is no endpoint is no endpoint here either."""
        error = self.assertRaises(UsageError, outside, "nonsense:1", print, MemoryReactorClock())
        self.assertIn("nonsense:1", error.message)


class InsideTests(ProtocolTestCase):
    """The worker's half."""

    def setUp(self) -> None:
        super().setUp()
        self.told: list[tuple[type[Any], dict[str, Any]]] = []
        self.desk = Desk()
        self.factory = WorkerFactory(
            self.desk.factory._front,
            lambda command, **said: self.told.append((command, said)),
            ("tcp:1", "haproxy:tcp:2"),
        )

    def test_layers(self) -> None:
        """TLS is laid over what says so; other endpoints give the bytes as they are."""
        keys = KeyPair.generate(size=2048)
        pem = Path(self.mktemp())
        certificate = keys.selfSignedCert(1, CN="cloud.example").dumpPEM()
        pem.write_bytes(keys.dump(crypto.FILETYPE_PEM) + certificate)
        for endpoint in ("tcp:1", "unix:/run/socket", "systemd:domain=INET:index=0"):
            self.assertIs(inside(endpoint, self.factory), self.factory)
        laid = inside(f"ssl:1:privateKey={pem}:certKey={pem}", self.factory)
        self.assertIsInstance(laid, TLSMemoryBIOFactory)
        self.assertIs(laid.wrappedFactory, self.factory)

    def test_direct(self) -> None:
        """The listener knows a peer's network, and hears of its keys and its end."""
        protocol, line = self.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)), Line()
        protocol.makeConnection(line)
        protocol.dataReceived(GREETING)
        self.assertEqual((self.told, len(self.factory)), ([], 1))
        self.factory.agreed(protocol)
        protocol.connectionLost()
        self.assertEqual([command for command, _ in self.told], [channel.Agreed, channel.Left])
        self.assertEqual(len(self.factory), 0)

    def test_proxied(self) -> None:
        """Behind a proxy the network is told with the first bytes, once."""
        wrapped = inside("haproxy:tcp:2", self.factory).buildProtocol(None)
        line = Line()
        wrapped.makeConnection(line)
        wrapped.dataReceived(b"PROXY TCP4 192.0.2.7 192.0.2.200 1 2\r\n" + GREETING[:4])
        wrapped.dataReceived(GREETING[4:])
        self.assertEqual(self.told, [(channel.Came, {"number": 0, "network": "192.0.2.7"})])

    def test_turned_out(self) -> None:
        """The listener may end one connection, and only that."""
        lines = []
        for number in (4, 5):
            self.factory._arriving = number
            protocol, line = self.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)), Line()
            protocol.makeConnection(line)
            lines.append(line)
        self.factory.turn_out(5)
        self.factory.turn_out(6)
        self.assertEqual([line.disconnected for line in lines], [False, True])

    def test_gone_before(self) -> None:
        """A peer that went on the way is told as gone."""

        def refuse(*_: Any) -> None:
            raise OSError

        self.desk.clock.adoptStreamConnection = refuse
        with socket.socket() as handle:
            self.factory.adopt(9, 0, int(socket.AF_INET), handle.detach())
        self.assertEqual(self.told, [(channel.Left, {"number": 9})])
