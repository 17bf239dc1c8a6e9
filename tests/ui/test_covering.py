"""Whole screens, as they are seen: each is a file in ``tests/ui/screens``."""

from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import explorer as explorers
from anoncloud.ui.cells import Style
from anoncloud.ui.effects import Side
from anoncloud.ui.events import (
    Candidate,
    Conflict,
    Link,
    PlaceRead,
    Progress,
    Severity,
    Status,
    StatusChanged,
    Told,
    TransferLine,
    TransfersChanged,
)
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.places import Past, Remote, Trash
from tests.support import hostile_names
from tests.support.screens_of_cells import (
    NOW,
    REMOTE,
    SECOND,
    STATUS,
    entry,
    explorer,
    numbered,
    pressed,
    screen,
    told,
    typed,
)

FOLDER = Path(__file__).with_name("screens")
CONFLICT = Conflict(
    3, "/photos/sea.jpeg", b"sea.jpeg",
    Candidate(2_000_000, NOW * SECOND), Candidate(1_900_000, (NOW - 86_400) * SECOND),
    into_drive=True,
)  # fmt: skip


def cached() -> Explorer:
    """Two panes; the drive as it was known before."""
    made, _ = told(explorer(12), PlaceRead(Side.RIGHT, Remote(()), REMOTE, cached=True))
    return told(made, StatusChanged(Status("ann", "drive.example", Link.CONNECTING, now=NOW)))[0]


def uploading() -> Explorer:
    """Transfers under way, and something to say."""
    lines = (
        TransferLine(1, "a", 2**20, 2**22, 2.0**21, 1.5),
        TransferLine(2, "b", 0, 2**20, state=Progress.WAITING),
    )
    news = Told("reading /srv/x: permission denied", "ask its owner", Severity.ERROR)
    return told(explorer(14, 100), TransfersChanged(lines), news)[0]


SCREENS: dict[str, Callable[[], Explorer]] = {
    "two-panes": cached,
    "one-pane": lambda: pressed(explorer(10, 40), "space", "space")[0],
    "stacked": lambda: pressed(explorer(20, 60), "|")[0],
    "wide": lambda: explorer(12, 160),
    "ascii": lambda: pressed(explorer(16, unicode=False), "s")[0],
    "question": lambda: pressed(explorer(16), "down", "f5")[0],
    "delete": lambda: pressed(explorer(16), "ctrl-a", "f8")[0],
    "conflict": lambda: told(explorer(20), CONFLICT)[0],
    "conflict-small": lambda: told(explorer(10, 40), CONFLICT)[0],
    "help-small": lambda: pressed(explorer(12, 40), "f1")[0],
    "filter": lambda: typed(pressed(explorer(14), "/")[0], "page")[0],
    "command": lambda: typed(pressed(explorer(14), ":")[0], "un", "tab")[0],
    "menu": lambda: typed(pressed(explorer(14), "f9")[0], "undo")[0],
    "help": lambda: pressed(explorer(24, 72), "f1")[0],
    "uploading": uploading,
    "trash": lambda: explorer(12, right=Trash(), active=Side.RIGHT),
    "past": lambda: explorer(12, 90, right=Past(7, NOW * 1_000_000, ()), active=Side.RIGHT),
    "hostile": lambda: explorer(24, local=[entry(one) for one in hostile_names.names()[:24]]),
    "too-small": lambda: explorer(5, 22),
}


class ScreenTests(SynchronousTestCase):
    """Screens as text."""

    maxDiff = None

    def test_screens(self) -> None:
        """Each looks as it did when somebody last looked at it."""
        self.assertEqual({path.stem for path in FOLDER.glob("*.txt")}, set(SCREENS))
        for name, make in SCREENS.items():
            wanted = (FOLDER / f"{name}.txt").read_text("utf-8").split("\n")
            self.assertEqual([*screen(make()), ""], wanted, name)

    def test_cursor(self) -> None:
        """The terminal's cursor is where something is typed, and nowhere else."""
        for name, text in (("filter", "Filter: page"), ("command", ":unbookmark")):
            made = SCREENS[name]()
            row, column = explorers.picture(made).cursor or (0, 0)
            self.assertEqual(screen(made)[row][:column].strip(), text)
        for name in ("two-panes", "delete", "help", "too-small"):
            self.assertIsNone(explorers.picture(SCREENS[name]()).cursor)

    def test_one_cursor(self) -> None:
        """Of two panes one has the cursor that the keys move, the other one that waits."""
        for keys in ((), ("tab",)):
            made, _ = pressed(explorer(), *keys)
            styles = [span.style for row in explorers.picture(made).block.rows for span in row]
            self.assertEqual((styles.count(Style.CURSOR), styles.count(Style.CURSOR_AWAY)), (1, 1))
        made, _ = pressed(explorer(), "s")
        styles = [span.style for row in explorers.picture(made).block.rows for span in row]
        self.assertEqual(styles.count(Style.CURSOR), 0)  # the menu has the keys

    def test_little_changes(self) -> None:
        """Moving the cursor changes its two rows and the count, and no other row."""
        made = explorer()
        before = explorers.picture(made).block.rows
        after = explorers.picture(pressed(made, "down")[0]).block.rows
        changed = [at for at, row in enumerate(after) if row != before[at]]
        self.assertEqual(changed, [2, 3, 21])

    def test_nothing_changes(self) -> None:
        """The clock alone changes no pane."""
        made = explorer(left=Trash(), local=numbered([entry("x")]))
        later, _ = told(made, StatusChanged(STATUS))
        self.assertEqual(explorers.picture(later), explorers.picture(made))
