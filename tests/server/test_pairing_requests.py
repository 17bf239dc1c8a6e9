"""Sessions: two devices that meet in a slot, time that runs out, and slots that are guessed."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import LOGIN_TIMEOUT, MAX_PAIRING_MESSAGES, MAX_SLOT, PAIRING_TIMEOUT
from anoncloud.server.delays import Kind, subject
from anoncloud.server.session import MAX_FAILED_LOGINS
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, Peer, Person, ServerTestCase

CLOSED = messages.PairingClosed()


class PairingTestCase(ServerTestCase):
    """A test with a device of ``ada`` that has opened a slot."""

    def setUp(self) -> None:
        super().setUp()
        self.old = self.peer(ADA, "laptop")
        opened = self.old.ask(messages.OpenPairing, b"first")
        self.assertIsInstance(opened, messages.PairingOpened)
        self.slot = opened.slot

    def stranger(self, network: str = "192.0.2.0") -> Peer:
        """Connect from somewhere, and do not log in."""
        peer = self.peer()
        peer.from_network = network
        return peer

    def join(self, slot: int = 0, network: str = "192.0.2.0") -> tuple[Peer, Any]:
        """Connect, and join *slot*, or the open one; give the peer and the answer."""
        peer = self.stranger(network)
        return peer, peer.ask(messages.JoinPairing, slot or self.slot, b"second")

    def wrong(self) -> int:
        """Give a slot in which nobody waits."""
        return self.slot % MAX_SLOT + 1


class MeetingTests(PairingTestCase):
    """Two devices in a slot."""

    def test_messages(self) -> None:
        """They hear each other, without a login of the new one."""
        new, joined = self.join()
        self.assertEqual(joined, messages.PairingJoined(1, b"first"))
        self.assertEqual(self.old.heard[-1], messages.PairingSaid(b"second"))
        self.assertEqual(new.ask(messages.SayPairing, b"third"), messages.Done(2))
        self.assertEqual(self.old.heard[-1], messages.PairingSaid(b"third"))
        self.assertEqual(self.old.ask(messages.SayPairing, b"fourth"), messages.Done(3))
        self.assertEqual(new.heard[-1], messages.PairingSaid(b"fourth"))
        self.assertFalse(new.session.logged_in)
        self.assert_refused(new.ask(messages.ReadUsage, ADA.drive), Code.NOT_LOGGED_IN)

    def test_bound(self) -> None:
        """More messages than a pairing has are refused, and go nowhere."""
        new, _ = self.join()
        for _ in range(MAX_PAIRING_MESSAGES - 2):
            self.assertIsInstance(new.ask(messages.SayPairing, b"m"), messages.Done)
        heard = len(self.old.heard)
        self.assert_refused(new.ask(messages.SayPairing, b"m"), Code.TOO_MANY)
        self.assert_refused(self.old.ask(messages.SayPairing, b"m"), Code.TOO_MANY)
        self.assertEqual(len(self.old.heard), heard + 1)

    def test_one_place(self) -> None:
        """Who comes second is told what is told of an unknown slot, and changes nothing."""
        new, _ = self.join()
        _, late = self.join(network="198.51.100.0")
        _, unknown = self.join(self.wrong(), "203.0.113.0")
        self.assert_refused(late, Code.NOT_ALLOWED)
        self.assertEqual((late.sentence, late.hint), (unknown.sentence, unknown.hint))
        self.assertEqual(self.old.heard[-1], messages.PairingSaid(b"second"))
        self.assertIsInstance(new.ask(messages.SayPairing, b"third"), messages.Done)

    def test_outside(self) -> None:
        """Who is in no pairing says nothing, and can close none."""
        bob = self.peer(BOB)
        self.assert_refused(bob.ask(messages.SayPairing, b"m"), Code.NOT_ALLOWED)
        self.assertIsInstance(bob.ask(messages.ClosePairing), messages.Done)
        self.assert_refused(self.old.ask(messages.SayPairing, b"m"), Code.NOT_ALLOWED)
        new, joined = self.join()
        self.assertIsInstance(joined, messages.PairingJoined)
        self.assert_refused(new.ask(messages.ClosePairing), Code.NOT_LOGGED_IN)
        self.assert_refused(self.stranger().ask(messages.OpenPairing, b"m"), Code.NOT_LOGGED_IN)

    def test_one_pairing_each(self) -> None:
        """A connection is in one pairing at a time."""
        new, _ = self.join()
        bob = self.peer(BOB)
        other = bob.ask(messages.OpenPairing, b"first").slot
        for peer in (self.old, new, bob):
            self.assert_refused(peer.ask(messages.JoinPairing, other, b"m"), Code.NOT_ALLOWED)
        self.assert_refused(self.old.ask(messages.OpenPairing, b"m"), Code.NOT_ALLOWED)
        self.assertIsInstance(self.old.ask(messages.ClosePairing), messages.Done)
        self.assertIsInstance(self.old.ask(messages.OpenPairing, b"m"), messages.PairingOpened)

    def test_another_connection(self) -> None:
        """Another device of the account that opens a slot closes the one before."""
        new, _ = self.join()
        phone = self.peer(ADA, "phone")
        slot = phone.ask(messages.OpenPairing, b"again").slot
        self.assertEqual((self.old.heard[-1], new.heard[-1]), (CLOSED, CLOSED))
        _, joined = self.join(slot)
        self.assertEqual(joined.message, b"again")


class EndTests(PairingTestCase):
    """How a pairing ends."""

    def test_closed(self) -> None:
        """A slot that is closed is of no use any more, and the other end is told."""
        new, _ = self.join()
        self.assertIsInstance(self.old.ask(messages.ClosePairing), messages.Done)
        self.assertIsInstance(self.old.ask(messages.ClosePairing), messages.Done)
        self.assertEqual(new.heard[-1], CLOSED)
        self.assertNotIn(CLOSED, self.old.heard)
        self.assert_refused(new.ask(messages.SayPairing, b"m"), Code.NOT_ALLOWED)
        _, again = self.join()
        self.assert_refused(again, Code.NOT_ALLOWED)

    def test_gone(self) -> None:
        """It ends when either end has gone."""
        new, _ = self.join()
        new.session.close()
        self.assertEqual(self.old.heard[-1], CLOSED)
        slot = self.old.ask(messages.OpenPairing, b"first").slot
        new, _ = self.join(slot)
        self.old.session.close()
        self.assertEqual(new.heard[-1], CLOSED)

    def test_time(self) -> None:
        """It ends PAIRING_TIMEOUT seconds after it was opened, whoever is there."""
        clock = self.rooms.clock
        clock.advance(PAIRING_TIMEOUT - 1)
        new, joined = self.join()
        self.assertIsInstance(joined, messages.PairingJoined)
        self.assertEqual(new.time_given, PAIRING_TIMEOUT)
        clock.advance(0.5)
        self.assertIsInstance(new.ask(messages.SayPairing, b"m"), messages.Done)
        clock.advance(0.5)
        self.assertEqual((self.old.heard[-1], new.heard[-1]), (CLOSED, CLOSED))
        self.assertEqual(new.time_given, LOGIN_TIMEOUT)
        self.assert_refused(new.ask(messages.SayPairing, b"m"), Code.NOT_ALLOWED)

    def test_nothing_is_left(self) -> None:
        """A pairing that ended early leaves no timer behind, and ends no later one."""
        self.old.ask(messages.ClosePairing)
        self.assertEqual(self.rooms.clock.getDelayedCalls(), [])
        self.rooms.clock.advance(1)
        slot = self.old.ask(messages.OpenPairing, b"first").slot
        self.rooms.clock.advance(PAIRING_TIMEOUT - 0.5)
        self.assertIsInstance(self.join(slot)[1], messages.PairingJoined)
        self.rooms.clock.advance(1)
        self.assertEqual(self.old.heard[-1], CLOSED)
        self.assertEqual(self.rooms.clock.getDelayedCalls(), [])

    def test_revoked(self) -> None:
        """A device that is revoked is hung up on, and with it goes its pairing."""
        new, _ = self.join()
        ada = self.peer(ADA)
        key = ADA.key("laptop").public
        self.assertIsInstance(ada.ask(messages.ForgetDevice, key), messages.Done)
        self.assertTrue(self.old.hung_up)
        self.old.session.close()  # as its connection does then
        self.assertEqual(new.heard[-1], CLOSED)


class GuessingTests(PairingTestCase):
    """Slots that nobody waits in."""

    def guess(self, network: str) -> Any:
        """Ask for a wrong slot from *network*, on a connection of its own."""
        return self.join(self.wrong(), network)[1]

    def log_in(self, person: Person) -> Any:
        """Try to log in from the network that is watched; a refusal takes its time."""
        peer = self.stranger("192.0.2.1")
        number = peer.begin(messages.LogIn, *person.log_in())
        self.rooms.clock.advance(1)
        (answer,) = peer.answers(number)
        return answer

    def test_held(self) -> None:
        """After a few wrong slots a network has to wait, longer each time; others have not."""
        for _ in range(2):
            self.assert_refused(self.guess("192.0.2.1"), Code.NOT_ALLOWED)
        self.assert_refused(self.guess("192.0.2.1"), Code.NOT_ALLOWED)
        for seconds in (15, 30, 60):
            held = self.guess("192.0.2.1")
            self.assert_refused(held, Code.TOO_SOON)
            self.assertIn(f"in {seconds} seconds", held.sentence)
            self.assertTrue(held.hint)
            _, right = self.join(network="192.0.2.1")
            self.assert_refused(right, Code.TOO_SOON)
            self.rooms.clock.advance(seconds)
            self.assert_refused(self.guess("192.0.2.1"), Code.NOT_ALLOWED)
        self.assertIsInstance(self.join(network="198.51.100.1")[1], messages.PairingJoined)

    def test_waiting_helps(self) -> None:
        """When the wait is over the right slot can be joined."""
        for _ in range(3):
            self.guess("192.0.2.1")
        self.rooms.clock.advance(15)
        self.assertIsInstance(self.join(network="192.0.2.1")[1], messages.PairingJoined)

    def test_counts_with_logins(self) -> None:
        """Wrong slots hold the network's logins back too; a network without a name nowhere."""
        for _ in range(3):
            self.guess("192.0.2.1")
        self.assert_refused(self.log_in(ADA), Code.TOO_SOON)
        for _ in range(20):
            self.assert_refused(self.guess(""), Code.NOT_ALLOWED)
        self.assertIsInstance(self.join(network="")[1], messages.PairingJoined)

    def test_wrong_logins_do_not_count(self) -> None:
        """Who has to wait for a login may still come in by a code."""
        for _ in range(10):
            self.log_in(BOB)
        self.assert_refused(self.log_in(ADA), Code.TOO_SOON)
        self.assertIsInstance(self.join(network="192.0.2.1")[1], messages.PairingJoined)

    def test_connection_ends(self) -> None:
        """The third wrong slot on a connection is the last thing that it asks."""
        guesser = self.stranger("192.0.2.1")
        for number in range(MAX_FAILED_LOGINS):
            self.assertFalse(guesser.hung_up, number)
            answer = guesser.ask(messages.JoinPairing, self.wrong(), b"m")
            self.assertIsInstance(answer, messages.Refusal)
        self.assertTrue(guesser.hung_up)

    def test_nothing_is_kept_in_clear(self) -> None:
        """What is remembered of a network is a hash."""
        self.guess("192.0.2.1")
        for kind in (Kind.SLOT, Kind.NETWORK):
            known = self.rooms.accounts._rows.get(kind, subject(kind, "192.0.2.1"))
            self.assertEqual(known.failures if known else 0, 1)
