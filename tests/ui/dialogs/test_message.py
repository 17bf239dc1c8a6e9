"""Text to read."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Span
from anoncloud.ui.dialogs.message import Message, said
from anoncloud.ui.layers import Answer, Shape
from tests.support.screens_of_cells import texts

LONG = Message("Long", tuple((Span(f"line {at}"),) for at in range(50)), whole=True)


class MessageTests(SynchronousTestCase):
    """Messages."""

    def test_said(self) -> None:
        """Long lines are broken to the room there is."""
        drawn = texts(said("Told", "a line that is too long for so small a box").view(40, 20))
        self.assertEqual(len(drawn), 4)
        self.assertEqual(drawn[2], "│ a box                                │")

    def test_two_columns(self) -> None:
        """What stands behind something else is broken below its own beginning."""
        rows = ((Span("  key  "), Span("what it does, in many words for so few cells")),)
        drawn = texts(Message("Help", rows, whole=True).view(40, 12))
        self.assertEqual(drawn[1], "│   key  what it does, in many words   │")
        self.assertEqual(drawn[2], "│        for so few cells              │")

    def test_reading(self) -> None:
        """It says where there is more, and goes there."""
        first = texts(LONG.view(40, 12))
        self.assertEqual((len(first), LONG.shape), (12, Shape.WHOLE))
        self.assertIn("more below", first[0])
        for key, line in (("down", "line 1"), ("pagedown", "line 10"), ("end", "line 40")):
            layer = LONG.press(key).layer
            assert layer is not None
            self.assertIn(line + " ", texts(layer.view(40, 12))[1])
        layer = LONG.press("end").layer
        assert layer is not None
        self.assertNotIn("more below", texts(layer.view(40, 12))[0])

    def test_closed(self) -> None:
        """Enter and Esc close it; other keys do nothing."""
        for key in ("enter", "esc", "q"):
            self.assertEqual(LONG.press(key), Answer(None))
        self.assertEqual(LONG.press("x"), Answer(LONG))
        self.assertIsNone(LONG.cursor(40, 12))
