"""A pane as it is drawn."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import amounts
from anoncloud.ui import pane as panes
from anoncloud.ui.cells import Style
from anoncloud.ui.entries import Entry, Kind, Sort
from anoncloud.ui.layout import Area
from anoncloud.ui.pane import Failed, Pane, Reading, Step
from anoncloud.ui.places import Local, Remote
from anoncloud.ui.views.panes import Columns, Look, draw
from tests.support import hostile_names
from tests.support.screens_of_cells import LOCAL, NOW, entry, misfits, texts

HERE = Local("/home/ann")
LOOK = Look(active=True, ascii_only=False, zone=amounts.utc, now=NOW)


def pane(*entries: Entry, **more: object) -> Pane:
    """Give a pane that shows some entries."""
    return panes.with_entries(Pane(HERE, **more), HERE, entries, cached=False)


def lines(shown: Pane, width: int = 40, height: int = 12, look: Look = LOOK) -> list[str]:
    """Draw a pane; give its rows."""
    return texts(draw(shown, Area(0, 0, height, width), look))


class PaneTests(SynchronousTestCase):
    """Panes."""

    def test_columns(self) -> None:
        """The wider, the more: names alone, with sizes, short times, full times."""
        for cells, columns in (
            (20, Columns(19, 0, 0)),
            (22, Columns(14, 6, 0)),
            (34, Columns(19, 6, 6)),
            (56, Columns(31, 6, 16)),
        ):
            self.assertEqual(Columns.of(cells), columns)

    def test_kinds(self) -> None:
        """Each kind has its sign, and its style."""
        shown = pane(*(entry(kind.name, kind) for kind in Kind))
        drawn = draw(shown, Area(0, 0, 12, 40), LOOK)
        names = [row[1].text for row in drawn.rows[2:7]]
        self.assertEqual(names, ["FOLDER/", "FOLDER_LINK@/", "FILE", "LINK@", "OTHER?"])
        self.assertEqual(drawn.rows[3][1].style, Style.FOLDER)

    def test_cursor(self) -> None:
        """It covers the name alone; it shows marks, and where the keys do not go."""
        shown = pane(entry("a"), entry("b"))
        for made, look, style in (
            (shown, LOOK, Style.CURSOR),
            (
                shown,
                Look(active=False, ascii_only=False, zone=amounts.utc, now=NOW),
                Style.CURSOR_AWAY,
            ),
            (panes.moved(panes.toggled(shown), -1), LOOK, Style.CURSOR_MARKED),
        ):
            row = draw(made, Area(0, 0, 12, 40), look).rows[2]
            self.assertEqual((row[1].text, row[1].style), ("a", style))
            self.assertNotIn(style, [span.style for span in row[2:]])

    def test_states(self) -> None:
        """What is not as it is says so: cached, being read, failed, filtered, empty."""
        cached = panes.with_entries(Pane(HERE), HERE, [entry("a")], cached=True)
        for made, row, said in (
            (cached, 0, " /home/ann (cached)"),
            (Pane(HERE, state=Reading(HERE, Step.STAY)), 0, " /home/ann (reading)"),
            (Pane(HERE, state=Reading(HERE, Step.STAY)), 2, " reading ..."),
            (Pane(HERE, state=Failed("no \x1b")), 2, " no \\x1b"),
            (panes.filtered(pane(entry("a")), "zz"), 0, " /home/ann filter: zz"),
            (panes.filtered(pane(entry("a")), "zz"), 2, " 1 not shown"),
            (pane(entry(".a")), 2, " 1 not shown"),
            (pane(), 2, " empty"),
        ):
            self.assertEqual(lines(made)[row], said)

    def test_header(self) -> None:
        """An arrow says what entries are sorted by, and which way."""
        shown = pane(*LOCAL)
        for sort, reverse, said in (
            (Sort.NAME, False, "Name↑"),
            (Sort.NAME, True, "Name↓"),
            (Sort.SIZE, False, "Size↓"),
            (Sort.TIME, True, "Time↑"),
            (Sort.KIND, False, "Name (kind)↑"),
        ):
            made = panes.sorted_by(shown, sort, reverse=reverse)
            self.assertIn(said, lines(made)[1])

    def test_footer(self) -> None:
        """What is marked, with bytes; or a whole name that is cut; and how many there are."""
        long = entry("a name that is too long for its column.txt")
        shown = pane(long, entry("b"))
        self.assertEqual(
            lines(shown, 60)[-1], " a name that is too long for its column.txt              1/2"
        )
        self.assertEqual(lines(panes.moved(shown, 1))[-1].split(), ["2/2"])
        self.assertEqual(
            lines(panes.toggled(shown))[-1].split(), ["1", "marked,", "100", "B", "2/2"]
        )

    def test_long_trails(self) -> None:
        """The end of a path is what matters."""
        made = Pane(Remote(tuple(f"folder{at}".encode() for at in range(9))))
        self.assertEqual(lines(made)[0], " ~older4/folder5/folder6/folder7/folder8")

    def test_hostile_names(self) -> None:
        """A thousand names: every row is exactly as wide as it should be, at any width."""
        listed = [entry(name) for name in hostile_names.names()]
        shown = panes.with_hidden(pane(*listed), hidden=True)
        for width in (24, 35, 58, 150):
            for ascii_only in (False, True):
                look = Look(active=True, ascii_only=ascii_only, zone=amounts.utc, now=NOW)
                for top in range(0, len(listed), 97):
                    at = panes.moved_to(shown, top)
                    made = draw(panes.settle(at, 97), Area(0, 0, 100, width), look)
                    self.assertEqual(misfits(made, 100, width), [])

    def test_names_are_told_apart(self) -> None:
        """Where there is room no two names look alike, even in ASCII alone."""
        listed = [entry(name) for name in hostile_names.names()]
        shown = panes.with_hidden(pane(*listed), hidden=True)
        for ascii_only in (False, True):
            look = Look(active=False, ascii_only=ascii_only, zone=amounts.utc, now=NOW)
            made = draw(shown, Area(0, 0, len(listed) + 3, 4000), look)
            names = {row[1].text for row in made.rows[2:-1]}
            self.assertEqual(len(names), len(listed))
