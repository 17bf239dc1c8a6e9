"""Metrics as Prometheus reads them."""

from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from anoncloud.server.metrics.table import PREFIX, SQL_BOUNDS, Count, Figure, exposed_names
from anoncloud.server.metrics.tally import Tally


class ExpositionTests(SynchronousTestCase):
    """The text format."""

    def setUp(self) -> None:
        try:
            from prometheus_client.parser import (  # noqa: PLC0415 - an extra
                text_string_to_metric_families,
            )

            from anoncloud.server.metrics.exposition import exposition  # noqa: PLC0415
        except ImportError:
            message = "no prometheus-client here: the extra 'metrics' was NOT tested"
            raise SkipTest(message) from None
        self.parse: Any = text_string_to_metric_families
        self.write: Any = exposition
        self.tally = Tally()

    def samples(self, figures: dict[Figure, float]) -> dict[tuple[str, str], float]:
        """Read what is written: values by name and label's value."""
        text = self.write(self.tally, figures).decode()
        return {
            (sample.name, next(iter(sample.labels.values()), "")): sample.value
            for family in self.parse(text)
            for sample in family.samples
        }

    def test_counts(self) -> None:
        """Counts come with their labels, and those without labels from the beginning."""
        self.tally.count(Count.REFUSALS, "QUOTA", 2)
        self.tally.count(Count.REFUSALS, "LOGIN")
        self.tally.count(Count.SENT, by=10**12)
        read = self.samples({})
        self.assertEqual(read["anoncloud_refusals_total", "QUOTA"], 2)
        self.assertEqual(read["anoncloud_refusals_total", "LOGIN"], 1)
        self.assertEqual(read["anoncloud_sent_bytes_total", ""], 10**12)
        self.assertEqual(read["anoncloud_handshakes_total", ""], 0)

    def test_figures(self) -> None:
        """Figures come as they are."""
        read = self.samples({Figure.STORED: 5, Figure.CONNECTED: 0})
        self.assertEqual(read["anoncloud_stored_bytes", ""], 5)
        self.assertEqual(read["anoncloud_connections", ""], 0)
        self.assertNotIn(("anoncloud_disk_free_bytes", ""), read)

    def test_histogram(self) -> None:
        """Buckets add up, as Prometheus wants it."""
        for seconds in (SQL_BOUNDS[0], SQL_BOUNDS[2], 1000):
            self.tally.sql.note(seconds)
        read = self.samples({})
        buckets = [read["anoncloud_sql_seconds_bucket", str(bound)] for bound in SQL_BOUNDS]
        self.assertEqual(buckets[:3], [1, 1, 2])
        self.assertEqual(buckets[-1], 2)
        self.assertEqual(read["anoncloud_sql_seconds_bucket", "+Inf"], 3)
        self.assertEqual(read["anoncloud_sql_seconds_count", ""], 3)

    def test_names(self) -> None:
        """All names of the table are written, and of ours no other; so are the process's own."""
        for what in Count:
            self.tally.count(what, "x" if what.value.label else "")
        names = {name for name, _ in self.samples(dict.fromkeys(Figure, 1.0))}
        self.assertEqual({name for name in names if name.startswith(PREFIX)}, exposed_names())
        self.assertIn("process_resident_memory_bytes", names)
