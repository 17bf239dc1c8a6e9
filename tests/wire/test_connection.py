"""A connection's life: greeting, agreement, messages, end; and everything that breaks it."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import limits
from anoncloud.errors import ConnectionCut, HandshakeFailed, Misuse, ProtocolBroken, RemoteError
from anoncloud.wire.connection import (
    GREETING,
    Bulk,
    Connection,
    Ended,
    Established,
    Received,
    State,
)
from anoncloud.wire.frames import frame_header
from anoncloud.wire.handshake import NK_HFS, Role
from anoncloud.wire.messages import Done, GoingDown, Ping
from tests.support.damage import flip, split
from tests.support.entropy import counting
from tests.support.pairs import (
    Talk,
    client_handshake,
    established,
    events_of,
    hear,
    new_client,
    new_server,
    sent,
    speak,
)
from tests.support.samples import ANSWERS, REQUESTS
from tests.support.strategies import conversations, places


class LifeTests(SynchronousTestCase):
    """From the greeting to the end."""

    def test_whole_life(self) -> None:
        """Two ends agree, talk both ways and end; each step is a state."""
        client, server = new_client(), new_server()
        self.assertEqual((client.state, server.state), (State.GREETING, State.GREETING))
        client.begin()
        first = sent(client)
        self.assertTrue(first.startswith(GREETING))
        (at_server,) = hear(server, first)
        self.assertEqual(server.state, State.OPEN)
        second = sent(server)
        self.assertTrue(second.startswith(GREETING))
        (at_client,) = hear(client, second)
        self.assertIsInstance(at_client, Established)
        self.assertEqual(at_client, at_server)
        self.assertEqual(len(at_client.handshake_hash), 64)  # type: ignore[union-attr]
        self.assertEqual(hear(server, speak(client, [Ping(1)])), [Received(Ping(1)), Ended()])
        self.assertEqual((client.state, server.state), (State.OPEN, State.ENDED))
        self.assertEqual(hear(client, speak(server, [Done(1)])), [Received(Done(1)), Ended()])
        client.cut()
        server.cut()
        self.assertEqual((client.state, server.state), (State.ENDED, State.ENDED))

    def test_every_message_arrives(self) -> None:
        """Each message that a side may say is understood by the other."""
        client, server = established()
        self.assertEqual(
            hear(server, speak(client, list(REQUESTS), end=False)), events_of(list(REQUESTS))
        )
        self.assertEqual(
            hear(client, speak(server, list(ANSWERS), end=False)), events_of(list(ANSWERS))
        )

    def test_bulk_takes_any_buffer(self) -> None:
        """Bulk bytes may be given as bytes or a view; the event shows none of them."""
        client, server = established()
        client.send_bulk(7, memoryview(b"planted"))
        (event,) = hear(server, sent(client))
        self.assertEqual(event, Bulk(7, memoryview(b"planted")))
        self.assertNotIn("planted", repr(event))

    def test_taken_once(self) -> None:
        """What waits to be written is handed out once."""
        client, _ = established()
        client.send(Ping(1))
        self.assertEqual(len(client.take()), 2)
        self.assertEqual(client.take(), [])

    def test_events_come_one_by_one(self) -> None:
        """A caller that stops after one event finds the next ones later, in order."""
        client, server = established()
        stream = speak(client, [Ping(1), Ping(2), Ping(3)])
        events = server.receive(stream)
        self.assertEqual(next(events), Received(Ping(1)))
        events.close()  # type: ignore[attr-defined]
        self.assertEqual(hear(server, b""), [*events_of([Ping(2), Ping(3)]), Ended()])


class SplitTests(SynchronousTestCase):
    """However the bytes come."""

    @given(conversations, places)
    def test_any_split_gives_the_same(self, talk: Talk, at: list[int]) -> None:
        """A conversation cut anywhere, or byte by byte, gives the same events."""
        for how in ("whole", "cut", "bytes"):
            client, server = established()
            stream = speak(client, talk)
            parts = {
                "whole": [stream],
                "cut": split(stream, at),
                "bytes": [stream[place : place + 1] for place in range(len(stream))],
            }[how]
            self.assertEqual(hear(server, parts), [*events_of(talk), Ended()])

    @given(places)
    def test_handshake_in_pieces(self, at: list[int]) -> None:
        """The greeting and the agreement may come in any pieces too, with messages behind them."""
        client, server = new_client(), new_server()
        client.begin()
        (at_server,) = hear(server, split(sent(client), at))
        events = hear(client, split(sent(server) + speak(server, [GoingDown()]), at))
        self.assertEqual(events, [at_server, Received(GoingDown()), Ended()])

    @given(conversations, st.data())
    def test_cut_anywhere(self, talk: Talk, data: st.DataObject) -> None:
        """A stream that is cut gives a beginning of the events, and the cut is noticed."""
        client, server = established()
        stream = speak(client, talk)
        events = hear(server, stream[: data.draw(st.integers(0, len(stream) - 1))])
        self.assertEqual(events, events_of(talk)[: len(events)])
        self.assertRaises(ConnectionCut, server.cut)
        self.assertIs(server.state, State.BROKEN)
        server.cut()

    @given(conversations, st.data())
    def test_any_flip_is_refused(self, talk: Talk, data: st.DataObject) -> None:
        """A changed bit never changes an event: it is refused, or the frame never ends."""
        client, server = established()
        stream = speak(client, talk)
        changed = flip(stream, data.draw(st.integers(0, len(stream) * 8 - 1)))
        events: list[object] = []
        with self.assertRaises(RemoteError):
            for event in server.receive(changed):
                events.append(event)  # noqa: PERF402 - an error must not lose what came before
            server.cut()
        self.assertEqual(events, events_of(talk)[: len(events)])
        self.assertIs(server.state, State.BROKEN)

    def test_cut_early(self) -> None:
        """A stream that ends before or within the agreement is a cut too."""
        for heard in (b"", GREETING[:4], GREETING, GREETING + b"\x00\x00\x01\x00half"):
            server = new_server()
            hear(server, heard)
            error = self.assertRaises(ConnectionCut, server.cut)
            self.assertTrue(error.hint)


class GreetingTests(SynchronousTestCase):
    """The first line."""

    def test_wrong_greeting(self) -> None:
        """Another protocol or version is refused with a hint; a server still says its own."""
        for line in (b"anoncloud 2\n", b"SSH-2.0-OpenSSH\r\n", b"GET / HTTP/1.1\r\n", b"\n"):
            for end in (new_client(), new_server()):
                error = self.assertRaises(HandshakeFailed, hear, end, line)
                self.assertIn("check the address", error.hint)
                self.assertIs(end.state, State.BROKEN)
            self.assertEqual(sent(end), GREETING)

    def test_no_newline(self) -> None:
        """A peer that never ends its line is refused after so many bytes and not before."""
        for end in (new_client(), new_server()):
            self.assertEqual(hear(end, b"x" * (limits.MAX_GREETING - 1)), [])
            self.assertRaises(ProtocolBroken, hear, end, b"x")
            self.assertIs(end.state, State.BROKEN)

    def test_greeting_is_the_prologue(self) -> None:
        """A client that agreed on other words is refused, though it sent the right ones."""
        message = client_handshake(NK_HFS, prologue=b"anoncloud 0\n").write()
        stream = GREETING + frame_header(len(message), limits.MAX_FRAME_HANDSHAKE) + message
        self.assertRaises(HandshakeFailed, hear, new_server(), stream)

    def test_only_a_client_begins(self) -> None:
        """A server does not speak first, and a client only once and before it hears."""
        self.assertRaises(Misuse, new_server().begin)
        client, _ = established()
        self.assertRaises(Misuse, client.begin)

    def test_keys_are_where_they_belong(self) -> None:
        """A server can't be made without its key."""
        with self.assertRaises(Misuse):
            Connection(Role.SERVER, entropy=counting())

    def test_payload_in_the_handshake(self) -> None:
        """A handshake message that carries anything is refused."""
        message = client_handshake(NK_HFS, prologue=GREETING).write(b"something")
        stream = GREETING + frame_header(len(message), limits.MAX_FRAME_HANDSHAKE) + message
        self.assertRaises(ProtocolBroken, hear, new_server(), stream)
