"""Penalties: what counts for a network besides guesses, how much, and what it holds back."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code
from anoncloud.limits import LOGIN_TIMEOUT
from anoncloud.server.admission import PACE
from anoncloud.server.conditions import Registration
from anoncloud.server.delays import Schedules
from anoncloud.server.entering import TooSoon
from anoncloud.server.penalties import BROKEN, SILENT, WRONG, Penalties
from anoncloud.wire import messages
from tests.server.test_protocol import ProtocolTestCase
from tests.support.pairs import sent
from tests.support.server import ADA, BOB, Held, Peer, Person, Rooms, ServerTestCase
from tests.support.server_wire import Caller

HERE, THERE = "192.0.2.1", "192.0.2.2"
CODE, OTHER = b"invitation code.", b"a code that is n"
LENGTHY = 600.0
"""Seconds after which no network is held back, whatever it did before."""


class PenaltyTests(ServerTestCase):
    """Counting, asked of the store and of the gate."""

    def setUp(self) -> None:
        super().setUp()
        self.line = Peer(self.rooms.house)
        self.line.from_network = HERE
        self.penalties = Penalties(self.rooms.house, self.line)
        self.penalise = Held(self.rooms.accounts.penalise)
        self.patch(self.rooms.accounts, "penalise", self.penalise)

    def count(self, weight: int = WRONG) -> bool:
        """Count; say whether the store was asked."""
        self.penalties.blame(weight)
        asked = len(self.penalise) > 0
        while len(self.penalise):
            self.penalise.go()
        return asked

    def check(self) -> str:
        """Give the refusal's sentence, or "" if nothing is held back."""
        return self.now(self.said())

    async def said(self) -> str:
        try:
            await self.penalties.check("things")
        except TooSoon as refusal:
            return refusal.message
        return ""

    def test_counted(self) -> None:
        """Three failures hold a network back for 15 seconds; those meanwhile are not counted."""
        self.assertEqual([self.count() for _ in range(5)], [True, True, True, False, False])
        self.assertEqual(self.check(), "too many things were refused; try again in 15 seconds")
        self.rooms.clock.advance(14)
        self.assertTrue(self.count())  # the gate has forgotten; but the store knows
        self.assertIn("in 1 second", self.check())
        self.rooms.clock.advance(1)
        self.assertEqual(self.check(), "")
        self.assertTrue(self.count())
        self.assertIn("in 30 seconds", self.check())

    def test_weights(self) -> None:
        """Silence weighs two, and a broken protocol five: 60 seconds at once."""
        self.count(SILENT)
        self.assertEqual(self.check(), "")
        self.rooms = Rooms()
        self.setUp()
        self.count(BROKEN)
        self.assertIn("in 60 seconds", self.check())

    def test_other_networks(self) -> None:
        """Others are not concerned, nor is a peer of no network."""
        self.count(BROKEN)
        for network in (THERE, ""):
            self.line.from_network = network
            self.assertEqual(self.check(), "")
        self.assertFalse(self.count(BROKEN))
        self.assertEqual(self.check(), "")

    def test_the_store_fails(self) -> None:
        """A fault of the store while it counts is logged, and harms nobody."""
        self.patch(self.rooms.accounts, "penalise", None)
        self.penalties.blame(BROKEN)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)


class InvitationTests(ServerTestCase):
    """Wrong invitations."""

    def setUp(self) -> None:
        self.rooms = Rooms(Registration.INVITATION)
        self.now(self.rooms.accounts.invite(CODE, None, 2**40))

    def try_codes(self, *codes: bytes, network: str = HERE) -> list[Code | None]:
        """Register as Ada with one code after the other; give what each was refused with."""
        told: list[Code | None] = []
        for code in codes:
            peer = self.peer()
            peer.from_network = network
            answer = peer.ask(messages.Register, *ADA.register(code))
            is_refused = isinstance(answer, messages.Refusal)
            told.append(Code(answer.code) if is_refused else None)
        return told

    def test_held_back(self) -> None:
        """The fourth from a network is not looked at, right or wrong; elsewhere it is."""
        told = self.try_codes(OTHER, b"", OTHER, CODE, OTHER)
        self.assertEqual(told, [Code.INVITATION] * 3 + [Code.TOO_SOON] * 2)
        self.assertEqual(self.try_codes(OTHER, network=THERE), [Code.INVITATION])
        self.rooms.clock.advance(15)
        self.assertEqual(self.try_codes(CODE), [None])

    def test_counts_for_logins(self) -> None:
        """Wrong invitations and wrong logins of one network are counted together."""
        self.try_codes(OTHER, OTHER, OTHER)
        peer = self.peer()
        peer.from_network = HERE
        self.assert_refused(peer.ask(messages.LogIn, *BOB.log_in()), Code.TOO_SOON)

    def test_third_ends(self) -> None:
        """The third one that is refused ends the connection, like the third login."""
        peer = self.peer()
        for expected in (False, False, True):
            peer.ask(messages.Register, *ADA.register(OTHER))
            self.assertEqual(peer.hung_up, expected)

    def test_other_refusals(self) -> None:
        """A name that is taken is no guess, nor is one that can't be; both may be tried again."""
        self.try_codes(CODE)
        self.now(self.rooms.accounts.invite(OTHER, None, 2**40))
        peer = self.peer()
        peer.from_network = HERE
        for name in ("ada", "Ada", "ada", "Ada", "ada"):
            answer = peer.ask(messages.Register, name, *ADA.register(OTHER)[1:])
            self.assertIn(answer.code, {Code.NAME_TAKEN, Code.NAME_INVALID})
        self.assertFalse(peer.hung_up)
        self.assertEqual(self.try_codes(b""), [Code.INVITATION])

    def test_open_house(self) -> None:
        """Where no invitation is needed, none is waited for."""
        self.rooms = Rooms()
        now = self.rooms.clock.seconds()
        self.now(self.rooms.accounts.penalise(HERE, BROKEN, now, Schedules()))
        self.assertEqual(self.try_codes(b""), [None])


class LineTests(ProtocolTestCase):
    """What peers do wrong on the wire."""

    def held(self, host: str = "192.0.2.9") -> bool:
        """Tell whether Ada's next login from there is held back."""
        answer = self.desk.call(host).log_in(ADA).heard[0]
        return isinstance(answer, messages.Refusal) and answer.code == Code.TOO_SOON

    def failures(self, host: str = "192.0.2.9") -> int:
        """Count what is remembered of a network, by what one more failure leads to."""
        now = self.clock.seconds()
        wait = self.now(self.rooms.accounts.penalise(host, 1, now, Schedules()))
        waits = [Schedules().network.wait(number) for number in range(8)]
        return waits.index(wait) - 1 if wait else 0

    def caller(self) -> Caller:
        """Call from where everything goes wrong."""
        return self.desk.call("192.0.2.9")

    def test_silence(self) -> None:
        """Two that let LOGIN_TIMEOUT pass hold their network back for half a minute."""
        callers = [self.caller().agree() for _ in range(2)]
        self.assertFalse(self.held())
        self.clock.advance(LOGIN_TIMEOUT)
        self.assertTrue(all(caller.line.disconnected for caller in callers))
        self.assertTrue(self.held())
        self.assertFalse(self.held("192.0.2.8"))
        self.clock.advance(30)
        self.assertFalse(self.held())

    def test_patience(self) -> None:
        """Who was given time is not blamed for it, nor one who has not agreed on keys."""
        for caller in (self.caller().agree(), self.caller().agree()):
            caller.protocol.give_time(LENGTHY)
        for _ in range(5):
            self.caller()
        self.clock.advance(LENGTHY)
        self.assertEqual(self.failures(), 0)

    def test_broken(self) -> None:
        """Who breaks the protocol behind the keys waits a minute; a port scan costs nothing."""
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"anoncloud 1\n" + bytes(4)):
            self.caller().protocol.dataReceived(said)
        self.assertFalse(self.held())
        self.caller().agree().protocol.dataReceived(b"\0\0\0\x20" + bytes(32))
        self.assertTrue(self.held())
        self.clock.advance(59)
        self.assertTrue(self.held())
        self.clock.advance(1)
        self.assertFalse(self.held())

    def test_logged_in(self) -> None:
        """Who has logged in is known; what breaks or falls silent then counts for nobody."""
        caller = self.caller().log_in(ADA)
        caller.connection.send(messages.Ping(1))
        caller.protocol.dataReceived(sent(caller.connection))
        self.assertTrue(caller.line.disconnected)
        self.caller().log_in(ADA)
        self.clock.advance(LENGTHY + LENGTHY)
        self.assertEqual(self.failures(), 0)

    def test_signature(self) -> None:
        """A wrong signature counts for the network, and for no account."""
        for _ in range(3):
            caller = self.caller().agree()
            caller.ask(messages.LogIn, *ADA.log_in())  # for another handshake
            self.assertEqual(caller.heard[0].code, Code.LOGIN)
        self.assertTrue(self.held())
        for number in range(4):
            other = self.desk.call(f"198.51.100.{number}").agree()
            other.ask(messages.LogIn, *ADA.log_in())
        self.assertFalse(self.held("192.0.2.8"))

    def test_gone_before_the_answer(self) -> None:
        """A guess counts though its maker is gone before the answer."""
        for number in range(3):
            caller = self.caller().agree()
            guess = Person(f"guest{number}").log_in(handshake_hash=caller.handshake_hash)
            caller.connection.send(messages.LogIn(1, *guess))
            caller.protocol.dataReceived(sent(caller.connection))
            caller.lose()
            self.clock.advance(PACE)
            self.assertEqual(caller.line.value(), b"")
        self.assertTrue(self.held())


class WeightTests(SynchronousTestCase):
    """The weights."""

    def test_against_the_schedule(self) -> None:
        """One mistake of any kind is forgiven, but for a broken protocol."""
        wait = Schedules().network.wait
        self.assertEqual([wait(WRONG), wait(SILENT), wait(BROKEN)], [0, 0, 60_000])
