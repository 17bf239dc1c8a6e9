"""Lists over the whole screen: the cursor, the keys of what it stands on, narrowing, room."""

from anoncloud.ui.cells import Style
from anoncloud.ui.layers import Shape
from anoncloud.ui.looking_effects import GoThere, Leave
from anoncloud.ui.places import Local
from anoncloud.ui.viewing import said
from anoncloud.ui.viewing.table import Act, Column, Item, Items, Table
from tests.support.looking import LayerTestCase


def effect(subject):
    return GoThere(Local(f"/{subject}"))


def items(*texts):
    return tuple(Item((str(len(text)), "x"), text, text) for text in texts)


ACTS = {
    "enter": Act("Go", lambda subject: (effect(subject),)),
    "R": Act("", lambda subject: (effect(subject),), closes=True),
    "o": Act("Odd", lambda subject: (effect(subject),) if len(subject) % 2 else (), closes=True),
    "left": Act("Out", lambda subject: (effect(subject),), closes=True, alone=True),
}
MANY = [f"item {number}" for number in range(100)]


class TableCase(LayerTestCase):
    def setUp(self):
        columns = (Column("length", 8), Column("x", 4))
        self.show(Table(1, "a list", columns, "name", ACTS).with_items(items(*MANY), "the note"))

    def under_cursor(self):
        item = self.layer.item
        return None if item is None else item.text


class MovingTests(TableCase):
    def test_keys(self):
        for key, text in (
            ("down", "item 1"),
            ("j", "item 2"),
            ("k", "item 1"),
            ("end", "item 99"),
            ("down", "item 99"),
            ("g", "item 0"),
            ("up", "item 0"),
            ("pagedown", "item 7"),
            ("space", "item 14"),
            ("ctrl-b", "item 7"),
            ("mouse:wheel-down:3:3:80:11", "item 8"),
        ):
            self.press(key)
            self.assertEqual(self.under_cursor(), text, key)

    def test_in_sight(self):
        """The cursor is always seen, and set off."""
        for key in ("down", "pagedown", "G", "k"):
            self.press(key)
            self.assertTrue(any(row.endswith(self.under_cursor()) for row in self.seen()))
            view = self.layer.view(self.columns, self.rows)
            styles = [span.style for row in view.rows for span in row]
            self.assertEqual(styles.count(Style.CURSOR), 1)

    def test_pointed(self):
        self.press("mouse:click:4:9:80:11")
        self.assertEqual(self.under_cursor(), "item 2")
        self.assertEqual(self.press("mouse:double:3:9:80:11"), [effect("item 1")])
        self.press("mouse:click:0:0:80:11", "mouse:click:10:0:80:11", "mouse:drag:3:0:80:11")
        self.assertEqual(self.under_cursor(), "item 1")


class ActTests(TableCase):
    def test_stays_or_closes(self):
        self.assertEqual(self.press("enter"), [effect("item 0")])
        self.assertIsNotNone(self.layer)
        self.assertEqual(self.press("R"), [Leave(1), effect("item 0")])
        self.assertIsNone(self.layer)

    def test_nothing_to_do(self):
        """Where there is nothing to do the list stays."""
        self.assertEqual(self.press("o"), [])
        self.assertIsNotNone(self.layer)

    def test_without_items(self):
        self.show(self.layer.with_items(()))
        self.assertEqual(self.press("enter", "R", "down", "G"), [])
        self.assertEqual(self.seen()[-1], " nothing")
        self.assertEqual(self.press("left"), [Leave(1), effect(None)])

    def test_closed(self):
        for key in ("esc", "q", "f10"):
            self.setUp()
            self.assertEqual(self.press(key), [Leave(1)])
            self.assertIsNone(self.layer)

    def test_other_keys(self):
        before = self.layer
        self.assertEqual(self.press("z", "f7", "paste:x"), [])
        self.assertEqual(self.layer, before)


class NarrowTests(TableCase):
    def test_typed(self):
        self.press("/", "9", "5")
        self.assertIsNotNone(self.layer.cursor(80, 11))
        self.assertEqual(self.under_cursor(), "item 95")
        self.press("enter", "down")
        self.assertEqual(self.under_cursor(), "item 95")
        self.assertIn("95", self.seen()[-1])
        self.press("esc")
        self.assertEqual(self.under_cursor(), "item 95")
        self.assertEqual(len(self.layer.choice.order), 100)

    def test_given_up(self):
        self.press("/", "9", "down", "esc")
        self.assertEqual(self.under_cursor(), "item 19")
        self.assertEqual(len(self.layer.choice.order), 100)

    def test_what_is_typed_is_data(self):
        self.press("/", "paste:\x1b[31m\u202e", "enter")
        self.assertIn("\\u{202e}", self.seen()[-1])


class HearTests(TableCase):
    def test_items(self):
        """The cursor stays on its subject, wherever that is now; if it is gone, where it was."""
        self.press("down")
        self.hear(Items(items("new", *MANY), "more"))
        self.assertEqual(self.under_cursor(), "item 1")
        self.assertEqual(self.seen()[-1], " more")
        self.hear(Items(items("a", "b", "c", "d")))
        self.assertEqual(self.under_cursor(), "c")
        self.hear(Items(items("a")))
        self.assertEqual(self.under_cursor(), "a")

    def test_narrowed_stays(self):
        self.press("/", "9", "enter")
        self.hear(Items(items("9a", "b", "9c")))
        self.assertEqual(len(self.layer.choice.order), 2)

    def test_not_for_it(self):
        before = self.layer
        self.hear(Items(()), number=2)
        self.assertEqual(self.layer, before)

    def test_trouble(self):
        self.hear(said.Unread("the connection was cut"))
        self.assertEqual(self.seen()[-1], " the connection was cut")


class LookTests(TableCase):
    def test_columns(self):
        seen = self.seen()
        self.assertEqual(seen[0], " a list")
        self.assertEqual(seen[1], "   length     x  name")
        self.assertEqual(seen[2], "        6     x  item 0")
        self.assertIs(self.layer.shape, Shape.WHOLE)

    def test_narrow_screens(self):
        """What has no room goes: columns first, from the left."""
        self.columns = 24
        self.assertEqual(self.seen()[2], "    x  item 0")
        self.columns = 12
        self.assertEqual(self.seen()[2], " item 0")
        for rows in range(1, 6):
            self.rows = rows
            self.seen()

    def test_hints(self):
        self.assertEqual([key for key, _ in self.layer.hints()], ["Enter", "o", "Left", "/", "Esc"])
