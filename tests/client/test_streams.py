"""One transfer on one connection, without a connection."""

from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.streams import HEAD_START, Stream, Upload, unheeded
from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import INITIAL_CREDIT


class StreamTests(SynchronousTestCase):
    """Bytes from the server until the answer."""

    def setUp(self) -> None:
        self.granted: list[int] = []

    def stream(self, length: int) -> Stream:
        """Begin a stream of *length* bytes."""
        return Stream(length, self.granted.append, lambda: None)

    def next(self, stream: Stream) -> "Deferred[Any]":
        """Ask for the next bytes."""
        return Deferred.fromCoroutine(stream.next())

    def test_what_came_is_given_before_the_failure(self) -> None:
        """A failure is told after the bytes that came before it, and again at every look."""
        stream = self.stream(10)
        stream.arrive(memoryview(b"abc"))
        stream.end(Failure(Refused(Code.UNAVAILABLE, "no")))
        self.assertEqual(bytes(self.successResultOf(self.next(stream))), b"abc")
        for _ in range(2):
            self.failureResultOf(self.next(stream), Refused)

    def test_failure_wakes(self) -> None:
        """Whoever waits for bytes learns of the failure."""
        stream = self.stream(10)
        waiting = self.next(stream)
        self.assertNoResult(waiting)
        stream.end(Failure(Refused(Code.UNAVAILABLE, "no")))
        self.failureResultOf(waiting, Refused)

    def test_too_much(self) -> None:
        """More bytes than were asked for break the protocol."""
        stream = self.stream(2)
        self.assertRaises(ProtocolBroken, stream.arrive, memoryview(b"abc"))

    def test_too_little(self) -> None:
        """So does an end before all have come."""
        stream = self.stream(4)
        stream.arrive(memoryview(b"abc"))
        stream.end(None)
        self.successResultOf(self.next(stream))
        self.failureResultOf(self.next(stream), ProtocolBroken)

    def test_beyond_credit(self) -> None:
        """So do bytes that there was no credit for."""
        stream = self.stream(4 * INITIAL_CREDIT)
        stream.arrive(memoryview(bytes(INITIAL_CREDIT + HEAD_START)))
        self.assertRaises(ProtocolBroken, stream.arrive, memoryview(b"x"))

    def test_head_start(self) -> None:
        """A long range gets more credit at once, but never more than it has bytes."""
        for length, expected in (
            (INITIAL_CREDIT, 0),
            (INITIAL_CREDIT + 5, 5),
            (4 * INITIAL_CREDIT, HEAD_START),
        ):
            self.assertEqual(self.stream(length).head_start, expected)

    def test_end(self) -> None:
        """After the last bytes comes None, any number of times."""
        stream = self.stream(3)
        stream.arrive(memoryview(b"abc"))
        stream.end(None)
        self.successResultOf(self.next(stream))
        for _ in range(2):
            self.assertIsNone(self.successResultOf(self.next(stream)))

    def test_credit_stops_at_the_end(self) -> None:
        """No credit is granted for a transfer that is over."""
        stream = self.stream(INITIAL_CREDIT)
        stream.arrive(memoryview(bytes(INITIAL_CREDIT)))
        stream.end(None)
        self.successResultOf(self.next(stream))
        self.assertEqual(self.granted, [])


class UploadTests(SynchronousTestCase):
    """Who waits to send."""

    def test_wake(self) -> None:
        """Waking is harmless when nobody waits, and wakes one who does once."""
        upload = Upload()
        upload.wake()
        waiting = upload.waiting = Deferred()
        upload.wake()
        upload.wake()
        self.assertIsNone(self.successResultOf(waiting))
        self.assertIsNone(upload.waiting)

    def test_unheeded(self) -> None:
        """A failure that is told elsewhere is not logged as nobody's."""
        unheeded(fail(Refused(Code.UNAVAILABLE, "no")))
        self.assertEqual(self.flushLoggedErrors(), [])
