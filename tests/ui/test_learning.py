"""Events: what each does to the explorer."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.dialogs.clash import Clash
from anoncloud.ui.dialogs.message import said
from anoncloud.ui.effects import ReadPlace, Side
from anoncloud.ui.events import (
    Candidate,
    Conflict,
    ConflictOver,
    DriveChanged,
    LocalChanged,
    PlaceFailed,
    PlaceRead,
    Severity,
    Shown,
    Tick,
    Told,
)
from anoncloud.ui.pane import Failed, Pane, Reading, Step
from anoncloud.ui.places import Local, Past, Remote, Trash
from anoncloud.ui.transfer_effects import AnswerConflict, Decision
from tests.support.screens_of_cells import LOCAL, REMOTE, explorer, pressed, screen, told

HOME, DRIVE = Local("/home/ann"), Remote(())
ONE = Candidate(1, 1)


def conflict(number: int) -> Conflict:
    """Give the question of the copy of that number."""
    return Conflict(number, "/x", b"x", ONE, ONE, into_drive=True)


class PlacesTests(SynchronousTestCase):
    """Places read, changed, and gone."""

    def test_changed_elsewhere(self) -> None:
        """What shows the drive is read anew, the cursor stays, and nothing else is asked for."""
        made, _ = pressed(explorer(), "tab", "end")
        made, done = told(made, DriveChanged())
        self.assertEqual(done, (ReadPlace(Side.RIGHT, DRIVE),))
        new = [one for one in REMOTE if one is not REMOTE[1]]
        made, _ = told(made, PlaceRead(Side.RIGHT, DRIVE, new))
        assert made.pane.entry is not None
        self.assertEqual(made.pane.entry, REMOTE[2])
        _, done = told(explorer(left=Trash(), right=Past(1, 1, ())), DriveChanged())
        self.assertEqual(done, (ReadPlace(Side.LEFT, Trash()),))

    def test_recent_places_gone(self) -> None:
        """Places visited lately that are gone are not offered any more."""
        gone = Remote((b"gone",))
        bookmarks = Bookmarks().with_recent(gone).with_recent(DRIVE)
        made, _ = told(explorer(bookmarks=bookmarks), DriveChanged(frozenset((gone,))))
        self.assertNotIn(gone, made.bookmarks.recent)
        self.assertIn(DRIVE, made.bookmarks.recent)

    def test_local_change(self) -> None:
        """A folder of the disk is read anew by whoever shows it."""
        self.assertEqual(
            told(explorer(), LocalChanged("/home/ann"))[1], (ReadPlace(Side.LEFT, HOME),)
        )
        self.assertEqual(told(explorer(), LocalChanged("/home"))[1], ())

    def test_gone(self) -> None:
        """A folder that is gone is left for the one around it, and why is told."""
        made = explorer(right=Remote((b"a", b"b")))
        made, done = told(made, PlaceFailed(Side.RIGHT, Remote((b"a", b"b")), "no b", "look"))
        self.assertEqual(done, (ReadPlace(Side.RIGHT, Remote((b"a",))),))
        self.assertIn(" no b; look", screen(made))

    def test_not_opened(self) -> None:
        """A folder that can't be opened changes nothing but what is told."""
        made, _ = pressed(explorer(), "enter")
        made, done = told(made, PlaceFailed(Side.LEFT, Local("/home/ann/music"), "not yours"))
        self.assertEqual((made.panes[0].place, done), (HOME, ()))
        self.assertNotIsInstance(made.panes[0].state, Reading)
        assert made.notice is not None
        self.assertEqual(made.notice.severity, Severity.ERROR)

    def test_given_up(self) -> None:
        """The failure of what nobody waits for is not told."""
        made, _ = pressed(explorer(), "enter", "esc")
        made, _ = told(made, PlaceFailed(Side.LEFT, Local("/home/ann/music"), "no"))
        self.assertIsNone(made.notice)

    def test_a_root_that_fails(self) -> None:
        """There is nowhere to go: the pane says why."""
        made = explorer().with_pane(Pane(DRIVE, state=Reading(DRIVE, Step.STAY)), Side.RIGHT)
        made, done = told(made, PlaceFailed(Side.RIGHT, DRIVE, "not logged in", "log in"))
        self.assertEqual((made.panes[1].state, done), (Failed("not logged in"), ()))
        self.assertTrue(any("│ not logged in" in line for line in screen(made)))

    def test_recent(self) -> None:
        """A place that was gone to is remembered; the past and the trash are not."""
        made = explorer()
        for place in (Local("/x"), Trash(), DRIVE):
            made, _ = pressed(made, ":", *"cd", "space", *"x", "enter")
            pane = made.panes[0]
            made = made.with_pane(
                pane.__class__(pane.place, state=Reading(place, Step.GO)), Side.LEFT
            )
            made, _ = told(made, PlaceRead(Side.LEFT, place, LOCAL))
        self.assertEqual(made.bookmarks.recent, (DRIVE, Local("/x")))


class SaidTests(SynchronousTestCase):
    """What is told."""

    def test_good_news_goes_away(self) -> None:
        """After two ticks, or the next key; bad news stays until a key."""
        for severity, stays in ((Severity.GOOD, False), (Severity.ERROR, True)):
            made, _ = told(explorer(), Told("news", "", severity), Tick(1))
            self.assertIsNotNone(made.notice)
            made, _ = told(made, Tick(2))
            self.assertEqual(made.notice is not None, stays)
            self.assertIsNone(pressed(made, "down")[0].notice)

    def test_long_and_unsafe(self) -> None:
        """A message is broken into lines, cut after a few, and holds no control."""
        made, _ = told(explorer(), Told("\x1b[31mred " * 100, "do\nthis"))
        lines = screen(made)
        self.assertTrue(lines[-3].endswith("~"))
        self.assertTrue(lines[-6].startswith(" \\x1b[31mred"))
        self.assertNotIn("\x1b", "".join(lines))

    def test_above_what_is_typed(self) -> None:
        """A line that is being typed stays in sight below it."""
        made, _ = told(pressed(explorer(), "/", "x")[0], Told("news"))
        self.assertEqual(screen(made)[-4:-2], [" news", "Filter: x"])


class LayersTests(SynchronousTestCase):
    """Layers from outside."""

    def test_shown(self) -> None:
        """A layer of the shell's lies on top."""
        layer = said("Details", "all of it")
        made, _ = told(explorer(), Shown(layer))
        self.assertEqual(made.layers, (layer,))

    def test_conflicts_wait(self) -> None:
        """None comes up while something is being typed; then one after the other."""
        made, _ = pressed(explorer(), "n", "x")
        made, _ = told(made, conflict(1), conflict(2))
        self.assertEqual(len(made.layers), 1)
        made, _ = pressed(made, "esc")
        self.assertIsInstance(made.layers[-1], Clash)
        made, done = pressed(made, "o")
        self.assertEqual(done, (AnswerConflict(1, Decision.OVERWRITE, for_all=False),))
        made, done = pressed(made, "b")
        self.assertEqual(done, (AnswerConflict(2, Decision.BOTH, for_all=False),))
        self.assertEqual(made.layers, ())

    def test_over_the_transfers(self) -> None:
        """Whoever looks at the list of transfers is asked there, and sees it again after."""
        listed, _ = pressed(explorer(), "t")
        made, _ = told(listed, conflict(1))
        self.assertIsInstance(made.layers[-1], Clash)
        made, _ = pressed(made, "s")
        self.assertEqual(made.layers, listed.layers)

    def test_taken_away(self) -> None:
        """A question that nobody waits for any more goes, asked or not, with what lies over it."""
        made, _ = told(explorer(), conflict(1), conflict(2), conflict(3))
        made, _ = told(made, ConflictOver(2))
        made, _ = pressed(made, "r", "x")
        self.assertEqual(len(made.layers), 1)
        made, done = told(made, ConflictOver(1))
        self.assertEqual(done, ())
        self.assertEqual([layer.conflict.number for layer in made.layers], [3])
        made, _ = told(made, ConflictOver(3), ConflictOver(4))
        self.assertEqual((made.layers, made.conflicts), ((), ()))
