"""What happens to a file that exists."""

from itertools import islice

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.policies import (
    Clash,
    Decision,
    Existing,
    Policy,
    Seen,
    Settled,
    names_beside,
)

CLASH = Clash("/f", b"f", Seen(1, 6), Seen(2, 5))


class PolicyTests(SynchronousTestCase):
    """Each policy, for older and newer files."""

    def test_decisions(self) -> None:
        """Every policy decides as its name says; nobody loses anything without being asked."""
        for existing, newer, as_old, older in (
            ("fail", Decision.REFUSE, Decision.REFUSE, Decision.REFUSE),
            ("replace", Decision.STORE, Decision.STORE, Decision.STORE),
            ("skip", Decision.LEAVE, Decision.LEAVE, Decision.LEAVE),
            ("rename", Decision.BESIDE, Decision.BESIDE, Decision.BESIDE),
            ("newer", Decision.STORE, Decision.LEAVE, Decision.LEAVE),
            ("ask", Decision.BESIDE, Decision.BESIDE, Decision.BESIDE),
        ):
            policy = Policy(Existing(existing))
            found = [policy.decide(ours, 5) for ours in (6, 5, 4)]
            self.assertEqual(found, [newer, as_old, older], existing)

    def settled(self, policy: Policy) -> Settled:
        return self.successResultOf(Deferred.fromCoroutine(policy.settle(CLASH)))

    def test_asking(self) -> None:
        """Whoever is asked learns of both files, and decides; where nobody can be, it stays."""
        asked: list[Clash] = []

        async def ask(clash: Clash) -> Settled:
            asked.append(clash)
            return Settled(Decision.BESIDE, b"g")

        self.assertEqual(self.settled(Policy(Existing.ASK, ask)), Settled(Decision.BESIDE, b"g"))
        self.assertEqual(asked, [CLASH])
        self.assertEqual(self.settled(Policy(Existing.ASK)), Settled(Decision.LEAVE))

    def test_not_asked(self) -> None:
        """Nobody is asked where a policy decides alone."""

        async def ask(_: Clash) -> Settled:
            self.fail("somebody was asked")

        for existing in set(Existing) - {Existing.ASK}:
            policy = Policy(existing, ask)
            self.assertFalse(policy.asks)
            self.assertEqual(self.settled(policy).decision, policy.decide(6, 5))


class NamesTests(SynchronousTestCase):
    def test_beside(self) -> None:
        """The second and third name of a file."""
        self.assertEqual(
            list(islice(names_beside(b"a.txt"), 3)),
            [b"a (copy).txt", b"a (copy 2).txt", b"a (copy 3).txt"],
        )
