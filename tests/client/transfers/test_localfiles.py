"""Faults of the local disk, told so that no byte of a name reaches a terminal as it is."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.localfiles import fault, reported
from anoncloud.errors import LocalFileError

HOSTILE = "in/a\x1b[2J\udcff\\b"
SHOWN = "in/a\\x1b[2J\\xff\\\\b"


class FaultTests(SynchronousTestCase):
    """What is said of a path."""

    def test_escaped(self) -> None:
        """A path is shown escaped, whether it is text or a path, and once only."""
        error = FileNotFoundError(2, "No such file")
        for what in (HOSTILE, Path(HOSTILE)):
            said = fault("reading", what, error)
            self.assertEqual(said.message, f"reading {SHOWN}: No such file")
            self.assertEqual(said.hint, "check the name")

    def test_reported(self) -> None:
        """What fails within is told with what was being done; a stream's name stays as it is."""

        def write() -> None:
            with reported("writing", "standard output"):
                raise BrokenPipeError(32, "Broken pipe")

        error = self.assertRaises(LocalFileError, write)
        self.assertEqual(error.message, "writing standard output: Broken pipe")
