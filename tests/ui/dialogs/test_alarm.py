"""Alarms: what they say, and the ways out."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Forked, RolledBack, Tampered
from anoncloud.ui.alarm_effects import GoReadOnly
from anoncloud.ui.dialogs.alarm import Alarm
from anoncloud.ui.effects import Quit
from anoncloud.ui.layers import Answer, Shape
from tests.support.looking import text_of


class AlarmTests(SynchronousTestCase):
    """Alarms of all kinds."""

    def test_says(self) -> None:
        """What happened, what it means, and the ways out stand on the whole screen."""
        for error in (RolledBack("it ends at 3"), Forked("record 4 differs"), Tampered("blob 5")):
            alarm = Alarm.of(error, history=True)
            self.assertIs(alarm.shape, Shape.WHOLE)
            seen = "\n".join(text_of(alarm.view(80, 22)))
            for text in ("ALARM", error.message, "What it means", "r  go on read-only", "q  quit"):
                self.assertIn(text, seen)

    def test_safe(self) -> None:
        """What a message holds can do nothing to the terminal."""
        alarm = Alarm.of(Tampered("name \x1b[31m"), history=False)
        self.assertNotIn("\x1b", "\n".join(text_of(alarm.view(80, 22))))

    def test_ways_out(self) -> None:
        """A drive in doubt is left by two ways alone; one thing that is damaged, by going on."""
        history = Alarm.of(Forked("it"), history=True)
        part = Alarm.of(Tampered("it"), history=False)
        for alarm in (history, part):
            self.assertEqual(alarm.press("q"), Answer(None, (Quit(carry_on=False),)))
            self.assertEqual(alarm.press("r"), Answer(None, (GoReadOnly(),)))
        for key in ("esc", "enter"):
            self.assertEqual(history.press(key), Answer(history))
            self.assertEqual(part.press(key), Answer(None))

    def test_small(self) -> None:
        """On a small screen it is read by the arrows."""
        alarm = Alarm.of(RolledBack("it"), history=True)
        self.assertNotIn("q  quit", "\n".join(text_of(alarm.view(40, 8))))
        answer = alarm.press("end")
        assert isinstance(answer.layer, Alarm)
        self.assertNotEqual(text_of(answer.layer.view(40, 8)), text_of(alarm.view(40, 8)))
