"""Kits as people give them."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.kit_files import read_kit
from anoncloud.errors import LocalFileError, UsageError
from tests.support.vectors import load

LINE = load("kit")["kits"][0]["line"]


class KitFilesTests(SynchronousTestCase):
    """Lines and files."""

    def test_line(self) -> None:
        """White space, capitals, breaks and words before it do no harm."""
        for given in (LINE, f"  {LINE.upper()}\n", f"{LINE[:40]}\n {LINE[40:]}", f"kit: {LINE}"):
            self.assertEqual(read_kit(given).line(), LINE)

    def test_file(self) -> None:
        """The line may be in a file, with other lines behind it."""
        path = Path(self.mktemp())
        path.write_text(f"{LINE}\nkeep it safe\n")
        self.assertEqual(read_kit(str(path)).line(), LINE)

    def test_refused(self) -> None:
        """No file, no text, and a damaged kit are told apart."""
        path = Path(self.mktemp())
        path.write_bytes(b"\xff")
        for given in (str(path), "/no/such/file", "zero\0"):
            with self.assertRaises(LocalFileError) as caught:
                read_kit(given)
            self.assertTrue(caught.exception.hint)
        with self.assertRaises(UsageError):
            read_kit(LINE[:-1])
