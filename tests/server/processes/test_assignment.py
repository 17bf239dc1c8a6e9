"""Which worker gets a connection, and when one that has ended is replaced."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes.assignment import (
    FIRST_DELAY,
    LONG_LIFE,
    MOST_DELAY,
    RestartDelay,
    least_busy,
)


class LeastBusyTests(SynchronousTestCase):
    """The choice."""

    def test_choice(self) -> None:
        """The fewest connections, then the lowest number; nobody is nobody."""
        self.assertIsNone(least_busy({}))
        self.assertEqual(least_busy({7: 3, 2: 3, 5: 4}), 2)
        self.assertEqual(least_busy({1: 1, 2: 0}), 2)

    @given(st.integers(1, 8), st.integers(0, 60))
    def test_fair(self, workers: int, connections: int) -> None:
        """Given out one by one, no worker has more than one connection more than another."""
        loads = dict.fromkeys(range(workers), 0)
        for _ in range(connections):
            chosen = least_busy(loads)
            self.assertIsNotNone(chosen)
            loads[chosen] += 1
        self.assertLessEqual(max(loads.values()) - min(loads.values()), 1)


class RestartDelayTests(SynchronousTestCase):
    """The wait."""

    def test_grows(self) -> None:
        """Each short life doubles the wait, up to the most; after a long one there is none."""
        delay = RestartDelay()
        self.assertEqual(
            [delay.after(0.1) for _ in range(4)], [FIRST_DELAY * 2**n for n in range(4)]
        )
        self.assertEqual([delay.after(0) for _ in range(100)][-1], MOST_DELAY)
        self.assertEqual(delay.after(LONG_LIFE), 0)
        self.assertEqual(delay.after(LONG_LIFE - 0.1), FIRST_DELAY)
