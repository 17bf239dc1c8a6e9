"""Actions inside the panes."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import layout
from anoncloud.ui.acts.table import perform
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.entries import Sort
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.model import Arrangement
from anoncloud.ui.pane import Reading
from anoncloud.ui.places import Local, Remote
from tests.support.screens_of_cells import entry, explorer, pressed, screen, typed

MANY = [entry(f"f{at}") for at in range(100)]


def under(made: Explorer) -> str:
    """Give the name under the cursor."""
    assert made.pane.entry is not None
    return made.pane.entry.name.decode()


class CursorTests(SynchronousTestCase):
    """Keys that move."""

    def test_keys(self) -> None:
        """Both habits: arrows and letters."""
        for keys, name in (
            (("down", "j"), "f2"),
            (("G", "up", "k"), "f97"),
            (("end", "home"), "f0"),
            (("pagedown",), "f18"),
            (("ctrl-f", "ctrl-f", "pageup", "ctrl-b"), "f0"),
        ):
            self.assertEqual(under(pressed(explorer(local=MANY), *keys)[0]), name)

    def test_scrolls_by_a_row(self) -> None:
        """Past the edge what is in sight moves by one row."""
        made, _ = pressed(explorer(local=MANY), *["down"] * 20)
        self.assertEqual(made.pane.top, 2)
        self.assertEqual([one for one in screen(made) if " f1 " in one], [])

    def test_switch(self) -> None:
        """Tab goes to the other pane, and back."""
        self.assertEqual(pressed(explorer(), "tab")[0].active, Side.RIGHT)
        self.assertEqual(pressed(explorer(), "tab", "shift-tab")[0].active, Side.LEFT)


class MarkTests(SynchronousTestCase):
    """Keys that mark."""

    def test_one_by_one(self) -> None:
        """Space and Insert mark and go on."""
        made, _ = pressed(explorer(local=MANY), "space", "insert", "down", "space")
        self.assertEqual(made.pane.marks, {b"f0", b"f1", b"f3"})
        self.assertTrue(any("3 marked, 300 B" in line for line in screen(made)))

    def test_by_patterns(self) -> None:
        """A pattern is asked for, with a star in the line."""
        made, _ = pressed(explorer(local=MANY), "+", "home", "f", "2", "enter")
        self.assertEqual(len(made.pane.marks), 11)
        made, _ = pressed(made, "-", "ctrl-u", "*", "7", "enter")
        self.assertEqual(len(made.pane.marks), 10)
        self.assertEqual(len(pressed(made, "*")[0].pane.marks), 90)
        self.assertEqual(len(pressed(made, "ctrl-a")[0].pane.marks), 100)
        for key in ("esc", "ctrl-n"):
            self.assertEqual(pressed(made, key)[0].pane.marks, frozenset())
        self.assertEqual(pressed(made, "+", "up", "enter")[0].histories["mark"], ("f2*", "*7"))

    def test_by_kind(self) -> None:
        """All with the extension under the cursor are marked, besides what is; case aside."""
        names = ("a.JPG", "b.jpg", "c.png", "d[1].jpg", "jpg", ".jpg", "e.")
        made = explorer(local=[entry(name) for name in names])
        made, _ = pressed(made, "down", "down", "space", "home", "x")
        self.assertEqual(made.pane.marks, {b"a.JPG", b"b.jpg", b"c.png", b"d[1].jpg"})
        made, _ = pressed(made, "ctrl-n", "end", "x")
        self.assertEqual((made.pane.marks, under(made)), (frozenset(), "jpg"))
        self.assertIsNotNone(made.notice)


class OrderTests(SynchronousTestCase):
    """Sorting, hiding, filtering."""

    def test_sort(self) -> None:
        """A menu with a letter for each way, or a command; the order turns round."""
        made, _ = pressed(explorer(), "s", "s")
        self.assertEqual((made.pane.sort, made.pane.reverse), (Sort.SIZE, False))
        made, _ = pressed(made, "s", "r")
        self.assertEqual((made.pane.sort, made.pane.reverse), (Sort.SIZE, True))
        self.assertFalse(pressed(made, "S")[0].pane.reverse)
        made, _ = typed(pressed(made, ":")[0], "sort time", "enter")
        self.assertEqual(made.pane.sort, Sort.TIME)
        self.assertIsNotNone(perform(made, "sort", "colour")[0].notice)

    def test_hidden(self) -> None:
        """A dot shows them, and hides them."""
        made, _ = pressed(explorer(), ".")
        self.assertTrue(any(" .hidden" in line for line in screen(made)))
        made, _ = pressed(made, ".")
        self.assertFalse(any(" .hidden" in line for line in screen(made)))

    def test_filter(self) -> None:
        """It is done while it is typed; Enter keeps it, and Esc ends it, from either place."""
        made, _ = pressed(explorer(local=MANY), "/", "9")
        self.assertEqual(len(made.pane.order), 19)
        made, _ = pressed(made, "down", "down", "enter")
        self.assertEqual((under(made), made.layers), ("f29", ()))
        self.assertTrue(any("filter: 9" in line for line in screen(made)))
        made, _ = pressed(made, "esc")
        self.assertEqual((under(made), len(made.pane.order)), ("f29", 100))
        made, _ = pressed(made, "/", "z", "esc")
        self.assertEqual((made.layers, made.pane.filter), ((), ""))

    def test_clear(self) -> None:
        """Esc ends one thing at a time: a read, the filter, the marks."""
        made, _ = pressed(explorer(), "space", "/", "n", "enter", "D")
        self.assertIsInstance(made.pane.state, Reading)
        made, _ = pressed(made, "esc")
        self.assertNotIsInstance(made.pane.state, Reading)
        self.assertEqual(pressed(made, "esc")[0].pane.filter, "")
        self.assertEqual(pressed(made, "esc", "esc")[0].pane.marks, frozenset())


class ScreenTests(SynchronousTestCase):
    """How the panes share the screen."""

    def test_border(self) -> None:
        """The active pane gets more room, or less; neither pane is ever lost."""
        made = explorer()
        for key, active, width in (
            (">", Side.LEFT, 43),
            ("<", Side.LEFT, 36),
            (">", Side.RIGHT, 43),
        ):
            changed = pressed(made, *(["tab"] if active else []), key)[0]
            self.assertEqual(layout.areas(changed)[active].width, width)
        for key in "<>":
            changed = pressed(made, *[key] * 30)[0]
            widths = [area.width for area in layout.areas(changed).values()]
            self.assertGreaterEqual(min(widths), layout.LEAST_PANE)

    def test_arrangements(self) -> None:
        """Side by side, one above the other, one alone; only what there is room for."""
        for rows, columns, seen in (
            (24, 80, [Arrangement.STACKED, Arrangement.ALONE, Arrangement.BESIDE]),
            (10, 80, [Arrangement.ALONE, Arrangement.BESIDE, Arrangement.ALONE]),
            (24, 40, [Arrangement.STACKED, Arrangement.ALONE, Arrangement.STACKED]),
            (10, 40, [Arrangement.ALONE] * 3),
        ):
            made = explorer(rows, columns)
            found = []
            for _ in seen:
                made, _ = pressed(made, "|")
                found.append(layout.arrangement(made))
            self.assertEqual(found, seen, (rows, columns))

    def test_swap(self) -> None:
        """The panes change sides, the keys stay with theirs, and what is read is asked anew."""
        made, done = pressed(explorer(), "enter", "ctrl-x")
        self.assertEqual([pane.place for pane in made.panes], [Remote(()), Local("/home/ann")])
        self.assertEqual(made.active, Side.RIGHT)
        self.assertEqual(done[-1], ReadPlace(Side.RIGHT, Local("/home/ann/music")))
