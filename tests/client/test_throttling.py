"""A pace: bytes go no faster than they may, however they are asked for."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.throttling import BURST, Pace
from anoncloud.limits import KIB, MIB


class PaceTests(SynchronousTestCase):
    """One pace, on a clock that the test moves."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.pace = Pace(MIB, self.clock)

    def take(self, length: int) -> "Deferred[Any]":
        return Deferred.fromCoroutine(self.pace.take(length))

    def test_one_after_the_other(self) -> None:
        """Whoever asks waits for all that was asked for before, and for what is asked for."""
        first, second = self.take(MIB), self.take(MIB)
        self.clock.advance(0.99)
        self.assertNoResult(first)
        self.clock.advance(0.02)
        self.successResultOf(first)
        self.assertNoResult(second)
        self.clock.advance(1)
        self.successResultOf(second)

    def test_idle_time_is_not_saved(self) -> None:
        """After an hour without a byte there is no more to spend than a burst."""
        self.clock.advance(3600)
        self.successResultOf(self.take(int(MIB * BURST)))
        late = self.take(MIB)
        self.assertNoResult(late)
        self.clock.advance(1)
        self.successResultOf(late)

    def test_given_up(self) -> None:
        """A wait that is cancelled ends, and those behind it keep their place."""
        first, second = self.take(MIB), self.take(MIB)
        first.cancel()
        self.failureResultOf(first)
        self.clock.advance(2)
        self.successResultOf(second)

    @given(st.lists(st.integers(1, 64 * KIB), min_size=50, max_size=200), st.integers(1, 4))
    def test_rate(self, lengths: list[int], takers: int) -> None:
        """Over any run of packets, by one or several takers, the rate is kept within a burst."""
        clock = Clock()
        pace = Pace(MIB, clock)

        async def work(own: list[int]) -> None:
            for length in own:
                await pace.take(length)

        running = [
            Deferred.fromCoroutine(work(lengths[number::takers])) for number in range(takers)
        ]
        while not all(one.called for one in running):
            clock.advance(0.001)
        expected = sum(lengths) / MIB
        self.assertLess(abs(clock.seconds() - expected), BURST)
