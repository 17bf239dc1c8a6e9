"""A test that takes back what it has done."""

from pathlib import Path
from typing import Any

from anoncloud.client.tree.names import show_path
from anoncloud.client.undoing import undo
from anoncloud.client.undone import Undone
from anoncloud.errors import AnonymousCloudError
from tests.support.client_arranged import ArrangedTestCase


class UndoTestCase(ArrangedTestCase):
    """A test that takes back."""

    def setUp(self) -> None:
        super().setUp()
        self.undone = Undone(Path(self.mktemp()))

    def undo(self, count: int = 1, **options: Any) -> list[tuple[str, str]]:
        """Take back; give what was done."""
        taken = self.run_now(undo(self.drive, self.undone, count, **options))
        return [(did.action, show_path(did.path)) for one in taken for did in one.did]

    def refused(self, kind: type[AnonymousCloudError], *words: str, **options: Any) -> None:
        """See that taking back is refused with these words, and changes nothing."""
        before = self.shown(), self.trashed(), len(self.store.journal)
        error = self.fails(kind, undo(self.drive, self.undone, **options))
        for word in words:
            self.assertIn(word, str(error))
        self.assertEqual((self.shown(), self.trashed(), len(self.store.journal)), before)
