"""The mouse: what is clicked is what is seen there."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import layout
from anoncloud.ui.effects import Effects, ReadPlace, Side
from anoncloud.ui.entries import Sort
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.places import Local
from tests.support.screens_of_cells import entry, explorer, pressed, screen

MANY = [entry(f"f{at}") for at in range(100)]


def click(made: Explorer, text: str, kind: str = "click") -> tuple[Explorer, Effects]:
    """Do something with the mouse where *text* is seen."""
    lines = screen(made)
    row = next(at for at, line in enumerate(lines) if text in line)
    return pressed(made, f"mouse:{kind}:{row}:{lines[row].index(text)}")


class MouseTests(SynchronousTestCase):
    """The mouse."""

    def test_entries(self) -> None:
        """A click goes there, in either pane; a double click opens."""
        made, _ = click(explorer(), "old.tar.gz")
        assert made.pane.entry is not None
        self.assertEqual(made.pane.entry.name, b"old.tar.gz")
        made, _ = click(made, "link@")
        self.assertEqual((made.active, made.pane.cursor), (Side.RIGHT, 3))
        _, done = click(explorer(), "music/", "double")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/home/ann/music")),))

    def test_the_second_click_on_a_box(self) -> None:
        """A box goes away at the first click; the second one opens nothing below it."""
        made, _ = pressed(explorer(), "s")
        lines = screen(made)
        row = next(at for at, line in enumerate(lines) if "by size" in line)
        at = f"{row}:{lines[row].index('by size')}"
        made, done = pressed(made, f"mouse:click:{at}", f"mouse:double:{at}")
        self.assertEqual((made.pane.sort, made.layers, done), (Sort.SIZE, (), ()))

    def test_scrolled(self) -> None:
        """In a list that is scrolled a click goes to what is seen, too."""
        made, _ = pressed(explorer(local=MANY), "end")
        made, _ = click(made, " f85")
        assert made.pane.entry is not None
        self.assertEqual(made.pane.entry.name, b"f85")

    def test_nothing_there(self) -> None:
        """A click below the last entry only chooses the pane."""
        made, done = pressed(explorer(), "mouse:click:15:60")
        self.assertEqual((made.active, made.pane.cursor, done), (Side.RIGHT, 0, ()))

    def test_wheel(self) -> None:
        """It scrolls the pane under the pointer, and the keys stay where they are."""
        made = explorer(local=MANY, remote=MANY)
        made, _ = pressed(made, "mouse:wheel-down:5:60", "mouse:wheel-down:5:60")
        self.assertEqual((made.active, made.panes[0].top, made.panes[1].top), (Side.LEFT, 0, 6))
        made, _ = pressed(made, "mouse:wheel-up:5:60")
        self.assertEqual(made.panes[1].top, 3)

    def test_border(self) -> None:
        """It is dragged from where it is, until it is let go."""
        made, _ = pressed(explorer(), "mouse:click:5:40", "mouse:drag:5:50", "mouse:drag:9:30")
        self.assertEqual(layout.border(made), 30)
        made, _ = pressed(made, "mouse:release:9:30", "mouse:drag:9:50")
        self.assertEqual(layout.border(made), 30)
        made, _ = pressed(explorer(), "mouse:click:5:20", "mouse:drag:5:50")
        self.assertEqual(layout.border(made), 40)

    def test_columns(self) -> None:
        """A click on a column's name sorts by it; once more turns the order round."""
        for text, sort in (("Size", Sort.SIZE), ("Time", Sort.TIME)):
            made, _ = click(explorer(), text)
            self.assertEqual((made.pane.sort, made.pane.reverse), (sort, False))
            made, _ = click(made, text)
            self.assertEqual((made.pane.sort, made.pane.reverse), (sort, True))
        self.assertTrue(click(explorer(), "Name")[0].pane.reverse)

    def test_bar(self) -> None:
        """A hint in the bar does what it says; the gap between two does nothing."""
        made, _ = click(explorer(), "F7 Folder")
        self.assertEqual(len(made.layers), 1)
        lines = screen(explorer())
        gap = lines[-1].index(" F7 Folder")
        self.assertEqual(pressed(explorer(), f"mouse:click:23:{gap}")[0].layers, ())

    def test_trail(self) -> None:
        """A click on the trail asks where to go."""
        self.assertEqual(len(click(explorer(), "/home/ann")[0].layers), 1)

    def test_in_boxes(self) -> None:
        """A box takes the mouse where it is seen; beside it nothing happens."""
        made, _ = pressed(explorer(), "s")
        sorted_by, _ = click(made, "by time")
        self.assertEqual((sorted_by.pane.sort, sorted_by.layers), (Sort.TIME, ()))
        same, _ = pressed(made, "mouse:click:0:0")
        self.assertEqual(same.layers, made.layers)

    def test_stacked(self) -> None:
        """One above the other, each takes its own clicks."""
        made, _ = pressed(explorer(30, 60), "|")
        made, _ = click(made, "link@")
        self.assertEqual((made.active, made.pane.cursor), (Side.RIGHT, 3))
