"""The command line and the filter's line."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.dialogs.command import Command
from anoncloud.ui.dialogs.filtering import Filtering
from anoncloud.ui.effects import Effects, Perform
from anoncloud.ui.layers import Answer, Layer
from anoncloud.ui.lineedit import Line
from tests.support.screens_of_cells import texts

WORDS = ("copy ", "command", "clear", "cd ")


def take(text: str) -> Effects:
    """Take any text but one."""
    if text == "bad":
        message = "no"
        raise UsageError(message, "try again")
    return (Perform(text),)


def complete(text: str) -> list[str]:
    """Complete from a few words."""
    return [word for word in WORDS if word.startswith(text)]


COMMAND = Command(Line(), take, complete)


def press(layer: Layer, *keys: str) -> Answer:
    """Press keys; give the answer to the last."""
    answer = Answer(layer)
    for key in keys:
        assert answer.layer is not None
        answer = answer.layer.press(key)
    return answer


class CommandTests(SynchronousTestCase):
    """Commands."""

    def line(self, *keys: str) -> str:
        """Give what is in the line after some keys."""
        layer = press(COMMAND, *keys).layer
        assert isinstance(layer, Command)
        return layer.line.text

    def test_completed(self) -> None:
        """Tab goes as far as is clear, then through what is left, both ways."""
        self.assertEqual(self.line("c", "o", "p", "tab"), "copy ")
        self.assertEqual(self.line("c", "o", "tab"), "copy ")
        self.assertEqual(self.line("c", "o", "tab", "tab"), "command")
        self.assertEqual(self.line("c", "tab", "shift-tab"), "cd ")
        self.assertEqual(self.line("c", "tab", "tab", "tab", "tab", "tab"), "copy ")
        self.assertEqual(self.line("x", "tab"), "x")
        self.assertEqual(self.line("tab"), "c")
        self.assertEqual(self.line("c", "l", "tab", "x"), "clearx")

    def test_done(self) -> None:
        """Enter does it; what is refused stays, with the reason above."""
        self.assertEqual(press(COMMAND, "a", "enter"), Answer(None, (Perform("a"),)))
        layer = press(COMMAND, *"bad", "enter").layer
        assert layer is not None
        self.assertEqual(texts(layer.view(40, 20)), ["no; try again", ":bad"])
        self.assertEqual(layer.cursor(40, 20), (1, 4))
        self.assertEqual(texts(layer.view(40, 1)), [":bad"])

    def test_left(self) -> None:
        """Esc leaves, and so does Backspace where there is nothing to take back."""
        for keys in (("esc",), ("a", "backspace", "backspace")):
            self.assertEqual(press(COMMAND, *keys), Answer(None))

    def test_candidates(self) -> None:
        """They are shown, and the one in the line is in sight however many there are."""
        layer = press(COMMAND, "c", "tab").layer
        assert layer is not None
        self.assertEqual(texts(layer.view(40, 20))[0].split(), ["copy", "command", "clear", "cd"])
        many = Command(Line(), take, lambda _: [f"word{at}" for at in range(50)])
        layer = press(many, "tab", *["tab"] * 30).layer
        assert isinstance(layer, Command)
        self.assertIn(layer.line.text, texts(layer.view(40, 20))[0])


class FilteringTests(SynchronousTestCase):
    """The filter's line."""

    def test_as_it_is_typed(self) -> None:
        """Each change is done at once; moving about in the text is none."""
        layer: Layer = Filtering(Line())
        done: list[object] = []
        for key in ("a", "b", "left", "backspace"):
            answer = layer.press(key)
            assert answer.layer is not None
            layer = answer.layer
            done += answer.effects
        self.assertEqual(done, [Perform("filter", one) for one in ("a", "ab", "b")])

    def test_ends(self) -> None:
        """Enter keeps the filter; Esc ends it."""
        self.assertEqual(press(Filtering(Line.of("a")), "enter"), Answer(None))
        ended = press(Filtering(Line.of("a")), "esc")
        self.assertEqual(ended, Answer(None, (Perform("filter", ""),)))

    def test_moving(self) -> None:
        """The arrows move the pane's cursor meanwhile."""
        layer = Filtering(Line.of("a"))
        self.assertEqual(layer.press("down"), Answer(layer, (Perform("down"),)))
        self.assertEqual(layer.cursor(40, 20), (0, 9))
        self.assertEqual(texts(layer.view(40, 20)), ["Filter: a"])
