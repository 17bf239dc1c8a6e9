"""The client's protocol against a server's end: numbers, answers, credit, time-outs, ends."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.protocol import LEAVE_TIMEOUT, ClientProtocol, refused
from anoncloud.crypto.packing import PackedBlob
from anoncloud.errors import (
    Code,
    ConnectionCut,
    HandshakeFailed,
    ProtocolBroken,
    Refused,
    RemoteError,
)
from anoncloud.limits import ANSWER_TIMEOUT, HANDSHAKE_TIMEOUT, INITIAL_CREDIT, KEEPALIVE, SMALL_BLOB
from anoncloud.wire import messages
from anoncloud.wire.connection import Ended
from tests.support.client_wire import Pipe, ServerEnd
from tests.support.entropy import counting
from tests.support.pairs import STATIC

DRIVE, BLOB = b"d" * 16, b"b" * 16
PACKET = 65552


class ProtocolTestCase(SynchronousTestCase):
    """A protocol and a server's end that have not spoken yet."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.events: list[messages.Answers] = []
        self.protocol = ClientProtocol(
            self.clock, STATIC.public, counting(), PACKET, self.events.append
        )
        self.pipe = Pipe(self.clock)
        self.pipe.protocol = self.protocol
        self.server = ServerEnd(self.pipe)
        self.protocol.makeConnection(self.pipe)

    def agree(self) -> None:
        """Agree on keys."""
        self.server.hear()
        self.successResultOf(self.protocol.established)
        self.server.hear()

    def ask(self, make: Any = messages.Ping) -> "Deferred[Any]":
        """Ask something."""
        return Deferred.fromCoroutine(self.protocol.ask(make))

    def stage(self, content: bytes, size: int = SMALL_BLOB) -> "Deferred[Any]":
        """Stage a blob."""
        blob = PackedBlob(BLOB, size, (content,), ())
        return Deferred.fromCoroutine(self.protocol.stage(DRIVE, blob))


class RequestTests(ProtocolTestCase):
    """One question, one answer."""

    def test_handshake_hash(self) -> None:
        """Both sides learn the same hash; the socket is set up for speed."""
        self.server.hear()
        given = self.successResultOf(self.protocol.established)
        self.server.hear()
        self.assertEqual(given, self.server.handshake_hash)
        self.assertTrue(self.pipe.no_delay)
        self.assertIs(self.pipe.producer, self.protocol)

    def test_numbers_and_order(self) -> None:
        """Requests are numbered upwards from 1; answers may come in any order."""
        self.agree()
        first, second = self.ask(), self.ask()
        self.assertEqual(self.server.hear(), [messages.Ping(1), messages.Ping(2)])
        self.server.say(messages.Done(2))
        self.assertNoResult(first)
        self.assertEqual(self.successResultOf(second), messages.Done(2))
        self.server.say(messages.Usage(1, 2, 3))
        self.assertEqual(self.successResultOf(first), messages.Usage(1, 2, 3))

    def test_refusal(self) -> None:
        """A refusal is raised with its code, sentence and hint."""
        self.agree()
        asked = self.ask()
        self.server.say(messages.Refusal(1, Code.QUOTA, "the drive is full", "remove something"))
        error = self.failureResultOf(asked, Refused).value
        self.assertEqual(
            (error.code, error.message, error.hint),
            (Code.QUOTA, "the drive is full", "remove something"),
        )

    def test_unknown_code(self) -> None:
        """A refusal of a later version is named as such, not taken for another."""
        error = refused(messages.Refusal(1, 999, "because", ""))
        self.assertIsInstance(error, RemoteError)
        self.assertIn("999", str(error))

    def test_events(self) -> None:
        """What the server says unasked goes to whoever listens."""
        self.agree()
        self.server.say(messages.JournalGrew(DRIVE, 5), messages.GoingDown())
        self.assertEqual(self.events, [messages.JournalGrew(DRIVE, 5), messages.GoingDown()])

    def check_broken(self) -> None:
        """See that the connection is given up because the server broke the protocol."""
        asked = self.ask()
        self.clock.advance(0)
        self.assertTrue(self.pipe.gone)
        self.failureResultOf(asked, ProtocolBroken)
        self.failureResultOf(self.ask(), ProtocolBroken)

    def test_unexpected_answer(self) -> None:
        """An answer to nothing breaks the connection."""
        self.agree()
        self.server.say(messages.Done(1))
        self.check_broken()

    def test_second_answer(self) -> None:
        """So does a second answer."""
        self.agree()
        asked = self.ask()
        self.server.say(messages.Done(1))
        self.successResultOf(asked)
        self.server.say(messages.Done(1))
        self.check_broken()

    def test_unexpected_bulk(self) -> None:
        """So do bulk bytes that nobody asked for."""
        self.agree()
        self.server.bulk(1, b"bulk")
        self.check_broken()

    def test_garbage(self) -> None:
        """So do bytes that are no frame of this connection."""
        self.agree()
        self.protocol.dataReceived(b"\x00\x00\x00\x20" + bytes(32))
        self.check_broken()

    def test_cut(self) -> None:
        """A cut fails all that wait, and all that is asked after it."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 0, 10)
        waiting = [self.ask(), self.ask(), self.stage(bytes(SMALL_BLOB))]
        reading = Deferred.fromCoroutine(stream.next())
        self.pipe.lose(OSError("reset"))
        for asked in waiting:
            self.assertNoResult(asked)
        self.failureResultOf(self.ask(), ConnectionCut)
        self.clock.advance(0)
        for asked in [*waiting, reading]:
            self.failureResultOf(asked, ConnectionCut)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cut_before_agreement(self) -> None:
        """A server that hangs up in the handshake may hold another key; the hint says so."""
        self.pipe.lose(OSError("reset"))
        self.clock.advance(0)
        error = self.failureResultOf(self.protocol.established, HandshakeFailed).value
        self.assertIn("its key", error.hint)


class TimeTests(ProtocolTestCase):
    """How long the client waits."""

    def test_handshake_timeout(self) -> None:
        """A server that says nothing at first is left after HANDSHAKE_TIMEOUT."""
        self.clock.advance(HANDSHAKE_TIMEOUT - 1)
        self.assertFalse(self.pipe.gone)
        self.clock.pump([1, 0, 0])
        self.assertTrue(self.pipe.gone)
        self.failureResultOf(self.protocol.established, HandshakeFailed)

    def test_answer_timeout(self) -> None:
        """A server that owes an answer and is silent is left after ANSWER_TIMEOUT."""
        self.agree()
        asked = self.ask()
        self.clock.advance(ANSWER_TIMEOUT - 1)
        self.assertNoResult(asked)
        self.clock.pump([1, 0, 0])
        self.failureResultOf(asked, ConnectionCut)

    def test_slow_answers_are_waited_for(self) -> None:
        """Anything that comes shows that the server is alive."""
        self.agree()
        asked, other = self.ask(), self.ask()
        self.clock.advance(ANSWER_TIMEOUT - 1)
        self.server.say(messages.Done(2))
        self.successResultOf(other)
        self.clock.advance(ANSWER_TIMEOUT - 1)
        self.assertNoResult(asked)
        self.server.hear()
        self.server.say(messages.Done(1))
        self.successResultOf(asked)

    def test_ping(self) -> None:
        """A quiet connection is looked after KEEPALIVE seconds after the last answer."""
        self.agree()
        asked = self.ask()
        self.server.hear()
        self.server.say(messages.Done(1))
        self.successResultOf(asked)
        self.clock.advance(KEEPALIVE - 1)
        self.assertEqual(self.server.hear(), [])
        self.clock.advance(1)
        self.assertEqual(self.server.hear(), [messages.Ping(2)])
        self.server.say(messages.Done(2))
        self.clock.advance(KEEPALIVE)
        self.assertEqual(self.server.hear(), [messages.Ping(3)])
        self.clock.pump([ANSWER_TIMEOUT, 0, 0])
        self.assertTrue(self.pipe.gone)


class LeaveTests(ProtocolTestCase):
    """The end."""

    def test_leave(self) -> None:
        """Both end marks pass, then the stream ends."""
        self.agree()
        leaving = Deferred.fromCoroutine(self.protocol.leave())
        self.assertEqual(self.server.hear(), [Ended()])
        self.assertNoResult(leaving)
        self.server.end()
        self.clock.advance(0)
        self.successResultOf(leaving)
        self.assertTrue(self.pipe.gone)
        self.successResultOf(Deferred.fromCoroutine(self.protocol.leave()))

    def test_leave_a_silent_server(self) -> None:
        """Leaving does not wait for ever."""
        self.agree()
        leaving = Deferred.fromCoroutine(self.protocol.leave())
        self.clock.advance(LEAVE_TIMEOUT - 1)
        self.assertNoResult(leaving)
        self.clock.pump([1, 0, 0])
        self.successResultOf(leaving)

    def test_server_ends(self) -> None:
        """When the server ends the connection, whatever waits is told."""
        self.agree()
        asked = self.ask()
        self.server.end()
        self.clock.pump([0, 0])
        self.failureResultOf(asked, ConnectionCut)


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
