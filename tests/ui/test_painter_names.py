"""A thousand hostile names walked through, each painted, and looked at by a terminal in memory."""

import re
import unicodedata
from functools import cache

import pyte.screens
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import explorer as explorers
from anoncloud.ui.cells import cell
from anoncloud.ui.fitting import fitted
from anoncloud.ui.layout import areas, entries_height, first_entry
from anoncloud.ui.scrolling import Region
from tests.support import hostile_names
from tests.support.painting import Shown, Terminal, paint
from tests.support.screens_of_cells import entry, explorer, numbered, pressed

NAMES = hostile_names.names()
SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78M])")
BLANKS = {"\u00a0", "\u3000"}
COLUMNS, ROWS = 80, 24
NAME_ENDS, ENTRIES = 26, range(2, 21)


@cache
def drawn(row):
    """Give what each cell of a row shows, without marks that stand on it; "" behind a wide one.

    As the painter writes it, which holds wide and strange letters by their cells.
    """
    made = []
    for text, _ in row:
        held, cells = fitted(text, unicode=True)
        alone = [one for one in held if cell(one)]
        made += [it for one in alone for it in (base(one), "")[: cell(one)]]
        made += [" "] * (cells - sum(map(cell, alone)))
    return made


@cache
def base(data):
    """Give a cell's letter without its marks."""
    return unicodedata.normalize("NFD", data)[:1]


class Patient(Terminal):
    """A terminal whose letters come one by one: pyte drops what follows a mark that it ignores."""

    def __init__(self):
        super().__init__(COLUMNS, ROWS)
        whole = self.screen.draw
        self.screen.draw = lambda data: [whole(one) for one in data]
        self._stream.attach(self.screen)


class WalkTests(SynchronousTestCase):
    def setUp(self):
        self.patch(pyte.screens, "wcwidth", cell)  # see ``hostile_names``

    def pictures(self):
        """Walk down through all names, beside a pane that shows the last of them."""
        listed = numbered([entry(name) for name in NAMES])
        made = explorer(ROWS, COLUMNS, local=listed, remote=listed)
        made, _ = pressed(made, "tab", ".", "G", "tab", ".")
        pictures, chosen = [], set()
        for _ in NAMES:
            chosen.add(made.pane.entry.name)
            picture = explorers.picture(made)
            pictures.append(Shown(picture.block, picture.cursor, lists(made)))
            made, _ = pressed(made, "down")
        self.assertEqual(chosen, set(NAMES))
        return pictures

    def columns(self):
        """Give the cells behind a plain name, border included."""
        plain = explorer(ROWS, COLUMNS, local=numbered([entry("x")]), remote=[])
        return drawn(explorers.picture(plain).block.rows[2])[NAME_ENDS:41]

    def test_walk(self):
        """After each step every cell is what was drawn, and sizes and times stand in columns.

        No control byte of a name is sent.
        """
        pictures, columns = self.pictures(), self.columns()
        sent = paint(("margins",), *pictures)[1:]
        terminal = Patient()
        for picture, step in zip(pictures, sent, strict=True):
            terminal.take(step)
            for row, spans in enumerate(picture.block.rows):
                shown = [base(terminal.cell(row, column).data) for column in range(COLUMNS)]
                self.assertEqual(shown, drawn(spans))
                if row in ENTRIES:
                    self.assertEqual(shown[NAME_ENDS:41], columns)
        whole = b"".join(sent)
        rest = SEQUENCE.sub(b"", whole).translate(None, b"\r\n\b").decode()
        self.assertEqual({one for one in rest if not one.isprintable()} - BLANKS, set())
        for name in NAMES:
            if any(one < 0x20 or one == 0x7F for one in name) and len(name) > 1:
                self.assertNotIn(name, whole)


def lists(made):
    """Tell where the entries are, as the shell does."""
    return tuple(
        Region(first_entry(area), area.column, entries_height(area), area.width)
        for area in areas(made).values()
    )
