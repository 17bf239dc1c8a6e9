"""Alarms: what they say, and the ways out."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Forked, HandshakeFailed, RolledBack, Tampered
from anoncloud.ui.alarm_effects import (
    ALARM,
    AskFolder,
    AskWord,
    GoReadOnly,
    LookAtServer,
    Seen,
    Settled,
)
from anoncloud.ui.dialogs.alarm import Alarm
from anoncloud.ui.effects import Quit
from anoncloud.ui.layers import Answer, Shape
from anoncloud.ui.viewing.said import Room
from tests.support.looking import text_of


class AlarmTests(SynchronousTestCase):
    """Alarms of all kinds."""

    def test_says(self) -> None:
        """What happened, what it means, and the ways out stand on the whole screen."""
        errors = (
            RolledBack("it ends at 3"),
            Forked("record 4"),
            Tampered("blob 5"),
            HandshakeFailed("k"),
        )
        for error in errors:
            alarm = Alarm.of(error)
            self.assertIs(alarm.shape, Shape.WHOLE)
            seen = "\n".join(text_of(alarm.view(80, 22)))
            ways = ("r  go on read-only", "x  export", "q  quit")
            for text in ("ALARM", error.message, "What it means", *ways):
                self.assertIn(text, seen)

    def test_safe(self) -> None:
        """What a message holds can do nothing to the terminal."""
        alarm = Alarm.of(Tampered("name \x1b[31m"))
        self.assertNotIn("\x1b", "\n".join(text_of(alarm.view(80, 22))))

    def test_ways_out(self) -> None:
        """A drive in doubt is not passed by; one thing that is damaged, or a stranger, is."""
        history, part = Alarm.of(Forked("it")), Alarm.of(Tampered("it"))
        stranger = Alarm.of(HandshakeFailed("it"))
        self.assertTrue(Alarm.of(Tampered("a record"), history=True).history)
        for alarm in (history, part, stranger):
            self.assertEqual(alarm.press("q"), Answer(None, (Quit(carry_on=False),)))
            self.assertEqual(alarm.press("r"), Answer(None, (GoReadOnly(),)))
            self.assertEqual(alarm.press("x"), Answer(alarm, (AskFolder(),)))
        self.assertEqual(history.press("a"), Answer(history, (AskWord(),)))
        for key in ("esc", "enter"):
            self.assertEqual(history.press(key), Answer(history))
            self.assertEqual(part.press(key), Answer(None))
            self.assertEqual(stranger.press(key), Answer(None))
        self.assertEqual(part.press("a"), Answer(part))

    def test_looks(self) -> None:
        """A drive in doubt is looked at once, and what the server shows stands there too."""
        alarm = Alarm.of(Forked("it"))
        answer = alarm.hear(0, Room())
        assert isinstance(answer.layer, Alarm)
        self.assertEqual(answer.effects, (LookAtServer(),))
        alarm = answer.layer
        self.assertEqual(alarm.hear(0, Room()), Answer(alarm))
        answer = alarm.hear(ALARM, Seen(("laptop accepted \x1b it",)))
        assert isinstance(answer.layer, Alarm)
        seen = "\n".join(text_of(answer.layer.view(80, 40)))
        self.assertIn("What the server shows", seen)
        self.assertIn("laptop accepted", seen)
        self.assertNotIn("\x1b", seen)
        self.assertEqual(alarm.hear(ALARM, Settled()), Answer(None))

    def test_part_does_not_look(self) -> None:
        """For one damaged thing the journal is not read anew."""
        part = Alarm.of(Tampered("it"))
        self.assertEqual(part.hear(0, Room()), Answer(part))

    def test_small(self) -> None:
        """On a small screen it is read by the arrows."""
        alarm = Alarm.of(RolledBack("it"))
        self.assertNotIn("q  quit", "\n".join(text_of(alarm.view(40, 8))))
        answer = alarm.press("end")
        assert isinstance(answer.layer, Alarm)
        self.assertNotEqual(text_of(answer.layer.view(40, 8)), text_of(alarm.view(40, 8)))
