"""How results are laid out."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin.outcome import count, day, moment, pairs, size, table
from anoncloud.limits import GIB, KIB, MIB


class OutcomeTests(SynchronousTestCase):
    """Tables, sizes and times."""

    def test_table(self) -> None:
        """Columns are as wide as their longest cell, and lines have no blanks at their ends."""
        lines = table(("NAME", "USED"), [("a", "1 B"), ("a longer name", "")])
        self.assertEqual(lines, ["NAME           USED", "a              1 B", "a longer name"])

    def test_pairs(self) -> None:
        """What is said stands in one column."""
        self.assertEqual(pairs({"a": "one", "long": "two"}), ["a     one", "long  two"])

    def test_sizes(self) -> None:
        """Sizes have the unit that leaves the fewest digits."""
        for length, shown in (
            (0, "0 B"),
            (1023, "1023 B"),
            (KIB, "1.0 KiB"),
            (MIB * 3 // 2, "1.5 MiB"),
            (GIB, "1.0 GiB"),
            (5000 * GIB, "4.9 TiB"),
        ):
            self.assertEqual(size(length), shown)

    def test_times(self) -> None:
        """Times are in UTC."""
        self.assertEqual(day(86_400), "1970-01-02")
        self.assertEqual(moment(86_461.9), "1970-01-02 00:01")

    def test_counts(self) -> None:
        """One is one."""
        self.assertEqual([count(n, "blob") for n in (0, 1, 2)], ["0 blobs", "1 blob", "2 blobs"])
