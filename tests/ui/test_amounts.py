"""Sizes and times in their cells."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import amounts
from tests.support import profile

profile.load()

DAY = 86_400
NOW = 1_790_000_100


class AmountsTests(SynchronousTestCase):
    """What is written."""

    def test_sizes(self) -> None:
        """Powers of 1,024; the unit goes up before a number grows too long."""
        for count, short, long in (
            (0, "0", "0 B"),
            (999, "999", "999 B"),
            (1000, "1.0K", "1.0 KiB"),
            (1024 * 999, "999.0K", "999.0 KiB"),
            (1024 * 1000 - 1, "1.0M", "1.0 MiB"),
            (5 * 2**40 + 2**39, "5.5T", "5.5 TiB"),
            (2**63 - 1, "8.0E", "8.0 EiB"),
        ):
            self.assertEqual((amounts.short_size(count), amounts.size(count)), (short, long))
        self.assertEqual(amounts.rate(1.5 * 2**20), "1.5 MiB/s")

    @given(st.integers(0, 2**63 - 1))
    def test_sizes_fit(self, count: int) -> None:
        """None is longer than its column."""
        self.assertLessEqual(len(amounts.short_size(count)), amounts.SIZE_CELLS)

    @given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**40))
    def test_times_fit(self, nanoseconds: int, now: int) -> None:
        """Any time has a text, no longer than its column."""
        full = amounts.time(nanoseconds, amounts.utc)
        short = amounts.short_time(nanoseconds, amounts.utc, now)
        self.assertLessEqual(len(full), amounts.TIME_CELLS)
        self.assertLessEqual(len(short), amounts.SHORT_TIME_CELLS)

    def test_times(self) -> None:
        """The closer, the finer; in the zone that is asked for."""

        def berlin(seconds: float) -> datetime:
            return datetime.fromtimestamp(seconds, ZoneInfo("Etc/GMT-2"))

        for ago, text in (
            (60, "14:14"),
            (-60, "2026"),
            (30 * DAY, "22 Aug"),
            (200 * DAY, "2026"),
            (400 * DAY, "2025"),
        ):
            when = (NOW - ago) * 1_000_000_000
            self.assertEqual(amounts.short_time(when, amounts.utc, NOW), text)
        self.assertEqual(amounts.time(NOW * 10**9, amounts.utc), "2026-09-21 14:15")
        self.assertEqual(amounts.time(NOW * 10**9, berlin), "2026-09-21 16:15")

        def broken(seconds: float) -> datetime:
            raise ValueError(seconds)

        self.assertEqual(amounts.time(0, broken), "?")
        self.assertEqual(amounts.short_time(0, broken, NOW), "?")

    def test_spans(self) -> None:
        """How long ago, and how long still."""
        for seconds, text in (
            (0, "now"),
            (59, "now"),
            (60, "1 min"),
            (7200, "2 h"),
            (9 * DAY, "9 d"),
        ):
            self.assertEqual(amounts.age(seconds), text)
        for seconds, text in ((3.6, "0:04"), (59.7, "1:00"), (3723, "1:02:03")):
            self.assertEqual(amounts.left(seconds), text)
