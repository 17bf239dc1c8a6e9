"""A house that carries a pairing's messages and means harm: it gets nothing, and no device in."""

from collections.abc import Callable
from typing import Any

import attrs

from anoncloud.client import pairing
from anoncloud.client.pairing import Asking, Given, Kept, seal
from anoncloud.crypto.keys import PairingSecret, ServerSecret
from anoncloud.crypto.pairing import End, Exchange, PairingKeys
from anoncloud.errors import ConnectionCut, ProtocolBroken, Tampered
from anoncloud.limits import MAX_PAIRING_MESSAGES, PAIRING_TIMEOUT
from anoncloud.wire import messages
from tests.support.client_pairing import PairingTestCase, other
from tests.support.damage import flip
from tests.support.entropy import counting

Change = Callable[[bytes], list[bytes]]
"""What is passed on instead of a message."""
Y, X, ASKS, GIVEN, KEPT = range(5)
"""The messages of a pairing in the order in which the house passes them on."""
CARRIED = messages.PairingSaid | messages.PairingJoined


@attrs.define
class Relay:
    """Passes the messages of pairings on, but for some; remembers all."""

    changes: dict[int, Change] = attrs.Factory(dict)
    carried: list[bytes] = attrs.Factory(list)

    def __call__(self, said: Any) -> list[Any] | None:
        if not isinstance(said, CARRIED):
            return None
        change = self.changes.get(len(self.carried))
        self.carried.append(said.message)
        if change is None:
            return None
        return [with_message(said, message) for message in change(said.message)]


def with_message(said: Any, message: bytes) -> Any:
    """Give *said* with another message in it."""
    if isinstance(said, messages.PairingJoined):
        return messages.PairingJoined(said.request, message)
    return messages.PairingSaid(message)


class RelayTestCase(PairingTestCase):
    """A pairing whose keys, and whatever is sealed under them, are watched.

    :ivar agreed: the keys that each end came to, in the order in which they did.
    :ivar sealed: what was sealed, and under which key.
    """

    def setUp(self) -> None:
        super().setUp()
        self.relay = Relay()
        self.house.tricks.append(self.relay)
        self.agreed: list[PairingKeys] = []
        self.sealed: list[tuple[Any, Any]] = []
        agree = Exchange.agree

        def agreeing(exchange: Exchange, received: bytes, slot: int) -> PairingKeys:
            keys = agree(exchange, received, slot)
            self.agreed.append(keys)
            return keys

        def sealing(key: Any, content: Any, entropy: Any) -> bytes:
            self.sealed.append((key, content))
            return seal(key, content, entropy)

        self.patch(Exchange, "agree", agreeing)
        self.patch(pairing, "seal", sealing)

    def pair(self, changes: dict[int, Change]) -> tuple[Any, Any]:
        """Let the phone come through the house that makes *changes*; give how both ended."""
        self.relay.changes, self.relay.carried = changes, []
        waiting = self.open()
        coming = self.come(here=self.machine(b"phone %d" % len(self.codes)))
        if not (waiting.called and coming.called):
            self.wait(PAIRING_TIMEOUT + 1)
        return self.ending(waiting), self.ending(coming)

    def ending(self, running: Any) -> Any:
        """Give the result of what has ended, or its exception."""
        ended: list[Any] = []
        _ = running.addBoth(ended.append)
        (outcome,) = ended
        return getattr(outcome, "value", outcome)

    def assert_nothing(self, old: Any, new: Any) -> None:
        """See that both ended with an error, that nothing was told, and that nobody was let in."""
        for ended in (old, new):
            self.assertIsInstance(ended, Tampered | ConnectionCut)
        self.assertFalse([what for _, what in self.sealed if isinstance(what, Given)])
        self.assertEqual(self.asked, [])
        self.assert_let_in(b"laptop")


class RelayTests(RelayTestCase):
    """Messages that are changed, dropped, repeated or put in another's place."""

    def test_honest(self) -> None:
        """Carried as they are, the messages let the phone in: the other tests could fail."""
        self.assertEqual(self.pair({}), (b"phone", "ada"))
        old, new = self.agreed
        self.assertEqual(old, new)
        kinds = [(key, type(content)) for key, content in self.sealed]
        told = [(old.from_new, Asking), (old.from_old, Given), (old.from_new, Kept)]
        self.assertEqual(kinds, told)
        self.assertEqual(len(self.relay.carried), 5)

    def test_changed(self) -> None:
        """Any change of what is said before the phone is let in ends it, and lets nobody in."""
        for number in (Y, X, ASKS):
            for place in (0, 8, 100, 257):
                old, new = self.pair({number: lambda said, bit=place: [flip(said, bit)]})
                self.assert_nothing(old, new)
            self.assert_nothing(*self.pair({number: lambda said: [said[:-1]]}))

    def test_changed_later(self) -> None:
        """A change of what the phone is given is noticed there, and the laptop is not content."""
        for place in (0, 200, 1000):
            old, new = self.pair({GIVEN: lambda said, bit=place: [flip(said, bit)]})
            self.assertIsInstance(new, Tampered)
            self.assertIsInstance(old, ConnectionCut)
            self.assertIn("revoke", old.hint)
        old, new = self.pair({KEPT: lambda said: [flip(said, 300)]})
        self.assertEqual(new, "ada")
        self.assertIsInstance(old, ConnectionCut)

    def test_dropped(self) -> None:
        """What does not come ends it when the time is over."""
        for number in (Y, X, ASKS):
            old, new = self.pair({number: lambda _: []})
            self.assert_nothing(old, new)
        old, new = self.pair({GIVEN: lambda _: []})
        self.assertIsInstance(old, ConnectionCut)
        self.assertIsInstance(new, ConnectionCut)

    def test_reflected(self) -> None:
        """Nobody takes its own words for the other's."""
        opened = messages.OpenPairing
        self.assert_nothing(*self.pair({Y: lambda _: [self.house.heard(opened)[-1].message]}))
        self.assert_nothing(*self.pair({X: lambda _: [self.relay.carried[Y]]}))
        old, new = self.pair({GIVEN: lambda _: [self.relay.carried[ASKS]]})
        self.assertIsInstance(new, Tampered)
        old, new = self.pair({KEPT: lambda _: [self.relay.carried[GIVEN]]})
        self.assertIsInstance(old, ConnectionCut)

    def test_repeated(self) -> None:
        """A message that comes twice is not taken for the next one."""
        self.assert_nothing(*self.pair({Y: lambda said: [said, said]}))
        old, _ = self.pair({ASKS: lambda said: [said, said]})
        self.assertIsInstance(old, ConnectionCut)
        self.assertIn("revoke", old.hint)

    def test_replayed(self) -> None:
        """What was said in another pairing opens nothing in this one."""
        self.pair({})
        before = list(self.relay.carried)
        self.sealed, self.asked = [], []
        devices = len(self.opened.drive.tree.devices)
        for number in (Y, X, ASKS):
            for old_one in before:
                old, new = self.pair({number: lambda _, said=old_one: [said]})
                self.assertIsInstance(old, Tampered | ConnectionCut)
                self.assertIsInstance(new, Tampered | ConnectionCut)
        self.assertFalse([what for _, what in self.sealed if isinstance(what, Given)])
        self.assertEqual((self.asked, len(self.opened.drive.tree.devices)), ([], devices))
        _, new = self.pair({GIVEN: lambda _: [before[GIVEN]]})
        self.assertIsInstance(new, Tampered)

    def test_flood(self) -> None:
        """A house that says more than a pairing has is left."""
        many = [b"m"] * (MAX_PAIRING_MESSAGES + 2)
        old, new = self.pair({X: lambda said: [said], ASKS: lambda _: many})
        self.assert_nothing(old, new)
        self.says = False
        waiting = self.open()
        for _ in range(MAX_PAIRING_MESSAGES + 2):
            self.house.visits[-1].server.send(messages.PairingSaid(self.codes[-1].text().encode()))
        self.settle()
        self.assertIsInstance(self.ending(waiting), Tampered | ProtocolBroken)


class GuessingTests(RelayTestCase):
    """A house that plays one device to the other, with a code of its own."""

    def test_as_the_new_device(self) -> None:
        """One wrong guess, and the laptop lets nobody in by that code; it has told nothing."""
        waiting = self.open()
        guess = self.come(other(self.codes[0]), here=self.machine(b"house"))
        self.assert_nothing(self.ending(waiting), self.ending(guess))
        self.assertEqual(len(self.house.heard(messages.ClosePairing)), 1)

    def as_the_old_device(self, guess: PairingSecret | None) -> Any:
        """Play the laptop to the phone, with the right code or a *guess*; give how that ended."""
        waiting = self.open()
        code = self.codes[-1]
        server = self.house.address.key
        exchange = Exchange(End.OLD, guess or code.secret, server, counting(b"house"))
        self.relay.changes = {X: lambda _: [exchange.message]}
        closed = messages.PairingClosed
        self.house.tricks.append(lambda said: [] if isinstance(said, closed) else None)
        coming = self.come()
        keys = exchange.agree(self.relay.carried[Y], code.slot)
        key = b"k" * 32
        forged = Given("mallory", b"d" * 16, (key,), key, key, 0, b"h" * 32)
        box = seal(keys.from_old, forged, counting(b"forged"))
        self.house.visits[-1].server.send(messages.PairingSaid(box))
        self.settle()
        self.assertTrue(waiting.called)
        self.assertIsInstance(self.ending(waiting), Tampered)
        return self.ending(coming)

    def test_as_the_old_device(self) -> None:
        """The phone takes nothing from who does not know the code, and is not logged in."""
        ended = self.as_the_old_device(PairingSecret(b"gues"))
        self.assertIsInstance(ended, Tampered | ConnectionCut)
        self.assertFalse(self.phone.profile.is_logged_in())
        self.assert_let_in(b"laptop")

    def test_right_guess(self) -> None:
        """Whoever knows the code is believed, so the test above shows what it should."""
        self.assertEqual(self.as_the_old_device(None), "mallory")

    def test_wrong_in_the_middle(self) -> None:
        """Between two ends a wrong guess at each gives keys that neither has."""
        ended = self.pair({X: self.substitute(End.OLD), Y: self.substitute(End.NEW)})
        self.assert_nothing(*ended)
        self.assertNotEqual(*self.agreed)

    def substitute(self, end: End) -> Change:
        """Say what *end* would say by a code that was guessed."""
        server = self.house.address.key
        exchange = Exchange(end, PairingSecret(b"gues"), server, counting(end.value.encode()))
        return lambda _: [exchange.message]


class WrongAddressTests(RelayTestCase):
    """A phone that is given the address of another server, which passes all on to the right one."""

    def bridged(self, secret: ServerSecret) -> tuple[Any, Any]:
        """Come by a house whose key is *secret*; give how both ended."""
        evil = self.open_house("evil.example", secret)
        waiting = self.open()
        evil.rooms.house.pairings = self.house.rooms.house.pairings
        coming = self.come(address=evil.address)
        self.wait(30)  # all lines were idle for long when the other house was opened
        return self.ending(waiting), self.ending(coming)

    def test_another_key(self) -> None:
        """The two agree on nothing, though every message came through as it was."""
        old, new = self.bridged(ServerSecret(b"e" * 32))
        self.assert_nothing(old, new)
        self.assertFalse(self.phone.profile.is_logged_in())

    def test_the_same_key(self) -> None:
        """Another way to the same server is no fault, so the test above shows what it should."""
        old, new = self.bridged(ServerSecret(bytes(range(32))))
        self.assertEqual((old, new), (b"phone", "ada"))
