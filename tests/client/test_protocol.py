"""The client's protocol against a server's end: numbers, answers, time-outs, ends."""

from twisted.internet.defer import Deferred

from anoncloud.client.protocol import LEAVE_TIMEOUT, refused
from anoncloud.errors import (
    Code,
    ConnectionCut,
    HandshakeFailed,
    ProtocolBroken,
    Refused,
    RemoteError,
)
from anoncloud.limits import (
    ANSWER_TIMEOUT,
    HANDSHAKE_TIMEOUT,
    KEEPALIVE,
    SILENCE_TIMEOUT,
    SMALL_BLOB,
)
from anoncloud.wire import messages
from anoncloud.wire.connection import Ended
from tests.support.client_protocol import BLOB, DRIVE, ProtocolTestCase
from tests.support.samples import ANSWERS


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
        said = [message for message in ANSWERS if not hasattr(message, "request")]
        self.assertEqual(len(said), 5)
        self.server.say(*said)
        self.assertEqual(self.events, said)

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

    def test_over(self) -> None:
        """Whoever wants to know hears of the end once, and why it came."""
        self.agree()
        self.pipe.lose(OSError("reset"))
        self.assertNoResult(self.protocol.over)
        self.clock.advance(0)
        self.assertIsInstance(self.successResultOf(self.protocol.over), ConnectionCut)
        self.setUp()
        self.agree()
        self.protocol.dataReceived(b"\x00\x00\x00\x20" + bytes(32))
        self.clock.pump([0, 0])
        self.assertIsInstance(self.successResultOf(self.protocol.over), ProtocolBroken)

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

    def go_on(self, seconds: float, *, answering: bool = False) -> None:
        """Let time pass, a second at a time; the server answers Pings, or nothing."""
        for _ in range(round(seconds)):
            self.clock.advance(1)
            for spoken in self.server.hear() if answering else ():
                if isinstance(spoken, messages.Ping):
                    self.server.say(messages.Done(spoken.request))

    def test_silent_server(self) -> None:
        """A server that says nothing at all is left after SILENCE_TIMEOUT."""
        self.agree()
        asked = self.ask(messages.FetchKeyring)
        self.go_on(SILENCE_TIMEOUT - 1)
        self.assertNoResult(asked)
        self.go_on(KEEPALIVE + 1)
        self.failureResultOf(asked, ConnectionCut)

    def test_answer_timeout(self) -> None:
        """A server that owes an answer, and answers Pings alone, is left after ANSWER_TIMEOUT."""
        self.agree()
        asked = self.ask(messages.FetchKeyring)
        self.go_on(ANSWER_TIMEOUT - 1, answering=True)
        self.assertNoResult(asked)
        self.go_on(KEEPALIVE + 1, answering=True)
        self.failureResultOf(asked, ConnectionCut)

    def test_slow_answers_are_waited_for(self) -> None:
        """Any other answer shows that the server is at work."""
        self.agree()
        asked, other = self.ask(messages.FetchKeyring), self.ask(messages.FetchKeyring)
        self.go_on(ANSWER_TIMEOUT - KEEPALIVE, answering=True)
        self.server.say(messages.Done(2))
        self.successResultOf(other)
        self.go_on(ANSWER_TIMEOUT - KEEPALIVE, answering=True)
        self.assertNoResult(asked)
        self.server.say(messages.Done(1))
        self.successResultOf(asked)

    def test_long_frames_are_waited_for(self) -> None:
        """A part of a frame is a sign of life, for a long one takes its time on a slow line."""
        self.agree()
        asked = self.ask(messages.FetchKeyring)
        self.server.connection.send(messages.Keyring(1, bytes(8000)))
        whole = b"".join(self.server.connection.take())
        for at in range(0, len(whole), 2000):
            self.go_on(SILENCE_TIMEOUT - KEEPALIVE)
            self.protocol.dataReceived(whole[at : at + 2000])
        self.assertEqual(self.successResultOf(asked), messages.Keyring(1, bytes(8000)))

    def test_slow_sending_is_waited_for(self) -> None:
        """So is a transport that has got rid of what waited in it."""
        self.agree()
        asked = self.ask(messages.FetchKeyring)
        for _ in range(4):
            self.go_on(SILENCE_TIMEOUT - KEEPALIVE)
            self.protocol.pauseProducing()
            self.protocol.resumeProducing()
        self.assertNoResult(asked)
        self.go_on(SILENCE_TIMEOUT + KEEPALIVE)
        self.failureResultOf(asked, ConnectionCut)

    def test_handshake_is_not_drawn_out(self) -> None:
        """A server that begins to speak has no longer for the handshake than any other."""
        self.clock.advance(HANDSHAKE_TIMEOUT - 1)
        self.protocol.dataReceived(b"anoncloud")
        self.clock.pump([1, 0, 0])
        self.failureResultOf(self.protocol.established, HandshakeFailed)

    def test_idle(self) -> None:
        """A quiet connection is looked after; one whose far end has vanished is given up."""
        self.agree()
        self.go_on(KEEPALIVE)
        self.assertEqual(self.server.hear(), [])
        self.go_on(KEEPALIVE)
        self.assertEqual(self.server.hear(), [messages.Ping(1)])
        self.server.say(messages.Done(1))
        self.go_on(20 * KEEPALIVE, answering=True)
        self.assertFalse(self.pipe.gone)
        self.go_on(SILENCE_TIMEOUT + KEEPALIVE)
        self.assertTrue(self.pipe.gone)
        self.clock.advance(0)
        self.assertIsInstance(self.successResultOf(self.protocol.over), ConnectionCut)
        self.assertEqual(self.clock.getDelayedCalls(), [])


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

    def test_leave_twice(self) -> None:
        """Two who leave at once send one end mark, and both are told."""
        self.agree()
        leaving = [Deferred.fromCoroutine(self.protocol.leave()) for _ in range(2)]
        self.assertEqual(self.server.hear(), [Ended()])
        self.server.end()
        self.clock.advance(0)
        for one in leaving:
            self.successResultOf(one)

    def test_nothing_is_said_after_the_end_mark(self) -> None:
        """What is asked, staged, given up or resumed while leaving fails with the connection."""
        self.agree()
        stream = self.protocol.read(DRIVE, BLOB, 0, 10)
        self.protocol.pauseProducing()
        waiting = [self.ask(), self.stage(bytes(SMALL_BLOB))]
        leaving = Deferred.fromCoroutine(self.protocol.leave())
        self.server.hear()
        waiting += [self.ask(), self.stage(bytes(SMALL_BLOB))]
        stream.close()
        self.protocol.resumeProducing()
        self.assertEqual(self.server.hear(), [])
        self.server.end()
        self.clock.pump([0, 0])
        self.successResultOf(leaving)
        for one in waiting:
            self.failureResultOf(one, ConnectionCut)

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
