"""Calls that are to come."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes.later import Later


class LaterTests(SynchronousTestCase):
    """When what is asked for is called."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.later = Later(self.clock)
        self.called: list[float] = []

    def note(self) -> None:
        """Be called."""
        self.called.append(self.clock.seconds())

    def test_once(self) -> None:
        """Asked for more than once it comes once, at the soonest of the times."""
        for seconds in (5, 3, 4):
            self.later.call(seconds, self.note)
        self.clock.pump([1] * 10)
        self.assertEqual(self.called, [3])

    def test_again(self) -> None:
        """A call may ask for itself again."""
        self.later.call(2, self.ask_again)
        self.clock.pump([1] * 5)
        self.assertEqual(self.called, [2, 4])

    def ask_again(self) -> None:
        """Be called, and want to be called again."""
        self.note()
        self.later.call(2, self.ask_again)

    def test_cancel(self) -> None:
        """Cancelled it does not come, and nothing waits."""
        self.later.call(1, self.note)
        self.later.call(1, self.ask_again)
        self.later.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.clock.advance(5)
        self.assertEqual(self.called, [])
