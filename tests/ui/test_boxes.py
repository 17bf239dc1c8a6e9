"""Boxes, broken lines, buttons; lists to choose from."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import boxes, lists, shown
from anoncloud.ui.cells import block, row_width, width
from anoncloud.ui.lists import Choice
from tests.support import profile
from tests.support.screens_of_cells import texts

profile.load()

said = st.text("ab 漢e\u0301\n", max_size=60).map(
    lambda text: "\n".join(map(shown.text, text.split("\n")))
)


class BoxTests(SynchronousTestCase):
    """Frames and what is in them."""

    def test_frame(self) -> None:
        """A title stands in the upper edge, cut if it is too long."""
        body = boxes.lines(["one", "two"], 8)
        self.assertEqual(
            texts(boxes.frame("A title", body)),
            ["┌─ A titl~─┐", "│ one      │", "│ two      │", "└──────────┘"],
        )
        self.assertEqual(texts(boxes.frame("", boxes.lines([], 3))), ["┌─────┐", "└─────┘"])

    @given(said, st.integers(0, 30), st.integers(0, 12))
    def test_any_frame(self, title: str, cells: int, rows: int) -> None:
        """Its edges are as long as its rows are wide."""
        made = boxes.frame(shown.text(title), block([], cells, rows))
        self.assertEqual({row_width(row) for row in made.rows}, {made.width})
        self.assertEqual(made.width, cells + 4)
        self.assertLessEqual(boxes.stack("x", (block([], cells, 20), made_of(cells)), 9).height, 9)

    @given(said, st.integers(2, 20))
    def test_wrapped(self, text: str, cells: int) -> None:
        """Every line fits, and nothing but blanks is lost."""
        lines = boxes.wrapped(text, cells)
        self.assertLessEqual(max(map(width, lines)), cells)
        self.assertEqual("".join(lines).replace(" ", ""), text.replace("\n", "").replace(" ", ""))

    def test_wrapped_at_blanks(self) -> None:
        """Words stay whole where they can."""
        self.assertEqual(boxes.wrapped("one two three", 8), ["one two", "three"])
        self.assertEqual(boxes.wrapped("abcdefgh ij", 4), ["abcd", "efgh", "ij"])
        self.assertEqual(boxes.wrapped("a\n\nb", 4), ["a", "", "b"])

    def test_buttons(self) -> None:
        """Each is found again where it stands."""
        labels = ("Yes", "No")
        line = "  " + "".join(span.text for span in boxes.buttons(labels, 0))
        found = [boxes.button_at(labels, at) for at in range(len(line))]
        self.assertEqual(line, "  [ Yes ]  [ No ]  ")
        self.assertEqual(found, [None] * 2 + [0] * 7 + [None] * 2 + [1] * 6 + [None] * 2)


def made_of(cells: int):
    """Give a block of three rows."""
    return block([], cells, 3)


class ListTests(SynchronousTestCase):
    """Lists to choose from."""

    def test_narrowed(self) -> None:
        """Every word must be there; the cursor begins anew."""
        choice = Choice.of(("Red apple", "green apple", "Red pear"), 2)
        self.assertEqual(choice.chosen, 2)
        self.assertEqual(lists.narrowed(choice, "APP re").order, (0, 1))
        self.assertEqual(lists.narrowed(choice, "pear red").chosen, 2)
        self.assertIsNone(lists.narrowed(choice, "plum").chosen)

    def test_moved(self) -> None:
        """It stops at both ends; other keys are not its business."""
        choice = Choice.of(tuple(map(str, range(30))), 5)
        for key, at in (
            ("up", 4),
            ("down", 6),
            ("pageup", 0),
            ("pagedown", 15),
            ("end", 29),
            ("home", 0),
        ):
            moved = lists.moved(choice, key)
            assert moved is not None
            self.assertEqual(moved.cursor, at)
        self.assertIsNone(lists.moved(choice, "x"))
        empty = lists.moved(Choice.of(()), "end")
        assert empty is not None
        self.assertIsNone(empty.chosen)

    @given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 20))
    def test_in_sight(self, count: int, at: int, height: int) -> None:
        """The cursor is always in sight, and no row is wasted."""
        choice = Choice.of(tuple(map(str, range(count))), at)
        drawn = lists.rows(choice, 5, height)
        self.assertEqual(len(drawn), min(count, height))
        if drawn:
            top = lists.first_row(choice, height)
            self.assertTrue(top <= choice.cursor < top + height)
