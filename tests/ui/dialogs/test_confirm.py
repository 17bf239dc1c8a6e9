"""Questions answered by yes or no."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.dialogs.confirm import Confirm
from anoncloud.ui.effects import Undo
from anoncloud.ui.layers import Answer
from tests.support.screens_of_cells import texts

ASKED = Confirm("Sure?", ("one thing", "another"), "Do it", (Undo(),))
GRAVE = Confirm("Sure?", ("for good",), "Do it", (Undo(),), grave=True)


class ConfirmTests(SynchronousTestCase):
    """Yes or no."""

    def test_answers(self) -> None:
        """Letters answer; Enter takes what is set off, which is no where it is grave."""
        yes, no = Answer(None, (Undo(),)), Answer(None)
        for asked, key, answer in (
            (ASKED, "y", yes),
            (ASKED, "enter", yes),
            (ASKED, "n", no),
            (ASKED, "esc", no),
            (GRAVE, "y", yes),
            (GRAVE, "enter", no),
        ):
            self.assertEqual(asked.press(key), answer)
        other = GRAVE.press("tab").layer
        assert other is not None
        self.assertEqual(other.press("enter"), yes)
        self.assertEqual(ASKED.press("x"), Answer(ASKED))

    def test_asked_twice(self) -> None:
        """One yes may lead to a second question."""
        twice = Confirm("Sure?", ("x",), "Do it", grave=True, next=GRAVE)
        self.assertEqual(twice.press("y"), Answer(GRAVE))

    def test_drawn_and_clicked(self) -> None:
        """The buttons are where they are seen."""
        drawn = texts(ASKED.view(40, 20))
        row = next(at for at, line in enumerate(drawn) if "[ Do it ]" in line)
        yes, no = drawn[row].index("Do it"), drawn[row].index("No")
        for at, column, answer in (
            (row, yes, Answer(None, (Undo(),))),
            (row, no, Answer(None)),
            (row, no + 9, Answer(ASKED)),
            (row - 1, yes, Answer(ASKED)),
        ):
            self.assertEqual(ASKED.press(f"mouse:click:{at}:{column}:40:20"), answer)
        self.assertEqual(ASKED.press(f"mouse:wheel-up:{row}:{yes}:40:20"), Answer(ASKED))
