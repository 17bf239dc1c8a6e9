"""``docs/explorer.rst`` shows the screens and the keys that there are."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import keys
from tests.support.explorer_docs import DOCUMENT, made


class ExplorerDocumentTests(SynchronousTestCase):
    """The parts that are made."""

    def test_made(self) -> None:
        """They are as they would be made now; ``python -m tests.support.explorer_docs`` does it."""
        text = DOCUMENT.read_text("utf-8")
        self.assertEqual(text, made(text))

    def test_all_keys(self) -> None:
        """Every action has its row."""
        text = DOCUMENT.read_text("utf-8")
        for action in keys.ACTIONS:
            self.assertIn(f"``{action.name}``", text)
