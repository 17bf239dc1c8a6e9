"""Bookmarks: named, recent, and as lines of a file."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.bookmarks import RECENT, Bookmarks, parse_bookmarks
from anoncloud.ui.places import Local, Remote, Trash

HOME = Local("/home/ann")


class BookmarksTests(SynchronousTestCase):
    """Bookmarks."""

    def test_named(self) -> None:
        """A letter leads to one place, the last it was given."""
        made = (
            Bookmarks().with_named("a", HOME).with_named("b", Trash()).with_named("a", Remote(()))
        )
        self.assertEqual(made.named, (("b", Trash()), ("a", Remote(()))))
        self.assertEqual(made.without("b").named, (("a", Remote(())),))

    def test_recent(self) -> None:
        """The newest come first, each once, and no more than so many."""
        made = Bookmarks()
        for at in range(RECENT + 3):
            made = made.with_recent(Local(f"/{at}"))
        made = made.with_recent(Local("/9"))
        self.assertEqual(len(made.recent), RECENT)
        self.assertEqual(made.recent[:2], (Local("/9"), Local(f"/{RECENT + 2}")))
        self.assertEqual(len(set(made.recent)), RECENT)

    def test_gone(self) -> None:
        """Places that are gone are forgotten, unless they have a letter."""
        made = Bookmarks().with_named("a", HOME).with_recent(HOME).with_recent(Remote(()))
        made = made.without_recent({HOME})
        self.assertEqual((made.named, made.recent), ((("a", HOME),), (Remote(()),)))

    def test_lines(self) -> None:
        """What is written is read again; what a line can't hold is left out."""
        made = Bookmarks().with_named("a", HOME).with_named("t", Trash())
        made = made.with_recent(Remote(("é x".encode(),))).with_recent(Local("/x y"))
        self.assertEqual(parse_bookmarks(made.lines(), "/"), made)
        odd = Bookmarks().with_named("n", Local("/a\nb")).with_recent(Remote((b"\xff",)))
        self.assertEqual(odd.lines(), [])

    def test_a_file_written_by_hand(self) -> None:
        """Empty lines and remarks are passed over; a mistake is named by its line."""
        made = parse_bookmarks(["# mine", "", "h ~", "d drive:/docs\n"], "/home/ann")
        self.assertEqual(made.named, (("h", HOME), ("d", Remote((b"docs",)))))
        for lines in (["x"], ["# one", "two drive:/"]):
            error = self.assertRaises(UsageError, parse_bookmarks, lines, "/")
            self.assertIn(f"line {len(lines)} ", error.message)
            self.assertNotEqual(error.hint, "")
