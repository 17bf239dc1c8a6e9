"""What breaks a connection: frames too long, wrong, late or misplaced, and callers' mistakes."""

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from anoncloud import limits
from anoncloud.errors import Misuse, ProtocolBroken
from anoncloud.wire.connection import GREETING, Bulk, Connection, Ended, Received, State
from anoncloud.wire.frames import frame_header
from anoncloud.wire.messages import Credit, Ping
from tests.support.pairs import (
    established,
    hear,
    new_client,
    new_server,
    raw_frame,
    sent,
    speak,
)
from tests.support.samples import ANSWERS, REQUESTS


class FrameLimitTests(SynchronousTestCase):
    """How long a frame may be, and when."""

    def refused(self, end: Connection, limit: int) -> None:
        """Check that *end* waits for a frame of *limit* bytes and refuses a longer one at once."""
        hear(end, limit.to_bytes(4, "big"))
        end._cutter._length = None
        self.assertRaises(ProtocolBroken, hear, end, (limit + 1).to_bytes(4, "big"))
        self.assertLessEqual(end._cutter.waiting, 4)
        self.assertIs(end.state, State.BROKEN)

    def test_before_the_agreement(self) -> None:
        """A handshake message is short."""
        for end in (new_client(), new_server()):
            hear(end, GREETING)
            self.refused(end, limits.MAX_FRAME_HANDSHAKE)

    def test_of_a_stranger(self) -> None:
        """A server takes short frames until it trusts, and then long ones; a client long ones."""
        client, server = established()
        self.refused(server, limits.MAX_FRAME_ANONYMOUS)
        self.refused(client, limits.MAX_FRAME)
        _, server = established()
        server.trust()
        self.refused(server, limits.MAX_FRAME)

    def test_trust_between_two_frames(self) -> None:
        """A login and the long frame right behind it may come together."""
        client, server = established()
        client.send(Ping(1))
        client.send_bulk(2, bytes(limits.MAX_FRAME_ANONYMOUS))
        events = server.receive(sent(client))
        next(events)
        server.trust()
        self.assertEqual(next(events), Bulk(2, memoryview(bytes(limits.MAX_FRAME_ANONYMOUS))))

    def test_too_long_to_send(self) -> None:
        """Too long a frame is refused at the sender, and what it sends after it still opens."""
        client, server = established()
        server.trust()
        most = limits.MAX_FRAME - 16 - 5
        self.assertRaises(Misuse, client.send_bulk, 1, bytes(most + 1))
        self.assertEqual(sent(client), b"")
        client.send_bulk(1, bytes(most))
        client.send(Ping(2))
        bulk, ping = hear(server, sent(client))
        self.assertEqual((len(bulk.data), ping), (most, Received(Ping(2))))  # type: ignore[union-attr]


class BrokenTests(SynchronousTestCase):
    """What a peer may not do, and what a caller may not do."""

    def broken_by(self, make: Callable[[Connection], bytes], *, at_client: bool = False) -> None:
        """Check that what *make* makes of the sender breaks the receiver for good."""
        client, server = established()
        sender, receiver = (server, client) if at_client else (client, server)
        self.assertRaises(ProtocolBroken, hear, receiver, make(sender))
        self.assertIs(receiver.state, State.BROKEN)
        self.assertRaises(Misuse, hear, receiver, b"")
        self.assertRaises(Misuse, receiver.send, Ping(1))
        self.assertRaises(Misuse, receiver.end)

    def test_wrong_frames(self) -> None:
        """An empty frame, an unknown kind, empty bulk and an end mark with more are refused."""
        for plaintext in (
            b"",
            b"\x03",
            b"\xff\x90",
            b"\x00",
            b"\x01",
            b"\x01\x00\x00\x00",
            b"\x01\x00\x00\x00\x07",
            b"\x02\x00",
        ):
            for at_client in (False, True):
                self.broken_by(
                    lambda sender, plaintext=plaintext: raw_frame(sender, plaintext),  # type: ignore[misc]
                    at_client=at_client,
                )

    def test_words_of_the_other_side(self) -> None:
        """A client that speaks as a server, or the reverse, breaks the connection."""
        for wrong, at_client in ((ANSWERS[:-1], False), (REQUESTS[:-1], True)):
            for message in wrong:
                self.broken_by(
                    lambda sender, m=message: speak(sender, [m], end=False), at_client=at_client
                )  # type: ignore[misc]

    def test_after_the_end_mark(self) -> None:
        """Nothing may come after the end mark, and nothing may be sent after it."""
        for late in (b"\x00\x92\x0c\x01", b"\x02"):
            self.broken_by(lambda sender, late=late: speak(sender, []) + raw_frame(sender, late))  # type: ignore[misc]
        client, _ = established()
        client.end()
        self.assertRaises(Misuse, client.send, Ping(1))
        self.assertRaises(Misuse, client.send_bulk, 1, b"x")
        self.assertRaises(Misuse, client.end)

    def test_not_sealed(self) -> None:
        """A frame in clear, one again, one left out and one sent back to its sender are refused."""
        self.broken_by(lambda _: frame_header(20, 99) + bytes(20))
        self.broken_by(lambda _: bytes(4))
        self.broken_by(lambda sender: speak(sender, [Ping(1)], end=False) * 2)

        def left_out(sender: Connection) -> bytes:
            speak(sender, [Ping(1)], end=False)
            return speak(sender, [Ping(2)], end=False)

        self.broken_by(left_out)
        client, _ = established()
        self.assertRaises(ProtocolBroken, hear, client, speak(client, [Credit(1, 1)], end=False))

    def test_events_before_the_break_are_given(self) -> None:
        """What came whole before a bad frame is handed out."""
        client, server = established()
        stream = speak(client, [Ping(1)], end=False) + raw_frame(client, b"\x09")
        events = server.receive(stream)
        self.assertEqual(next(events), Received(Ping(1)))
        self.assertRaises(ProtocolBroken, next, events)

    def test_sending_too_early(self) -> None:
        """Nothing is sent before the keys are agreed."""
        for end in (new_client(), new_server()):
            self.assertRaises(Misuse, end.send, Ping(1))
            self.assertRaises(Misuse, end.send_bulk, 1, b"x")
            self.assertRaises(Misuse, end.end)

    def test_empty_bulk_is_not_sent(self) -> None:
        """A frame that the peer would refuse is refused here, before it costs the connection."""
        client, server = established()
        self.assertRaises(Misuse, client.send_bulk, 1, b"")
        self.assertRaises(Misuse, client.send_bulk, 1, memoryview(b""))
        self.assertEqual(hear(server, speak(client, [Ping(1)])), [Received(Ping(1)), Ended()])

    def test_ended_can_be_broken(self) -> None:
        """A connection that has ended is not opened again by anything."""
        client, server = established()
        hear(server, speak(client, []))
        with self.assertRaises(Misuse):
            server._step(State.OPEN)
        self.assertIs(server.state, State.ENDED)
