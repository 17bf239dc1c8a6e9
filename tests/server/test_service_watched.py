"""The tree of services as it is watched: by systemd, by tools that ask for pages, by its log."""

import io
from typing import Any

from twisted.application.service import Application
from twisted.internet import reactor as real_reactor
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver

from anoncloud.server.logs import Log
from anoncloud.server.metrics.pages import Pages
from anoncloud.server.service import GOING_DOWN, NOT_STARTED, AnonymousCloud
from anoncloud.server.settings import Settings
from anoncloud.server.supervisor import Supervisor
from anoncloud.server.surroundings import Surroundings
from tests.server.test_service import LISTEN, Reactor, ServiceTestCase
from tests.support.entropy import counting

METRICS = "tcp:9651:interface=127.0.0.1"


class WatchedTests(ServiceTestCase):
    """A server with all that a process gives it."""

    def make(self, **changes: Any) -> AnonymousCloud:
        """Make a server that systemd waits for."""
        self.reactor = Reactor()
        self.told: list[str] = []
        self.settings = Settings(
            state_dir=self.state, listen=LISTEN, public_host="cloud.example", **changes
        )
        self.log = Log(self.settings, io.StringIO())

        def send(address: str, content: bytes) -> None:
            there = (self.state / "address").exists()
            self.told.append(f"{content.decode().splitlines()[0]} {there}")

        supervisor = Supervisor(self.reactor, {"NOTIFY_SOCKET": "x"}, 1, send)
        surroundings = Surroundings(supervisor, lambda: self.settings, self.log)
        return AnonymousCloud(
            self.settings, self.reactor, counting(b"w"), self.say, surroundings=surroundings
        )

    async def start(self, service: AnonymousCloud, expected: int) -> None:
        """Start, and wait until all of it is done."""
        await super().start(service, expected)
        await deferLater(real_reactor, 0)

    async def test_told(self) -> None:
        """It is ready when its address is written, and stopping before it lets anybody go."""
        service = self.make()
        self.assertEqual(self.told, [])
        await self.start(service, 2)
        self.assertEqual(self.told, ["READY=1 True"])
        await self.stop(service)
        self.assertEqual(self.told, ["READY=1 True", "STOPPING=1 True"])

    async def test_pages(self) -> None:
        """Pages are there if that is set; ready is what is so."""
        service = self.make(metrics_listen=METRICS)
        self.assertEqual(await service._find_fault(), NOT_STARTED)
        await self.start(service, 2)
        self.assertEqual(await service._find_fault(), "")
        served = [server for server in self.reactor.tcpServers if isinstance(server[1], Pages)]
        self.assertEqual([(port, host) for port, _, _, host in served], [(9651, "127.0.0.1")])
        await self.stop(service)
        self.assertEqual(await service._find_fault(), GOING_DOWN)

    async def test_no_pages(self) -> None:
        """Without it nothing more is listened at."""
        service = self.make()
        await self.start(service, 2)
        self.assertEqual(len(self.reactor.tcpServers), len(LISTEN))
        await self.stop(service)

    async def test_reload(self) -> None:
        """On a signal newer settings hold everywhere: in the rules, and at the stop."""
        service = self.make()
        signals = next(one for one in service if type(one).__name__ == "Signals")
        self.settings = Settings(**{**self.given(), "quota": 7, "stop_time": 5})
        reload = next(iter(signals._calls.values()))
        reload()
        house = service._parts.house
        self.assertEqual((house.terms.quota, service._settings.stop_time), (7, 5))
        self.assertEqual(service._serving._stop_time, 5)
        service._parts.database.close()
        service._occupied.close()

    def given(self) -> dict[str, Any]:
        """Give what every server of these tests is given."""
        return {"state_dir": self.state, "listen": LISTEN, "public_host": "cloud.example"}

    async def test_log(self) -> None:
        """The application logs where the settings say."""
        service = self.make()
        application = Application("a")
        service.setServiceParent(application)
        self.assertIs(application.getComponent(ILogObserver), self.log)
        service._parts.database.close()
        service._occupied.close()
