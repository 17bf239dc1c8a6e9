"""After an alarm: which effects change the drive, and what is refused."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Forked, Refused, Tampered
from anoncloud.ui import effects
from anoncloud.ui.dialogs.alarm import Alarm
from anoncloud.ui.doing.alarms import changes_drive, refuse
from anoncloud.ui.events import Shown, Told
from anoncloud.ui.places import Local, Remote
from tests.support.desks import RememberingDesk

HERE, THERE = Local("/here"), Remote(())


class AlarmsTests(SynchronousTestCase):
    """What the desk does with alarms."""

    def test_changes(self) -> None:
        """Whatever writes to the drive changes it; looking and downloading do not."""
        changing = (
            effects.MakeFolder(THERE, b"x"),
            effects.Rename(THERE, b"x", b"y"),
            effects.RenameMany(THERE, (b"x",), frozenset()),
            effects.PutInTrash(THERE, (b"x",)),
            effects.CopyThere(HERE, (b"x",), THERE),
            effects.MoveThere(THERE, (b"x",), HERE),
            effects.Undo(),
            effects.PurgeThem((b"12345678",)),
        )
        others = (
            effects.MakeFolder(HERE, b"x"),
            effects.RenameMany(HERE, (b"x",), frozenset()),
            effects.CopyThere(THERE, (b"x",), HERE),
            effects.MoveThere(HERE, (b"x",), HERE),
            effects.ReadPlace(effects.Side.LEFT, THERE),
        )
        self.assertTrue(all(map(changes_drive, changing)))
        self.assertFalse(any(map(changes_drive, others)))

    def test_shown(self) -> None:
        """Errors that are alarms fill the screen, once; others are told in a line."""
        desk = RememberingDesk(Path(self.mktemp()))
        desk.complain(Refused(Code.QUOTA, "no room", "buy more"))
        self.assertEqual(len(desk.heard(Told)), 1)
        desk.complain(Forked("it"))
        desk.complain(Tampered("it"))
        layers = [event.layer for event in desk.heard(Shown)]
        self.assertEqual([layer.history for layer in layers], [True, False])
        desk.state_now = desk.state_now.over(Alarm.of(Forked("it")))
        desk.complain(Forked("again"))
        self.assertEqual(len(desk.heard(Shown)), 2)

    def test_refused(self) -> None:
        """What would change a drive that is only looked at is refused in words."""
        desk = RememberingDesk(Path(self.mktemp()))
        refuse(desk)
        (told,) = desk.heard(Told)
        self.assertIn("read-only", told.text)
        self.assertTrue(told.hint)
