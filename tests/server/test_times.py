"""Times as they are kept."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.times import coarse


class CoarseTests(SynchronousTestCase):
    """Rounding down."""

    @given(st.integers(0, 2**40), st.integers(0, 10**9))
    def test_rounded_down(self, now: int, step: int) -> None:
        """A time is a multiple of the step, and less than a step too early; 0 leaves it."""
        kept = coarse(now, step)
        if step:
            self.assertEqual(kept % step, 0)
            self.assertTrue(0 <= now - kept < step)
        else:
            self.assertEqual(kept, now)
