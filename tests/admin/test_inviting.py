"""Where the server is, and whom it lets in."""

from typing import Any

from anoncloud.admin import desk, inviting
from anoncloud.errors import Code, LocalError, Refused, UsageError
from anoncloud.limits import MIB
from anoncloud.server.account_contract import Account
from anoncloud.server.identity import INVITATION_LENGTH, address
from tests.support.administration import CODE, DAY, PLAIN, AdminTestCase
from tests.support.server import ADA, failing


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

        def refuse(_: desk.Desk) -> Any:
            message = "no database"
            raise LocalError(message)

        self.patch(desk, "open_stores", refuse)
        done = self.command("invite")
        self.assertIsInstance(done.exception, LocalError)
        self.assertEqual(done.output, "")

    def test_random(self) -> None:
        """The code is drawn at its full length, anew for each invitation."""
        drawn: list[int] = []

        def draw(length: int) -> bytes:
            drawn.append(length)
            return bytes([len(drawn)]) * length

        self.patch(inviting, "urandom", draw)
        links = {self.command("invite").output, self.command("invite").output}
        self.assertEqual((len(links), drawn), (2, [INVITATION_LENGTH] * 2))
