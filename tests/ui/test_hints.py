"""The bar of hints changes with what can be done."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import hints
from anoncloud.ui.places import Local, Past, Remote, Trash
from tests.support.screens_of_cells import explorer, pressed, screen


class HintsTests(SynchronousTestCase):
    """Hints."""

    def bar(self, columns: int = 200, *keys: str, **places: object) -> str:
        """Give the bar of an explorer."""
        return screen(pressed(explorer(24, columns, **places), *keys)[0])[-1]

    def test_copies_are_named(self) -> None:
        """A copy is an upload, a download or a copy, as the panes are; a removal likewise."""
        for keys, places, words in (
            ((), {}, ("Upload", "Delete")),
            (("tab",), {}, ("Download", "Trash")),
            ((), {"right": Local("/")}, ("Copy", "Delete")),
            ((), {"left": Remote(())}, ("Copy", "Trash")),
            ((), {"left": Trash()}, ("Restore", "Delete")),
            (("tab",), {"right": Past(1, 1, ())}, ("Download", "Drive")),
        ):
            bar = self.bar(200, *keys, **places)
            for word in words:
                self.assertIn(word, bar)
        self.assertNotIn("Folder", self.bar(200, left=Trash()))

    def test_marks(self) -> None:
        """With marks the bar is about them."""
        self.assertIn("Esc Clear", self.bar(200, "space"))
        self.assertNotIn("Esc Clear", self.bar())

    def test_little_room(self) -> None:
        """Help, menu and the way out are always there."""
        for columns in (40, 57, 72, 80, 133):
            for place in (Local("/"), Remote(()), Trash(), Past(1, 1, ())):
                bar = self.bar(columns, left=place)
                for word in ("F1 Help", "F9 Menu", "F10 Quit"):
                    self.assertIn(word, bar, columns)

    def test_layers(self) -> None:
        """A box says what its own keys do."""
        self.assertTrue(self.bar(80, "s").startswith("Enter Choose"))
        self.assertTrue(self.bar(80, "d").startswith("Y Remove"))

    def test_where_they_are(self) -> None:
        """Each is found where it is drawn, and nothing is found between them."""
        made = explorer()
        bar = screen(made)[-1]
        found = [hints.action_at(made, at) for at in range(80)]
        for name, key, says in hints.actions(made):
            at = bar.index(f"{key} {says}")
            self.assertEqual(set(found[at : at + len(f"{key} {says}")]), {name})
        self.assertIsNone(found[bar.index(" F3")])
