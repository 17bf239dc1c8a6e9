"""Transfers that the next start carries on: kept sealed, given once."""

from pathlib import Path

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.interrupted import Interrupted, InterruptedList
from anoncloud.errors import LocalFileError
from tests.support.client import KEYRING
from tests.support.entropy import counting

NAMES = ((b"one", b"one"), (b"\xff", b"other"))
UP = Interrupted(up=True, local=b"/a\xff", remote=(b"a", b"secret name"), names=NAMES, moving=False)
DOWN = Interrupted(up=False, local=b"/home/ada", remote=(b"b",), names=NAMES, moving=True)


class InterruptedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())
        self.list = self.open()

    def open(self, keyring=KEYRING):
        return InterruptedList(self.path, keyring, counting(b"list"))

    def test_given_once(self) -> None:
        """What two programs kept is given together, and then forgotten."""
        self.list.add([UP])
        self.open().add([DOWN])
        self.assertEqual(self.open().take(), [UP, DOWN])
        self.assertEqual(self.open().take(), [])
        self.assertFalse(self.path.exists())

    def test_sealed(self) -> None:
        """No name can be read, and nobody else may open the file."""
        self.list.add([UP])
        self.assertNotIn(b"secret", self.path.read_bytes())
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        other = attrs.evolve(KEYRING, drive=bytes(len(KEYRING.drive)))
        self.assertEqual(self.open(other).take(), [])

    def test_damaged(self) -> None:
        for content in (b"", b"\xff" * 60):
            self.path.write_bytes(content)
            self.assertEqual(self.list.take(), [])

    def test_disk(self) -> None:
        self.path = self.path / "no" / "folder"
        error = self.assertRaises(LocalFileError, self.open().add, [UP])
        self.assertTrue(error.hint)
