"""The lock on a state folder."""

import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import LocalError
from anoncloud.server.occupancy import LOCK, occupy


class OccupancyTests(SynchronousTestCase):
    """One at a time."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def test_one_at_a_time(self) -> None:
        """A second one is told who is in its way, until the first one goes."""
        first = occupy(self.folder)
        for _ in range(2):
            error = self.assertRaises(LocalError, occupy, self.folder)
            self.assertEqual(error.message, f"another server uses the state folder {self.folder}")
            self.assertIn("--state-dir", error.hint)
            self.assertEqual(error.exit_code, 1)
        first.close()
        occupy(self.folder).close()

    def test_left_behind(self) -> None:
        """A lock file that nobody holds is in nobody's way, and nobody else may read it."""
        occupy(self.folder).close()
        occupy(self.folder).close()
        (path,) = self.folder.iterdir()
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_no_lock(self) -> None:
        """A folder that can't be locked is named, with the disk's word."""
        (self.folder / LOCK).mkdir()
        error = self.assertRaises(LocalError, occupy, self.folder)
        self.assertIn(f"{self.folder}: Is a directory", error.message)
