"""The client's protocol against a server's end: bulk bytes both ways."""

from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, ConnectionCut, ProtocolBroken, Refused
from anoncloud.limits import INITIAL_CREDIT, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client_protocol import BLOB, DRIVE, PACKET, ProtocolTestCase


class StageTests(ProtocolTestCase):
    """Bulk bytes to the server."""

    def bulk(self) -> list[tuple[int, bytes]]:
        """Take the bulk that came to the server."""
        return [spoken for spoken in self.server.hear() if isinstance(spoken, tuple)]

    def test_whole_blob(self) -> None:
        """A blob is announced, then sent in packets; it is staged when the answer comes."""
        self.agree()
        content = bytes(range(256)) * 1024
        staged = self.stage(content)
        announced, *bulk = self.server.hear()
        self.assertEqual(announced, messages.StageBlob(1, DRIVE, BLOB, SMALL_BLOB))
        self.assertEqual(b"".join(part for _, part in bulk), content)
        self.assertEqual([len(part) for _, part in bulk[:3]], [PACKET] * 3)
        self.assertNoResult(staged)
        self.server.say(messages.Done(1))
        self.successResultOf(staged)

    def test_credit(self) -> None:
        """No more is sent than there is credit for."""
        self.agree()
        staged = self.stage(bytes(3 * INITIAL_CREDIT), 3 * INITIAL_CREDIT)
        sent = sum(len(part) for _, part in self.bulk())
        self.assertTrue(INITIAL_CREDIT - PACKET < sent <= INITIAL_CREDIT)
        self.server.say(messages.Credit(1, 10))
        self.assertEqual(self.bulk(), [])
        self.server.say(messages.Credit(1, INITIAL_CREDIT))
        more = sum(len(part) for _, part in self.bulk())
        self.assertTrue(INITIAL_CREDIT - 2 * PACKET < more <= 2 * INITIAL_CREDIT + 10 - sent)
        self.assertNoResult(staged)

    def test_too_much_credit(self) -> None:
        """A server that grants more than the protocol allows has broken it."""
        self.agree()
        staged = self.stage(bytes(SMALL_BLOB))
        self.server.say(messages.Credit(1, 4 * INITIAL_CREDIT))
        self.clock.pump([0, 0])
        self.failureResultOf(staged, ProtocolBroken)

    def test_late_credit(self) -> None:
        """Credit for a transfer that is over does no harm."""
        self.agree()
        staged = self.stage(bytes(SMALL_BLOB))
        self.server.hear()
        self.server.say(messages.Done(1), messages.Credit(1, 10))
        self.successResultOf(staged)
        self.successResultOf(self.protocol.established)
        self.assertFalse(self.pipe.gone)

    def test_stops_when_refused(self) -> None:
        """An early refusal stops the sending, wherever it waits."""
        self.agree()
        staged = self.stage(bytes(3 * INITIAL_CREDIT), 3 * INITIAL_CREDIT)
        self.bulk()
        self.server.say(messages.Refusal(1, Code.QUOTA, "the drive is full", ""))
        self.failureResultOf(staged, Refused)
        self.assertEqual(self.bulk(), [])

    def test_back_pressure(self) -> None:
        """Nothing is sent while the transport is full; all uploads go on afterwards."""
        self.agree()
        self.protocol.pauseProducing()
        staged = [self.stage(bytes(SMALL_BLOB)), self.stage(bytes(SMALL_BLOB))]
        self.assertEqual(self.bulk(), [])
        self.protocol.pauseProducing()
        self.protocol.resumeProducing()
        self.protocol.resumeProducing()
        lengths = {1: 0, 2: 0}
        for number, part in self.bulk():
            lengths[number] += len(part)
        self.assertEqual(lengths, {1: SMALL_BLOB, 2: SMALL_BLOB})
        self.server.say(messages.Done(1), messages.Done(2))
        for one in staged:
            self.successResultOf(one)

    def test_stopped_producer(self) -> None:
        """A transport that is closing wakes who waits for it."""
        self.agree()
        self.protocol.pauseProducing()
        staged = self.stage(bytes(SMALL_BLOB))
        self.protocol.stopProducing()
        self.pipe.lose(OSError("reset"))
        self.clock.advance(0)
        self.failureResultOf(staged, ConnectionCut)

    def test_broken_server(self) -> None:
        """A server that breaks the protocol in the middle is named, also to who waits to send."""
        self.agree()
        self.protocol.pauseProducing()
        staged = self.stage(bytes(SMALL_BLOB))
        self.server.say(messages.Done(99))
        self.protocol.stopProducing()
        self.clock.pump([0, 0])
        self.failureResultOf(staged, ProtocolBroken)


class ReadTests(ProtocolTestCase):
    """Bulk bytes from the server."""

    def next(self, stream: Any) -> "Deferred[Any]":
        """Ask for the next bytes."""
        return Deferred.fromCoroutine(stream.next())

    def test_read(self) -> None:
        """Bytes come in order, and None when all are there and the answer said so."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 3, 10)
        self.assertEqual(self.server.hear(), [messages.ReadBlob(1, DRIVE, BLOB, 3, 10, PACKET)])
        self.server.bulk(1, b"first")
        self.assertEqual(bytes(self.successResultOf(self.next(stream))), b"first")
        waiting = self.next(stream)
        self.assertNoResult(waiting)
        self.server.bulk(1, b"later")
        self.assertEqual(bytes(self.successResultOf(waiting)), b"later")
        waiting = self.next(stream)
        self.server.say(messages.Done(1))
        self.assertIsNone(self.successResultOf(waiting))

    def test_grants_credit(self) -> None:
        """Credit is granted as bytes are taken, not as they come."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 0, 2 * INITIAL_CREDIT)
        self.server.hear()
        self.server.bulk(1, bytes(INITIAL_CREDIT))
        self.assertEqual(self.server.hear(), [])
        self.successResultOf(self.next(stream))
        self.assertEqual(self.server.hear(), [messages.Credit(1, INITIAL_CREDIT)])

    def test_close(self) -> None:
        """Closing a stream early cancels it at the server; both requests get their answers."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 0, 10)
        self.server.hear()
        stream.close()
        stream.close()
        self.assertEqual(self.server.hear(), [messages.Cancel(2, 1)])
        self.server.bulk(1, b"late")
        self.server.say(messages.Refusal(1, Code.CANCELLED, "given up", ""), messages.Done(2))
        stream.close()
        self.assertEqual(self.server.hear(), [])
        self.clock.advance(0)
        self.assertFalse(self.pipe.gone)

    def test_refused(self) -> None:
        """A refusal ends the stream with it."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 0, 10)
        self.server.say(messages.Refusal(1, Code.BLOB_UNKNOWN, "there is no such blob", ""))
        self.failureResultOf(self.next(stream), Refused)
