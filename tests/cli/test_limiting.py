"""Rates as people write them."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.limiting import RATE
from anoncloud.client.throttling import SLOWEST
from anoncloud.errors import UsageError
from anoncloud.limits import KIB, MIB


class RateTests(SynchronousTestCase):
    """The type of ``--limit``."""

    def test_rates(self) -> None:
        """Sizes, with "/s" behind them or not."""
        for text, rate in (("5MiB", 5 * MIB), ("5M/s", 5 * MIB), ("100k", 100 * KIB)):
            self.assertEqual(RATE.convert(text, None, None), rate)
        self.assertEqual(RATE.convert(MIB, None, None), MIB)

    def test_refused(self) -> None:
        """What is no size, or so little that a connection would look dead."""
        for text in ("", "fast", "-5M", "0", str(SLOWEST - 1)):
            self.assertRaises(UsageError, RATE.convert, text, None, None)
