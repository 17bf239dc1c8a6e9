"""What all work shares: faults told in words, changes told now and then, things waited for."""

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import NotFound, NotLoggedIn
from anoncloud.ui.doing.desk import PAUSE
from anoncloud.ui.events import DriveChanged, Severity, Told
from tests.support.desks import RememberingDesk


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
