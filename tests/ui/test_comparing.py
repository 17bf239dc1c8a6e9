"""Two panes held against each other."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.comparing import compared
from anoncloud.ui.effects import Side
from anoncloud.ui.entries import Kind
from anoncloud.ui.places import Local, Trash
from tests.support.screens_of_cells import NOW, SECOND, entry, explorer, numbered, pressed, screen

LATER = NOW * SECOND
OURS = (
    entry("both", Kind.FOLDER),
    entry("only", Kind.FOLDER),
    entry("odd", Kind.FOLDER),
    entry("same"),
    entry("newer", modified=LATER),
    entry("older"),
    entry("longer", size=101),
    entry("lonely"),
    entry(".hidden"),
)
THEIRS = numbered(
    [
        entry("both", Kind.FOLDER, modified=LATER),
        entry("odd"),
        entry("same"),
        entry("newer"),
        entry("older", modified=LATER),
        entry("longer"),
        entry("theirs"),
    ]
)


def names(pane):
    """Give the names of what is marked."""
    return {one.name.decode() for one in pane.entries if one.key in pane.marks}


class ComparingTests(SynchronousTestCase):
    def setUp(self):
        self.explorer = explorer(local=OURS, remote=THEIRS)

    def test_one(self):
        """What lacks, is newer or has another size is marked; hidden names are left out."""
        left, right = self.explorer.panes
        made = compared(left, right)
        self.assertEqual(names(made.pane), {"only", "odd", "newer", "longer", "lonely"})
        self.assertEqual((made.lacking, made.newer, made.another, made.count), (2, 1, 2, 5))
        made = compared(right, left)
        self.assertEqual(names(made.pane), {"odd", "older", "longer", "theirs"})

    def test_key(self):
        """C marks in both panes, instead of what was marked, and tells how much differs."""
        made, _ = pressed(self.explorer, "ctrl-a", "C")
        self.assertEqual(len(made.panes[Side.LEFT].marks), 5)
        self.assertEqual(len(made.panes[Side.RIGHT].marks), 4)
        self.assertIn("here 2 only here, 1 newer, 2 other; there", "\n".join(screen(made)))
        made, _ = pressed(explorer(local=OURS, remote=OURS), "C")
        self.assertIn("both hold the same", "\n".join(screen(made)))

    def test_nothing_to_compare(self):
        """The trash, and a folder with itself, are not compared."""
        for right in (Trash(), Local("/home/ann")):
            made, _ = pressed(explorer(local=OURS, remote=THEIRS, right=right), "C")
            self.assertEqual(made.pane.marks, frozenset())
            self.assertIn("two different folders", "\n".join(screen(made)))
