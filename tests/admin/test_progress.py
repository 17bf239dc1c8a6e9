"""How far a look through all blobs has come, kept in a file."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin import progress
from anoncloud.admin.progress import FILE, MOST_FINDINGS, Finding, Progress
from anoncloud.errors import LocalError

FINDING = Finding("damaged", "00ff", "a/b/c.jpg", "ada")


class ProgressTests(SynchronousTestCase):
    """The file."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def test_round_trip(self) -> None:
        """What was kept is found again; forgotten, it is not."""
        self.assertIsNone(progress.load(self.folder))
        kept = Progress(1000, after="00ff", blobs=7, bytes=8, unknown=1)
        kept.add(FINDING)
        progress.save(self.folder, kept)
        self.assertEqual(progress.load(self.folder), kept)
        self.assertEqual((self.folder / FILE).stat().st_mode & 0o777, 0o600)
        for _ in range(2):
            progress.forget(self.folder)
            self.assertIsNone(progress.load(self.folder))

    def test_damaged(self) -> None:
        """What can't be read, or makes no sense, is as good as nothing."""
        for content in (b"", b"{}", b"[1]", b'{"begun": 1, "after": "xyz"}', b"\xff"):
            (self.folder / FILE).write_bytes(content)
            self.assertIsNone(progress.load(self.folder), content)

    def test_unwritable(self) -> None:
        """If it can't be kept that is told."""
        nowhere = self.folder / "nowhere"
        error = self.assertRaises(LocalError, progress.save, nowhere, Progress(1))
        self.assertIn(str(nowhere), error.message)

    def test_many(self) -> None:
        """Of very many findings the first ones are kept, and all are counted."""
        kept = Progress(1)
        for _ in range(MOST_FINDINGS + 5):
            kept.add(FINDING)
        self.assertEqual((kept.wrong, len(kept.findings)), (MOST_FINDINGS + 5, MOST_FINDINGS))
        self.assertEqual(Progress(1).findings, [])
