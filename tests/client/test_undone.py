"""What a device remembers of its own undos."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import undone
from anoncloud.client.cache import Head
from anoncloud.client.undone import Undo, Undone
from anoncloud.errors import LocalFileError

HASH = b"\x11" * 32
UNDO = Undo(7, HASH, (5, 6), redo=False)


class UndoneTests(SynchronousTestCase):
    """Undone."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.path = folder / "undone"

    def test_kept(self) -> None:
        """What was added is known by number and hash, also the next time."""
        Undone(self.path).add(UNDO)
        again = Undone(self.path)
        self.assertEqual(again.get(Head(7, HASH)), UNDO)
        self.assertIsNone(again.get(Head(7, b"\x22" * 32)))
        self.assertIsNone(again.get(Head(6, HASH)))
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_lost(self) -> None:
        """A file that is not there, or damaged, is as if there had been no undo."""
        self.assertIsNone(Undone(self.path).get(Head(7, HASH)))
        for content in (b"", b"\xff" * 9, b"\x91\x01"):
            self.path.write_bytes(content)
            self.assertIsNone(Undone(self.path).get(Head(7, HASH)))

    def test_no_end(self) -> None:
        """The file does not grow for ever: the oldest are forgotten."""
        self.patch(undone, "_MOST", 3)
        kept = Undone(self.path)
        for number in range(1, 6):
            kept.add(Undo(number, HASH, (number,), redo=True))
        again = Undone(self.path)
        known = [number for number in range(9) if again.get(Head(number, HASH))]
        self.assertEqual(known, [3, 4, 5])

    def test_disk(self) -> None:
        """A disk that does not take it is told."""
        kept = Undone(self.path.parent / "none" / "undone")
        self.assertRaises(LocalFileError, kept.add, UNDO)
