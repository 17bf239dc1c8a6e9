"""The two tests that compare samples, against published figures and against chance itself."""

import random

from twisted.trial.unittest import SynchronousTestCase

from benchmarks.comparing import kolmogorov_smirnov, mann_whitney

BOTH = (mann_whitney, kolmogorov_smirnov)


class ComparingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.chance = random.Random(1)

    def drawn(self, count: int, mean: float = 0.0, spread: float = 1.0) -> list[float]:
        return [self.chance.gauss(mean, spread) for _ in range(count)]

    def test_published(self) -> None:
        """SciPy's documentation has the first; the second are Smirnov's critical values."""
        p = mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12])
        self.assertAlmostEqual(p, 0.11134688653314041, 12)
        for scaled, expected in ((1.2238, 0.10), (1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001)):
            count = 10_000
            apart = round(scaled / (count / 2) ** 0.5 * count)  # steps that the one is ahead
            p = kolmogorov_smirnov(range(count), range(apart, count + apart))
            self.assertAlmostEqual(p, expected, 3)

    def test_alike(self) -> None:
        """The same numbers differ in nothing, in whatever order, and also if all are one."""
        drawn = self.drawn(100)
        for test in BOTH:
            self.assertEqual(test(drawn, drawn[::-1]), 1.0)
            self.assertEqual(test([7.0] * 50, [7.0] * 60), 1.0)

    def test_either_way(self) -> None:
        """Which sample comes first does not matter."""
        one, other = self.drawn(80), self.drawn(120, 0.3)
        for test in BOTH:
            self.assertAlmostEqual(test(one, other), test(other, one), 12)

    def test_chance(self) -> None:
        """Samples of one distribution fall below p about as often as p says, ties or none."""
        for test in BOTH:
            for digits in (9, 1):
                found = [
                    test(*([round(x, digits) for x in self.drawn(150)] for _ in range(2)))
                    for _ in range(300)
                ]
                few = sum(p < 0.1 for p in found)
                self.assertTrue(10 <= few <= 50, (test, digits, few))

    def test_differences(self) -> None:
        """A small shift is seen by both; another spread by the second alone."""
        for test in BOTH:
            self.assertLess(test(self.drawn(5000), self.drawn(5000, 0.1)), 0.001)
        one, other = self.drawn(2000), self.drawn(2000, 0.0, 1.3)
        self.assertLess(kolmogorov_smirnov(one, other), 0.001)
        self.assertGreater(mann_whitney(one, other), 0.001)
