"""Pairings that come to nothing: a no, a wrong code, time that runs out, a device that goes."""

from twisted.internet.defer import CancelledError, Deferred

from anoncloud.client import pairing
from anoncloud.client.pairing_code import PairingCode
from anoncloud.client.tree import changes
from anoncloud.client.tree.names import check_name
from anoncloud.errors import (
    Code,
    ConnectionCut,
    NotLoggedIn,
    Refused,
    Tampered,
    Unreachable,
    UsageError,
)
from anoncloud.limits import IDLE_TIMEOUT, LOGIN_TIMEOUT, MAX_SLOT, PAIRING_TIMEOUT
from anoncloud.wire import messages
from tests.support.client_pairing import PairingTestCase, other


class RefusedTests(PairingTestCase):
    """No device comes in."""

    def assert_nobody(self) -> None:
        """See that nobody was let in, and nothing of the account was told."""
        self.assert_let_in(b"laptop")
        self.assertFalse(self.phone.profile.is_logged_in())

    def test_no(self) -> None:
        """The owner says no: the phone is told that it is over, and nobody was enrolled."""
        self.says = False
        waiting = self.open()
        gone = self.failureResultOf(self.come(), ConnectionCut).value
        self.assertIn("ended", gone.message)
        self.assertIn("anoncloud pair", gone.hint)
        self.assertIsNone(self.successResultOf(waiting))
        self.assert_nobody()

    def test_wrong_word(self) -> None:
        """One wrong word burns the code: nobody is asked, and the right one comes too late."""
        waiting = self.open()
        self.failureResultOf(self.come(other(self.codes[0])), ConnectionCut)
        burnt = self.failureResultOf(waiting, Tampered).value
        self.assertIn("guessed", burnt.hint)
        late = self.failureResultOf(self.come(), Refused).value
        self.assertIs(late.code, Code.NOT_ALLOWED)
        self.assertEqual(self.asked, [])
        self.assert_nobody()

    def test_wrong_slot(self) -> None:
        """A slot in which nobody waits is refused, and the code is good still."""
        waiting = self.open()
        code = self.codes[0]
        wrong = PairingCode(code.slot % MAX_SLOT + 1, code.secret)
        refused = self.failureResultOf(self.come(wrong), Refused).value
        self.assertIs(refused.code, Code.NOT_ALLOWED)
        self.assertTrue(refused.hint)
        self.assertNoResult(waiting)
        self.successResultOf(self.come())
        self.successResultOf(waiting)

    def test_bad_name(self) -> None:
        """A device that can't be called so does not even connect."""
        self.open()
        visits = len(self.house.visits)
        self.failureResultOf(self.come(name=b"a/b"), UsageError)
        self.assertEqual(len(self.house.visits), visits)

    def test_bad_name_of_another_program(self) -> None:
        """A name that no device can have is refused by the old one too."""
        waiting = self.open()
        checks: list[bytes] = []

        def check(name: bytes) -> bytes:
            checks.append(name)
            return name if len(checks) == 1 else check_name(name)

        self.patch(pairing, "check_name", check)
        self.failureResultOf(self.come(name=b"a/b"), ConnectionCut)
        self.failureResultOf(waiting, Tampered)
        self.assertEqual((checks, self.asked), ([b"a/b"] * 2, []))
        self.assert_nobody()

    def test_key_of_another_device(self) -> None:
        """A device that shows the key of one that is there already is not let in."""
        waiting = self.open()
        known = self.laptop.profile.load().keys
        self.patch(pairing, "device_keys", lambda secret: known)
        self.failureResultOf(self.come(), ConnectionCut)
        self.failureResultOf(waiting, Tampered)
        self.assertEqual(self.asked, [])
        self.assert_nobody()

    def test_unreachable(self) -> None:
        """Without a server there is one error, for both."""
        self.open()
        self.house.is_away = True
        self.failureResultOf(self.come(), Unreachable)
        self.failureResultOf(self.open(), Unreachable)
        self.assertEqual(len(self.codes), 1)


class EndTests(PairingTestCase):
    """A pairing that ends too early."""

    def test_time(self) -> None:
        """Nobody comes within PAIRING_TIMEOUT seconds: the code is too old."""
        waiting = self.open()
        self.wait(PAIRING_TIMEOUT - 1)
        self.assertNoResult(waiting)
        self.wait(2)
        self.failureResultOf(waiting, ConnectionCut)
        self.failureResultOf(self.come(), Refused)

    def test_time_by_itself(self) -> None:
        """Each end looks at the clock itself: the server need not say that the time is over."""
        self.house.tricks.append(
            lambda said: (
                [] if isinstance(said, messages.PairingClosed | messages.PairingSaid) else None
            )
        )
        waiting = self.open()
        coming = self.come()
        self.wait(PAIRING_TIMEOUT - 1)
        self.assertNoResult(waiting)
        self.assertNoResult(coming)
        self.wait(2)
        for running in (waiting, coming):
            error = self.failureResultOf(running, ConnectionCut).value
            self.assertIn("longer than 10 minutes", error.message)

    def test_time_while_asking(self) -> None:
        """A yes that comes too late lets nobody in."""
        self.says = Deferred()
        waiting = self.open()
        coming = self.come()
        self.wait(PAIRING_TIMEOUT + 1)
        self.failureResultOf(coming, ConnectionCut)
        self.says.callback(True)
        self.settle()
        self.failureResultOf(waiting, ConnectionCut)
        self.assert_let_in(b"laptop")

    def test_slow_owner(self) -> None:
        """Who was let in after minutes is in: the server bears a phone that has not logged in."""
        self.says = Deferred()
        waiting = self.open()
        coming = self.come()
        self.wait(LOGIN_TIMEOUT + IDLE_TIMEOUT / 3)
        self.says.callback(True)
        self.settle()
        self.assertEqual(self.successResultOf(coming), "ada")
        self.assertEqual(self.successResultOf(waiting), b"phone")

    def test_new_device_goes(self) -> None:
        """The phone goes while the owner thinks: a yes lets nobody in."""
        self.says = Deferred()
        waiting = self.open()
        coming = self.come()
        coming.cancel()
        self.settle()
        self.failureResultOf(coming, CancelledError)
        self.says.callback(True)
        self.settle()
        self.failureResultOf(waiting, ConnectionCut)
        self.assert_let_in(b"laptop")

    def test_old_device_goes(self) -> None:
        """The laptop gives up while it waits, and its code is of no use."""
        waiting = self.open()
        waiting.cancel()
        self.settle()
        self.failureResultOf(waiting, CancelledError)
        self.failureResultOf(self.come(), Refused)

    def test_cut(self) -> None:
        """A cut connection ends it for both at once; a pairing is never carried on."""
        self.says = Deferred()
        waiting = self.open()
        line = self.house.visits[-1]
        coming = self.come()
        line.line.loseConnection()
        self.settle()
        self.failureResultOf(coming, ConnectionCut)
        self.says.callback(True)
        self.settle()
        error = self.failureResultOf(waiting, ConnectionCut).value
        self.assertIn("anoncloud pair", error.hint)
        self.assert_let_in(b"laptop")

    def test_cut_while_waiting(self) -> None:
        """Who waits for the other device hears of the cut, and waits no longer."""
        waiting = self.open()
        self.house.visits[-1].line.loseConnection()
        self.settle()
        self.failureResultOf(waiting, ConnectionCut)

    def test_nothing_is_left(self) -> None:
        """However it ended, no timer runs on."""
        self.now(self.opened.close())
        before = len(self.clock.getDelayedCalls())
        self.opened = self.resume(self.laptop)
        self.open()
        self.come()
        self.now(self.opened.close())
        self.assertEqual(len(self.clock.getDelayedCalls()), before)


class RevokedTests(PairingTestCase):
    """The device that lets in was revoked."""

    def setUp(self) -> None:
        super().setUp()
        self.open()
        self.tablet = self.machine(b"tablet")
        self.successResultOf(self.come(here=self.tablet, name=b"tablet"))
        self.key = self.opened.keyring.device

    def revoke(self) -> None:
        """Let the tablet revoke the laptop, in the journal only."""
        tablet = self.resume(self.tablet)
        self.now(tablet.drive.change(lambda draft: draft.add(changes.RevokeDevice(self.key))))
        self.now(tablet.close())

    def test_at_the_server(self) -> None:
        """Its line ends, and with it the pairing."""
        waiting = self.open()
        tablet = self.resume(self.tablet)
        self.now(tablet.link.ask(lambda request: messages.ForgetDevice(request, self.key)))
        self.settle()
        self.failureResultOf(waiting, ConnectionCut)
        self.failureResultOf(self.come(), Refused)

    def test_before(self) -> None:
        """It shows no code."""
        tablet = self.resume(self.tablet)
        self.now(tablet.link.ask(lambda request: messages.ForgetDevice(request, self.key)))
        self.settle()
        shown = len(self.codes)
        waiting = self.open()
        self.wait(1)
        self.failureResultOf(waiting, Refused)
        self.assertEqual(len(self.codes), shown)

    def test_in_the_journal(self) -> None:
        """A server that lets it in is no help: the journal does not, and nothing is told."""
        waiting = self.open()
        self.revoke()
        coming = self.come()
        self.failureResultOf(waiting, NotLoggedIn)
        self.failureResultOf(coming, ConnectionCut)
        self.assertFalse(self.phone.profile.is_logged_in())
        self.assertEqual(len(self.devices()[1]), 2)
