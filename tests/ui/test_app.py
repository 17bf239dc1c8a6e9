"""The shell without a terminal: what is painted when, and what becomes of bugs."""

from pathlib import Path
from typing import Any

import attrs
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.accounts import Surroundings
from anoncloud.client.profile import Profile
from anoncloud.ui import explorer
from anoncloud.ui.app import App
from anoncloud.ui.events import DriveChanged, Told
from anoncloud.ui.model import Explorer
from anoncloud.ui.pane import Pane
from anoncloud.ui.places import Local
from tests.support.client import Ticking, in_thread
from tests.support.entropy import counting


class Terminal:
    """Takes what is written, and no more while it is busy."""

    def __init__(self) -> None:
        self.held = self.busy = False
        self.written: list[bytes] = []

    def size(self) -> tuple[int, int]:
        return 24, 80

    def take(self, first: bytes) -> None:
        self.held = True
        self.written.append(first)

    def give_back(self, last: bytes) -> None:
        self.held = False
        self.written.append(last)

    def write(self, data: bytes) -> None:
        self.written.append(data)


class Painter:
    """Names what it is asked for."""

    margins, light, questions = False, None, b"questions"
    pictures = 0

    def enter(self) -> bytes:
        return b"enter"

    def leave(self) -> bytes:
        return b"leave"

    def redraw(self) -> None:
        """Paint all of the next picture."""

    def resize(self, rows: int, columns: int) -> None:
        self.sized = (rows, columns)

    def relight(self, *, light: bool) -> None:
        self.light = light

    def paint(self, picture: Any, regions: Any) -> bytes:
        self.pictures += 1
        self.picture, self.regions = picture, regions
        return b"picture"


class AppTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock, self.terminal, self.painter = Clock(), Terminal(), Painter()
        self.ended: list[bool] = []
        self.suspended: list[bool] = []
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        here = Surroundings(
            self.clock, counting(b"app"), Ticking(), in_thread, Profile(self.folder / "state")
        )
        panes = (Pane(Local(str(self.folder))), Pane(Local("/")))
        self.app = App(
            here,
            Explorer(panes=panes, scrolls=False),
            self.painter,  # type: ignore[arg-type]
            lambda: self.ended.append(True),
            lambda: self.suspended.append(True),
        )
        self.app.start(self.terminal)  # type: ignore[arg-type]
        self.clock.advance(0)
        self.app.hear("esc")  # to the ways into an account
        self.clock.advance(0)

    def test_first_picture(self) -> None:
        """The terminal is prepared and asked, and then painted; what it prints is painted over."""
        self.assertEqual(self.terminal.written[:3], [b"enter", b"questions", b"picture"])

    def test_many_keys_one_picture(self) -> None:
        before = self.painter.pictures
        for key in ("down", "up", "down"):
            self.app.hear(key)
        self.clock.advance(0)
        self.assertEqual(self.painter.pictures, before + 1)

    def test_busy_terminal(self) -> None:
        """A terminal that has not taken the last picture gets the next one when it has."""
        before = self.painter.pictures
        self.terminal.busy = True
        self.app.hear("down")
        self.clock.advance(0)
        self.assertEqual(self.painter.pictures, before)
        self.terminal.busy = False
        self.app.drained()
        self.clock.advance(0)
        self.assertEqual(self.painter.pictures, before + 1)

    def test_answers_of_the_terminal(self) -> None:
        """They are no keys; they choose the theme, and how lists scroll."""
        before = self.app.state
        self.assertFalse(before.scrolls)
        self.app.hear("reply:[?69;2$y")
        self.app.hear("reply:]11;rgb:ffff/ffff/ffff\x07")
        self.assertTrue(self.painter.margins)
        self.assertTrue(self.app.state.scrolls)
        self.assertTrue(self.painter.light)
        self.assertEqual(self.app.state, attrs.evolve(before, scrolls=True))

    def test_lists_that_scroll(self) -> None:
        """Lists are named where nothing lies over them."""
        self.assertEqual(len(self.painter.regions), 2)
        self.app.hear("f1")
        self.clock.advance(0)
        self.assertEqual(self.painter.regions, [])

    def test_suspend(self) -> None:
        self.app.hear("ctrl-z")
        self.assertEqual(self.suspended, [True])
        self.app.suspended()
        self.assertFalse(self.terminal.held)
        self.app.continued()
        self.assertTrue(self.terminal.held)

    def test_stopped_by_somebody_else(self) -> None:
        """After a stop that was not ours the terminal is prepared anew."""
        self.terminal.written.clear()
        self.app.continued()
        self.assertEqual(self.terminal.written[:2], [b"leave", b"enter"])

    def test_quit(self) -> None:
        """The terminal is given back first; nothing is painted or told after that."""
        self.app.quit()
        self.app.quit()
        self.assertEqual(self.terminal.written[-1], b"leave")
        self.assertEqual(self.ended, [True])
        before = self.painter.pictures
        self.app.tell(DriveChanged())
        self.app.drained()
        self.clock.advance(60)
        self.assertEqual(self.painter.pictures, before)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_bug_in_a_key(self) -> None:
        """It is told as one, and everything stays as it was."""
        before = self.app.state.panes

        def press(state: Any, key: str) -> Any:
            raise ZeroDivisionError(key)

        self.patch(explorer, "press", press)
        self.app.hear("down")
        self.assertEqual(self.app.state.panes, before)
        self.assertIn("ZeroDivisionError", str(self.app.state.notice))
        self.assertIsInstance(self.app.state.notice, Told)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.ended, [])

    def test_bug_in_a_picture(self) -> None:
        """Where nothing can be shown any more it ends, and says why."""
        self.patch(explorer, "picture", lambda state: 1 // 0)
        self.app.hear("down")
        self.clock.advance(0)
        self.assertIsInstance(self.app.crashed, ZeroDivisionError)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(self.ended, [True])
        self.assertFalse(self.terminal.held)
