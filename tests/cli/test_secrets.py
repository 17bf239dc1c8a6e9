"""Where secrets come from, and what is said when they do not come, or are easy to guess."""

import os
import re
from pathlib import Path
from typing import Any
from unittest import mock

import click
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import secrets
from anoncloud.cli.main import COMMANDS, cli
from anoncloud.cli.output import Output
from anoncloud.cli.secrets import PassphraseSource, SecretSource, choose, read_kit
from anoncloud.client.strength import Rule
from anoncloud.errors import LocalFileError, UsageError
from tests.cli.test_output import Stream
from tests.support.client import in_thread
from tests.support.vectors import load

KIT = load("kit")["kits"][0]["line"]
LONG = "correct horse battery staple"
RULE = Rule(3, ("ada",))


class PromptTestCase(SynchronousTestCase):
    """A test without the user's environment, whose prompts answer what it says."""

    def setUp(self) -> None:
        kept = {key: value for key, value in os.environ.items() if "ANONCLOUD" not in key}
        self.patch(os, "environ", kept)
        self.asked: list[tuple[str, bool]] = []

    def answer(self, *answers: str | BaseException) -> None:
        """Let prompts give *answers* in turn, the last one ever after; or end as click does."""
        coming = list(answers)

        def prompt(text: str, **how: object) -> str:
            self.asked.append((text, bool(how["hide_input"])))
            self.assertTrue(how["err"], "standard output is for results")
            answer = coming.pop(0) if len(coming) > 1 else coming[0]
            if isinstance(answer, BaseException):
                try:
                    raise answer
                except (KeyboardInterrupt, EOFError):
                    raise click.Abort from None
            return answer

        self.patch(click, "prompt", prompt)

    def file(self, content: bytes) -> Path:
        """Write a file."""
        path = Path(self.mktemp())
        path.write_bytes(content)
        return path


class PassphraseTests(PromptTestCase):
    """The passphrase."""

    def test_order(self) -> None:
        """A file wins over a command, that over the environment, and that over a prompt."""
        self.answer("asked for it")
        file = self.file(b"of the file\nmore\n")
        self.assertEqual(PassphraseSource(None, None).read(), "asked for it")
        os.environ["ANONCLOUD_PASSPHRASE"] = "of the environment"
        self.assertEqual(PassphraseSource(None, None).read(), "of the environment")
        command = PassphraseSource(None, "printf 'of the command\\nmore'")
        self.assertEqual(command.read(), "of the command")
        self.assertEqual(PassphraseSource(file, "exit 1").read(), "of the file")
        self.assertEqual(self.asked, [("Passphrase", True)])

    def test_given(self) -> None:
        """Whoever asks may learn whether it is there without a prompt."""
        self.answer("asked for it")
        self.assertIsNone(PassphraseSource(None, None).given())
        self.assertEqual(PassphraseSource(self.file(b"of the file"), None).given(), "of the file")
        self.assertEqual(self.asked, [])

    def test_other_secrets(self) -> None:
        """Another secret has its own name, and comes from no environment."""
        for name in ("", "PASSPHRASE", "RECOVERY_KEY"):
            os.environ[f"ANONCLOUD_{name}"] = "of the environment"
        source = SecretSource(None, None, "recovery key")
        self.answer("asked for it", EOFError())
        self.assertEqual(source.read(), "asked for it")
        self.assertEqual(self.asked, [("Recovery key", True)])
        error = self.assertRaises(UsageError, source.read)
        self.assertEqual(error.message, "asking for the recovery key: nobody answers")
        self.assertIn("--recovery-key-file", error.hint)
        empty = SecretSource(self.file(b""), None, "recovery key")
        self.assertIn("the recovery key: it", self.assertRaises(UsageError, empty.read).message)

    def test_none(self) -> None:
        """An empty one is none, wherever it comes from."""
        for source in (PassphraseSource(self.file(b"\n"), None), PassphraseSource(None, "true")):
            error = self.assertRaises(UsageError, source.read)
            self.assertEqual(error.message, "reading the passphrase: it is empty")

    def test_faults(self) -> None:
        """A file that can't be read and a command that fails are told, and no secret with them."""
        for source, said in (
            (PassphraseSource(Path(self.mktemp()), None), "No such file or directory"),
            (PassphraseSource(self.file(b"\xff" + LONG.encode()), None), "it is not text"),
            (PassphraseSource(None, f"echo {LONG}; exit 3"), "it ended with exit code 3"),
        ):
            error = self.assertRaises(LocalFileError, source.read)
            self.assertIn(said, error.message)
            self.assertNotIn(LONG, str(error))

    def test_nobody_answers(self) -> None:
        """Where nobody can answer, it is said how else to give it; Ctrl-C is no wrong request."""
        self.answer(EOFError())
        error = self.assertRaises(UsageError, PassphraseSource(None, None).read)
        self.assertEqual(error.message, "asking for the passphrase: nobody answers")
        self.assertIn("--passphrase-file", error.hint)
        self.answer(KeyboardInterrupt())
        self.assertRaises(click.Abort, PassphraseSource(None, None).read)


class ChoosingTests(PromptTestCase):
    """A new passphrase."""

    def choose(self, given: str | None = None) -> "Deferred[str]":
        """Get a new passphrase, and keep what is said meanwhile."""
        self.err = Stream()
        output = Output(as_json=False, quiet=True, out=Stream(), err=self.err)
        source = PassphraseSource(None, None)
        return Deferred.fromCoroutine(choose(output, in_thread, source, given, RULE))

    def test_given(self) -> None:
        """One that is given is taken, or refused with advice; nobody is asked."""
        self.answer("asked for it")
        self.assertEqual(self.successResultOf(self.choose(LONG)), LONG)
        refusal = self.failureResultOf(self.choose("password1"), UsageError).value
        self.assertIn("common password", refusal.hint)
        self.assertNotIn("password1", str(refusal))
        self.assertEqual((self.asked, self.err.said), ([], ""))

    def test_typed(self) -> None:
        """One that is typed is typed twice, and never shown."""
        self.answer(LONG)
        self.assertEqual(self.successResultOf(self.choose()), LONG)
        self.assertEqual(self.asked, [("Passphrase", True), ("Passphrase once more", True)])
        self.assertEqual(self.err.said, "")

    def test_typed_again(self) -> None:
        """What is wrong with a typed one is told, and another one may be typed."""
        self.answer("password1", "a\tb", "ada", LONG, "correct horse battery", LONG, LONG)
        self.assertEqual(self.successResultOf(self.choose()), LONG)
        self.assertEqual([what for what, _ in self.asked].count("Passphrase once more"), 2)
        weak, wrong, known, other = self.err.said.splitlines()
        self.assertIn("add another word", weak)
        self.assertIn("control and invisible characters", wrong)
        self.assertIn("worth 0", known)
        self.assertIn("another one; type both anew", other)

    def test_nobody_answers(self) -> None:
        """Where nobody can answer that is told; Ctrl-C gives the whole command up."""
        self.answer("password1", EOFError())
        refusal = self.failureResultOf(self.choose(), UsageError).value
        self.assertEqual(refusal.message, "asking for the passphrase: nobody answers")
        self.answer(LONG, KeyboardInterrupt())
        self.failureResultOf(self.choose(), click.Abort)


class ArgumentTests(SynchronousTestCase):
    """What other programs of the machine can read: the arguments of a command."""

    def test_no_secrets(self) -> None:
        """No option takes a secret itself but --kit, and docs/commands.rst section 2.1 says so."""
        context = cli.make_context("anoncloud", [], resilient_parsing=True)
        told: list[Any] = []
        for name in COMMANDS:
            command = cli.get_command(context, name)
            told += _parameters(command) if command else ()
        secret = re.compile(r"passphrase|secret|recovery|code|kit\b")
        found = [one for one in told if any(map(secret.search, (*one.opts, one.name)))]
        self.assertLessEqual(
            {"--passphrase-file", "--passphrase-command", "--kit", "--recovery-file"},
            {option for one in found for option in one.opts},
        )
        for one in found:
            flag = getattr(one, "is_flag", False)
            if not (flag or one.opts == ["--kit"] or one.opts[0].endswith("-command")):
                self.assertIsInstance(one.type, click.Path, one.opts)


def _parameters(command: click.Command) -> list[Any]:
    """Give the parameters of a command and of those below it."""
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [*command.params, *(one for inner in below for one in _parameters(inner))]


class KitTests(PromptTestCase):
    """The kit."""

    def test_given(self) -> None:
        """It is its line, or a file that holds it, in whatever case and company."""
        for given in (KIT, f"  {KIT}\n", KIT.upper()):
            self.assertEqual(read_kit(given).line(), KIT)
        for content in (KIT, f"My kit:\n\n{KIT}\nkeep it!\n", f"{KIT[:60]}\n{KIT[60:]}"):
            self.assertEqual(read_kit(str(self.file(content.encode()))).line(), KIT, content)

    def test_asked_for(self) -> None:
        """It is asked for where it is not given."""
        self.answer(KIT)
        self.assertEqual(read_kit(None).line(), KIT)
        with mock.patch.object(secrets.sys, "stderr") as said:
            self.answer(EOFError())
            error = self.assertRaises(UsageError, read_kit, None)
        self.assertEqual(error.message, "asking for the kit: nobody answers")
        said.write.assert_called_once_with("\n")

    def test_faults(self) -> None:
        """A file that is not there, is no text or holds no kit is told."""
        self.assertRaises(LocalFileError, read_kit, self.mktemp())
        self.assertRaises(LocalFileError, read_kit, str(self.file(b"\xff\xfe")))
        self.assertRaises(UsageError, read_kit, str(self.file(b"nothing of ours")))
        self.assertRaises(UsageError, read_kit, KIT.replace("kit-1-", "kit-2-"))
        self.assertRaises(UsageError, read_kit, KIT[:-1] + ("0" if KIT[-1] != "0" else "1"))
