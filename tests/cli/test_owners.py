"""What the commands of an owner have in common: where kit and secrets come from."""

import os
from typing import Any

import click

from anoncloud.cli.owners import Claim, claimed, cost_of, cost_options, secret_options
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import UsageError
from anoncloud.limits import MIB
from tests.cli.test_secrets import KIT, PromptTestCase

ADDRESS = "anoncloud://new.example:9650/#" + "A" * 43


class OptionTests(PromptTestCase):
    """A command with all the options."""

    def run_with(self, *arguments: str) -> dict[str, Any]:
        """Give what a command gets that is called with *arguments*."""
        got: dict[str, Any] = {}

        @click.command()
        @claimed
        @secret_options("new passphrase", "new")
        @secret_options("recovery key", "key")
        @cost_options
        def command(**given: Any) -> int:
            got.update(given)
            return 0

        command.main(list(arguments), standalone_mode=False)
        return got

    def kit(self) -> str:
        """Write the kit into a file."""
        return str(self.file(KIT.encode()))

    def test_kit(self) -> None:
        """The kit comes from a file, the environment, or a prompt."""
        self.answer(KIT)
        for arguments in (("--kit", self.kit()), ()):
            claim: Claim = self.run_with(*arguments)["claim"]
            self.assertEqual((claim.kit.line(), claim.address), (KIT, claim.kit.address))
        self.assertEqual(len(self.asked), 1)
        os.environ["ANONCLOUD_KIT"] = KIT
        self.assertEqual(self.run_with()["claim"].kit.line(), KIT)
        self.assertEqual(len(self.asked), 1)

    def test_kit_in_the_arguments(self) -> None:
        """Its line is refused there, in whatever case."""
        for line in (KIT, KIT.upper(), f" {KIT}"):
            error = self.assertRaises(UsageError, self.run_with, "--kit", line)
            self.assertIn("write it to a file", error.hint)
            self.assertNotIn(KIT, str(error))

    def test_server(self) -> None:
        """Where the server is by now goes before what the kit says."""
        claim = self.run_with("--kit", self.kit(), "--server", ADDRESS)["claim"]
        self.assertEqual((claim.address.host, claim.address.key), ("new.example", bytes(32)))

    def test_secrets(self) -> None:
        """Each secret has its own options, and none comes from the environment."""
        os.environ["ANONCLOUD_PASSPHRASE"] = "old"
        file = str(self.file(b"of the file\n"))
        got = self.run_with("--kit", self.kit(), "--new-passphrase-file", file)
        self.assertEqual((got["new"].given(), got["key"].given()), ("of the file", None))
        self.assertEqual(got["claim"].source.given(), "old")
        got = self.run_with("--kit", self.kit(), "--recovery-key-command", "echo said")
        self.assertEqual((got["new"].given(), got["key"].given()), (None, "said"))
        self.assertEqual((got["new"].what, got["key"].what), ("new passphrase", "recovery key"))

    def test_cost(self) -> None:
        """What is not asked for is as it was."""
        least = Argon2(4, 300 * MIB)
        for arguments, cost in (
            ((), least),
            (("--argon2-memory", "512"), Argon2(4, 512 * MIB)),
            (("--argon2-passes", "2"), Argon2(2, 300 * MIB)),
        ):
            got = self.run_with("--kit", self.kit(), *arguments)
            self.assertEqual(cost_of(least, got["argon2_memory"], got["argon2_passes"]), cost)
