"""The pages for the owner's tools."""

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused, UsageError
from anoncloud.server.metrics.pages import Pages
from anoncloud.server.metrics.publishing import publish
from anoncloud.server.metrics.tally import Tally
from tests.support.server import Held


class PageTests(SynchronousTestCase):
    """Pages over HTTP, without sockets."""

    def setUp(self) -> None:
        self.metrics: Any = b"anoncloud_x 1\n"
        self.fault: Any = ""
        self.reactor = MemoryReactorClock()
        self.pages = Pages(self.reactor, self.give("metrics"), self.give("fault"))
        self.pages.startFactory()
        self.addCleanup(self.pages.stopFactory)

    def give(self, name: str) -> Any:
        """Make what gives an attribute of this test, or raises it."""

        async def given() -> Any:
            value = getattr(self, name)
            if isinstance(value, Exception):
                raise value
            return value

        return given

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        """Ask for a page; give code and content."""
        protocol, transport = self.pages.buildProtocol(None), StringTransport()
        protocol.makeConnection(transport)
        protocol.dataReceived(f"{method} {path} HTTP/1.0\r\n\r\n".encode())
        head, _, content = transport.value().decode().partition("\r\n\r\n")
        self.transport = transport
        return int(head.split()[1]), content

    def test_metrics(self) -> None:
        """Metrics are shown, or what is missing."""
        self.assertEqual(self.get("/metrics"), (200, "anoncloud_x 1\n"))
        self.metrics = None
        code, content = self.get("/metrics")
        self.assertEqual(code, 501)
        self.assertIn("anonymouscloud[metrics]", content)

    def test_health(self) -> None:
        """Health is told whatever else is wrong."""
        self.fault = self.metrics = ZeroDivisionError()
        self.assertEqual(self.get("/health"), (200, "alive\n"))

    def test_ready(self) -> None:
        """Ready is told, or why it is not so."""
        self.assertEqual(self.get("/ready"), (200, "ready\n"))
        self.fault = "the server goes down"
        self.assertEqual(self.get("/ready"), (503, "the server goes down\n"))
        self.fault = Refused(Code.UNAVAILABLE, "the database has a fault", "look at it")
        self.assertEqual(self.get("/ready"), (503, "the database has a fault; look at it\n"))

    def test_fault(self) -> None:
        """A fault of ours is logged, and shows nothing of itself."""
        self.metrics = ZeroDivisionError("secret")
        code, content = self.get("/metrics")
        self.assertEqual((code, "secret" in content), (503, False))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_nothing_else(self) -> None:
        """There is no other page, and no other method."""
        self.assertEqual(self.get("/")[0], 404)
        self.assertEqual(self.get("/metrics/x")[0], 404)
        self.assertEqual(self.get("/health", "POST")[0], 405)

    def test_nobody_is_logged(self) -> None:
        """Who asks is not in the log."""
        found: list[str] = []

        def observe(event: dict[str, Any]) -> None:
            found.append(formatEvent(event))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        self.get("/metrics")
        self.assertEqual(found, [])

    def test_gone(self) -> None:
        """Who goes before the answer is there gets none, and nothing is logged of it."""
        held = Held(self.give("metrics"))
        self.pages._metrics = held
        protocol, transport = self.pages.buildProtocol(None), StringTransport()
        protocol.makeConnection(transport)
        protocol.dataReceived(b"GET /metrics HTTP/1.0\r\n\r\n")
        protocol.connectionLost(Failure(ConnectionDone()))
        held.go()
        self.assertEqual(transport.value(), b"")


class PublishTests(SynchronousTestCase):
    """The service."""

    def test_endpoint(self) -> None:
        """An endpoint that makes no sense is told, with one that does."""
        reactor = MemoryReactorClock()
        for wrong in ("nonsense:1", "tcp:x:interface=127.0.0.1", "unix"):
            error = self.assertRaises(
                UsageError, publish, wrong, Tally(), object(), object(), reactor
            )
            self.assertIn(f"metrics_listen is {wrong!r}", error.message)
            self.assertIn("tcp:9651", error.hint)
