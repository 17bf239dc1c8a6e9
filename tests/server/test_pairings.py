"""Slots: one opener, one place that is taken once, few messages, and an end that is told."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.limits import LOGIN_TIMEOUT, MAX_PAIRING_MESSAGES, MAX_SLOT, PAIRING_TIMEOUT
from anoncloud.server.pairings import Pairing, Pairings, State
from anoncloud.wire import messages
from tests.support.entropy import counting


class Device:
    """One end: what it was sent, and how much time it has; fulfils ``pairings.End``."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.time: float | None = None

    def send(self, message: messages.Message) -> None:
        self.heard.append(message)

    def give_time(self, seconds: float) -> None:
        self.time = seconds


class PairingTestCase(SynchronousTestCase):
    """A test with devices and slots."""

    def setUp(self) -> None:
        self.old, self.new = Device(), Device()
        self.pairings = Pairings(counting())

    def refused(self, code: Code, function: Any, *arguments: Any) -> Refused:
        """Give the refusal, with *code* and a hint, of a call."""
        refusal = self.assertRaises(Refused, function, *arguments)
        self.assertEqual(refusal.code, code)
        self.assertTrue(refusal.hint)
        return refusal

    def open(self) -> Pairing:
        """Open a slot for ``ada``."""
        return self.pairings.open("ada", self.old, b"first")


class PairingTests(PairingTestCase):
    """One pairing."""

    def test_join(self) -> None:
        """Whoever joins gets the first message and more time, and its own goes to the opener."""
        pairing = self.open()
        self.assertEqual((pairing.state, self.old.heard), (State.OPEN, []))
        self.assertEqual(pairing.join(self.new, b"second"), b"first")
        self.assertIs(pairing.state, State.JOINED)
        self.assertEqual(self.old.heard, [messages.PairingSaid(b"second")])
        self.assertEqual((self.new.heard, self.new.time), ([], PAIRING_TIMEOUT))

    def test_joined_once(self) -> None:
        """Nobody else gets in, and nobody hears of the attempt."""
        pairing, late = self.open(), Device()
        pairing.join(self.new, b"second")
        self.refused(Code.NOT_ALLOWED, pairing.join, late, b"third")
        self.assertEqual(len(self.old.heard), 1)
        self.assertEqual((late.heard, late.time), ([], None))

    def test_say(self) -> None:
        """What one says the other hears, unchanged and in order."""
        pairing = self.open()
        pairing.join(self.new, b"second")
        pairing.say(self.old, b"to the new")
        pairing.say(self.new, b"to the old")
        self.assertEqual(self.new.heard, [messages.PairingSaid(b"to the new")])
        self.assertEqual(
            self.old.heard, [messages.PairingSaid(b"second"), messages.PairingSaid(b"to the old")]
        )

    def test_nobody_there(self) -> None:
        """Before somebody joins, and after the end, nothing can be said."""
        pairing = self.open()
        self.refused(Code.NOT_ALLOWED, pairing.say, self.old, b"hello")
        pairing.join(self.new, b"second")
        pairing.close()
        for end in (self.old, self.new):
            self.refused(Code.NOT_ALLOWED, pairing.say, end, b"hello")
            self.assertEqual(end.heard[-1], messages.PairingClosed())

    def test_bound(self) -> None:
        """The two have MAX_PAIRING_MESSAGES messages together, their first ones included."""
        pairing = self.open()
        pairing.join(self.new, b"second")
        for number in range(MAX_PAIRING_MESSAGES - 2):
            pairing.say((self.old, self.new)[number % 2], b"%d" % number)
        for end in (self.old, self.new):
            self.refused(Code.TOO_MANY, pairing.say, end, b"one more")
        heard = len(self.old.heard) + len(self.new.heard)
        self.assertEqual(heard, MAX_PAIRING_MESSAGES - 1)  # the opener's first is an answer

    def test_close(self) -> None:
        """Both are told of the end, once, but not who made it; time is short again."""
        pairing = self.open()
        pairing.join(self.new, b"second")
        pairing.close(but=self.old)
        pairing.close()
        self.assertEqual(self.old.heard, [messages.PairingSaid(b"second")])
        self.assertEqual(self.new.heard, [messages.PairingClosed()])
        self.assertEqual(self.new.time, LOGIN_TIMEOUT)


class PairingsTests(PairingTestCase):
    """All slots."""

    def test_find(self) -> None:
        """A slot is found while its place is free; else the refusal is always the same."""
        pairing = self.open()
        other = pairing.slot % MAX_SLOT + 1
        self.assertIs(self.pairings.find(pairing.slot), pairing)
        said = {str(self.refused(Code.NOT_ALLOWED, self.pairings.find, other))}
        pairing.join(self.new, b"second")
        said.add(str(self.refused(Code.NOT_ALLOWED, self.pairings.find, pairing.slot)))
        pairing.close()
        said.add(str(self.refused(Code.NOT_ALLOWED, self.pairings.find, pairing.slot)))
        self.assertEqual(len(said), 1)

    def test_one_each(self) -> None:
        """An account that opens a slot loses the one that it had; another account does not."""
        bob = Device()
        first, other = self.open(), self.pairings.open("bob", bob, b"first")
        second = self.pairings.open("ada", Device(), b"first")
        self.assertEqual(self.old.heard, [messages.PairingClosed()])
        self.assertEqual(
            [one.state for one in (first, other, second)], [State.OVER, State.OPEN, State.OPEN]
        )
        self.refused(Code.NOT_ALLOWED, self.pairings.find, first.slot)
        self.assertIs(self.pairings.find(second.slot), second)
        self.assertEqual(bob.heard, [])

    def test_slots(self) -> None:
        """Slots are drawn at random, never twice at once, as many as there are."""
        opened = [self.pairings.open(str(n), self.old, b"m") for n in range(MAX_SLOT)]
        slots = [pairing.slot for pairing in opened]
        self.assertEqual(sorted(slots), list(range(1, MAX_SLOT + 1)))
        self.assertNotEqual(slots[:20], sorted(slots[:20]))
        self.refused(Code.TOO_MANY, self.pairings.open, "ada", self.old, b"m")
        opened[17].close()
        self.assertEqual(self.open().slot, slots[17])

    def test_drawn(self) -> None:
        """Another source of randomness gives another slot."""
        others = {Pairings(counting(b"%d" % n)).open("ada", self.old, b"m").slot for n in range(50)}
        self.assertGreater(len(others), 45)
