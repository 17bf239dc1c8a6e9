"""What is counted, where it happens."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.limits import SMALL_BLOB
from anoncloud.server.collector import EVERY, Collector, CollectorService, Keep
from anoncloud.server.metrics.table import SQL_BOUNDS, Count
from anoncloud.server.metrics.tally import DONE, FAILED, Histogram, Tally, TimedDatabase
from anoncloud.wire import messages
from tests.server.test_protocol import ProtocolTestCase
from tests.support.server import ADA, BOB, ServerTestCase, blob_name
from tests.support.server_wire import Desk


class HistogramTests(SynchronousTestCase):
    """Times in buckets."""

    def test_buckets(self) -> None:
        """A time is in the first bucket that it is not over, and longer ones in the last."""
        histogram = Histogram()
        for seconds in (0, SQL_BOUNDS[0], SQL_BOUNDS[0] * 1.01, SQL_BOUNDS[-1], 1000):
            histogram.note(seconds)
        self.assertEqual([histogram.buckets[at] for at in (0, 1, -2, -1)], [2, 1, 1, 1])
        self.assertEqual(sum(histogram.buckets), 5)
        self.assertAlmostEqual(histogram.sum, SQL_BOUNDS[0] * 2.01 + SQL_BOUNDS[-1] + 1000)


class AddingTests(SynchronousTestCase):
    """Counts of several processes."""

    def test_take_and_add(self) -> None:
        """What one process counted another adds to its own, once."""
        one, other = Tally(), Tally()
        one.count(Count.REFUSALS, "QUOTA", 2)
        other.count(Count.REFUSALS, "QUOTA")
        one.count(Count.SENT, by=10**12)
        one.sql.note(0.002)
        one.sql.note(100)
        other.sql.note(100)
        for _ in range(2):
            other.add(one.take())
        self.assertEqual(
            dict(other.counts), {(Count.REFUSALS, "QUOTA"): 3, (Count.SENT, ""): 10**12}
        )
        self.assertEqual([other.sql.buckets[at] for at in (1, -1)], [1, 2])
        self.assertAlmostEqual(other.sql.sum, 200.002)

    def test_histogram_stays(self) -> None:
        """Whoever times things goes on timing them after its times were taken."""
        tally = Tally()
        times = tally.sql
        tally.take()
        times.note(1)
        self.assertEqual(sum(tally.sql.buckets), 1)


class SlowDatabase:
    """Fulfils ``SqlDatabase``: each interaction waits."""

    def __init__(self) -> None:
        self.waiting: Deferred[Any] = Deferred()
        self.closed = False

    async def run(self, interaction: Any, *arguments: Any) -> Any:
        return interaction(await self.waiting, *arguments)

    def close(self) -> None:
        self.closed = True


class TimedDatabaseTests(SynchronousTestCase):
    """Transactions, timed."""

    def setUp(self) -> None:
        self.clock, self.slow, self.times = Clock(), SlowDatabase(), Histogram()
        self.timed = TimedDatabase(self.slow, self.times, self.clock.seconds)

    def test_result(self) -> None:
        """A transaction gives what it gives, and is counted with its time when it is over."""
        running = Deferred.fromCoroutine(self.timed.run(lambda cursor, x: (cursor, x), 7))
        self.clock.advance(3)
        self.assertEqual(sum(self.times.buckets), 0)
        self.slow.waiting.callback("cursor")
        self.assertEqual(self.successResultOf(running), ("cursor", 7))
        self.assertEqual((sum(self.times.buckets), self.times.sum), (1, 3))

    def test_fault(self) -> None:
        """So is one that fails."""
        running = Deferred.fromCoroutine(self.timed.run(lambda cursor: cursor))
        self.slow.waiting.errback(Refused(Code.UNAVAILABLE, "no"))
        self.failureResultOf(running, Refused)
        self.assertEqual(sum(self.times.buckets), 1)

    def test_close(self) -> None:
        """It is closed with the other."""
        self.timed.close()
        self.assertTrue(self.slow.closed)


class CollectorTests(ServerTestCase):
    """Rounds of the collector."""

    def test_rounds(self) -> None:
        """Rounds count by how they went, and so do the blobs that they removed."""
        tally = Tally()
        clock = self.rooms.clock
        self.peer(ADA)
        self.now(self.rooms.journal.stage([(blob_name(1), ADA.drive, 5)], 0))
        service = CollectorService(Collector(self.rooms.house, Keep(0, 0)), clock, tally)
        service.startService()
        self.assertEqual(
            (tally.counts[Count.ROUNDS, DONE], tally.counts[Count.COLLECTED, ""]), (1, 1)
        )
        self.patch(self.rooms.journal, "collect", lambda *_: 1 / 0)
        clock.advance(EVERY)
        self.flushLoggedErrors(ZeroDivisionError)
        self.assertEqual(tally.counts[Count.ROUNDS, FAILED], 1)
        service.stopService()


class ConnectionTests(ProtocolTestCase):
    """Connections and requests."""

    def setUp(self) -> None:
        super().setUp()
        self.tally = self.rooms.house.tally

    def count(self, what: Count, label: str = "") -> int:
        """Give a count."""
        return self.tally.counts[what, label]

    def test_connections(self) -> None:
        """Connections count when they are let in, or not; handshakes when keys are agreed on."""
        desk = Desk(max_connections=1)
        self.tally = desk.rooms.house.tally
        first = desk.call()
        desk.call()
        self.assertEqual((self.count(Count.CONNECTIONS), self.count(Count.TURNED_AWAY)), (1, 1))
        self.assertEqual(self.count(Count.HANDSHAKES), 0)
        first.agree()
        self.assertEqual(self.count(Count.HANDSHAKES), 1)

    def test_broken(self) -> None:
        """Who breaks the protocol counts."""
        self.desk.call().protocol.dataReceived(b"GET / HTTP/1.1\r\n")
        self.assertEqual(self.count(Count.BROKEN), 1)

    def test_logins(self) -> None:
        """Logins count by whether they were let in."""
        self.desk.call().log_in(ADA)
        for _ in range(2):
            self.desk.call().log_in(BOB)
        self.assertEqual(
            [self.count(Count.LOGINS, outcome) for outcome in ("let_in", "refused")], [1, 2]
        )

    def test_requests(self) -> None:
        """Requests count by kind when they are answered, and by code when they are refused."""
        caller = self.desk.call().log_in(ADA)
        caller.ask(messages.Ping)
        caller.ask(messages.ReadUsage, BOB.drive)
        caller.ask(messages.ReadUsage, ADA.drive)
        caller.ask(messages.StageBlob, ADA.drive, blob_name(1), SMALL_BLOB)
        self.assertEqual(
            [self.count(Count.REQUESTS, kind) for kind in ("Ping", "ReadUsage", "StageBlob")],
            [1, 2, 0],
        )
        self.assertEqual(self.count(Count.REFUSALS, "NOT_ALLOWED"), 1)

    def test_bytes(self) -> None:
        """Bytes count as they come and go, all of them."""
        caller = self.desk.call()
        caller.protocol.dataReceived(b"anon")
        self.assertEqual(self.count(Count.RECEIVED), 4)
        caller = self.desk.call().log_in(ADA)
        before = self.count(Count.SENT)
        caller.protocol.send(messages.GoingDown())
        self.assertEqual(self.count(Count.SENT) - before, len(caller.line.value()))

    def test_nobody(self) -> None:
        """No label is a name, an address or an identifier."""
        caller = self.desk.call("192.0.2.77").log_in(ADA)
        caller.ask(messages.ReadUsage, ADA.drive)
        told = repr(self.tally.counts).lower()
        for secret in ("ada", "192.0.2.77", ADA.drive.hex(), repr(bytes(ADA.drive))):
            self.assertNotIn(secret.lower(), told.replace("readusage", ""))
