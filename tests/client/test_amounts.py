"""Sizes and times as people write them."""

from datetime import UTC, datetime

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.amounts import parse_moment, parse_size, parse_span
from anoncloud.errors import UsageError

NOW = 1_800_000_000_000_000
SECOND = 1_000_000
DAY = 86400 * SECOND


class SizeTests(SynchronousTestCase):
    """parse_size."""

    def test_sizes(self) -> None:
        """Numbers with units in any case, with or without iB, whole or not."""
        for text, size in (
            ("0", 0),
            ("4096", 4096),
            ("1k", 1024),
            ("10K", 10240),
            ("1.5MiB", 1572864),
            ("2 gb", 2 * 2**30),
            (" 3T ", 3 * 2**40),
            ("7B", 7),
        ):
            self.assertEqual(parse_size(text), size, text)

    def test_no_sizes(self) -> None:
        """Anything else is refused, and said."""
        for text in ("", "k", "-1", "1x", "1 k k", "1e9", "0x10", "9" * 40):
            error = self.assertRaises(UsageError, parse_size, text)
            self.assertIn("size", str(error))


class MomentTests(SynchronousTestCase):
    """parse_moment, parse_span."""

    def test_ago(self) -> None:
        """Lengths of time are counted back from now, and can be put together."""
        for text, span in (
            ("0s", 0),
            ("90s", 90 * SECOND),
            ("5m", 300 * SECOND),
            ("2h", 7200 * SECOND),
            ("3d", 3 * DAY),
            ("2W", 14 * DAY),
            ("1d12h", 36 * 3600 * SECOND),
            ("1.5h", 5400 * SECOND),
        ):
            self.assertEqual(parse_span(text), span)
            self.assertEqual(parse_moment(text, NOW), NOW - span)

    def test_dates(self) -> None:
        """ISO 8601 is UTC unless it has an offset."""
        for text, moment in (
            ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
            ("2026-01-31T18:30", datetime(2026, 1, 31, 18, 30, tzinfo=UTC)),
            ("2026-01-31 18:30:05", datetime(2026, 1, 31, 18, 30, 5, tzinfo=UTC)),
            ("2026-01-31T18:30Z", datetime(2026, 1, 31, 18, 30, tzinfo=UTC)),
            ("2026-01-31T18:30+02:00", datetime(2026, 1, 31, 16, 30, tzinfo=UTC)),
            ("1969-12-31T23:59:59", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ):
            self.assertEqual(parse_moment(text, NOW), int(moment.timestamp()) * SECOND, text)
        self.assertEqual(parse_moment("1970-01-01T00:00:00.000001", NOW), 1)

    def test_as_it_is_shown(self) -> None:
        """A time as listings show it can be given back."""
        self.assertEqual(parse_moment("1970-01-02 00:00:01", NOW), DAY + SECOND)

    def test_no_times(self) -> None:
        """Anything else is refused, and the ways to write a time are told."""
        for text in ("", "yesterday", "3", "3 d", "d", "-3d", "3y", "2026-13-01", "1d2", "9" * 20):
            error = self.assertRaises(UsageError, parse_moment, text, NOW)
            self.assertIn("3d", error.hint)
