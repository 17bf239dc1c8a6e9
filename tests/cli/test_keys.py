"""What is said of a kit or a recovery key to which something happened on its way."""

import io
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli.keys import _doubt, _tell
from anoncloud.cli.kits import of_kit
from anoncloud.cli.output import Output
from anoncloud.client.kit import parse_kit
from anoncloud.errors import Code, Refused, Unreachable
from tests.support.vectors import load

KIT = parse_kit(load("kit")["kits"][0]["line"])
CHANGED = Refused(Code.CHANGED, "somebody was quicker", "log in anew")


class WordTests(SynchronousTestCase):
    """Papers that were handed over."""

    def setUp(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.output = Output(as_json=False, quiet=False, out=self.out, err=self.err, doing="kit")
        self.file = Path(self.mktemp())
        self.file.write_text(KIT.line())
        self.shown, self.written = of_kit(KIT, None), of_kit(KIT, self.file)

    def test_void(self) -> None:
        """If somebody was quicker it opens nothing: that is told, and its file goes."""
        for error in (CHANGED, Refused(Code.LOGIN, "the recovery key was dropped")):
            self.err.truncate(0)
            _doubt(self.output, self.shown, error, stands=False)
            self.assertIn("opens nothing", self.err.getvalue())
        _doubt(self.output, self.written, CHANGED, stands=False)
        self.assertFalse(self.file.exists())

    def test_in_doubt(self) -> None:
        """If nobody knows, both are to be kept, and the file stays."""
        for error in (Unreachable("cut"), Refused(Code.UNAVAILABLE, "a fault"), KeyError()):
            self.err.truncate(0)
            _doubt(self.output, self.written, error, stands=False)
            self.assertIn("is not known", self.err.getvalue())
            self.assertIn("keep what you had before", self.err.getvalue())
        self.assertTrue(self.file.exists())

    def test_stands(self) -> None:
        """If the new one stands already, whatever came after, that is told, and the file stays."""
        for error in (Unreachable("cut"), CHANGED):
            self.err.truncate(0)
            _doubt(self.output, self.written, error, stands=True)
            self.assertIn("opens the account, and the old one does not", self.err.getvalue())
        self.assertTrue(self.file.exists())

    def test_good(self) -> None:
        """One result is given: the paper itself, or where it is."""
        _tell(self.output, {}, self.shown)
        self.assertEqual(self.out.getvalue(), "")
        self.assertIn("opens the account by now", self.err.getvalue())
        _tell(self.output, {}, self.written)
        self.assertIn(str(self.file), self.out.getvalue())
