"""Logging in: when a refusal is told, in which order things are looked at, and what is not."""

from collections.abc import Callable
from typing import Any

from anoncloud.crypto.keys import verify
from anoncloud.errors import Code, Refused
from anoncloud.server import admission
from anoncloud.server.account_contract import Attempt
from anoncloud.server.admission import PACE
from anoncloud.server.delays import Schedules
from anoncloud.server.gate import KEPT
from anoncloud.wire import messages
from tests.support.server import ADA, BOB, HANDSHAKE_HASH, Peer, Person, ServerTestCase

FREE = 4
"""Guesses at one account that are evaluated before anything is held back."""


def guess(name: str = "ada", key: str = "a guess") -> tuple[Any, ...]:
    """Give the fields of a LogIn to *name* with a key that is not its own."""
    signing = BOB.key(key)
    signed = HANDSHAKE_HASH + name.encode()
    return (name, signing.public, signing.sign(messages.LOGIN_CONTEXT, signed))


class AdmissionTestCase(ServerTestCase):
    """A house where Ada has an account, and what its store of accounts is asked."""

    def setUp(self) -> None:
        super().setUp()
        self.now(self.rooms.accounts.register(ADA.new_account(), None, 0, 0))
        self.asked: list[Attempt] = []
        self.slow = 0.0
        enter = self.rooms.accounts.enter

        async def watched(attempt: Attempt, schedules: Schedules) -> Any:
            self.asked.append(attempt)
            self.rooms.clock.advance(self.slow)
            return await enter(attempt, schedules)

        self.patch(self.rooms.accounts, "enter", watched)

    def hold(self, name: str = "ada") -> None:
        """Guess until guesses at *name* are held back."""
        for _ in range(FREE):
            self.assert_refused(self.peer().ask(messages.LogIn, *guess(name)), Code.LOGIN)

    def told_after(self, peer: Peer, fields: tuple[Any, ...]) -> float:
        """Log in, and give after how many seconds that is answered, looked at every 10 ms."""
        begun = self.rooms.clock.seconds()
        number = peer.begin(messages.LogIn, *fields)
        while not peer.answers(number):
            self.rooms.clock.advance(0.01)
        return round(self.rooms.clock.seconds() - begun, 2)


class PaceTests(AdmissionTestCase):
    """When logins are answered."""

    def test_alike(self) -> None:
        """Known, unknown and wrong signature: all that is refused is told after the same time."""
        _, key, signature = ADA.log_in()
        for fields in (guess(), guess("eve"), ("ada", key, bytes(64)), ("eve", key, signature)):
            self.assertEqual(self.told_after(self.peer(), fields), PACE)
        self.assertEqual(self.told_after(self.peer(), ADA.log_in()), 0.0)

    def test_held_alike(self) -> None:
        """What is not evaluated is told after that time, too, by the gate and by the store."""
        for name in ("ada", "eve"):
            self.hold(name)
            for _ in range(2):
                self.assertEqual(self.told_after(self.peer(), guess(name)), PACE)

    def test_late(self) -> None:
        """A store that takes longer is not seen either: it is the next multiple then."""
        for name in ("ada", "eve"):
            for slow, after in ((0.1, PACE), (0.24, PACE), (0.26, 2 * PACE), (0.99, 4 * PACE)):
                self.slow = slow
                self.assertEqual(self.told_after(self.peer(), guess(name)), after)

    def test_other_refusals(self) -> None:
        """What has nothing to do with who it is is told at once, and so is what comes meanwhile."""
        peer = self.peer()
        first = peer.begin(messages.LogIn, *guess())
        self.assert_refused(peer.ask(messages.LogIn, *ADA.log_in()), Code.NOT_ALLOWED)
        self.assertEqual(peer.ask(messages.Ping), messages.Done(3))
        self.assertEqual(peer.answers(first), [])
        self.rooms.clock.advance(PACE)
        self.assert_refused(*peer.answers(first), Code.LOGIN)
        self.assertIsInstance(peer.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)

    def test_database_fails(self) -> None:
        """A fault is told at once, and is no guess."""

        async def broken(*_: Any) -> Any:
            raise Refused(Code.UNAVAILABLE, "no", "try again")

        patched = self.patch(self.rooms.accounts, "enter", broken)
        peer = self.peer()
        for _ in range(3):
            self.assertEqual(self.told_after(peer, ADA.log_in()), 0.0)
        self.assertFalse(peer.hung_up)
        patched.restore()
        self.assertIsInstance(peer.ask(messages.LogIn, *ADA.log_in()), messages.LoggedIn)


class OrderTests(AdmissionTestCase):
    """What is looked at first, and what the store is spared."""

    def test_signature_first(self) -> None:
        """Without a good signature the store is not asked, whoever it would be."""
        name, key, signature = ADA.log_in()
        for fields in (
            (name, key, bytes(64)),
            ("eve", key, signature),
            (name, bytes(32), bytes(64)),
        ):
            self.assert_refused(self.peer().ask(messages.LogIn, *fields), Code.LOGIN)
        self.assertEqual(self.asked, [])

    def test_gate_before_the_signature(self) -> None:
        """What is held back is told so without a look at the signature, a device's key alike."""
        self.peer(ADA, "phone")
        self.hold()
        self.peer().ask(messages.LogIn, *guess())
        asked = len(self.asked)
        checked: list[bytes] = []

        def watched(public: bytes, *rest: bytes) -> bool:
            checked.append(public)
            return verify(public, *rest)

        self.patch(admission, "verify", watched)
        phone = ADA.log_in("phone")
        peers = [self.peer() for _ in range(3)]
        for peer, named in zip(peers, (guess(), phone, ADA.log_in()), strict=True):
            peer.begin(messages.LogIn, *named[:2], bytes(64))
        self.rooms.clock.advance(PACE)
        told = [peer.answers(1)[0] for peer in peers]
        self.assertEqual(len(set(told)), 1)
        self.assert_refused(told[0], Code.TOO_SOON)
        self.assertEqual(checked, [phone[1]])
        self.assertEqual(len(self.asked), asked)

    def test_spared(self) -> None:
        """While an account is held back the store is asked about once a second, for all guesses."""
        self.hold()
        before = len(self.asked)
        for number in range(12):
            told = self.peer().ask(messages.LogIn, *guess(key=f"guess {number}"))
            self.assert_refused(told, Code.TOO_SOON)
        self.assertLessEqual(len(self.asked) - before, int(12 * PACE / KEPT) + 1)

    def test_the_same_words(self) -> None:
        """The gate and the store tell the same, to known and unknown names."""
        told = []
        for name in ("ada", "eve"):
            self.hold(name)
            peers = [self.peer(), self.peer()]
            begun = [peer.begin(messages.LogIn, *guess(name)) for peer in peers]
            self.rooms.clock.advance(PACE)
            told += [peer.answers(one)[0] for peer, one in zip(peers, begun, strict=True)]
        self.assertEqual(len(self.asked), 2 * FREE + 2)
        self.assertEqual(len(set(told)), 1)
        self.assert_refused(told[0], Code.TOO_SOON)

    def test_gate_is_told(self) -> None:
        """A device enrolled during an attack gets in at once; so does a recovery key."""
        ada = self.peer(ADA)
        self.hold()

        def closed(device: str) -> bool:
            self.peer().ask(messages.LogIn, *guess())
            answer = self.peer().ask(messages.LogIn, *ADA.log_in(device))
            return isinstance(answer, messages.Refusal)

        asks: dict[str, Callable[[bytes], Any]] = {
            "phone": lambda key: ada.ask(messages.EnrolDevice, key),
            "recovery": lambda key: ada.ask(messages.SetRecovery, key, b"copy"),
        }
        for device, ask in asks.items():
            self.assertTrue(closed(device))
            ask(ADA.key(device).public)
            self.assertFalse(closed(device))

    def test_device_during_an_attack(self) -> None:
        """A device of the account gets in between any two guesses; the login key does not."""
        self.peer(ADA, "phone")
        self.hold()
        for number in range(10):
            self.peer().ask(messages.LogIn, *guess(key=f"guess {number}"))
            phone = self.peer().ask(messages.LogIn, *ADA.log_in("phone"))
            self.assertIsInstance(phone, messages.LoggedIn)
        self.assert_refused(self.peer().ask(messages.LogIn, *ADA.log_in()), Code.TOO_SOON)

    def test_others(self) -> None:
        """Whoever has another name is not concerned."""
        self.hold()
        self.assertIsInstance(self.peer(BOB).ask(messages.Ping), messages.Done)
        self.assert_refused(self.peer().ask(messages.LogIn, *Person("eve").log_in()), Code.LOGIN)
