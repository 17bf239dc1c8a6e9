"""What happens often is said now and then."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.seldom import EVERY, Seldom


class SeldomTests(SynchronousTestCase):
    """Counting what is not said."""

    def test_now_and_then(self) -> None:
        """The first time is said, and later ones together when a while has gone by."""
        clock = Clock()
        seldom = Seldom(clock.seconds)
        told = [seldom.happen() for _ in range(3)]
        clock.advance(EVERY - 1)
        told.append(seldom.happen())
        clock.advance(1)
        told += [seldom.happen(), seldom.happen()]
        clock.advance(EVERY)
        told.append(seldom.happen())
        self.assertEqual(told, [1, 0, 0, 0, 4, 0, 2])
