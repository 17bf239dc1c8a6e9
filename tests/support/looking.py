"""A viewer that is fed from a file in memory, and a screen's text without a terminal."""

import re

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import width
from anoncloud.ui.looking_effects import ReadRange
from anoncloud.ui.viewing import said
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.viewer import opened


def text_of(block):
    """Give the rows of a block as text, without the blanks at their ends."""
    return ["".join(span.text for span in row).rstrip() for row in block.rows]


class LayerTestCase(SynchronousTestCase):
    """A test with a layer that fills *columns* and *rows*, and the effects that it asked for."""

    columns, rows = 80, 11

    def show(self, layer):
        """Begin with *layer*."""
        self.layer = layer
        self.effects = []
        self.take(layer.hear(0, said.Room(self.columns, self.rows)))

    def take(self, answer):
        """Take what a layer answers."""
        self.layer = answer.layer
        self.effects += answer.effects

    def press(self, *keys):
        """Press keys; give what they asked for."""
        before = len(self.effects)
        for key in keys:
            self.take(self.layer.press(key))
        return self.effects[before:]

    def type(self, text):
        """Type text and Enter."""
        return self.press(*("space" if one == " " else one for one in text), "enter")

    def hear(self, message, number=1):
        """Let the layer hear something."""
        self.take(self.layer.hear(number, message))

    def seen(self):
        """Give what the screen shows, after checking that it is a screen."""
        block = self.layer.view(self.columns, self.rows)
        self.assertEqual((block.width, block.height), (self.columns, self.rows))
        for row in block.rows:
            text = "".join(span.text for span in row)
            self.assertEqual(width(text), self.columns)
            self.assertIsNone(re.search(r"[\x00-\x1f\x7f-\x9f]", text))
        return text_of(block)


class ViewerTestCase(LayerTestCase):
    """A test with a viewer of the file *data*."""

    data = b""
    encoding: Encoding | None = Encoding.UTF_8

    def open(self, data):
        """Look at *data*; give the ranges that were read for that."""
        self.data = data
        self.show(opened(1, "name", len(data), self.encoding))
        return self.feed()

    def feed(self, most=100):
        """Answer what was asked for, and what that leads to; give the ranges."""
        given = []
        for _ in range(most):
            asked = [one for one in self.effects if isinstance(one, ReadRange)]
            self.effects = [one for one in self.effects if not isinstance(one, ReadRange)]
            if not asked:
                return given
            for one in asked:
                given.append((one.offset, one.length))
                self.hear(said.Bytes(one.offset, self.data[one.offset : one.offset + one.length]))
        self.fail("it asks for ever")
        return given

    def body(self):
        """Give the rows of the file."""
        return self.seen()[1:]
