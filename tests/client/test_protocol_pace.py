"""Bulk bytes at a pace: packets go when they are due, and a slow pace is no dead connection."""

from twisted.internet.defer import Deferred

from anoncloud.client.throttling import Pace
from anoncloud.crypto.packing import PackedBlob
from anoncloud.errors import ConnectionCut
from anoncloud.limits import ANSWER_TIMEOUT, KIB, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client_protocol import BLOB, DRIVE, ProtocolTestCase


class PaceTests(ProtocolTestCase):
    """One blob, and a pace of 64 KiB a second."""

    def begin(self, rate: int = 64 * KIB) -> "Deferred[None]":
        self.agree()
        self.told = [0]
        blob = PackedBlob(BLOB, SMALL_BLOB, (bytes(SMALL_BLOB),), ())
        pace = Pace(rate, self.clock)
        return Deferred.fromCoroutine(self.protocol.stage(DRIVE, blob, pace, self.told.append))

    def sent(self) -> int:
        """Count the bulk bytes that came since the last time; Pings are answered."""
        heard = self.server.hear()
        for spoken in heard:
            if isinstance(spoken, messages.Ping):
                self.server.say(messages.Done(spoken.request))
        return sum(len(spoken[1]) for spoken in heard if isinstance(spoken, tuple))

    def test_when_due(self) -> None:
        """No packet comes before its time, and all do at last."""
        staged = self.begin()
        self.assertEqual(self.sent(), 0)
        sent = 0
        for step in range(1, 81):
            self.clock.advance(0.05)
            sent += self.sent()
            self.assertLessEqual(sent, step * 0.05 * 64 * KIB + 1)
            self.assertEqual(self.told[-1], sent)
        self.clock.advance(0.1)
        self.assertEqual(sent + self.sent(), SMALL_BLOB)
        self.server.say(messages.Done(1))
        self.successResultOf(staged)

    def test_slower_than_an_answer(self) -> None:
        """An upload that takes longer than an answer may is not given up."""
        staged = self.begin(rate=int(64 * KIB / ANSWER_TIMEOUT / 2))
        sent = 0
        while sent < SMALL_BLOB:
            self.clock.advance(1)
            self.assertNoResult(staged)
            sent += self.sent()
        self.assertGreater(self.clock.seconds(), 3 * ANSWER_TIMEOUT)
        self.server.say(messages.Done(1))
        self.successResultOf(staged)

    def test_cut_while_waiting(self) -> None:
        """A connection that is cut while a packet waits for its time fails the upload."""
        staged = self.begin()
        self.pipe.loseConnection()
        self.clock.pump([0, 5])
        self.failureResultOf(staged, ConnectionCut)
