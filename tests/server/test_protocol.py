"""The server's side of a connection: what is said, times, ends, and broken peers."""

from typing import Any

from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.logger import formatEvent, globalLogPublisher

from anoncloud.errors import Code
from anoncloud.limits import (
    HANDSHAKE_TIMEOUT,
    IDLE_TIMEOUT,
    LOGIN_TIMEOUT,
    MAX_FRAME_ANONYMOUS,
    PAIRING_TIMEOUT,
    SMALL_BLOB,
)
from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Allowance
from anoncloud.server.contracts import Head
from anoncloud.server.shares import MOST
from anoncloud.wire import messages
from anoncloud.wire.connection import GREETING
from anoncloud.wire.records import genesis_hash
from tests.support.pairs import sent
from tests.support.server import ADA, Held, Person, ServerTestCase, blob_name, record
from tests.support.server_wire import Caller, Desk, Line

GENESIS = Head(0, genesis_hash(ADA.drive))


class ProtocolTestCase(ServerTestCase):
    """A test with a server, where Ada has an account."""

    def setUp(self) -> None:
        self.desk = Desk()
        self.rooms = self.desk.rooms
        self.clock = self.desk.clock
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))

    def logged(self, text: str) -> list[str]:
        """Collect what the protocol logs with *text* in it, from now on."""
        found: list[str] = []

        def observe(event: dict[str, Any]) -> None:
            if text in formatEvent(event):
                found.append(formatEvent(event))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        return found


class TalkTests(ProtocolTestCase):
    """What is said over the wire."""

    def test_set_up(self) -> None:
        """The transport is set up for speed, back-pressure and small memory."""
        caller = self.desk.call().agree()
        self.assertTrue(caller.line.no_delay)
        self.assertEqual(caller.line.bufferSize, MOST)
        self.assertIs(caller.line.producer, caller.protocol)
        self.assertTrue(caller.line.streaming)

    def test_unix_socket(self) -> None:
        """A transport that has no such option as TCP's is as good."""
        caller = self.desk.call(line=Line(has_no_delay=False)).log_in(ADA)
        self.assertIsInstance(caller.heard[0], messages.LoggedIn)

    def test_log_in(self) -> None:
        """The signature counts for the handshake of this connection, and for no other."""
        first = self.desk.call().log_in(ADA)
        self.assertEqual(first.heard, [messages.LoggedIn(1, ADA.drive, 0, genesis_hash(ADA.drive))])
        second = self.desk.call().agree()
        second.ask(messages.LogIn, *ADA.log_in(handshake_hash=first.handshake_hash))
        self.assertEqual(second.heard[0].code, Code.LOGIN)

    def test_transfers(self) -> None:
        """Blobs go up and down over the wire as they are."""
        caller = self.desk.call().log_in(ADA)
        content = bytes(range(256)) * 1024
        caller.number += 1
        caller.connection.send(
            messages.StageBlob(caller.number, ADA.drive, blob_name(1), SMALL_BLOB)
        )
        for at in range(0, SMALL_BLOB, 50_000):
            caller.connection.send_bulk(caller.number, content[at : at + 50_000])
        caller.push()
        self.assertEqual(caller.heard[-1], messages.Done(2))
        caller.ask(messages.ReadBlob, ADA.drive, blob_name(1), 7, 200_000, 65552)
        self.assertEqual(caller.bulk, {3: content[7:200_007]})
        self.assertEqual(caller.heard[-1], messages.Done(3))

    def test_any_pieces(self) -> None:
        """However the stream is cut, the talk is the same."""
        caller = self.desk.call()
        caller.connection.begin()
        for byte in sent(caller.connection):
            caller.protocol.dataReceived(bytes([byte]))
        caller.pull()
        caller.connection.send(messages.Ping(1))
        caller.connection.send(messages.Ping(2))
        for byte in sent(caller.connection):
            caller.protocol.dataReceived(bytes([byte]))
        caller.pull()
        self.assertEqual(caller.heard, [messages.Done(1), messages.Done(2)])

    def test_long_frames(self) -> None:
        """Only who has logged in may send long frames."""
        long = record(ADA.drive, GENESIS, body=bytes(MAX_FRAME_ANONYMOUS))
        anybody = self.desk.call("192.0.2.9").agree()
        anybody.ask(messages.Commit, long)
        self.assertTrue(anybody.line.disconnected)
        ada = self.desk.call().log_in(ADA)
        ada.ask(messages.Commit, long)
        self.assertEqual(ada.heard[-1], messages.Committed(2, 1))

    def test_events(self) -> None:
        """A commit is told to the drive's other connections, until they are gone."""
        one, two, three = (self.desk.call().log_in(ADA) for _ in range(3))
        three.lose()
        one.ask(messages.Commit, record(ADA.drive, GENESIS))
        two.pull()
        self.assertEqual(two.heard[-1], messages.JournalGrew(ADA.drive, 1))
        self.assertEqual(three.line.value(), b"")


class TimeTests(ProtocolTestCase):
    """Peers that take too long."""

    def check_cut(self, caller: Caller, after: float) -> None:
        """See that a connection is cut after so many seconds of silence, and not before."""
        self.clock.advance(after - 0.1)
        self.assertFalse(caller.line.disconnected)
        self.clock.advance(0.2)
        self.assertTrue(caller.line.disconnected)

    def test_handshake(self) -> None:
        """Keys must be agreed on within their time, however busy the peer seems."""
        caller = self.desk.call()
        caller.protocol.dataReceived(GREETING[:3])
        self.clock.advance(10)
        caller.protocol.dataReceived(GREETING[3:])
        self.check_cut(caller, HANDSHAKE_TIMEOUT - 10)

    def test_set_times(self) -> None:
        """The owner may set how long a handshake takes, and how long silence lasts."""
        self.rooms.house.allowance = Allowance(handshake_time=3, idle_time=500)
        self.check_cut(self.desk.call(), 3)
        caller = self.desk.call().log_in(ADA)
        self.clock.advance(499)
        self.assertFalse(caller.line.disconnected)
        caller.ask(messages.Ping)
        self.check_cut(caller, 500)

    def test_login(self) -> None:
        """A login must succeed within its time; talking of other things does not help."""
        caller = self.desk.call()
        self.clock.advance(10)
        caller.agree()
        self.clock.advance(60)
        caller.ask(messages.Ping)
        caller.ask(messages.LogIn, *Person("eve").log_in())
        self.check_cut(caller, LOGIN_TIMEOUT - 60 - PACE)

    def test_idle(self) -> None:
        """After the login, silence is what is measured, from the login on."""
        caller = self.desk.call().agree()
        self.clock.advance(LOGIN_TIMEOUT - 1)
        caller.ask(messages.LogIn, *ADA.log_in(handshake_hash=caller.handshake_hash))
        self.clock.advance(IDLE_TIMEOUT - 1)
        self.assertFalse(caller.line.disconnected)
        caller.ask(messages.Ping)
        self.check_cut(caller, IDLE_TIMEOUT)

    def test_time_is_given(self) -> None:
        """Somebody may be given more time to log in; who has logged in keeps their own."""
        caller = self.desk.call()
        caller.protocol.give_time(PAIRING_TIMEOUT)
        self.check_cut(caller, HANDSHAKE_TIMEOUT)
        caller = self.desk.call().agree()
        caller.protocol.give_time(PAIRING_TIMEOUT)
        self.clock.advance(LOGIN_TIMEOUT + 1)
        caller.ask(messages.Ping)
        self.check_cut(caller, PAIRING_TIMEOUT - LOGIN_TIMEOUT - 1)
        caller = self.desk.call().log_in(ADA)
        caller.protocol.give_time(1)
        self.check_cut(caller, IDLE_TIMEOUT)

    def test_network(self) -> None:
        """The network of a peer is that of its address; a unix socket has none."""
        for host, network in (("192.0.2.9", "192.0.2.9"), ("2001:db8::9", "2001:db8::/64")):
            self.assertEqual(self.desk.call(host).protocol.network(), network)
        caller = self.desk.call()
        caller.line.peerAddr = UNIXAddress("/run/anoncloud")
        self.assertEqual(caller.protocol.network(), "")
        caller.line.peerAddr = IPv4Address("TCP", "198.51.100.7", 1)  # a proxy says so later
        self.assertEqual(caller.protocol.network(), "198.51.100.7")

    def test_held_back_by_network(self) -> None:
        """Three wrong logins from a network, and its next one is not evaluated."""
        for number in range(3):
            person = Person(f"guest{number}")
            caller = self.desk.call("192.0.2.9").log_in(person)
            self.assertEqual(caller.heard[0].code, Code.LOGIN)
        held, other = (self.desk.call(f"192.0.2.{last}").log_in(ADA) for last in (9, 8))
        self.assertEqual(held.heard[0].code, Code.TOO_SOON)
        self.assertIsInstance(other.heard[0], messages.LoggedIn)

    def test_late_login(self) -> None:
        """A login whose answer comes after the peer was cut off harms nothing."""
        head = Held(self.rooms.journal.head)
        self.patch(self.rooms.journal, "head", head)
        caller = self.desk.call().log_in(ADA)
        self.clock.advance(LOGIN_TIMEOUT)
        self.assertTrue(caller.line.disconnected)
        caller.lose()
        head.go()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(caller.heard, [])

    def test_no_timer_stays(self) -> None:
        """A connection that is over leaves no timer behind."""
        for caller in (self.desk.call(), self.desk.call().agree(), self.desk.call().log_in(ADA)):
            caller.lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])
