"""A look through all blobs: what it finds, how fast it goes, and where it goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin import looking, progress
from anoncloud.admin.looking import Look, Pace, resumed
from anoncloud.admin.progress import Progress
from anoncloud.ids import BlobId
from anoncloud.server.assembly import DATABASE
from anoncloud.server.stores.ledger import Ledger
from tests.support.administration import StateCase


class LookTests(StateCase):
    """A look through a state folder."""

    def look(self, after: str = "", save: Callable[[Progress], None] = lambda _: None) -> Any:
        """Make a look that goes on after a blob."""
        ledger = Ledger(self.state / DATABASE)
        self.addCleanup(ledger.__exit__, None, None, None)
        return Look(ledger, self.shelf, Progress(1, after), Pace(0), save)

    def found(self, look: Look) -> list[tuple[str, str]]:
        """Look at all blobs; give what was found."""
        look.blobs()
        return [(one.what, one.blob) for one in look.progress.findings]

    def test_position(self) -> None:
        """It goes on after a blob, in the order of names, and ends at the last one."""
        blobs = sorted(self.blob(number) for number in range(5))
        for blob in blobs:
            self.shelf.path(blob).unlink()
        look = self.look(blobs[1].hex())
        self.assertEqual([blob for _, blob in self.found(look)], [one.hex() for one in blobs[2:]])
        self.assertEqual(look.progress.after, blobs[-1].hex())
        self.assertEqual((look.progress.blobs, look.progress.bytes), (3, 300))

    def test_saved(self) -> None:
        """How far it has come is kept now and then, and at the end."""
        self.patch(looking, "SAVE_EVERY", 200)
        for number in range(5):
            self.blob(number)
        seen: list[int] = []
        self.look(save=lambda now: seen.append(now.blobs)).blobs()
        self.assertEqual(seen, [2, 4, 5])

    def test_let_go_meanwhile(self) -> None:
        """A blob that the server has let go since its row was read is no finding."""
        blob = self.blob(1)
        read = self.shelf.read

        def collected(name: BlobId) -> bytes | None:
            self.write("DELETE FROM blobs")
            self.shelf.path(name).unlink(missing_ok=True)
            return read(name)

        look = self.look()
        self.patch(look.shelf, "read", collected)
        self.assertEqual(self.found(look), [])
        self.assertFalse(self.shelf.path(blob).exists())

    def test_came_meanwhile(self) -> None:
        """One that comes in anew while it is read is looked at once more."""
        blob = self.blob(1)
        whole = self.shelf.read(blob)
        given = [b"the first half", whole]
        look = self.look()
        self.patch(look.shelf, "read", lambda _: given.pop(0))
        self.assertEqual(self.found(look), [])
        self.assertEqual(given, [])

    def test_unreadable(self) -> None:
        """One that the disk can't read is damaged."""
        blob = self.blob(1)

        def fail(_: BlobId) -> bytes:
            raise OSError(5, "Input/output error")

        look = self.look()
        self.patch(look.shelf, "read", fail)
        self.assertEqual(self.found(look), [("damaged", blob.hex())])

    def test_resumed(self) -> None:
        """What an earlier look has left is gone on with, unless it is to begin anew."""
        folder = Path(self.state)
        self.assertEqual(resumed(folder, 7.5, again=False), (Progress(7), False))
        left = Progress(3, after="00ff")
        progress.save(folder, left)
        self.assertEqual(resumed(folder, 7.5, again=False), (left, True))
        self.assertEqual(resumed(folder, 7.5, again=True), (Progress(7), False))


class PaceTests(SynchronousTestCase):
    """A bounded rate."""

    def spent(self, rate: int, *steps: tuple[float, int]) -> list[float]:
        """Spend lengths, each at its time; give the waits."""
        now, waits = [0.0], []
        pace = Pace(rate, waits.append, lambda: now[0])
        for moment, length in steps:
            now[0] = moment
            pace.spend(length)
        return waits

    def test_rate(self) -> None:
        """Each piece waits until all before it have had their time."""
        waits = self.spent(100, (1000.0, 50), (1000.5, 100), (1000.9, 10))
        for wait, expected in zip(waits, (0.5, 1.0, 0.7), strict=True):
            self.assertAlmostEqual(wait, expected)

    def test_no_credit(self) -> None:
        """A pause gives no right to go faster afterwards."""
        waits = self.spent(100, (1000.0, 50), (2000.0, 50))
        self.assertEqual(waits, [0.5, 0.5])

    def test_unbounded(self) -> None:
        """Without a rate nothing waits."""
        self.assertEqual(self.spent(0, (0.0, 10**9)), [])
