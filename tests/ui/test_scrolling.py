"""Lists that have moved: seen in two pictures, and no other change taken for it."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Span, Style, beside, block
from anoncloud.ui.scrolling import Region, has_margins, scrolled, sequence, shift

REGION = Region(1, 3, 10, 20)


def screen(names, cursor=-1, beside_it="same"):
    """Draw a list in REGION, something on its left and right."""
    rows = [
        (Span(name, Style.CURSOR if at == cursor else Style.PLAIN),)
        for at, name in enumerate(names)
    ]
    inner = block([(), *rows], 20, 12)
    return beside(block((), 3, 12), inner, block([(Span(beside_it),)] * 12, 10, 12)).rows


def names(top):
    return [f"name {number * number}" for number in range(top, top + 10)]


class ShiftTests(SynchronousTestCase):
    def test_moved(self):
        for by in (1, 2, 3, -1, -2, -3):
            self.assertEqual(shift(screen(names(10)), screen(names(10 + by)), REGION), by)

    def test_with_cursor(self):
        """The cursor's two rows look different, and the list has moved all the same."""
        self.assertEqual(shift(screen(names(0), 9), screen(names(1), 9), REGION), 1)
        self.assertEqual(shift(screen(names(1), 0), screen(names(0), 0), REGION), -1)

    def test_not_moved(self):
        old = screen(names(0), 3)
        for new in (old, screen(names(0), 4), screen(names(50)), screen(names(7)), screen([])):
            self.assertEqual(shift(old, new, REGION), 0)

    def test_all_alike(self):
        """Rows that are all the same have not moved."""
        self.assertEqual(shift(screen(["x"] * 10, 2), screen(["x"] * 10, 3), REGION), 0)

    def test_other_size(self):
        self.assertEqual(shift(screen(names(0))[:6], screen(names(1)), REGION), 0)
        self.assertEqual(shift((), screen(names(1)), REGION), 0)

    @given(st.integers(-3, 3).filter(bool))
    def test_scrolled(self, by):
        """What the terminal makes of it is what it should, but for the rows that came in."""
        old, new = screen(names(10)), screen(names(10 + by))
        made = scrolled(old, REGION, by)
        kept = range(10 - by) if by > 0 else range(-by, 10)
        for row in range(12):
            text = "".join(span.text for span in made[row])
            wanted = "".join(span.text for span in new[row])
            if row - 1 in kept or row in {0, 11}:
                self.assertEqual(text, wanted)
            else:
                self.assertEqual(text, wanted[:3] + " " * 20 + wanted[23:])


class SequenceTests(SynchronousTestCase):
    def test_up_and_down(self):
        """The margins count from 1, and are taken away again."""
        self.assertEqual(
            sequence(REGION, 1, (1, 3)),
            b"\x1b[m\x1b[?69h\x1b[4;23s\x1b[2;11r\x1b[1S\x1b[r\x1b[?69l\x1b[2;4H",
        )
        self.assertIn(b"\x1b[2T", sequence(REGION, -2, (0, 0)))

    def test_answers(self):
        for reply, has in (("[?69;1$y", True), ("[?69;2$y", True), ("[?69;0$y", False),
                           ("[?69;4$y", False), ("[?6;2$y", False)):  # fmt: skip
            self.assertIs(has_margins("reply:" + reply), has)
