"""Actions that lead a pane somewhere else."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.acts.table import perform
from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.effects import Effects, ReadPast, ReadPlace, Remember, Side, View
from anoncloud.ui.events import PlaceFailed, PlaceRead
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.places import Local, Past, Place, Remote, Trash
from tests.support.screens_of_cells import LOCAL, REMOTE, explorer, pressed, screen, told, typed

HOME = Local("/home/ann")
PAST = Past(3, 5_000_000, (b"a",))


def arrived(made: Explorer, place: Place, side: Side = Side.LEFT) -> Explorer:
    """Answer that *place* has been read."""
    return told(made, PlaceRead(side, place, LOCAL))[0]


class GoingTests(SynchronousTestCase):
    """From place to place."""

    def test_open(self) -> None:
        """A folder is gone to, a file is looked at."""
        made, done = pressed(explorer(), "enter")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/home/ann/music")),))
        self.assertEqual(made.pane.place, HOME)  # until it has been read
        _, done = pressed(explorer(), "down", "l")
        self.assertEqual(done, (View(HOME, LOCAL[1]),))
        self.assertEqual(pressed(explorer(local=()), "enter")[1], ())

    def test_parent(self) -> None:
        """The cursor stands on what was left."""
        _, done = pressed(explorer(), "backspace")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/home"), b"ann"),))
        self.assertEqual(pressed(explorer(left=Local("/")), "h")[1], ())

    def test_down_again(self) -> None:
        """The cursor comes back to where it was in a folder."""
        made = arrived(pressed(explorer(), "down", "down", "h")[0], Local("/home"))
        made, done = perform(made, "cd", "ann")
        self.assertEqual(done, (ReadPlace(Side.LEFT, HOME, b"old.tar.gz"),))

    def test_back_and_forth(self) -> None:
        """A step back and one forth again, with the cursor where it was."""
        made = arrived(pressed(explorer(), "down", "h")[0], Local("/home"))
        made, done = pressed(made, "[")
        self.assertEqual(done, (ReadPlace(Side.LEFT, HOME, b"notes.txt"),))
        made, done = pressed(arrived(made, HOME), "]")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/home"), b"music"),))
        for key in ("[", "]"):
            made, done = pressed(explorer(), key)
            self.assertEqual(done, ())
            self.assertIsNotNone(made.notice)

    def test_typed(self) -> None:
        """A path is asked for, with the one shown in the line; a wrong one is told at once."""
        made, done = typed(pressed(explorer(), "ctrl-g")[0], "/../bob", "enter")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Local("/home/bob")),))
        self.assertEqual(made.histories["cd"], ("local:/home/ann/../bob",))
        made, done = typed(pressed(explorer(), "tab", "ctrl-g")[0], "x" * 256, "enter")
        self.assertEqual((len(made.layers), done), (1, ()))

    def test_sides(self) -> None:
        """Either pane shows either side, and comes back to where it was there."""
        _, done = pressed(explorer(), "D")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Remote(())),))
        made = arrived(pressed(explorer(), "D")[0], Remote(()))
        self.assertEqual(pressed(made, "L")[1], (ReadPlace(Side.LEFT, HOME, b"music"),))
        _, done = pressed(explorer(left=PAST), "D")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Remote((b"a",))),))
        _, done = pressed(explorer(), "=")
        self.assertEqual(done, (ReadPlace(Side.RIGHT, HOME, b"music"),))

    def test_trash(self) -> None:
        """The trash is a place; nothing in it is opened."""
        _, done = pressed(explorer(), "T")
        self.assertEqual(done, (ReadPlace(Side.LEFT, Trash()),))
        made, done = pressed(explorer(right=Trash()), "tab", "enter")
        self.assertEqual(done, ())
        assert made.notice is not None
        self.assertIn("R restores", made.notice.hint)

    def test_past(self) -> None:
        """A moment is asked for; the pane shows what the drive was then, or says why not."""
        made, done = typed(pressed(explorer(), "tab", "@")[0], "3d", "enter")
        self.assertEqual(done, (ReadPast(Side.RIGHT, "3d", ()),))
        there = told(made, PlaceRead(Side.RIGHT, PAST, REMOTE))[0]
        self.assertEqual(there.pane.place, PAST)
        failed, done = told(made, PlaceFailed(Side.RIGHT, Past(0, 0, ()), "no", "why"))
        self.assertEqual((failed.pane.place, done), (Remote(()), ()))

    def test_folders_of_the_past(self) -> None:
        """They are of the same moment; above its root is the drive as it is."""
        made = explorer(right=PAST, remote=REMOTE)
        _, done = pressed(made, "tab", "enter")
        self.assertEqual(done[0].place, Past(3, 5_000_000, (b"a", b"photos")))
        _, done = pressed(explorer(right=Past(3, 5, ())), "tab", "h")
        self.assertEqual(done, (ReadPlace(Side.RIGHT, Remote(())),))


class BookmarksTests(SynchronousTestCase):
    """Bookmarks."""

    def remembered(self, *keys: str) -> tuple[Explorer, Effects]:
        """Remember the local folder as x, then press keys."""
        made, _ = pressed(explorer(), "B", "x", "enter")
        return pressed(made, *keys)

    def test_made(self) -> None:
        """A letter is asked for; the shell keeps it."""
        made, done = pressed(explorer(), "B", "x", "enter")
        wanted = Bookmarks().with_named("x", HOME)
        self.assertEqual((made.bookmarks, done), (wanted, (Remember(wanted),)))
        made, done = pressed(explorer(), "B", "-", "enter")
        self.assertEqual((len(made.layers), done), (1, ()))
        self.assertEqual(pressed(explorer(left=PAST), "B")[0].layers, ())

    def test_chosen(self) -> None:
        """The menu lists them by their letters, and places visited lately by numbers."""
        self.assertEqual(self.remembered("tab", "b", "x")[1][-1].place, HOME)
        made = arrived(self.remembered("h")[0], Local("/home"))
        made = arrived(pressed(made, "D")[0], Remote(()))
        made, _ = pressed(made, "b")
        self.assertTrue(any("x  /home/ann" in line for line in screen(made)), screen(made))
        self.assertEqual(pressed(made, "1")[1][-1].place, Local("/home"))
        self.assertIsNotNone(pressed(explorer(), "b")[0].notice)

    def test_by_name(self) -> None:
        """A letter behind the command leads there; another is told."""
        made, _ = self.remembered()
        self.assertEqual(perform(made, "bookmarks", "x")[1][-1].place, HOME)
        for name in ("bookmarks", "unbookmark"):
            missing, done = perform(made, name, "y")
            self.assertEqual(done, ())
            self.assertIsNotNone(missing.notice)

    def test_forgotten(self) -> None:
        """A bookmark can be forgotten, chosen from a menu."""
        made, done = typed(self.remembered(":")[0], "unbookmark", "enter", "x")
        self.assertEqual((made.bookmarks.named, done), ((), (Remember(Bookmarks()),)))
        self.assertIsNotNone(perform(explorer(), "unbookmark")[0].notice)
