"""``twistd anoncloud --check``."""

import contextlib
import io
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.checking import summary
from anoncloud.server.settings import Settings
from anoncloud.server.tap import Options


class CheckTests(SynchronousTestCase):
    """Settings that are only checked."""

    def check(self, content: str, *words: str) -> tuple[object, str]:
        """Check a file; give exit code or message, and what is printed."""
        self.state = Path(self.mktemp())
        file = Path(self.mktemp())
        file.write_text(content)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), self.assertRaises(SystemExit) as raised:
            Options().parseOptions(
                ["--check", "--config", str(file), "--state-dir", str(self.state), *words]
            )
        self.assertFalse(self.state.exists())
        return raised.exception.code, printed.getvalue()

    def test_right(self) -> None:
        """Right settings end with 0 and a summary; nothing is made."""
        code, said = self.check('quota = "5GiB"\n', "--listen", "tcp:1")
        self.assertEqual(code, 0)
        self.assertIn("the settings are right", said)
        self.assertIn(str(self.state), said)
        self.assertIn("listens at: tcp:1\n", said)
        self.assertIn("by default: state_dir, listen, quota\n", said)

    def test_mistakes(self) -> None:
        """Mistakes are all told, with places, and the exit code is not 0."""
        message, said = self.check('quota = "much"\nport = 1\n', "--idle-time", "1")
        self.assertEqual(said, "")
        for part in ("twistd anoncloud: ", ":1: quota is 'much'", ":2: port", "--idle-time: "):
            self.assertIn(part, str(message))

    def test_endpoints(self) -> None:
        """Endpoints where nobody can listen are told; one of systemd's is there only later."""
        for wrong in ("nonsense:1", "haproxy:nonsense:1", "tcp:x"):
            message, _ = self.check("", "--listen", wrong)
            self.assertIn(f"listen is {wrong!r}", str(message))
        message, _ = self.check("", "--metrics-listen", "tcp:x:interface=127.0.0.1")
        self.assertIn("metrics_listen is 'tcp:x:interface=127.0.0.1'", str(message))
        for good in ("systemd:domain=INET:index=0", "haproxy:systemd:domain=INET:index=1", "tcp:0"):
            self.assertEqual(self.check("", "--listen", good)[0], 0)

    def test_nothing_set(self) -> None:
        """Defaults are said to be so."""
        self.assertIn("set other than by default: nothing", summary(Settings()))
