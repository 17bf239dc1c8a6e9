"""Files of exported keyrings, as the disk lets them be read and written."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.keyrings import _read, _write
from anoncloud.client.export import open_export
from anoncloud.errors import LocalFileError, UsageError
from anoncloud.limits import MAX_EXPORT


class FileTests(SynchronousTestCase):
    """_read and _write."""

    def test_round_trip(self) -> None:
        """What was written is read."""
        path = Path(self.mktemp())
        _write(path, b"sealed")
        self.assertEqual(_read(path), b"sealed")

    def test_faults(self) -> None:
        """A file that is in the way, or not there, and a folder are told with what to do."""
        path = Path(self.mktemp())
        self.assertRaises(LocalFileError, _read, path)
        path.mkdir()
        for error in (
            self.assertRaises(LocalFileError, _read, path),
            self.assertRaises(LocalFileError, _write, path, b"sealed"),
            self.assertRaises(LocalFileError, _write, path / "none" / "file", b"sealed"),
        ):
            self.assertIn(str(path), error.message)
            self.assertTrue(error.hint)

    def test_too_long(self) -> None:
        """Of a file that is longer than any, no more is read than shows it."""
        path = Path(self.mktemp())
        path.write_bytes(bytes(2 * MAX_EXPORT))
        content = _read(path)
        self.assertEqual(len(content), MAX_EXPORT + 1)
        self.assertRaises(UsageError, open_export, content, "x")
