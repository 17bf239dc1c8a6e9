"""Forms: fields, their order, what is thought of them."""

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.dialogs.form import Field, Form, Values
from anoncloud.ui.effects import Effects, FindAll
from anoncloud.ui.layers import Answer
from tests.support.screens_of_cells import texts


def take(values: Values) -> Effects:
    """Take two values that are the same."""
    if len(set(values)) > 1:
        message = "they differ"
        raise UsageError(message, "type the same twice")
    return (FindAll(values[0]),)


FORM = Form(
    "Passphrase",
    (Field("Passphrase", secret=True), Field("Again", secret=True)),
    take,
    judge=lambda values: f"{len(values[0])} letters",
    says=("Take a long one.",),
)


def press(form: Form, *keys: str) -> Answer:
    """Press keys; give the answer to the last."""
    answer = Answer(form)
    for key in keys:
        assert answer.layer is not None
        answer = answer.layer.press(key)
    return answer


class FormTests(SynchronousTestCase):
    """Forms."""

    def test_filled_in(self) -> None:
        """Enter goes on, and ends the last field."""
        answer = press(FORM, "a", "b", "enter", "a", "b", "enter")
        self.assertEqual(answer, Answer(None, (FindAll("ab"),)))
        self.assertEqual(press(FORM, "esc"), Answer(None))

    def test_refused(self) -> None:
        """What is refused is said, and everything stays as it was typed."""
        answer = press(FORM, "a", "tab", "b", "enter")
        assert isinstance(answer.layer, Form)
        self.assertEqual((answer.layer.values, answer.effects), (("a", "b"), ()))
        self.assertIn("they differ", "\n".join(texts(answer.layer.view(60, 20))))
        answer = press(answer.layer, "backspace", "a", "enter")
        self.assertEqual(answer.effects, (FindAll("a"),))

    def test_drawn(self) -> None:
        """Secrets are hidden, the judgement is shown, and the cursor stands in its field."""
        form = press(FORM, "a", "b", "shift-tab").layer
        assert isinstance(form, Form)
        drawn = "\n".join(texts(form.view(60, 20)))
        for line in ("Take a long one.", "**", "2 letters", "Again"):
            self.assertIn(line, drawn)
        self.assertNotIn("ab", drawn)
        self.assertEqual(FORM.cursor(60, 20), (3, 2))
        self.assertEqual(form.cursor(60, 20), (5, 2))

    def test_clicked(self) -> None:
        """A click on a field, or on its label, goes there."""
        drawn = texts(FORM.view(60, 20))
        row = next(at for at, line in enumerate(drawn) if "Again" in line)
        for at, field in ((row, 1), (row + 1, 1), (row - 1, 0), (0, 0)):
            form = press(FORM, f"mouse:click:{at}:3:60:20").layer
            assert isinstance(form, Form)
            self.assertEqual(form.at, field)

    def test_little_room(self) -> None:
        """What is said gives way to the fields; the cursor stays in its own."""
        long = attrs.evolve(FORM, says=("word " * 100,))
        drawn = texts(long.view(40, 8))
        self.assertEqual(len(drawn), 8)
        row = next(at for at, line in enumerate(drawn) if "Passphrase" in line and at)
        self.assertEqual(long.cursor(40, 8), (row + 1, 2))
        clicked = press(long, f"mouse:click:{row + 2}:3:40:8").layer
        assert isinstance(clicked, Form)
        self.assertEqual(clicked.at, 1)

    def test_scrolled(self) -> None:
        """On a small screen each field is seen while one types in it, and can be clicked."""
        fields = tuple(Field(f"Field {number}") for number in range(6))
        form = Form("Many", fields, lambda _: (), judge=lambda _: "a verdict", says=("says",))
        for number in range(6):
            drawn = texts(form.view(40, 8))
            self.assertEqual(len(drawn), 8)
            at = form.cursor(40, 8)
            assert at is not None
            self.assertIn(f"Field {number}", drawn[at[0] - 1])
            self.assertIn("a verdict", drawn[6])
            clicked = form.press(f"mouse:click:{at[0]}:3:40:8").layer
            assert isinstance(clicked, Form)
            self.assertEqual(clicked.at, number)
            answer = form.press("tab")
            assert isinstance(answer.layer, Form)
            form = answer.layer
        self.assertEqual(form.at, 0)

    def test_long_verdict(self) -> None:
        """What is thought of the values leaves room for the field that it is about."""
        form = attrs.evolve(FORM, wrong="wrong " * 100)
        drawn = texts(form.view(40, 8))
        self.assertIn("Passphrase", drawn[1])
        self.assertEqual(form.cursor(40, 8), (2, 2))
