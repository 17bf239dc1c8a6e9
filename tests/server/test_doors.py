"""The doors of a server: how many connections there may be, in all and from one address."""

from twisted.internet.address import UNIXAddress
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from anoncloud.server.conditions import Allowance
from anoncloud.wire import messages
from anoncloud.wire.connection import GREETING
from tests.server.test_protocol import ProtocolTestCase
from tests.support.server import ADA
from tests.support.server_wire import Desk, Line


class RoomTests(ProtocolTestCase):
    """How many connections there may be."""

    def test_all(self) -> None:
        """So many connections, and no more, until one is lost."""
        desk = Desk(max_connections=2)
        first = desk.call("192.0.2.1")
        desk.call("192.0.2.2")
        self.assertIsNone(desk.call("192.0.2.3").protocol)
        first.lose()
        self.assertIsNotNone(desk.call("192.0.2.3").protocol)
        self.assertIsNone(desk.call("192.0.2.4").protocol)

    def test_per_address(self) -> None:
        """So many from one address; others are not hindered."""
        desk = Desk(max_per_address=2)
        first = desk.call("192.0.2.1")
        desk.call("192.0.2.1")
        self.assertIsNone(desk.call("192.0.2.1").protocol)
        self.assertIsNotNone(desk.call("192.0.2.2").protocol)
        first.lose()
        self.assertIsNotNone(desk.call("192.0.2.1").protocol)
        self.assertIsNone(desk.call("192.0.2.1").protocol)

    def test_one_network(self) -> None:
        """An IPv6 address counts as its first 64 bits, and an IPv4 one however it is written."""
        desk = Desk(max_per_address=1)
        for one, same, other in (
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", "2001:db8:0:2::1"),
            ("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"),
        ):
            self.assertIsNotNone(desk.call(one).protocol)
            self.assertIsNone(desk.call(same).protocol)
            self.assertIsNotNone(desk.call(other).protocol)

    def test_address_comes_later(self) -> None:
        """Whose address is not known yet is counted with the first bytes, and may go before."""
        desk = Desk(max_connections=3, max_per_address=1)
        lines = []
        for said in (b"", GREETING, GREETING):
            protocol, line = desk.factory.buildProtocol(None), Line()
            protocol.makeConnection(line)
            lines.append((protocol, line))
            for byte in said:
                protocol.dataReceived(bytes([byte]))
        self.assertEqual([line.disconnected for _, line in lines], [False, False, True])
        self.assertIsNone(desk.call().protocol)
        for protocol, _ in lines:
            protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(desk.clock.getDelayedCalls(), [])
        again = desk.factory.buildProtocol(None)
        again.makeConnection(Line())
        again.dataReceived(GREETING)
        self.assertFalse(again.transport.disconnected)

    def test_no_address(self) -> None:
        """Peers without an address, as on a unix socket, are not counted by it."""
        desk = Desk(max_per_address=1)
        for _ in range(3):
            self.assertIsNotNone(desk.factory.buildProtocol(UNIXAddress(None)))

    def test_flood(self) -> None:
        """Whoever is turned away again and again does not fill the log."""
        said = self.logged("as many connections as there may be")
        desk = Desk(max_connections=1)
        for _ in range(100):
            desk.call()
        self.assertEqual(len(said), 1)

    def test_new_limit(self) -> None:
        """A limit that is changed holds for the next one that comes."""
        desk = Desk(max_connections=1)
        desk.call()
        self.assertIsNone(desk.call().protocol)
        desk.rooms.house.allowance = Allowance(connections=2)
        self.assertIsNotNone(desk.call().protocol)
        self.assertIsNone(desk.call().protocol)

    def test_no_limit(self) -> None:
        """0 is no limit."""
        desk = Desk(max_connections=0, max_per_address=0)
        for _ in range(200):
            self.assertIsNotNone(desk.call().protocol)


class HandshakeTests(ProtocolTestCase):
    """How many connections may be without keys."""

    def test_per_address(self) -> None:
        """So many from one address; others are let in, and so is the next one after a handshake."""
        desk = Desk(handshakes_per_address=2)
        first = desk.call("192.0.2.1")
        desk.call("192.0.2.1")
        self.assertIsNone(desk.call("192.0.2.1").protocol)
        self.assertIsNotNone(desk.call("192.0.2.2").protocol)
        first.agree()
        self.assertIsNotNone(desk.call("192.0.2.1").protocol)
        self.assertIsNone(desk.call("192.0.2.1").protocol)

    def test_crowd(self) -> None:
        """A crowd that never ends its handshakes makes room for those who do."""
        desk = Desk(max_connections=0, max_per_address=0, handshakes=3)
        self.now(desk.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        crowd = [desk.call("192.0.2.1") for _ in range(3)]
        ada = desk.call("192.0.2.2")
        self.assertEqual([one.line.disconnected for one in crowd], [True, False, False])
        ada.log_in(ADA)
        self.assertIsInstance(ada.heard[-1], messages.LoggedIn)
        self.assertFalse(ada.line.disconnected)

    def test_each_goes_once(self) -> None:
        """Who was turned out counts no more, before its transport has noticed."""
        desk = Desk(handshakes=1)
        callers = [desk.call() for _ in range(4)]
        self.assertEqual([one.line.disconnected for one in callers], [True, True, True, False])

    def test_lost(self) -> None:
        """Who goes makes room."""
        desk = Desk(handshakes_per_address=1)
        desk.call().lose()
        self.assertIsNotNone(desk.call().protocol)

    def test_address_comes_later(self) -> None:
        """Behind a proxy the limit per address holds from the first bytes on."""
        desk = Desk(handshakes_per_address=1)
        lines = []
        for _ in range(2):
            protocol, line = desk.factory.buildProtocol(None), Line()
            protocol.makeConnection(line)
            protocol.dataReceived(GREETING)
            lines.append(line)
        self.assertEqual([line.disconnected for line in lines], [False, True])
