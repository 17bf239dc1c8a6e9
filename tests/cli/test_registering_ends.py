"""What a kit is worth if the register command does not succeed."""

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionLost

from anoncloud.cli.program import Program
from anoncloud.errors import Code, Refused, Unreachable
from anoncloud.wire import messages
from tests.cli.test_registering import CommandTestCase


class AfterwardsTests(CommandTestCase):
    """The server says no, or is lost, or the command is given up."""

    def test_nothing_made(self) -> None:
        """Where the server surely made nothing the files go again; what was shown is void."""
        self.register("ada")
        files = ("--kit", self.kit, "--recovery-file", self.recovery)
        self.assertIs(self.fails(Refused, *files).code, Code.NAME_TAKEN)
        self.assertEqual((self.kit.exists(), self.recovery.exists()), (False, False))
        self.assertEqual((self.out.said, self.err.said), ("", ""))
        self.fails(Refused)
        self.assertIn("the kit that you were given opens nothing", self.err.said)

    def test_full_house(self) -> None:
        """A server with as many accounts as it takes makes nothing either."""
        self.register("ada")
        self.terms(max_accounts=1)
        self.assertIs(self.fails(Refused, "--kit", self.kit, account="bob").code, Code.TOO_MANY)
        self.assertFalse(self.kit.exists())

    def check_in_doubt(self, kind: type[Exception], *, made: bool) -> None:
        """See that the kit stays, that it is said why, and whether it opens the account."""
        self.fails(kind, "--kit", self.kit)
        self.assertIn("whether the account was made is not known", self.err.said)
        self.assertIn(f"--kit {self.kit}", self.err.said)
        self.house.is_away = False
        self.house.tricks.clear()
        self.assertEqual(self.opens(self.kit.read_text()), made)

    def test_cut(self) -> None:
        """If the answer is lost for good, the account may be made: the kit is kept."""
        for made in (True, False):
            self.setUp()

            def vanish(spoken: Any, *, made: bool = made) -> Any:
                if isinstance(spoken, messages.Terms):
                    self.house.is_away = not made
                elif isinstance(spoken, messages.Done):
                    self.house.is_away = True
                    self.house.visits[-1].pipe.lose(ConnectionLost())
                    return []
                return None

            self.house.tricks.append(vanish)
            self.check_in_doubt(Unreachable, made=made)

    def test_a_seat_that_is_ours(self) -> None:
        """After a cut a full house may be full of this account: the login tells."""
        self.terms(max_accounts=1)
        lost: list[int] = []

        def lose(spoken: Any) -> Any:
            if isinstance(spoken, messages.Done) and not lost:
                lost.append(1)
                self.house.visits[-1].pipe.lose(ConnectionLost())
                return []
            return None

        self.house.tricks.append(lose)
        self.do("--kit", self.kit)
        self.assertEqual(lost, [1])
        self.assertTrue(self.opens(self.kit.read_text()))

    def test_given_up(self) -> None:
        """Ctrl-C in the middle leaves the kit too."""

        def stop(spoken: Any) -> None:
            if isinstance(spoken, messages.Done):
                self.clock.callLater(0, self.outcome.cancel)

        self.house.tricks.append(stop)
        self.patch(Program, "run", self.begin_command)
        self.call("--kit", self.kit)
        self.settle()
        self.failureResultOf(self.outcome, CancelledError, Unreachable)  # which, is all the same
        self.assertIn("not known", self.err.said)
        self.assertTrue(self.opens(self.kit.read_text()))

    def begin_command(self, command: Any) -> int:
        """Begin a command, which may be cancelled meanwhile."""
        self.outcome = Deferred.fromCoroutine(command(self.here))
        return 0

    def test_recovery_fails(self) -> None:
        """A recovery key that the server did not take is told to be worth nothing."""

        def refuse(spoken: Any) -> Any:
            asked = self.house.heard(messages.SetRecovery)
            if asked and getattr(spoken, "request", None) == asked[-1].request:
                return [messages.Refusal(spoken.request, Code.UNAVAILABLE, "no", "wait")]
            return None

        self.house.tricks.append(refuse)
        self.fails(Refused, "--kit", self.kit, "--recovery")
        self.assertIn("the recovery key that you were given may open nothing", self.err.said)
        self.assertTrue(self.opens(self.kit.read_text()))
