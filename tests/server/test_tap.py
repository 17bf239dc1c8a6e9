"""The options of ``twistd anoncloud``."""

from pathlib import Path

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.settings import SETTINGS
from anoncloud.server.tap import Options, makeService


class OptionTests(SynchronousTestCase):
    """What the command line says."""

    def given(self, *words: str) -> dict[str, object]:
        """Parse a command line, and give the settings in it."""
        options = Options()
        options.parseOptions(words)
        return options.given()

    def test_none(self) -> None:
        """With no options nothing is set."""
        self.assertEqual(self.given(), {})

    def test_every_setting(self) -> None:
        """Every setting is an option of its name, and comes through as it was written."""
        for name in set(SETTINGS) - {"listen"}:
            option = "--" + name.replace("_", "-")
            self.assertEqual(self.given(option, "said"), {name: "said"})
            self.assertEqual(self.given(f"{option}=said"), {name: "said"})

    def test_listen(self) -> None:
        """Listen may be said several times, in both spellings."""
        self.assertEqual(
            self.given("--listen", "tcp:1", "-l", "tls:2"), {"listen": ["tcp:1", "tls:2"]}
        )

    def test_config(self) -> None:
        """The file is no setting; it is where settings are."""
        self.assertEqual(self.given("-c", "file", "--quota", "1"), {"quota": "1"})

    def test_words(self) -> None:
        """Every option is explained, and there is no other."""
        text = str(Options())
        for name in SETTINGS:
            self.assertIn("--" + name.replace("_", "-"), text)
        self.assertRaises(UsageError, self.given, "--port", "1")
        self.assertRaises(UsageError, self.given, "a word")


class MakeServiceTests(SynchronousTestCase):
    """Mistakes, as twistd shows them."""

    def refused(self, *words: str) -> str:
        """Give what is said of a command line that makes no server."""
        options = Options()
        options.parseOptions(words)
        said = str(self.assertRaises(SystemExit, makeService, options))
        self.assertTrue(said.startswith("twistd anoncloud: "))
        return said

    def test_settings(self) -> None:
        """Mistakes in options and file are told together."""
        file = Path(self.mktemp())
        file.write_text("max_accounts = -1")
        said = self.refused("--config", str(file), "--quota", "much")
        self.assertIn("max_accounts is -1", said)
        self.assertIn("quota is 'much'", said)

    def test_listen(self) -> None:
        """A place where nobody can listen is told, whatever is wrong with it."""
        for wrong in ("nonsense:1", "tcp", "tcp:x", "unix", "ssl:1:privateKey=/none", ":"):
            said = self.refused("--state-dir", self.mktemp(), "--listen", wrong)
            self.assertIn(f"listen is {wrong!r}", said)

    def test_not_activated(self) -> None:
        """Where systemd has given no socket, that is told, and what gives one."""
        said = self.refused("--state-dir", self.mktemp(), "-l", "systemd:domain=INET:index=0")
        self.assertIn("given this process no such socket", said)
        self.assertIn("socket unit", said)

    def test_state_dir(self) -> None:
        """A state folder that can't be used is told."""
        file = Path(self.mktemp())
        file.touch()
        self.assertIn(str(file), self.refused("--state-dir", str(file / "state")))
        taken = Path(self.mktemp())
        taken.mkdir()
        (taken / "blobs").touch()
        self.assertIn(str(taken / "blobs"), self.refused("--state-dir", str(taken)))
