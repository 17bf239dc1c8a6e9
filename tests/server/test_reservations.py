"""Room in drives that is kept for what is coming in."""

from contextlib import ExitStack
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.server.reservations import Reservations
from tests.support.server import ADA, BOB, blob_name

ONE, TWO, THREE = (blob_name(number) for number in (1, 2, 3))


class ReservationTests(SynchronousTestCase):
    """Reservations."""

    def setUp(self) -> None:
        self.reservations = Reservations()

    def others(self, drive: bytes, blob: bytes) -> dict[Any, int]:
        """Tell what room is kept for beside *blob*."""
        with self.reservations.reserve(drive, blob, 9) as others:
            return dict(others)

    def test_kept(self) -> None:
        """Room is kept for as long as a blob comes in, in its own drive, beside others."""
        with self.reservations.reserve(ADA.drive, ONE, 10) as first:
            with self.reservations.reserve(ADA.drive, TWO, 20) as second:
                self.assertEqual((first, second), ((), ((ONE, 10),)))
                self.assertEqual(self.others(ADA.drive, THREE), {ONE: 10, TWO: 20})
                self.assertEqual(self.others(BOB.drive, THREE), {})
                coming = [self.reservations.is_coming(blob) for blob in (ONE, TWO, THREE)]
                self.assertEqual(coming, [True, True, False])
            self.assertEqual(self.others(ADA.drive, THREE), {ONE: 10})
        self.assertEqual(self.others(ADA.drive, THREE), {})
        self.assertFalse(self.reservations.is_coming(ONE))

    def test_coming(self) -> None:
        """All that room is kept for adds up, over all drives, each blob once."""
        coming = []
        with self.reservations.reserve(ADA.drive, ONE, 10):
            with (
                self.reservations.reserve(ADA.drive, ONE, 10),
                self.reservations.reserve(BOB.drive, TWO, 20),
            ):
                coming.append(self.reservations.coming)
            coming.append(self.reservations.coming)
        self.assertEqual([*coming, self.reservations.coming], [30, 10, 0])

    def test_fault(self) -> None:
        """A transfer that fails keeps no room."""
        with self.assertRaises(RuntimeError), self.reservations.reserve(ADA.drive, ONE, 10):
            raise RuntimeError
        self.assertEqual(self.others(ADA.drive, TWO), {})

    def test_several_times(self) -> None:
        """A blob that comes in several times is counted once, until the last is over."""
        with ExitStack() as copies, self.reservations.reserve(ADA.drive, ONE, 10):
            for _ in range(2):
                kept = copies.enter_context(self.reservations.reserve(ADA.drive, ONE, 10))
                self.assertEqual(kept, ())
            self.assertEqual(self.others(ADA.drive, TWO), {ONE: 10})
            copies.close()
            self.assertEqual(self.others(ADA.drive, TWO), {ONE: 10})
        self.assertEqual(self.others(ADA.drive, TWO), {})

    def test_another(self) -> None:
        """A name can't come in for two drives at once, nor in two sizes."""
        with self.reservations.reserve(ADA.drive, ONE, 10):
            for drive, size in ((BOB.drive, 10), (ADA.drive, 11)):
                with (
                    self.assertRaises(Refused) as raised,
                    self.reservations.reserve(drive, ONE, size),
                ):
                    self.fail("it was reserved")
                self.assertEqual(raised.exception.code, Code.NOT_ALLOWED)
        with self.reservations.reserve(BOB.drive, ONE, 11):
            pass
        self.assertEqual(self.others(BOB.drive, TWO), {})
