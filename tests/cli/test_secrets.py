"""Where a passphrase and a kit come from, and what is said when they do not come."""

import os
from pathlib import Path
from unittest import mock

import click
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.cli import secrets
from anoncloud.cli.secrets import MIN_PASSPHRASE, PassphraseSource, read_kit
from anoncloud.errors import LocalFileError, UsageError
from tests.support.vectors import load

KIT = load("kit")["kits"][0]["line"]
LONG = "correct horse battery staple"


class PromptTestCase(SynchronousTestCase):
    """A test without the user's environment, whose prompts answer what it says."""

    def setUp(self) -> None:
        kept = {key: value for key, value in os.environ.items() if "ANONCLOUD" not in key}
        self.patch(os, "environ", kept)
        self.asked: list[tuple[str, bool, object]] = []

    def answer(self, answer: str | BaseException) -> None:
        """Let prompts give *answer*, or end by it as click does."""

        def prompt(text: str, **how: object) -> str:
            self.asked.append((text, bool(how["hide_input"]), how["confirmation_prompt"]))
            self.assertTrue(how["err"], "standard output is for results")
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
        self.assertEqual(self.asked, [("Passphrase", True, False)])

    def test_new(self) -> None:
        """A new one is asked for twice, hidden, and has a least length; an old one has not."""
        self.answer("x" * MIN_PASSPHRASE)
        self.assertEqual(PassphraseSource(None, None).read(new=True), "x" * MIN_PASSPHRASE)
        self.assertEqual(self.asked, [("Passphrase", True, True)])
        self.answer("x" * (MIN_PASSPHRASE - 1))
        self.assertRaises(UsageError, PassphraseSource(None, None).read, new=True)
        self.assertEqual(PassphraseSource(None, None).read(), "x" * (MIN_PASSPHRASE - 1))

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
