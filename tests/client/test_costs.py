"""The cost of Argon2id may rise, and never falls."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.costs import check_cost, highest
from anoncloud.client.tree.affairs import Affairs
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import UsageError
from anoncloud.limits import KIB, MIB

NOTED = Affairs(passes=4, memory_kib=65 * KIB)


class CostTests(SynchronousTestCase):
    """What is the highest, and what is too low."""

    def test_highest(self) -> None:
        """Passes and memory are each the higher one of the kit's and of what was noted."""
        for kit, highest_of_both in (
            (Argon2(2, 64 * MIB), Argon2(4, 65 * MIB)),
            (Argon2(5, 64 * MIB), Argon2(5, 65 * MIB)),
            (Argon2(3, 66 * MIB), Argon2(4, 66 * MIB)),
        ):
            self.assertEqual(highest(kit, NOTED), highest_of_both)
        self.assertEqual(highest(Argon2(2, 64 * MIB), Affairs()), Argon2(2, 64 * MIB))

    def test_check(self) -> None:
        """As much or more is taken, less of either is not, and floor and cap hold."""
        least = Argon2(3, 100 * MIB + KIB)
        for cost in (least, Argon2(4, 101 * MIB)):
            check_cost(cost, least)
        for cost in (Argon2(2, 200 * MIB), Argon2(9, 100 * MIB)):
            error = self.assertRaises(UsageError, check_cost, cost, least)
            self.assertEqual(error.hint, "take at least 3 passes over 101 MiB")
        for cost in (Argon2(1, 64 * MIB), Argon2(2, 32 * MIB), Argon2(17, 64 * MIB)):
            self.assertRaises(UsageError, check_cost, cost, Argon2(0, 0))
