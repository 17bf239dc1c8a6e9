"""The register command, on a real house in memory: what is asked and made, in which order."""

import json
import os
from pathlib import Path
from typing import Any

import attrs
import click

from anoncloud.cli.output import Output
from anoncloud.cli.program import Program
from anoncloud.cli.registering import register_command
from anoncloud.client.kit import parse_kit
from anoncloud.client.recovering import recover
from anoncloud.client.recovery import parse_recovery
from anoncloud.errors import Code, Exists, Refused, UsageError
from anoncloud.server.conditions import Registration
from anoncloud.wire import messages
from tests.cli.test_output import Stream
from tests.evil.house import PASSPHRASE, EvilTestCase

FLOOR = ("--argon2-memory", "64", "--argon2-passes", "2")


class CommandTestCase(EvilTestCase):
    """A command line on a machine that remembers nothing, without a terminal."""

    def setUp(self) -> None:
        super().setUp()
        kept = {key: value for key, value in os.environ.items() if "ANONCLOUD" not in key}
        self.patch(os, "environ", {**kept, "ANONCLOUD_PASSPHRASE": PASSPHRASE})
        self.here = self.machine(b"mine")
        self.kit, self.recovery = Path(self.mktemp()), Path(self.mktemp())
        self.patch(Program, "surroundings", lambda _: self.here)
        self.patch(Program, "run", self.run_command)

    def run_command(self, command: Any) -> int:
        """Run a command on the clock; what it ends with is ``outcome``."""
        self.outcome = self.begin(command(self.here))
        return 0

    def call(self, *options: object, account: str = "ada", as_json: bool = False) -> None:
        """Call ``register``."""
        self.out, self.err = Stream(), Stream()
        output = Output(as_json, quiet=False, out=self.out, err=self.err, doing="register")
        words = (str(self.house.address), account, *FLOOR, *map(str, options))
        program = Program(output, Path("unused"))
        register_command.main(list(words), standalone_mode=False, obj=program)

    def do(self, *options: object, **how: Any) -> None:
        """Register; it must succeed."""
        self.call(*options, **how)
        self.successResultOf(self.outcome)

    def fails(self, kind: type[Exception], *options: object, **how: Any) -> Any:
        """Register, and give the exception that it ends with."""
        self.call(*options, **how)
        return self.failureResultOf(self.outcome, kind).value

    def terms(self, **changes: Any) -> None:
        """Change the house's terms."""
        terms = attrs.evolve(self.house.rooms.house.terms, **changes)
        self.house.rooms.house = attrs.evolve(self.house.rooms.house, terms=terms)
        self.house.start(*self.keys)

    def open_house(self, host: str, *secrets: Any) -> Any:
        self.keys = secrets
        return super().open_house(host, *secrets)

    def opens(self, line: str) -> bool:
        """Tell whether a kit and the passphrase open the account."""
        opened = self.begin(self.log_in(parse_kit(line)))
        if hasattr(opened.result, "value"):
            self.failureResultOf(opened, Refused)
            return False
        self.now(self.successResultOf(opened).close())
        return True


class RegisterTests(CommandTestCase):
    """An account is made."""

    def test_file(self) -> None:
        """The kit is in its file, the device stays logged in, and the result says both."""
        self.do("--kit", self.kit)
        self.assertEqual(
            self.out.said,
            f"Account ada is made. The kit is in {self.kit}. Keep copies elsewhere.\n",
        )
        self.assertTrue(self.opens(self.kit.read_text()))
        self.now(self.resume(self.here).close())

    def test_shown(self) -> None:
        """Without a file the kit is the result, and the rest is a remark."""
        self.do("--no-stay")
        self.assertTrue(self.opens(self.out.said.splitlines()[2]))
        self.assertEqual(self.err.said, "anoncloud: account ada is made\n")
        self.assertFalse(self.here.profile.is_logged_in())

    def test_json(self) -> None:
        """For programs there is one value, which has the kit or the name of its file."""
        for number, (options, kept) in enumerate((((), None), (("--kit", self.kit), self.kit))):
            self.do("--no-stay", *options, account=f"ada{number}", as_json=True)
            (line,) = self.out.said.splitlines()
            value = json.loads(line)
            self.assertEqual(value["account"], f"ada{number}")
            self.assertEqual(value["address"], str(self.house.address))
            self.assertEqual(set(value), {"account", "address", "kit"})
            self.assertEqual(value["kit"], str(kept) if kept else parse_kit(value["kit"]).line())

    def test_recovery(self) -> None:
        """On request there is a recovery key besides, which opens the account alone."""
        for number, (options, shown) in enumerate(
            ((("--recovery",), True), (("--recovery-file", self.recovery), False))
        ):
            account = f"ada{number}"
            self.do(*options, "--no-stay", account=account, as_json=True)
            value = json.loads(self.out.said)
            line = value["recovery"] if shown else self.recovery.read_text()
            recovery = parse_recovery(line)
            self.assertEqual(recovery.account, account)
            found = self.now(recover(self.machine(b"lost"), recovery))
            self.now(found.close())
            if not shown:
                self.assertEqual(value["recovery"], str(self.recovery))

    def test_in_files(self) -> None:
        """With both in files the result names both, and neither is shown."""
        self.do("--kit", self.kit, "--recovery-file", self.recovery)
        said = f"The kit is in {self.kit}. The recovery key is in {self.recovery}."
        self.assertIn(said, self.out.said)
        for path in (self.kit, self.recovery):
            self.assertNotIn(path.read_text().strip()[-20:], self.out.said + self.err.said)


class OrderTests(CommandTestCase):
    """What comes before what."""

    def test_kit_first(self) -> None:
        """When a registration reaches the server its owner has the kit already, and the keys."""
        known: list[tuple[str, str, str]] = []

        def look(spoken: Any) -> None:
            if isinstance(spoken, messages.Done) and not known:
                known.append((self.kit.read_text(), self.recovery.read_text(), self.out.said))

        self.house.tricks.append(look)
        self.do("--no-stay", "--kit", self.kit, "--recovery-file", self.recovery)
        ((kit, recovery, said),) = known
        self.assertEqual((parse_kit(kit).account, parse_recovery(recovery).account), ("ada", "ada"))
        self.assertEqual(said, "")
        known.clear()
        self.do("--no-stay", account="bob")
        ((_, _, said),) = known
        self.assertTrue(parse_kit(said.splitlines()[2]))

    def test_no_connection_waits(self) -> None:
        """The terms have a connection of their own, which is over before anybody is asked."""
        self.do()
        terms, *later = self.house.visits
        self.assertEqual([type(one).__name__ for one in terms.server.heard], ["ReadTerms"])
        self.assertTrue(terms.over)
        self.assertEqual(type(later[0].server.heard[0]).__name__, "Register")

    def test_not_by_these_terms(self) -> None:
        """Where one may not register nobody is asked for a passphrase, and no kit is made."""
        for registration, code in (
            (Registration.CLOSED, Code.NOT_ALLOWED),
            (Registration.INVITATION, Code.INVITATION),
        ):
            self.terms(registration=registration)
            self.patch(click, "prompt", lambda *_, **__: self.fail("nobody is to be asked"))
            os.environ.pop("ANONCLOUD_PASSPHRASE", None)
            self.assertIs(self.fails(Refused, "--kit", self.kit).code, code)
            self.assertFalse(self.kit.exists())
        self.assertEqual(self.house.heard(messages.Register), [])

    def test_score(self) -> None:
        """The server may ask for a better passphrase than the program does, but not for less."""
        os.environ["ANONCLOUD_PASSPHRASE"] = "correct horse"
        self.terms(least_score=4)
        self.assertIn("must be worth 4", self.fails(UsageError, "--kit", self.kit).message)
        os.environ["ANONCLOUD_PASSPHRASE"] = "password1"
        self.terms(least_score=0)
        self.assertIn("must be worth 3", self.fails(UsageError, "--kit", self.kit).message)
        self.assertFalse(self.kit.exists())
        self.assertEqual(self.house.heard(messages.Register), [])
        os.environ["ANONCLOUD_PASSPHRASE"] = "correct horse"
        self.do("--kit", self.kit)

    def test_words_of_the_account(self) -> None:
        """What anybody would try first, the account's name and the host's, is no passphrase."""
        for passphrase in ("tuxpiqvobu", "box.example"):
            os.environ["ANONCLOUD_PASSPHRASE"] = passphrase
            self.fails(UsageError, account="tuxpiqvobu")

    def test_before_any_connection(self) -> None:
        """What is wrong with the command itself is told before a server hears of it."""
        self.kit.touch()
        for options, kind in (
            (("--kit", self.kit), Exists),
            (("--recovery-file", self.kit), Exists),
            (("--argon2-passes", "1"), UsageError),
            (("--device-name", "a/b"), UsageError),
            (("--passphrase-command", "true"), UsageError),
        ):
            self.assertRaises(kind, self.call, *options)
        self.assertRaises(UsageError, self.call, account="Ada")
        self.assertEqual(self.house.visits, [])
        self.do()
        error = self.assertRaises(Exists, self.call, account="bob")
        self.assertIn("logged in on this machine", error.message)
