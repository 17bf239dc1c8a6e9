"""What is told of what other devices have noted."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.told import happened
from anoncloud.client.tree.affairs import Acceptance, Note
from anoncloud.client.tree.changes import KeyEvent


class ToldTests(SynchronousTestCase):
    """happened."""

    def test_every_event(self) -> None:
        """Each has its own words, its time, and what to do."""
        notes: list[Note | Acceptance] = [Note(what, 17) for what in KeyEvent]
        notes.append(Acceptance(b"\xab" * 32, 12, b"\x12" * 32, 1, b"\x03" * 32, 17))
        said = {happened(note, lambda time: f"day {time}") for note in notes}
        self.assertEqual(len(said), len(notes))
        for text, hint in said:
            self.assertTrue(text.endswith(" on day 17"), text)
            self.assertIn("'anoncloud devices'", hint)

    def test_accepted(self) -> None:
        """Who, what was taken, and what was given up, so that it can be compared."""
        note = Acceptance(b"\xab" * 32, 12, b"\x12" * 32, 1, b"\x03" * 32, 17)
        text, _ = happened(note, str)
        self.assertIn("key abababababababab accepted a history of 1 record, the last 0303", text)
        self.assertIn("gave up one of 12 records, the last 1212", text)
