"""A question with a line to type into."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.dialogs.message import said
from anoncloud.ui.effects import Effects, FindAll
from anoncloud.ui.layers import Answer
from anoncloud.ui.lineedit import Line
from tests.support.screens_of_cells import texts


def find(text: str) -> Effects:
    """Take any text but none."""
    if not text:
        message = "nothing\x1b to find"
        raise UsageError(message, "type more")
    return (FindAll(text),)


def press(ask: Ask, *keys: str) -> Answer:
    """Press keys; give the answer to the last."""
    answer = Answer(ask)
    for key in keys:
        assert answer.layer is not None
        answer = answer.layer.press(key)
    return answer


class AskTests(SynchronousTestCase):
    """Questions."""

    def test_answered(self) -> None:
        """Enter gives what was typed, and ends it."""
        answer = press(Ask("Find", Line.of("x"), find), "y", "enter")
        self.assertEqual(answer, Answer(None, (FindAll("xy"),)))

    def test_refused(self) -> None:
        """What is refused is said in the box, safely, until something else is typed."""
        answer = press(Ask("Find", Line(), find), "enter")
        self.assertEqual(answer.effects, ())
        assert answer.layer is not None
        self.assertIn(
            "nothing\\x1b to find; type more", "\n".join(texts(answer.layer.view(60, 20)))
        )
        again = answer.layer.press("a").layer
        assert again is not None
        self.assertNotIn("nothing", "\n".join(texts(again.view(60, 20))))

    def test_left(self) -> None:
        """Esc ends it, or goes back to where it came from."""
        below = said("x", "y")
        self.assertEqual(press(Ask("Find", Line(), find), "esc"), Answer(None))
        self.assertEqual(press(Ask("Find", Line(), find, back=below), "esc"), Answer(below))

    def test_other_texts(self) -> None:
        """A key may put another text into the line."""
        ask = Ask("To", Line.of("a"), find, others={"f6": ("drive:/", "Other pane")})
        answer = press(ask, "f6", "x", "enter")
        self.assertEqual(answer.effects, (FindAll("drive:/x"),))
        self.assertIn(("F6", "Other pane"), ask.hints())

    def test_drawn(self) -> None:
        """What it says stands above the line, and the cursor in it."""
        ask = Ask("Find", Line.of("abc"), find, "a part of a name")
        self.assertEqual(
            texts(ask.view(40, 20)),
            [
                "┌─ Find ───────────────────────────────┐",
                "│ a part of a name                     │",
                "│ abc                                  │",
                "└──────────────────────────────────────┘",
            ],
        )
        self.assertEqual(ask.cursor(40, 20), (2, 5))
        secret = Ask("Pass", Line.of("abc"), find, secret=True)
        self.assertNotIn("abc", "".join(texts(secret.view(40, 20))))
