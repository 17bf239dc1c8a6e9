"""The pace of a connection: tokens over time, and reasons to read nothing."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.pace import BURST, Bucket, Reading, Reason
from anoncloud.wire import messages
from tests.server.test_protocol import ProtocolTestCase
from tests.support.server import ADA
from tests.support.server_wire import Desk

RATE = 10


class BucketTests(SynchronousTestCase):
    """Tokens."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.bucket = Bucket(self.clock.seconds)

    def burst(self) -> int:
        """Take tokens until there is none; give how many there were."""
        taken = 1
        while self.bucket.take(RATE) == 0:
            taken += 1
        return taken

    def test_burst(self) -> None:
        """After a pause BURST seconds' worth can be taken at once, however long it was."""
        self.assertEqual(self.burst(), RATE * BURST)
        self.clock.advance(1000)
        self.assertEqual(self.burst(), RATE * BURST)

    def test_wait(self) -> None:
        """When the wait that was told is over there is one token, and before it none."""
        self.burst()
        wait = self.bucket.take(RATE)
        self.assertAlmostEqual(wait, 2 / RATE)
        self.clock.advance(wait)
        self.assertAlmostEqual(self.bucket.take(RATE), 1 / RATE)

    def test_overdrawn(self) -> None:
        """What came at once is waited for as long as it would have taken."""
        waits = [self.bucket.take(RATE) for _ in range(1000)]
        self.assertAlmostEqual(waits[-1], (1000 + 1) / RATE - BURST)

    @given(st.lists(st.floats(0, 3), min_size=1, max_size=200))
    def test_rate(self, pauses: list[float]) -> None:
        """Whoever waits as told never gets more than the rate and one burst."""
        clock = Clock()
        bucket = Bucket(clock.seconds)
        for taken, pause in enumerate(pauses, 1):
            wait = bucket.take(RATE)
            self.assertLessEqual(taken, RATE * (clock.seconds() + BURST) + 1e-6)
            clock.advance(max(wait, pause / 100))

    def test_new_rate(self) -> None:
        """A new rate holds at once."""
        self.burst()
        self.clock.advance(1)
        self.assertEqual(self.bucket.take(1000), 0)


class ReadingTests(SynchronousTestCase):
    """Reasons to read nothing."""

    def test_reasons(self) -> None:
        """Nothing is read while there is one reason or more, and each change is told once."""
        told: list[Any] = []
        reading = Reading(lambda *, is_read: told.append(is_read))
        reading.go_on(Reason.TOO_FAST)
        self.assertEqual(told, [])
        reading.stop(Reason.LINE_FULL)
        reading.stop(Reason.LINE_FULL)
        reading.stop(Reason.UNWRITTEN)
        self.assertEqual(told, [False])
        reading.go_on(Reason.LINE_FULL)
        self.assertEqual(told, [False])
        reading.go_on(Reason.UNWRITTEN)
        reading.go_on(Reason.UNWRITTEN)
        self.assertEqual(told, [False, True])


class MessageRateTests(ProtocolTestCase):
    """Connections that ask too much."""

    def setUp(self) -> None:
        super().setUp()
        self.desk = Desk(message_rate=RATE)
        self.rooms, self.clock = self.desk.rooms, self.desk.clock
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.caller = self.desk.call().log_in(ADA)

    def ping(self, times: int) -> None:
        """Ask for signs of life."""
        for _ in range(times):
            self.caller.ask(messages.Ping)

    def state(self) -> str:
        """Tell whether the server reads."""
        return str(self.caller.line.producerState)

    def test_slowed(self) -> None:
        """Who asks too much is answered, and not read for a while; nobody is cut off."""
        self.ping(17)
        self.assertEqual(self.state(), "producing")
        self.ping(32)  # 50 with the login, where 20 may come at once
        self.assertEqual(self.caller.heard[-1], messages.Done(50))
        self.assertEqual(self.state(), "paused")
        self.clock.advance(3)
        self.assertEqual(self.state(), "paused")
        self.clock.advance(0.1)
        self.assertEqual(self.state(), "producing")
        self.assertFalse(self.caller.line.disconnected)
        self.ping(1)
        self.assertEqual(self.caller.heard[-1], messages.Done(51))

    def test_others(self) -> None:
        """Others are not slowed."""
        self.ping(100)
        other = self.desk.call().log_in(ADA)
        self.assertEqual(other.line.producerState, "producing")

    def test_credit(self) -> None:
        """Credit is no request."""
        for _ in range(100):
            self.caller.connection.send(messages.Credit(1, 1))
            self.caller.push()
        self.assertEqual(self.state(), "producing")

    def test_full_line(self) -> None:
        """A line that takes more again is not read before its time."""
        self.ping(50)
        self.caller.protocol.pauseProducing()
        self.caller.protocol.resumeProducing()
        self.assertEqual(self.state(), "paused")

    def test_unwritten(self) -> None:
        """Nor is it read while what it sent is not written, whatever else is over."""
        self.caller.protocol.stop_reading()
        self.assertEqual(self.state(), "paused")
        self.caller.protocol.pauseProducing()
        self.caller.protocol.resumeProducing()
        self.assertEqual(self.state(), "paused")
        self.caller.protocol.go_on_reading()
        self.assertEqual(self.state(), "producing")

    def test_lost(self) -> None:
        """A connection that is lost meanwhile leaves no timer."""
        self.ping(50)
        self.caller.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_no_rate(self) -> None:
        """0 is any number."""
        self.rooms.house.allowance = type(self.rooms.house.allowance)(message_rate=0)
        self.ping(200)
        self.assertEqual(self.state(), "producing")
