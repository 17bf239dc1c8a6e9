"""QR codes: read again from what is drawn."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.qr import draw, width
from anoncloud.client.qr import QUIET, encode
from tests.support.qr import LETTERS, from_half_blocks, from_spaces, read, without_quiet_zone
from tests.support.vectors import load

KIT = load("kit")["kits"][0]["line"].upper()


class DrawingTests(SynchronousTestCase):
    """What cameras see."""

    def test_kit(self) -> None:
        """A kit is read from half blocks and from spaces; it fits in 80 columns of half blocks."""
        matrix = encode(KIT)
        for blocks, take_apart in ((True, from_half_blocks), (False, from_spaces)):
            lines = draw(matrix, blocks=blocks)
            framed = take_apart(lines)
            self.assertEqual(read(without_quiet_zone(framed, QUIET)), KIT)
            self.assertEqual(width(matrix, blocks=blocks), len(framed) * (1 if blocks else 2))
        self.assertLess(width(matrix, blocks=True), 60)

    def test_damage_is_seen(self) -> None:
        """The reader reads what is there: another module gives another text."""
        framed = from_half_blocks(draw(encode(KIT), blocks=True))
        framed[-QUIET - 1][-QUIET - 2] ^= 1  # of the second bit of the mode
        with self.assertRaises(AssertionError):
            read(without_quiet_zone(framed, QUIET))

    @given(st.text(LETTERS, min_size=1, max_size=1500).filter(lambda text: not text.isdigit()))
    def test_any(self, text: str) -> None:
        """Any text of the alphabet in which a kit is drawn, of any length, comes back."""
        framed = from_half_blocks(draw(encode(text), blocks=True))
        self.assertEqual(read(without_quiet_zone(framed, QUIET)), text)
