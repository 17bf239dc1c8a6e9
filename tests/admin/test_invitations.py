"""The invitations of a server: listed, and taken back."""

import re

from anoncloud.admin import invitations
from anoncloud.errors import Code, UsageError
from anoncloud.limits import GIB, MIB
from anoncloud.server.account_contract import Account
from anoncloud.server.identity import INVITATION_LENGTH, encode
from anoncloud.server.invitations import code_hash
from tests.support.administration import CODE, DAY, PLAIN, AdminTestCase
from tests.support.server import ADA, Person


class InvitationsTests(AdminTestCase):
    """``invitations`` and ``uninvite``."""

    LATE = 1000 + 7 * DAY

    def listed(self) -> list[list[str]]:
        """Give the cells of the list."""
        done = self.command("invitations")
        self.assertEqual(done.exit_code, 0, done.exception)
        return [re.split(r" {2,}", line) for line in done.output.splitlines()]

    def invite(self, number: int, quota: int | None = None, expires: int = LATE) -> str:
        """Make an invitation; give its name."""
        code = bytes([number]) * INVITATION_LENGTH
        self.now(self.accounts.invite(code, quota, expires))
        return code_hash(code).hex()

    def use(self, number: int, user: Person) -> None:
        """Register by an invitation."""
        code = bytes([number]) * INVITATION_LENGTH
        self.now(self.accounts.register(user.new_account(), code, 0, 60))

    def test_list(self) -> None:
        """Each is named, with its state, the time of that, and what quota it brings."""
        self.assertEqual(self.listed(), [["There are no invitations."]])
        expired = self.invite(1, 5 * MIB, expires=999)
        used = self.invite(2, 0)
        self.use(2, ADA)
        odd = self.invite(3, 1500, self.LATE + 1)
        full = self.invite(4, 2 * 1024 * GIB, self.LATE + 2)
        self.assertEqual(
            self.listed(),
            [
                ["NAME", "STATE (UTC)", "QUOTA"],
                [expired[:12], "expired since 1970-01-01 00:16", "5 MiB"],
                [used[:12], "used since 1970-01-01 00:01", "none"],
                [odd[:12], "open until 1970-01-08 00:16", "1500 B"],
                [full[:12], "open until 1970-01-08 00:16", "2 TiB"],
            ],
        )
        self.assertEqual(self.closed, 2)

    def test_invited(self) -> None:
        """One that was just printed is in the list, and its code is not."""
        link = self.command("invite").output
        (_, (name, state, quota)) = self.listed()
        self.assertEqual(name, code_hash(CODE).hex()[:12])
        self.assertEqual((state[:10], quota), ("open until", "the server's"))
        self.assertNotIn(link.strip().rpartition(".")[2], self.command("invitations").output)

    def test_withdrawn(self) -> None:
        """One is withdrawn by its link or its name, and lets nobody in; others stay."""
        self.invite(1)
        link = self.command("invite").output
        by_name = self.invite(2)
        for given, hashed in ((link, code_hash(CODE).hex()), (by_name[:12].upper(), by_name)):
            done = self.command("uninvite", given)
            self.assertEqual(done.exit_code, 0, done.exception)
            self.assertIn(hashed[:12], done.output)
        self.assertEqual(len(self.listed()), 2)
        self.refused(Code.INVITATION, self.accounts.register(ADA.new_account(), CODE, 0, 1000))
        self.use(1, ADA)

    def test_used(self) -> None:
        """One that was used can't be withdrawn, and its account stays."""
        name = self.invite(1)
        self.use(1, ADA)
        done = self.command("uninvite", name)
        self.assertIsInstance(done.exception, UsageError)
        self.assertIn("used already", str(done.exception))
        self.assertIsInstance(self.now(self.accounts.find("ada", ADA.key().public)), Account)

    def test_unknown(self) -> None:
        """What names none, several, or is no link withdraws nothing, and says where to look."""
        names = sorted(self.invite(number) for number in range(1, 200))
        self.patch(invitations, "_FEWEST", 1)
        for given, said in (
            ("", "1 characters at least"),
            (names[0][0], "several"),
            ("f" * 64, "no such"),
            (f"{PLAIN}.{encode(bytes(16))}", "no such"),
            (PLAIN, "not an invitation link"),
            (f"{PLAIN}.{encode(bytes(15))}", "not an invitation link"),
            (f"{PLAIN}.é", "not an invitation link"),
        ):
            done = self.command("uninvite", given)
            self.assertIsInstance(done.exception, UsageError, given)
            self.assertIn(said, str(done.exception))
            self.assertTrue(done.exception.hint)
        self.assertEqual(len(self.listed()), 200)

    def test_short_names(self) -> None:
        """Few letters are too few, should they even fit."""
        name = self.invite(1)
        self.assertIn("4 characters", str(self.command("uninvite", name[:3]).exception))
        self.assertEqual(self.command("uninvite", name[:4]).exit_code, 0)
