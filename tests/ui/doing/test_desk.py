"""What all work shares: faults told in words, changes told now and then, things waited for."""

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.following import Stage
from anoncloud.errors import NotFound, NotLoggedIn
from anoncloud.ui.bookmarks import Bookmarks
from anoncloud.ui.doing.desk import PAUSE
from anoncloud.ui.events import DriveChanged, Severity, Told
from anoncloud.ui.model import Explorer
from anoncloud.ui.places import Local, Remote
from tests.support.desks import RememberingDesk
from tests.support.open_desks import OpenDeskTestCase


class DeskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.desk = RememberingDesk(Path(self.mktemp()))

    def test_many_changes(self) -> None:
        """The first change is told at once, those that follow soon together, and none is lost."""
        for _ in range(5):
            self.desk.changed()
        self.assertEqual(self.desk.heard(DriveChanged), [DriveChanged()])
        self.desk.clock.advance(PAUSE)
        self.assertEqual(len(self.desk.heard(DriveChanged)), 2)
        self.desk.clock.advance(10 * PAUSE)
        self.assertEqual(len(self.desk.heard(DriveChanged)), 2)
        self.desk.changed()
        self.assertEqual(len(self.desk.heard(DriveChanged)), 3)

    def test_faults(self) -> None:
        """A fault of ours is told in its own words, a bug as one, in the log as well."""

        async def fail(error: Exception) -> None:
            raise error

        self.successResultOf(self.desk.begin(fail(NotFound("no such file", "look elsewhere"))))
        self.successResultOf(self.desk.begin(fail(KeyError("oops"))))
        known, bug = self.desk.heard(Told)
        self.assertEqual((known.text, known.hint), ("no such file", "look elsewhere"))
        self.assertIn("KeyError", bug.text)
        self.assertEqual({known.severity, bug.severity}, {Severity.ERROR})
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_cancelled(self) -> None:
        """Work that is given up says nothing."""

        async def wait() -> Any:
            await Deferred()

        running = self.desk.begin(wait())
        self.desk.cancel()
        self.successResultOf(running)
        self.assertEqual(self.desk.told, [])

    def test_no_account(self) -> None:
        self.desk.open(None)
        self.successResultOf(Deferred.fromCoroutine(self.desk.opened()))
        error = self.assertRaises(NotLoggedIn, lambda: self.desk.drive)
        self.assertTrue(error.hint)


class GoneTests(OpenDeskTestCase):
    """Places visited lately that are gone."""

    def test_in_the_trash(self) -> None:
        """What lies in the trash is told as gone; what is there, or on the disk, is not."""
        self.run_now(self.drive.make_folder((b"stays",)))
        self.run_now(self.drive.make_folder((b"goes", b"in"), parents=True))
        gone = (Remote((b"goes", b"in")), Remote((b"never",)))
        bookmarks = Bookmarks()
        for place in (Remote(()), Remote((b"stays",)), *gone, Local("/nowhere")):
            bookmarks = bookmarks.with_recent(place)
        self.desk.state_now = Explorer(bookmarks=bookmarks)
        self.run_now(self.drive.trash((b"goes",)))
        self.desk.clock.advance(PAUSE)
        self.desk.changed()
        self.assertEqual(self.desk.heard(DriveChanged)[-1], DriveChanged(frozenset(gone)))

    def test_not_known_yet(self) -> None:
        """Before the server has answered nothing is said to be gone."""
        following: Any = self.desk.following
        following.stage = Stage.CACHED
        bookmarks = Bookmarks().with_recent(Remote((b"never",)))
        self.desk.state_now = Explorer(bookmarks=bookmarks)
        self.desk.changed()
        self.assertEqual(self.desk.heard(DriveChanged)[-1], DriveChanged())
