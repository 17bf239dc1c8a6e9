"""The tree of services: put together, started, introduced, stopped."""

import errno
import gc
import os
import stat
from pathlib import Path
from typing import Any

from twisted.internet import reactor as real_reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import TestCase

from anoncloud.errors import LocalError, Refused, UsageError
from anoncloud.ids import BlobId
from anoncloud.server.collector import Keep
from anoncloud.server.conditions import Registration, Terms
from anoncloud.server.delays import Schedule, Schedules
from anoncloud.server.identity import INVITATION_LENGTH, address, encode
from anoncloud.server.service import (
    AnonymousCloud,
)
from anoncloud.server.serving import LOOK
from anoncloud.server.settings import Settings
from tests.support.entropy import counting
from tests.support.server import ADA, BOB
from tests.support.server_sql import open_accounts

LOOPBACK = "127.0.0.1"
LISTEN = ("tcp:1234:interface=127.0.0.1", "tcp:1235")


class Reactor(MemoryReactorClock):
    """Listens in memory, and hears of threads by trial's own reactor."""

    taken = False

    def listenTCP(self, *arguments: Any, **options: Any) -> Any:
        if self.taken:
            raise CannotListenError(
                LOOPBACK, arguments[0], OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            )
        return super().listenTCP(*arguments, **options)

    def callFromThread(self, *arguments: Any, **options: Any) -> None:
        real_reactor.callFromThread(*arguments, **options)


class ServiceTestCase(TestCase):
    """A test of a server, without sockets."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.said: list[str] = []
        self.enough: Deferred[None] = Deferred()

    def make(self, **changes: Any) -> AnonymousCloud:
        """Make a server."""
        given = {"state_dir": self.state, "listen": LISTEN, "public_host": "cloud.example"}
        self.reactor = Reactor()
        self.said.clear()
        return AnonymousCloud(
            Settings(**(given | changes)), self.reactor, counting(b"server"), self.say
        )

    def say(self, text: str) -> None:
        """Take what a server prints; at the first start its second word is its last."""
        self.said.append(text)
        if len(self.said) == self.expected:
            self.enough.callback(None)

    async def start(self, service: AnonymousCloud, expected: int) -> None:
        """Start, and wait for the introduction."""
        self.expected = expected
        self.enough = Deferred()
        self.addCleanup(self.shut, service)
        service.privilegedStartService()
        service.startService()
        await self.enough

    def shut(self, service: AnonymousCloud) -> None:
        """End the threads of a server that a test has left running."""
        if service.running:
            service._parts.disk.stop()
            service._parts.database.close()

    async def stop(self, service: AnonymousCloud) -> None:
        """Stop, and let peers take it in."""
        stopping = service.stopService()
        for _ in range(int(service._settings.stop_time / LOOK) + 1):
            self.reactor.advance(LOOK)
        await stopping


class HouseTests(ServiceTestCase):
    """Settings on their way to the rules."""

    async def test_settings(self) -> None:
        """What the owner set arrives: the terms, coarse times, and how long garbage is kept."""
        service = self.make(
            registration=Registration.OPEN,
            max_accounts=3,
            quota=5,
            least_passphrase_score=4,
            coarse_times=100_000,
            keep_staged_hours=1,
            keep_dropped_days=1,
            keep_addresses=False,
        )
        house = service._parts.house
        self.assertEqual(house.terms, Terms(Registration.OPEN, 3, 5, 4))
        self.assertEqual(Keep.of(service._settings), Keep(103_600, 186_400))
        await house.accounts.register(ADA.new_account(), None, 0, 250_000)
        await house.journal.stage([(BlobId(bytes(16)), ADA.drive, 7)], 250_000)
        await house.accounts.penalise("192.0.2.1", 9, 250_000, house.schedules)
        rows = await service._parts.database.run(
            lambda cursor: [
                cursor.execute(query).fetchall()
                for query in (
                    "SELECT created FROM accounts",
                    "SELECT since FROM blobs",
                    "SELECT * FROM delays",
                )
            ]
        )
        self.assertEqual(rows, [[(200_000,)], [(200_000,)], []])

    def test_schedules(self) -> None:
        """Logins are delayed as the document says, unless whoever makes the server says more."""
        self.assertEqual(self.make()._parts.house.schedules, Schedules())
        other = Schedules(Schedule(1, 1))
        self.state = Path(self.mktemp())
        settings = Settings(state_dir=self.state, listen=LISTEN, public_host="cloud.example")
        server = AnonymousCloud(settings, Reactor(), counting(b"server"), schedules=other)
        self.assertEqual(server._parts.house.schedules, other)

    async def test_wait(self) -> None:
        """The house waits by the reactor's clock."""
        waiting = Deferred.fromCoroutine(self.make()._parts.house.wait(5))
        self.reactor.advance(4.9)
        self.assertNoResult(waiting)
        self.reactor.advance(0.1)
        await waiting


class ServiceTests(ServiceTestCase):
    """Starting, serving and stopping."""

    async def test_first_start(self) -> None:
        """The first start makes a key, writes the address, and prints an invitation that works."""
        service = self.make()
        await self.start(service, 2)
        plain = (self.state / "address").read_text()
        self.assertTrue(plain.startswith("anoncloud://cloud.example:1234/#"))
        self.assertEqual(self.said[0], f"AnonymousCloud is at {plain.strip()}")
        link = self.said[1].split()[-1]
        drawn = counting(b"server")
        drawn(32)
        code = drawn(INVITATION_LENGTH)
        self.assertEqual(link, f"{plain.strip()}.{encode(code)}")
        await self.stop(service)
        database, accounts = open_accounts(self.state)
        self.addCleanup(database.close)
        await accounts.register(ADA.new_account(), code, 0, 1000)
        with self.assertRaises(Refused):
            await accounts.register(BOB.new_account(), code, 0, 1000)

    async def test_second_start(self) -> None:
        """The next start has the same address, and invites nobody."""
        service = self.make()
        await self.start(service, 2)
        first = self.said[0]
        await self.stop(service)
        service = self.make()
        await self.start(service, 1)
        self.assertEqual(self.said, [first])
        await self.stop(service)
        self.assertEqual(len(self.said), 1)

    async def test_moved(self) -> None:
        """A server that has moved writes its new address, and one that was lost again."""
        service = self.make()
        await self.start(service, 2)
        await self.stop(service)
        plain = (self.state / "address").read_text()
        for expected in (plain.replace("cloud.example", "other.example"),) * 2:
            service = self.make(public_host="other.example")
            await self.start(service, 1)
            self.assertEqual((self.state / "address").read_text(), expected)
            await self.stop(service)
            (self.state / "address").unlink()

    async def test_listens(self) -> None:
        """Every endpoint is listened on, and peers are turned away over the limit."""
        service = self.make(max_connections=1)
        await self.start(service, 2)
        self.assertEqual(
            [(port, interface) for port, _, _, interface in self.reactor.tcpServers],
            [(1234, "127.0.0.1"), (1235, "")],
        )
        factory = self.reactor.tcpServers[0][1]
        protocol = factory.buildProtocol(None)
        self.assertIsNotNone(protocol)
        self.assertIsNone(factory.buildProtocol(None))
        protocol.connectionLost()
        await self.stop(service)

    async def test_modes(self) -> None:
        """Nobody else may read what the server keeps."""
        service = self.make()
        await self.start(service, 2)
        self.assertEqual(stat.S_IMODE(self.state.stat().st_mode), 0o700)
        names = {path.name for path in self.state.iterdir()}
        self.assertTrue({"server.key", "accounts.sqlite", "blobs", "address"} <= names)
        await self.stop(service)

    async def test_no_introduction(self) -> None:
        """An address that can't be written is logged, and the server runs on."""
        self.state.mkdir()
        (self.state / "address").mkdir()
        service = self.make()
        self.patch(service, "_say", self.say)
        service.startService()
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.assertTrue(service.running)
        self.expected = 0
        await self.stop(service)

    async def test_stop_with_a_fault(self) -> None:
        """A service that can't stop is logged; the stores are closed all the same."""
        service = self.make()
        await self.start(service, 2)

        def fail() -> None:
            message = "no stopping"
            raise RuntimeError(message)

        self.patch(next(iter(service)), "stopService", fail)
        await self.stop(service)
        await deferLater(real_reactor, 0)  # out of the callbacks that still hold the failure
        gc.collect()
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertFalse(service._parts.database._pool.running)

    def test_damaged_key(self) -> None:
        """A server whose key is damaged is not made."""
        self.state.mkdir()
        (self.state / "server.key").write_bytes(b"short")
        self.assertRaises(LocalError, self.make)

    def test_bad_endpoint(self) -> None:
        """An endpoint that makes no sense is told with what would."""
        error = self.assertRaises(UsageError, self.make, listen=("tcp:1", "nonsense:2"))
        self.assertIn("nonsense:2", error.message)
        self.assertIn("tcp:9650", error.hint)

    async def test_address_is_the_keys(self) -> None:
        """The address names the key in the state folder."""
        service = self.make()
        await self.start(service, 2)
        expected = address("cloud.example", 1234, service._parts.identity.public)
        self.assertEqual((self.state / "address").read_text(), expected + "\n")
        await self.stop(service)
