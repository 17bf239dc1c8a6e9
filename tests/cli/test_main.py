"""The command line before any command runs: the table, help, wrong words, the ends of a process."""

import importlib
import io
import json
import os
import sys
from typing import Any
from unittest import mock

import click
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import __version__
from anoncloud.cli import main
from anoncloud.cli.encodings import fitting, show_all
from anoncloud.cli.main import COMMANDS, cli, run
from anoncloud.errors import Misuse, Tampered, UsageError


class CommandLineTestCase(SynchronousTestCase):
    """A test with streams of its own, and nothing of the user's in the environment."""

    def setUp(self) -> None:
        for name in ("stdout", "stderr"):
            self.patch(sys, name, io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True))
        kept = {key: value for key, value in os.environ.items() if "ANONCLOUD" not in key}
        self.patch(os, "environ", kept)

    def said(self, stream: str = "stderr") -> str:
        """Give what was written."""
        return getattr(sys, stream).buffer.getvalue().decode()


class RunTests(CommandLineTestCase):
    """Running a command line."""

    def test_help(self) -> None:
        """Help and version go to standard output, and are no error."""
        self.assertEqual(run(["--help"]), 0)
        for name, (_, line) in COMMANDS.items():
            self.assertIn(name, self.said("stdout"))
            self.assertIn(line.split()[0], self.said("stdout"))
        self.assertEqual(run(["--version"]), 0)
        self.assertIn(__version__, self.said("stdout"))
        self.assertEqual(self.said(), "")

    def test_no_command(self) -> None:
        """Without a command the help is shown, as an error."""
        self.assertEqual(run([]), UsageError.exit_code)
        self.assertIn("Commands:", self.said())
        self.assertEqual(self.said("stdout"), "")

    def test_wrong_words(self) -> None:
        """Words that make no sense are told in the form of every error, with where to look."""
        state = self.mktemp()
        for words, message, called in (
            (["lss"], "no such command 'lss'", "anoncloud"),
            (["ls", "--none"], "no such option '--none'", "anoncloud ls"),
            (["get"], "missing argument 'SOURCES...'", "anoncloud get"),
            (["--packet", "1", "ls"], "invalid value for '--packet'", "anoncloud"),
        ):
            sys.stderr.buffer.truncate(0)
            self.assertEqual(run(["--state", state, *words]), UsageError.exit_code)
            self.assertIn(f"anoncloud: reading the command line: {message}", self.said())
            self.assertTrue(self.said().endswith(f"; run '{called} --help' to see what it takes\n"))

    def test_wrong_words_as_json(self) -> None:
        """With --json they are one object."""
        for words in (["--json", "ls", "--none"], ["--none", "--json"], ["--json"]):
            sys.stderr.buffer.seek(0)
            sys.stderr.buffer.truncate()
            self.assertEqual(run(words), UsageError.exit_code)
            told = json.loads(self.said())
            self.assertEqual((told["code"], told["exit_code"]), ("UsageError", 2))
            self.assertTrue(told["message"].startswith("reading the command line: "), told)

    def test_options_of_a_command_are_not_ours(self) -> None:
        """Only what stands before the command is about how it is told."""
        self.assertEqual(run(["ls", "--json"]), UsageError.exit_code)
        self.assertTrue(self.said().startswith("anoncloud: "), self.said())

    def end_by(self, error: BaseException) -> int:
        """Run a command that ends so."""
        with mock.patch.object(cli, "invoke", side_effect=error):
            return run(["ls"])

    def test_given_up(self) -> None:
        """Ctrl-C, and nobody at a prompt, end a command in one line."""
        for error in (KeyboardInterrupt(), EOFError(), click.Abort()):
            sys.stderr.buffer.seek(0)
            sys.stderr.buffer.truncate()
            self.assertEqual(self.end_by(error), 130)
            self.assertEqual(self.said(), "anoncloud: given up\n")

    def test_errors(self) -> None:
        """Our errors end it with their codes, a reader's going quietly, all else as a bug."""
        self.assertEqual(self.end_by(Tampered("opening x: no", "look")), Tampered.exit_code)
        self.assertEqual(self.said(), "anoncloud: opening x: no; look\n")
        self.assertEqual(self.end_by(BrokenPipeError()), 141)
        self.assertEqual(self.said(), "anoncloud: opening x: no; look\n")
        self.assertEqual(self.end_by(ZeroDivisionError()), Misuse.exit_code)
        self.assertIn("ZeroDivisionError", self.said())

    def test_exit_code(self) -> None:
        """A command's own exit code is the process's."""
        for given, code in ((3, 3), (0, 0), (None, 0)):
            with mock.patch.object(cli, "invoke", return_value=given):
                self.assertEqual(run(["ls"]), code)


class TableTests(CommandLineTestCase):
    """The table of commands."""

    def test_every_command(self) -> None:
        """Every command is in its module under its name, with help of its own."""
        context = cli.make_context("anoncloud", [], resilient_parsing=True)
        for name, (module, line) in COMMANDS.items():
            command = cli.get_command(context, name)
            self.assertIsNotNone(command, name)
            self.assertEqual(command.name, name)
            self.assertTrue(command.help, name)
            self.assertTrue(line.endswith("."), name)
            importlib.import_module(f"anoncloud.cli.{module}")
        self.assertIsNone(cli.get_command(context, "none"))

    def test_every_option_has_help(self) -> None:
        """Every option says what it does."""
        context = cli.make_context("anoncloud", [], resilient_parsing=True)
        commands: list[click.Command] = [cli]
        commands += [cli.get_command(context, name) for name in COMMANDS]
        for command in commands:
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    self.assertTrue(parameter.help, f"{command.name} {parameter.opts}")


class StreamTests(CommandLineTestCase):
    """The standard streams."""

    def test_escaped(self) -> None:
        """What an encoding has no letters for is shown as in names."""
        show_all(sys.stdout, None, io.StringIO())
        print("grüß 你", file=sys.stdout)  # noqa: T201 - the stream is ours
        self.assertEqual(self.said("stdout"), "gr\\u{fc}\\u{df} \\u{4f60}\n")
        self.assertEqual(fitting("ascii")("…"), "\\u{2026}")
        self.assertEqual(fitting("latin-1")("ü好"), "ü\\u{597d}")
        self.assertRaises(UnicodeDecodeError, b"\xff".decode, "utf-8", "anoncloud.escaped")

    def test_closed_streams(self) -> None:
        """Descriptors of closed streams are taken, so that no file or socket gets one of them."""
        opened: list[Any] = [0, 2, 7]
        closed: list[int] = []
        self.patch(main.os, "open", lambda *_: opened.pop(0))
        self.patch(main.os, "close", closed.append)
        self.patch(main.os, "fdopen", lambda number, mode: (number, mode))
        main._open_streams()
        self.assertEqual((opened, closed), ([], [7]))
        self.assertEqual(sys.stderr, (2, "w"))
        sys.stderr = sys.__stderr__
