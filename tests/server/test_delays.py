"""The schedules: how long after how many mistakes, and what clocks that are wrong do to them."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.delays import (
    Bucket,
    Delay,
    Kind,
    MemoryRows,
    Schedule,
    Schedules,
    subject,
)

NOW = 1_700_000_000_000
DAY = 24 * 3_600_000
SCHEDULE = Schedule(3, 5_000)
ends = st.integers(0, 2 * NOW)
delays = st.builds(Delay, st.integers(0, 2**31), ends, ends)


class ScheduleTests(SynchronousTestCase):
    """A wait that doubles."""

    def test_waits(self) -> None:
        """The waits of both kinds are those of the document."""
        account = [Schedules().account.wait(number) // 1000 for number in range(13)]
        self.assertEqual(account, [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 600, 600])
        network = [Schedules().network.wait(number) // 1000 for number in range(10)]
        self.assertEqual(network, [0, 0, 0, 15, 30, 60, 120, 240, 480, 600])
        self.assertEqual(SCHEDULE.wait(2**31), 600_000)

    def test_first_day(self) -> None:
        """Who guesses as often as it is let gets ten guesses in 315 seconds, and 153 in a day."""
        delay, now, at = None, NOW, []
        while now < NOW + DAY:
            self.assertEqual(SCHEDULE.held(delay, now), 0)
            at.append((now - NOW) // 1000)
            delay = SCHEDULE.counted(delay, 1, now)
            now += SCHEDULE.held(delay, now)
        self.assertEqual(at[9:11], [315, 635])
        self.assertEqual(len(at), 153)

    def test_held(self) -> None:
        """The wait is over to the millisecond, and so is the memory of it."""
        delay = SCHEDULE.counted(None, 4, NOW)
        self.assertEqual(delay, Delay(4, NOW, NOW + 5_000))
        for late, left in ((0, 5_000), (4_999, 1), (5_000, 0), (DAY, 0)):
            self.assertEqual(SCHEDULE.held(delay, NOW + late), left)
        self.assertEqual(SCHEDULE.counted(delay, 1, NOW + DAY - 1).failures, 5)
        self.assertEqual(SCHEDULE.counted(delay, 1, NOW + DAY).failures, 1)

    def test_clock_set_back(self) -> None:
        """A clock that is a little behind waits on; one that was far ahead is not believed."""
        delay = SCHEDULE.counted(None, 4, NOW)
        self.assertEqual(SCHEDULE.held(delay, NOW - 100), 5_100)
        for failures in range(1, 4):  # those that are free hold nothing back, by any clock
            free = SCHEDULE.counted(None, failures, NOW)
            self.assertEqual(SCHEDULE.held(free, NOW - 100), 0)
        self.assertEqual(SCHEDULE.held(delay, NOW - DAY), 0)
        self.assertEqual(SCHEDULE.counted(delay, 1, NOW - DAY), Delay(1, NOW - DAY, NOW - DAY))

    @given(st.none() | delays, st.integers(1, 2**31), ends)
    def test_bounded(self, delay: Delay | None, weight: int, now: int) -> None:
        """Whatever a row says, no wait is longer than the longest, and no count overflows."""
        for schedule, most in ((SCHEDULE, 600_000), (Bucket(1000, 300_000), 300_300)):
            self.assertTrue(0 <= schedule.held(delay, now) <= most)
            counted = schedule.counted(delay, weight, now)
            self.assertTrue(0 < counted.failures <= 2**31)
            self.assertTrue(now <= counted.until and counted.last == now)
            if isinstance(schedule, Schedule):
                before, after = schedule.bounds(now)
                self.assertTrue(before <= counted.until <= after)


class BucketTests(SynchronousTestCase):
    """So many in so long."""

    def test_full(self) -> None:
        """As many as there may be pass at once; then there is one for each part of the period."""
        bucket, delay = Bucket(1000, 300_000), None
        for _ in range(1000):
            self.assertEqual(bucket.held(delay, NOW), 0)
            delay = bucket.counted(delay, 1, NOW)
        self.assertEqual(bucket.held(delay, NOW), 300)
        self.assertEqual(bucket.held(delay, NOW + 300), 0)
        delay = bucket.counted(delay, 1, NOW + 300)
        self.assertEqual(bucket.held(delay, NOW + 300), 300)
        self.assertEqual(bucket.counted(delay, 1, NOW + 400_000).failures, 1)

    def test_in_any_window(self) -> None:
        """In no period are there more than twice as many, however they are spread."""
        bucket, delay, passed = Bucket(10, 1_000), None, []
        for now in range(NOW, NOW + 5_000, 7):
            if not bucket.held(delay, now):
                delay = bucket.counted(delay, 1, now)
                passed.append(now)
        self.assertTrue(all(passed[i + 20] - passed[i] > 1_000 for i in range(len(passed) - 20)))
        self.assertEqual(len(passed), 10 + 49)


class RowTests(SynchronousTestCase):
    """Rows in memory, and their names."""

    def test_subjects(self) -> None:
        """Kinds and names never meet, and a name is 32 bytes that do not show it."""
        named = {subject(kind, name) for kind in Kind for name in ("", "ada", "Ada", "ad")}
        self.assertEqual(len(named), 4 * len(Kind))
        self.assertEqual({len(one) for one in named}, {32})

    def test_rows(self) -> None:
        """What is put is got until it is dropped; kinds do not mix."""
        rows, delay = MemoryRows(), Delay(1, 2, 3)
        rows.put(Kind.ACCOUNT, b"one", delay)
        self.assertEqual(rows.get(Kind.ACCOUNT, b"one"), delay)
        self.assertIsNone(rows.get(Kind.NETWORK, b"one"))
        rows.drop(Kind.NETWORK, b"one")
        rows.drop(Kind.ACCOUNT, b"one")
        rows.drop(Kind.ACCOUNT, b"one")
        self.assertIsNone(rows.get(Kind.ACCOUNT, b"one"))

    def test_room(self) -> None:
        """When there are too many, those go whose wait ends first."""
        rows = MemoryRows(most=32)
        for number in range(100):
            rows.put(Kind.ACCOUNT, bytes([number]), Delay(1, 0, 1000 - number))
        kept = [number for number in range(100) if rows.get(Kind.ACCOUNT, bytes([number]))]
        self.assertTrue(30 <= len(kept) <= 32)
        self.assertEqual(kept[:30], [*range(30)])

    def test_forget(self) -> None:
        """What ended before the one bound or ends after the other is forgotten."""
        rows = MemoryRows()
        for until in (9, 10, 20, 21):
            rows.put(Kind.NETWORK, bytes([until]), Delay(1, 0, until))
        rows.forget(Kind.NETWORK, 10, 20)
        kept = [until for until in (9, 10, 20, 21) if rows.get(Kind.NETWORK, bytes([until]))]
        self.assertEqual(kept, [10, 20])
