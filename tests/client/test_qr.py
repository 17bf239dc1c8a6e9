"""QR codes: their modules, and the white around them."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.qr import QUIET, encode, framed
from tests.support.qr import read


class ModulesTests(SynchronousTestCase):
    """What is drawn of a text."""

    def test_read_again(self) -> None:
        """The modules hold the text, and stand in a square with white all around it."""
        matrix = encode("ANONCLOUD-KIT-1-ABC")
        rows = list(framed(matrix))
        inside = [row[QUIET:-QUIET] for row in rows[QUIET:-QUIET]]
        self.assertEqual(read(inside), "ANONCLOUD-KIT-1-ABC")
        self.assertEqual({len(row) for row in rows}, {len(rows)})
        outside = [*rows[:QUIET], *rows[-QUIET:], *(row[:QUIET] + row[-QUIET:] for row in rows)]
        self.assertFalse(any(map(any, outside)))
