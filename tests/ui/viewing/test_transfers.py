"""The list of transfers: what it shows, and what its keys ask for."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.dialogs.ask import Ask
from anoncloud.ui.effects import Quit, Remember
from anoncloud.ui.events import Link, Progress, StatusChanged, TransferLine, TransfersChanged
from anoncloud.ui.transfer_effects import (
    CancelTransfer,
    PauseTransfer,
    RaiseTransfer,
    ResumeTransfer,
    RetryTransfer,
)
from tests.support.screens_of_cells import STATUS, explorer, pressed, screen, told

MIB = 2**20
LINES = (
    TransferLine(1, "up: film", 5 * MIB, 10 * MIB, MIB, 5.0, lasting=True),
    TransferLine(2, "down: song", 0, None, state=Progress.WAITING, lasting=True),
    TransferLine(3, "up: held", MIB, 4 * MIB, state=Progress.PAUSED, lasting=True),
    TransferLine(4, "up: lost", 0, 9, state=Progress.FAILED, error="it is gone; look elsewhere"),
    TransferLine(5, "up: whole", 7, 7, state=Progress.DONE),
)


def shown(lines=LINES, limit=None, **size):
    """Give an explorer whose list of transfers is open."""
    made, _ = told(explorer(**size), TransfersChanged(lines, limit))
    return pressed(made, "t")[0]


def asked(*keys, lines=LINES):
    """Tell what keys in the list ask for."""
    return pressed(shown(lines), *keys)[1]


class ViewTests(SynchronousTestCase):
    def row(self, made, text):
        return next(line for line in screen(made) if text in line)

    def test_all_that_is_known(self):
        made = shown(columns=100)
        row = self.row(made, "up: film")
        for text in ("10.0M", "0:05", "1.0 MiB/s", "5.0M", "#####-----", "50%", "running"):
            self.assertIn(text, row)
        self.assertIn("waiting", self.row(made, "down: song"))
        self.assertNotIn("%", self.row(made, "down: song"))
        self.assertIn("##--------   25%   paused", self.row(made, "up: held"))
        self.assertIn("it is gone", self.row(made, "up: lost"))
        self.assertIn("##########  100%     done", self.row(made, "up: whole"))
        self.assertIn(" 1 waiting, 1 running, 1 paused, 1 failed, 1 done", "\n".join(screen(made)))

    def test_more_of_the_one_under_the_cursor(self):
        made = shown(columns=40)
        self.assertIn(" running: 5.0 MiB of 10.0 MiB, 1.0", screen(made))
        self.assertIn(" MiB/s, 0:05 left", screen(made))
        made, _ = pressed(made, "down", "down", "down")
        self.assertIn(" it is gone; look elsewhere", screen(made))

    def test_goes_on_while_it_is_shown(self):
        """What is new shows at once, and the cursor stays on its transfer."""
        made, _ = pressed(shown(), "j", "j")
        made, _ = told(made, TransfersChanged(LINES[1:], 2 * MIB))
        self.assertNotIn("up: film", "\n".join(screen(made)))
        self.assertIn("limit 2.0 MiB/s", "\n".join(screen(made)))
        self.assertEqual(pressed(made, "space")[1], (ResumeTransfer(3),))

    def test_line_is_lost(self):
        made = shown()
        made, _ = told(made, StatusChanged(STATUS.__class__(link=Link.LOST)))
        self.assertIn("the line is lost: transfers go on by themselves", "\n".join(screen(made)))
        made, _ = told(made, StatusChanged(STATUS))
        self.assertNotIn("the line is lost", "\n".join(screen(made)))

    def test_nothing(self):
        made = shown(())
        self.assertIn("nothing goes up or down", "\n".join(screen(made)))
        for key in ("space", "d", "r", "+", "p", "c", "enter"):
            self.assertEqual(pressed(made, key)[1], ())

    def test_small(self):
        """On the smallest screen each title is there, and no row is too long."""
        made = shown(rows=10, columns=40)
        for line in LINES:
            self.assertIn(line.title, "\n".join(screen(made)))


class KeyTests(SynchronousTestCase):
    def test_pause_and_go_on(self):
        """One key for all: what goes is held up, what is held goes on, what failed is tried."""
        self.assertEqual(asked("space"), (PauseTransfer(1),))
        self.assertEqual(asked("down", "space"), (PauseTransfer(2),))
        self.assertEqual(asked("down", "down", "space"), (ResumeTransfer(3),))
        self.assertEqual(asked("down", "down", "down", "space"), (RetryTransfer(4),))
        self.assertEqual(asked("end", "space"), ())

    def test_all(self):
        self.assertEqual(asked("p"), (PauseTransfer(2), PauseTransfer(1)))
        self.assertEqual(asked("p", lines=LINES[2:]), (ResumeTransfer(3),))

    def test_give_up(self):
        """What is under way is asked about; what is over just leaves."""
        self.assertEqual(asked("d"), ())
        self.assertEqual(asked("d", "n"), ())
        self.assertEqual(asked("d", "y"), (CancelTransfer(1),))
        self.assertEqual(asked("end", "d"), (CancelTransfer(5),))
        made, _ = pressed(shown(), "d")
        self.assertTrue(any("Give up" in line and "┌" in line for line in screen(made)))

    def test_pointed_at(self):
        """The question takes the mouse where it is drawn."""
        made, _ = pressed(shown(), "d")
        rows = screen(made)
        row = next(at for at, line in enumerate(rows) if "[ Give up ]" in line)
        column = rows[row].index("[ Give up ]") + 2
        self.assertEqual(pressed(made, f"mouse:click:{row}:{column}")[1], (CancelTransfer(1),))

    def test_order(self):
        self.assertEqual(asked("down", "+"), (RaiseTransfer(2),))
        self.assertEqual(asked("-"), (RaiseTransfer(1, 1),))

    def test_retry(self):
        self.assertEqual(asked("r"), ())
        self.assertEqual(asked("down", "down", "down", "r"), (RetryTransfer(4),))

    def test_clear(self):
        self.assertEqual(asked("c"), (CancelTransfer(5),))

    def test_limit(self):
        made, done = pressed(shown(), "l")
        self.assertEqual((type(made.layers[-1]), done), (Ask, ()))

    def test_narrowed(self):
        """Letters narrow the list instead of acting."""
        made, done = pressed(shown(), "/", "l", "o", "s", "t", "enter")
        self.assertEqual(done, ())
        self.assertNotIn("up: film", "\n".join(screen(made)))
        self.assertEqual(pressed(made, "r")[1], (RetryTransfer(4),))

    def test_closed(self):
        for key in ("esc", "q", "t"):
            self.assertEqual(pressed(shown(), key)[0].layers, ())


class LeaveTests(SynchronousTestCase):
    def test_what_cannot_be_carried_on_is_said(self):
        """Quitting tells how many will be given up even so."""
        local = TransferLine(9, "copy: big", 0, None)
        made, _ = told(explorer(), TransfersChanged((LINES[0], local)))
        made, done = pressed(made, "q")
        self.assertEqual(done, ())
        self.assertIn("carry on with only 1 of them at the next start", "\n".join(screen(made)))
        _, done = pressed(made, "c")
        self.assertEqual(done, (Remember(made.bookmarks), Quit(carry_on=True)))
