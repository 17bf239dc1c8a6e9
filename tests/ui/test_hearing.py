"""Layers that are told things: their room, what came of what they asked for; and going there."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import explorer, hearing
from anoncloud.ui.dialogs.message import said as message
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.events import Heard, Resized, Shown
from anoncloud.ui.looking_effects import GoThere, ReadRange
from anoncloud.ui.model import Explorer
from anoncloud.ui.places import Remote
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.said import Bytes, Room
from anoncloud.ui.viewing.table import Act, Item, Table
from anoncloud.ui.viewing.viewer import opened

TEXT = b"first\nsecond\n"


class HearingTests(SynchronousTestCase):
    def setUp(self):
        self.state = Explorer(rows=24, columns=80)

    def learn(self, event):
        self.state, effects = explorer.learn(self.state, event)
        return effects

    def press(self, key):
        self.state, effects = explorer.press(self.state, key)
        return effects

    def test_a_viewer(self):
        """It asks as soon as it is there, shows what comes, and learns the screen's size."""
        effects = self.learn(Shown(opened(7, "name", len(TEXT), Encoding.UTF_8)))
        self.assertEqual(effects, (ReadRange(7, 0, len(TEXT)),))
        self.learn(Heard(7, Bytes(0, TEXT)))
        rows = explorer.picture(self.state).block.rows
        texts = ["".join(span.text for span in row).rstrip() for row in rows]
        self.assertEqual(texts[1:3], ["first", "second"])
        self.learn(Resized(40, 120))
        self.assertEqual(self.state.layers[0].room, Room(120, 38))
        self.press("esc")
        self.assertEqual(self.state.layers, ())

    def test_below_another_layer(self):
        """What comes for a layer reaches it below others that hear nothing."""
        self.learn(Shown(opened(7, "name", len(TEXT), Encoding.UTF_8)))
        self.learn(Shown(message("Title", "text")))
        self.learn(Heard(7, Bytes(0, TEXT)))
        self.assertTrue(self.state.layers[0].window.has(0))
        self.assertEqual(len(self.state.layers), 2)

    def test_nobody_is_there(self):
        self.assertEqual(self.learn(Heard(7, Bytes(0, TEXT))), ())

    def test_go_there(self):
        """Whoever goes somewhere from a list leaves all layers."""
        act = Act("Go", lambda subject: (GoThere(subject, b"f"),))
        place = Remote((b"a",))
        items = (Item((), "a", place),)
        table = Table(1, "list", (), "name", {"enter": act}).with_items(items)
        self.learn(Shown(message("Title", "text")))
        self.learn(Shown(table))
        effects = self.press("enter")
        self.assertEqual(self.state.layers, ())
        self.assertIn(ReadPlace(Side.LEFT, place, b"f"), effects)

    def test_room(self):
        self.assertEqual(hearing.room(self.state), Room(80, 22))
        self.assertEqual(hearing.room(Explorer(rows=1, columns=5)), Room(5, 0))
