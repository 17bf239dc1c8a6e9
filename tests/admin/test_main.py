"""The anoncloud-admin command, but for the reactor that it runs."""

import json
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import __version__
from anoncloud.admin import main
from anoncloud.admin.inviting import address
from anoncloud.admin.outcome import FOUND, Outcome
from anoncloud.errors import Code, LocalError, Refused
from tests.support.administration import PLAIN


class MainTests(SynchronousTestCase):
    """The program: what it prints and ends with."""

    def exit_code(self, *words: str) -> Any:
        """Run the program; give its exit code."""
        self.patch(sys, "argv", ["anoncloud-admin", *words])
        outcome = CliRunner()
        with outcome.isolation() as streams:
            try:
                main.main()
                code = 0
            except SystemExit as end:
                code = end.code
            self.out, self.err = (stream.getvalue().decode() for stream in streams[:2])
        return code

    def test_version(self) -> None:
        """The version is printed."""
        self.assertEqual(self.exit_code("--version"), 0)
        self.assertIn(__version__, self.out)

    def test_help(self) -> None:
        """Help names every command, by both options."""
        for option in ("-h", "--help"):
            self.assertEqual(self.exit_code(option), 0)
            for command in main.cli.commands:
                self.assertIn(f"\n  {command} ", self.out)

    def test_good(self) -> None:
        """A command that succeeds ends with 0."""
        state = Path(self.mktemp())
        state.mkdir()
        (state / "address").write_text(PLAIN + "\n")
        self.assertEqual(self.exit_code("--state-dir", str(state), "address"), 0)
        self.assertEqual((self.out, self.err), (PLAIN + "\n", ""))

    def test_findings(self) -> None:
        """A command that has found something wrong ends with 1, and tells it on standard output."""

        def found(*_: Any, **__: Any) -> Outcome:
            return Outcome(["wrong"], ["it is wrong"], FOUND)

        self.patch(address, "callback", found)
        for words, out in ((("address",), "it is wrong\n"), (("address", "--json"), '["wrong"]\n')):
            self.assertEqual(self.exit_code(*words), 1)
            self.assertEqual((self.out, self.err), (out, ""))

    def test_json(self) -> None:
        """JSON is asked for before the command or behind it, and is one line."""
        state = Path(self.mktemp())
        state.mkdir()
        (state / "address").write_text(PLAIN + "\n")
        for words in (("--json", "address"), ("address", "--json")):
            self.assertEqual(self.exit_code("--state-dir", str(state), *words), 0)
            self.assertEqual(self.out, f'{{"address": "{PLAIN}"}}\n')

    def test_settings(self) -> None:
        """The state folder is the one of the settings, unless it is said."""
        state, config = Path(self.mktemp()), Path(self.mktemp())
        state.mkdir()
        (state / "address").write_text(PLAIN + "\n")
        config.write_text(f'state_dir = "{state.absolute()}"\n')
        words = ("--config", str(config))
        self.assertEqual(self.exit_code(*words, "address"), 0)
        self.assertEqual(self.out, PLAIN + "\n")
        self.assertEqual(self.exit_code(*words, "--state-dir", self.mktemp(), "address"), 2)
        config.write_text("nonsense = 1\n")
        self.assertEqual(self.exit_code(*words, "address"), 2)
        self.assertIn("nonsense", self.err)

    def test_nobody_reads(self) -> None:
        """If standard output can't be written that is told, with an exit code of its own."""
        echo = main.click.echo

        def fail(line: str, *, err: bool = False) -> None:
            if not err:
                raise BrokenPipeError(32, "Broken pipe")
            echo(line, err=True)

        self.patch(address, "callback", lambda *_: Outcome("x", ["x"]))
        self.patch(main.click, "echo", fail)
        self.assertEqual(self.exit_code("address"), 5)
        self.assertIn("Broken pipe", self.err)

    def test_mistakes(self) -> None:
        """Words that make no sense end with 2, and the fault goes to standard error."""
        for words in (("nonsense",), ("address", "--nonsense"), ("invite", "--days", "0")):
            self.assertEqual(self.exit_code(*words), 2)
            self.assertEqual(self.out, "")
            self.assertTrue(self.err)

    def test_our_errors(self) -> None:
        """An error of ours is one line, with its hint and its own exit code."""
        self.assertEqual(self.exit_code("--state-dir", self.mktemp(), "address"), 2)
        self.assertTrue(self.err.startswith("anoncloud-admin: there is no server in "))
        self.assertEqual((self.err.count("\n"), self.out), (1, ""))
        for error, code in ((Refused(Code.DISK_FULL, "full"), 8), (LocalError("no"), 1)):

            def fail(*arguments: Any, error: Exception = error, **options: Any) -> None:
                raise error

            self.patch(main, "cli", fail)
            self.assertEqual(self.exit_code("invite"), code)
            self.assertEqual(self.err, f"anoncloud-admin: {error}\n")

    def test_errors_as_json(self) -> None:
        """With --json an error is one line of JSON, with its class or the server's code."""
        for error, code in (
            (Refused(Code.DISK_FULL, "full", "make room"), "DISK_FULL"),
            (LocalError("no", "make room"), "LocalError"),
        ):

            def fail(*_: Any, error: Exception = error, **__: Any) -> None:
                raise error

            self.patch(main, "cli", fail)
            self.assertEqual(self.exit_code("stats", "--json"), error.exit_code)
            said = {"message": error.message, "hint": "make room", "exit_code": error.exit_code}
            self.assertEqual(json.loads(self.err), {"code": code, **said})

    def test_interrupted(self) -> None:
        """An interrupt ends with 130, and no word."""

        def interrupt(*arguments: Any, **options: Any) -> None:
            raise main.click.Abort

        self.patch(main, "cli", interrupt)
        self.assertEqual(self.exit_code("invite"), 130)
        self.assertEqual((self.out, self.err), ("", ""))
