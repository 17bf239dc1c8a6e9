"""Cells: every operation keeps its widths, whatever the text."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import shown
from anoncloud.ui.cells import (
    CUT,
    Block,
    Span,
    Style,
    above,
    beside,
    block,
    cell,
    centred,
    clip,
    clip_left,
    clip_middle,
    clusters,
    crop,
    fill,
    left,
    over,
    part,
    right,
    row_width,
    width,
)
from tests.support import profile

profile.load()

safe = st.text("ab漢e\u0301\u0302字 \u093fक", max_size=12).map(shown.text)
cells = st.integers(0, 14)
rows = st.lists(st.lists(st.builds(Span, safe, st.sampled_from(Style)), max_size=3), max_size=4)


class WidthTests(SynchronousTestCase):
    """How many cells a text takes."""

    def test_characters(self) -> None:
        """Wide ones take two, marks none, and spacing marks one, as in the C library."""
        for character, wide in (("a", 1), ("漢", 2), ("\u0301", 0), ("\u093f", 1), ("א", 1)):
            self.assertEqual(cell(character), wide, ascii(character))

    def test_clusters(self) -> None:
        """Marks stay with what they stand on."""
        found = list(clusters("ae\u0301\u0302漢\u0301b"))
        self.assertEqual(found, [("a", 1), ("e\u0301\u0302", 1), ("漢\u0301", 2), ("b", 1)])

    @given(safe)
    def test_clusters_make_the_text(self, text: str) -> None:
        """Nothing is lost between them, in characters or cells."""
        found = list(clusters(text))
        self.assertEqual("".join(one for one, _ in found), text)
        self.assertEqual(sum(wide for _, wide in found), width(text))


class ClipTests(SynchronousTestCase):
    """Texts cut and filled up."""

    def test_examples(self) -> None:
        """What is cut off is marked; a wide character is never cut in two."""
        self.assertEqual(clip("abcdef", 4), "abc" + CUT)
        self.assertEqual(clip("漢字ab", 4), "漢" + CUT)
        self.assertEqual(clip_left("abcdef", 4), CUT + "def")
        self.assertEqual(clip_middle("a long name.txt", 10), "a long~txt")
        self.assertEqual(left("漢字ab", 4), "漢" + CUT + " ")
        self.assertEqual(right("ab", 4), "  ab")
        self.assertEqual(clip("abc", 0), "")

    @given(safe, cells)
    def test_they_fit(self, text: str, room: int) -> None:
        """No clip is too wide, and one that need not cut does not."""
        for function in (clip, clip_left, clip_middle):
            made = function(text, room)
            self.assertLessEqual(width(made), room)
            if width(text) <= room:
                self.assertEqual(made, text)
        for function in (left, right):
            self.assertEqual(width(function(text, room)), room)


class BlockTests(SynchronousTestCase):
    """Blocks put together."""

    def check(self, made: Block, columns: int, height: int) -> None:
        """Check the size of a block, row by row."""
        self.assertEqual((made.width, made.height), (columns, height))
        self.assertEqual({row_width(row) for row in made.rows} - {columns}, set())

    @given(rows, cells, cells)
    def test_sizes(self, spans: list[list[Span]], columns: int, height: int) -> None:
        """Each is exactly as large as it was asked for, and so is what is made of several."""
        made = block(spans, columns, height)
        self.check(made, columns, height)
        self.check(above(made, made), columns, 2 * height)
        self.check(beside(made, made), 2 * columns, height)
        self.check(crop(made, columns // 2, height // 2), columns // 2, height // 2)

    @given(rows, rows, st.integers(0, 20), st.integers(0, 20), cells, cells)
    def test_over(
        self, under: list[list[Span]], top: list[list[Span]], y: int, x: int, wide: int, high: int
    ) -> None:
        """What lies over another hides just its own cells, wide characters or not."""
        base, laid = block(under, 34, 34), block(top, wide, high)
        made = over(base, laid, y, x)
        self.check(made, 34, 34)
        for number, row in enumerate(laid.rows):
            seen = "".join(span.text for span in part(made.rows[y + number], x, x + wide))
            self.assertEqual(seen, "".join(span.text for span in row))
        whole, at, column = centred(base, laid)
        self.check(whole, 34, 34)
        self.assertEqual((at, column), ((34 - high) // 2, (34 - wide) // 2))

    @given(st.lists(st.builds(Span, safe), max_size=3), cells, cells)
    def test_part(self, spans: list[Span], one: int, other: int) -> None:
        """A part of a row has the cells between its ends, halves of characters as blanks."""
        row = fill(spans, 14)
        start, end = sorted((one, other))
        self.assertEqual(row_width(part(row, start, end)), end - start)

    def test_half_a_character(self) -> None:
        """The half that is left of a wide character is a blank."""
        base = block([[Span("漢字")]], 4)
        self.assertEqual(over(base, block([[Span("x")]], 1), 0, 1).rows[0][0].text, " ")
