"""Menus: arrows, letters, typing, the mouse."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.dialogs.menu import Item, Menu
from anoncloud.ui.effects import Effect, Perform
from anoncloud.ui.layers import Answer
from tests.support.screens_of_cells import texts

ITEMS = tuple(
    Item(text, text[0], (Perform(text),)) for text in ("apple pie", "banana", "cherry", "date")
)
MENU = Menu.of("Fruit", ITEMS)
TYPING = Menu.of("Fruit", ITEMS, typing=True)


def chosen(menu: Menu, *keys: str) -> tuple[Effect, ...] | None:
    """Press keys; give what they choose, none if the menu is still there."""
    answer = Answer(menu)
    for key in keys:
        assert answer.layer is not None, keys
        answer = answer.layer.press(key)
    return None if answer.layer is not None else answer.effects


class MenuTests(SynchronousTestCase):
    """Menus."""

    def test_keys(self) -> None:
        """Arrows move, Enter chooses, letters choose at once, Esc chooses nothing."""
        for keys, action in (
            (("enter",), "apple pie"),
            (("down", "j", "up", "enter"), "banana"),
            (("end", "enter"), "date"),
            (("G", "g", "l"), "apple pie"),
            (("c",), "cherry"),
        ):
            self.assertEqual(chosen(MENU, *keys), (Perform(action),))
        self.assertEqual((chosen(MENU, "esc"), chosen(MENU, "q")), ((), ()))
        self.assertIsNone(chosen(MENU, "z"))

    def test_typing(self) -> None:
        """Words narrow the list, in any order; what is not there can't be chosen."""
        self.assertEqual(chosen(TYPING, *"pie", "space", *"ap", "enter"), (Perform("apple pie"),))
        self.assertEqual(chosen(TYPING, *"an", "enter"), (Perform("banana"),))
        self.assertIsNone(chosen(TYPING, *"zz", "enter"))
        self.assertEqual(chosen(TYPING, *"zz", "ctrl-u", "enter"), (Perform("apple pie"),))

    def test_drawn_and_clicked(self) -> None:
        """A click chooses the line that is seen there, scrolled or not."""
        for menu in (MENU, TYPING, Menu.of("Fruit", ITEMS, cursor=3)):
            for rows in (4, 5, 20):
                drawn = texts(menu.view(40, rows))
                self.assertLessEqual(len(drawn), rows)
                for at, line in enumerate(drawn):
                    name = next((one.text for one in ITEMS if one.text in line), None)
                    done = chosen(menu, f"mouse:click:{at}:5:40:{rows}")
                    self.assertEqual(done, None if name is None else (Perform(name),), drawn)

    def test_wheel(self) -> None:
        """The wheel moves in it."""
        wheel = "mouse:wheel-down:1:1:40:20"
        self.assertEqual(chosen(MENU, wheel, wheel, "enter"), (Perform("cherry"),))

    def test_cursor(self) -> None:
        """Where letters are typed there is a cursor."""
        self.assertIsNone(MENU.cursor(40, 20))
        self.assertEqual(TYPING.cursor(40, 20), (1, 2))
