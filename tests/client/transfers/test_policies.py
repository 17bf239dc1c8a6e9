"""What happens to a file that exists."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.policies import Decision, Existing, Policy


class PolicyTests(SynchronousTestCase):
    """Each policy, for older and newer files."""

    def test_decisions(self) -> None:
        """Every policy decides as its name says."""
        for existing, newer, as_old, older in (
            ("fail", Decision.REFUSE, Decision.REFUSE, Decision.REFUSE),
            ("replace", Decision.STORE, Decision.STORE, Decision.STORE),
            ("skip", Decision.LEAVE, Decision.LEAVE, Decision.LEAVE),
            ("rename", Decision.BESIDE, Decision.BESIDE, Decision.BESIDE),
            ("newer", Decision.STORE, Decision.LEAVE, Decision.LEAVE),
        ):
            policy = Policy(Existing(existing))
            found = [policy.decide("f", ours, 5) for ours in (6, 5, 4)]
            self.assertEqual(found, [newer, as_old, older], existing)

    def test_asking(self) -> None:
        """Whoever is asked is told the path, and decides; where nobody can be, nothing is done."""
        asked: list[str] = []

        def ask(shown: str) -> bool:
            asked.append(shown)
            return shown == "yes"

        policy = Policy(Existing.ASK, ask)
        self.assertIs(policy.decide("yes", 1, 2), Decision.STORE)
        self.assertIs(policy.decide("no", 1, 2), Decision.LEAVE)
        self.assertEqual(asked, ["yes", "no"])
        self.assertIs(Policy(Existing.ASK).decide("f", 1, 2), Decision.LEAVE)

    def test_every_policy(self) -> None:
        """There is no policy without a decision."""
        for existing in Existing:
            self.assertIsInstance(Policy(existing).decide("f", 1, 2), Decision)
