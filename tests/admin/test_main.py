"""The anoncloud-admin command, but for the reactor that it runs."""

import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from twisted.trial.unittest import SynchronousTestCase

from anoncloud import __version__
from anoncloud.admin import main
from anoncloud.errors import Code, LocalError, Refused, UsageError
from anoncloud.limits import MIB
from anoncloud.server.account_contract import Account
from anoncloud.server.identity import INVITATION_LENGTH, address, encode, load_or_make
from anoncloud.server.stores.memory import MemoryJournal
from anoncloud.server.stores.memory_accounts import MemoryAccounts
from tests.support.entropy import counting
from tests.support.server import ADA, ServerTestCase, failing

PLAIN = address("cloud.example", 9650, bytes(32))
CODE = bytes(range(INVITATION_LENGTH))
DAY = 24 * 3600


class OneTurn:
    """A reactor that runs what it was given before, and must be stopped by it."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        self.running = False

    def callWhenRunning(self, function: Any) -> None:
        self.waiting.append(function)

    def run(self) -> None:
        self.running = True
        waiting, self.waiting = self.waiting, []
        for function in waiting:
            function()
        if self.running:
            message = "the reactor was left running"
            raise AssertionError(message)

    def stop(self) -> None:
        self.running = False


class AdminTestCase(ServerTestCase):
    """A test beside a server with its accounts in memory."""

    def setUp(self) -> None:
        self.state = Path(self.mktemp())
        self.state.mkdir()
        (self.state / "address").write_text(PLAIN + "\n")
        self.journal = MemoryJournal()
        self.accounts = MemoryAccounts(self.journal)
        self.closed = 0
        self.patch(main, "reactor", OneTurn())
        self.patch(main, "open_accounts", lambda state: (self, self.accounts))
        self.patch(main, "urandom", lambda length: CODE[:length])
        self.patch(main.time, "time", lambda: 1000.5)

    def close(self) -> None:
        """Stand for the database's close."""
        self.closed += 1

    def command(self, *words: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main.cli, ["--state-dir", str(self.state), *words])


class AddressTests(AdminTestCase):
    """``address``."""

    def test_printed(self) -> None:
        """The address is printed on a line of its own."""
        done = self.command("address")
        self.assertEqual((done.exit_code, done.output), (0, PLAIN + "\n"))

    def test_no_server(self) -> None:
        """Where no server is, that is said."""
        (self.state / "address").unlink()
        for words in (("address",), ("invite",)):
            done = self.command(*words)
            self.assertIsInstance(done.exception, UsageError)
            self.assertIn(str(self.state), str(done.exception))
        self.assertEqual(self.closed, 0)


class InviteTests(AdminTestCase):
    """``invite``."""

    def quota(self, default: int = 7) -> int:
        """Register with the invitation, and tell the account's quota."""
        self.now(self.accounts.register(ADA.new_account(default), CODE, 0, 1000))
        return self.now(self.journal.usage(ADA.drive)).quota

    def check_expires(self, days: int) -> None:
        """See that the invitation is good for so many days, to the second."""
        late = 1000 + days * DAY
        self.refused(Code.INVITATION, self.accounts.register(ADA.new_account(), CODE, 0, late))
        self.now(self.accounts.register(ADA.new_account(), CODE, 0, late - 1))
        self.assertIsInstance(self.now(self.accounts.find("ada", ADA.key().public)), Account)

    def test_link(self) -> None:
        """The link is printed, is good for a week, and brings the server's own quota."""
        done = self.command("invite")
        self.assertEqual(done.exit_code, 0, done.exception)
        self.assertEqual(done.output, address("cloud.example", 9650, bytes(32), CODE) + "\n")
        self.assertEqual(self.closed, 1)
        self.check_expires(7)
        self.assertEqual(self.now(self.journal.usage(ADA.drive)).quota, 0)

    def test_days(self) -> None:
        """It is good for as many days as asked for."""
        self.command("invite", "--days", "3650")
        self.check_expires(3650)

    def test_wrong_days(self) -> None:
        """No day, and more than ten years, are refused before anything is made."""
        for days in ("0", "-1", "3651", "a week"):
            self.assertEqual(self.command("invite", "--days", days).exit_code, 2)
        self.assertEqual(self.closed, 0)

    def test_default_quota(self) -> None:
        """Without a quota the server's holds."""
        self.command("invite")
        self.assertEqual(self.quota(), 7)

    def test_quota(self) -> None:
        """A quota comes with the invitation; 0 is none."""
        for written, expected in (("5MiB", 5 * MIB), ("0", 0)):
            self.setUp()
            self.command("invite", "--quota", written)
            self.assertEqual(self.quota(), expected)

    def test_wrong_quota(self) -> None:
        """A quota that makes no sense is told with what would."""
        done = self.command("invite", "--quota", "much")
        self.assertIsInstance(done.exception, UsageError)
        self.assertIn("MiB", str(done.exception))
        self.assertEqual((self.closed, done.output), (0, ""))

    def test_database_fails(self) -> None:
        """If it can't be remembered no link is printed, and the database is closed."""
        self.patch(self.accounts, "invite", failing(Refused(Code.DISK_FULL, "full")))
        done = self.command("invite")
        self.assertIsInstance(done.exception, Refused)
        self.assertEqual((done.output, self.closed), ("", 1))

    def test_cannot_open(self) -> None:
        """If the database can't be opened that is told, and the reactor ends."""

        def refuse(state: Path) -> Any:
            message = "no database"
            raise LocalError(message)

        self.patch(main, "open_accounts", refuse)
        done = self.command("invite")
        self.assertIsInstance(done.exception, LocalError)
        self.assertEqual(done.output, "")

    def test_random(self) -> None:
        """The code is drawn at its full length, anew for each invitation."""
        drawn: list[int] = []

        def draw(length: int) -> bytes:
            drawn.append(length)
            return bytes([len(drawn)]) * length

        self.patch(main, "urandom", draw)
        links = {self.command("invite").output, self.command("invite").output}
        self.assertEqual((len(links), drawn), (2, [INVITATION_LENGTH] * 2))


class ChangeKeyTests(AdminTestCase):
    """``change-key``."""

    def setUp(self) -> None:
        super().setUp()
        self.before, _ = load_or_make(self.state, counting(b"first"))
        self.patch(main, "urandom", counting(b"second"))

    def test_changed(self) -> None:
        """The server has another key, and the command says what the address is then."""
        done = self.command("change-key")
        self.assertEqual(done.exit_code, 0, done.exception)
        found, _ = load_or_make(self.state, counting())
        self.assertEqual(found.secrets[1:], self.before.secrets)
        expected = address("cloud.example", 9650, found.public)
        self.assertTrue(done.output.endswith(f"Then its address is {expected}\n"), done.output)
        self.assertIn("next start", done.output)
        # Until then invitations name the key that the server has.
        self.assertEqual(self.command("address").output, PLAIN + "\n")

    def test_retired(self) -> None:
        """The older keys are gone, and no new one is made."""
        self.command("change-key")
        found, _ = load_or_make(self.state, counting())
        done = self.command("change-key", "--retire")
        self.assertEqual(done.exit_code, 0, done.exception)
        self.assertIn(encode(found.public), done.output)
        retired, _ = load_or_make(self.state, counting())
        self.assertEqual(retired.secrets, found.secrets[:1])

    def test_no_server(self) -> None:
        """Where no server is, that is said, and none is made."""
        (self.state / "server.key").unlink()
        for words in (("change-key",), ("change-key", "--retire")):
            done = self.command(*words)
            self.assertIsInstance(done.exception, UsageError)
            self.assertIn(str(self.state), str(done.exception))
            self.assertEqual([path.name for path in self.state.iterdir()], ["address"])


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
            for command in ("address", "invite", "invitations", "uninvite", "change-key"):
                self.assertIn(command, self.out)

    def test_good(self) -> None:
        """A command that succeeds ends with 0."""
        state = Path(self.mktemp())
        state.mkdir()
        (state / "address").write_text(PLAIN + "\n")
        self.assertEqual(self.exit_code("--state-dir", str(state), "address"), 0)
        self.assertEqual((self.out, self.err), (PLAIN + "\n", ""))

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

    def test_interrupted(self) -> None:
        """An interrupt ends with 130, and no word."""

        def interrupt(*arguments: Any, **options: Any) -> None:
            raise main.click.Abort

        self.patch(main, "cli", interrupt)
        self.assertEqual(self.exit_code("invite"), 130)
        self.assertEqual((self.out, self.err), ("", ""))
