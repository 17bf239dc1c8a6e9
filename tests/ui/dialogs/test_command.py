"""The command line and the filter's line."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.dialogs.command import Command
from anoncloud.ui.dialogs.filtering import Filtering
from anoncloud.ui.effects import Effects, Perform
from anoncloud.ui.layers import Answer, Layer
from anoncloud.ui.lineedit import Line
from anoncloud.ui.looking_effects import COMMAND as NUMBER
from anoncloud.ui.looking_effects import Completed, CompletePath
from anoncloud.ui.places import Local
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

    def test_nothing_begins_so(self) -> None:
        """Tab says that there is nothing, until something else is typed."""
        layer = press(COMMAND, "x", "tab").layer
        assert layer is not None
        self.assertEqual(texts(layer.view(40, 20)), ["nothing begins with x", ":x"])
        layer = press(layer, "y").layer
        assert layer is not None
        self.assertEqual(texts(layer.view(40, 20)), [":xy"])

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


class AskTests(SynchronousTestCase):
    """A line that the shell knows more of."""

    def setUp(self) -> None:
        self.wanted = CompletePath("cd /x", "cd /", Local("/"))

        def ask(text: str) -> Effects:
            return (self.wanted,) if text == "cd /x" else ()

        self.line: Any = Command(Line.of("cd /x"), take, complete, ask)

    def test_asked(self) -> None:
        """Tab asks, and what comes completes the line."""
        answer = self.line.press("tab")
        self.assertEqual(answer, Answer(self.line, (self.wanted,)))
        made: Any = self.line.hear(NUMBER, Completed("cd /x", ("cd /xa1/", "cd /xa2/"))).layer
        self.assertEqual(made.line.text, "cd /xa")
        self.assertEqual(made.found, ("cd /xa1/", "cd /xa2/"))
        made = self.line.hear(NUMBER, Completed("cd /x", ())).layer
        self.assertEqual(made.line.text, "cd /x")

    def test_too_late(self) -> None:
        """What comes for another line, or for another layer, changes nothing."""
        for number, text in ((NUMBER, "cd /"), (NUMBER, "cd /xy"), (0, "cd /x")):
            answer = self.line.hear(number, Completed(text, ("cd /xyz/",)))
            self.assertEqual(answer, Answer(self.line))
        other: Any = self.line.press("y").layer
        self.assertEqual(other.hear(NUMBER, Completed("cd /x", ("cd /xa/",))), Answer(other))

    def test_known_here(self) -> None:
        """What is known without the shell completes at once."""
        other: Any = Command(Line.of("com"), take, complete, lambda _: ())
        self.assertEqual(other.press("tab").layer.line.text, "command")
