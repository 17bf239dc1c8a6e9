"""The tree of services: places that are taken, what a killed server left, peers behind a proxy."""

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from anoncloud.errors import LocalError
from anoncloud.limits import MIB
from anoncloud.server.service import CannotStart
from anoncloud.wire.connection import GREETING
from tests.server.test_service import ServiceTestCase
from tests.support.server import blob_name
from tests.support.server_sql import open_accounts
from tests.support.server_wire import Line


class ListeningTests(ServiceTestCase):
    """A server that listens, or can't."""

    async def test_place_taken(self) -> None:
        """A server that can't listen ends with exit code 1, and one sentence with the place."""
        service = self.make()
        self.reactor.taken = True
        error = self.assertRaises(CannotStart, service.privilegedStartService)
        service._parts.database.close()
        self.assertIsInstance(error, SystemExit)  # which Python shows without a traceback
        self.assertEqual(
            error.code,
            "twistd anoncloud: can't listen at 127.0.0.1:1234: Address already in use; "
            "end what listens there, or give another --listen",
        )
        self.assertEqual(error.exit_code, 1)

    async def test_second_server(self) -> None:
        """A second server on one state folder is not made, wherever it would listen.

        What is coming in on the first one is left alone, and its owner's command works beside it.
        """
        first = self.make()
        await self.start(first, 2)
        incoming = first._parts.blobs.begin(blob_name(1))
        await incoming.write([bytes(MIB)])
        running = self.reactor
        error = self.assertRaises(LocalError, self.make, listen=("tcp:4321",))
        self.assertIn(f"another server uses the state folder {self.state}", error.message)
        self.assertEqual(await first._parts.blobs.settle([incoming]), [None])
        database, accounts = open_accounts(self.state)
        self.addCleanup(database.close)
        await accounts.invite(bytes(16), None, 2**40)
        self.reactor = running
        await self.stop(first)
        third = self.make()
        await self.start(third, 1)
        await self.stop(third)

    async def test_untidy(self) -> None:
        """What a killed server left is gone after the start; what can't go keeps it from it."""
        incoming = self.state / "blobs" / "incoming"
        service = self.make()
        (incoming / "left").touch()
        await self.start(service, 2)
        self.assertEqual(list(incoming.iterdir()), [])
        await self.stop(service)
        service = self.make()
        (incoming / "folder").mkdir()
        error = self.assertRaises(CannotStart, service.privilegedStartService)
        self.assertIn("blobs", str(error))
        service._parts.database.close()

    async def test_behind_a_proxy(self) -> None:
        """Behind a proxy peers are counted by their own address, which comes with their bytes."""
        service = self.make(listen=("haproxy:tcp:1234", "tcp:1235"), max_connections_per_address=1)
        await self.start(service, 2)
        proxied, direct = (server[1] for server in self.reactor.tcpServers)
        proxy = IPv4Address("TCP", "192.0.2.100", 1)
        peers = []
        for host in ("192.0.2.1", "192.0.2.2", "192.0.2.1"):
            protocol, line = proxied.buildProtocol(proxy), Line()
            protocol.makeConnection(line)
            peers.append((protocol, line))
            protocol.dataReceived(b"PROXY TCP4 %s 192.0.2.9 1 1234\r\n" % host.encode())
            protocol.dataReceived(GREETING)
        self.assertEqual([line.disconnected for _, line in peers], [False, False, True])
        self.assertEqual([line.value() for _, line in peers], [GREETING, GREETING, b""])
        self.assertIsNone(direct.buildProtocol(IPv4Address("TCP", "192.0.2.2", 1)))
        for protocol, _ in peers:
            protocol.connectionLost(Failure(ConnectionDone()))
        protocol = direct.buildProtocol(IPv4Address("TCP", "192.0.2.2", 1))
        self.assertIsNotNone(protocol)
        protocol.connectionLost(Failure(ConnectionDone()))
        await self.stop(service)
