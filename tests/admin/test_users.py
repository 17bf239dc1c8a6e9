"""The users of a server: listed, locked, given room, deleted."""

import json
import re
from typing import Any

from anoncloud.admin import users
from anoncloud.errors import Code, NotFound, UsageError
from anoncloud.limits import MIB
from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Schedules
from tests.support.administration import DAY, AdminTestCase
from tests.support.server import ADA, BOB, blob_name


class UsersTests(AdminTestCase):
    """``users`` beside a server with Ada and Bob."""

    def setUp(self) -> None:
        super().setUp()
        for person in (BOB, ADA):
            self.now(self.accounts.register(person.new_account(), None, 0, 1000))
        self.patch(users.time, "time", lambda: 90_000.5)

    def enter(self, late: float = 0.0) -> Any:
        """Let Ada log in."""
        attempt = Attempt("ada", ADA.key().public, "", 1000 + late)
        return self.accounts.enter(attempt, Schedules())

    def test_none(self) -> None:
        """That there is nobody is said."""
        for name in ("ada", "bob"):
            self.assertEqual(self.command("users", "delete", name, "--yes").exit_code, 0)
        self.assertEqual(self.command("users").output, "There are no users.\n")
        self.assertEqual(self.command("users", "--json").output, "[]\n")

    def test_list(self) -> None:
        """All are shown in a table, with "list" or without."""
        self.now(self.enter(DAY))
        self.now(self.journal.stage([(blob_name(1), ADA.drive, 3 * MIB)], 0))
        self.command("users", "quota", "ada", "5MiB")
        self.command("users", "lock", "bob")
        for words in (("users",), ("users", "list")):
            done = self.command(*words)
            self.assertEqual(done.exit_code, 0, done.exception)
            rows = [re.split(r" {2,}", line) for line in done.output.splitlines()]
            self.assertEqual(
                rows,
                [
                    ["NAME", "STATE", "USED", "QUOTA", "BLOBS", "DEVICES", "LAST LOGIN (UTC)"],
                    ["ada", "open", "3.0 MiB", "5.0 MiB", "1", "0", "1970-01-02"],
                    ["bob", "locked since 1970-01-02 01:00", "0 B", "none", "0", "0", "never"],
                ],
            )

    def test_dropped(self) -> None:
        """What was removed and is still kept is shown beside."""
        self.now(self.journal.stage([(blob_name(1), ADA.drive, 3 * MIB)], 0))
        self.journal.blobs[blob_name(1)].state = "dropped"
        self.assertIn("0 B (and 3.0 MiB removed)", self.command("users").output)

    def test_json(self) -> None:
        """The same as JSON: bytes, seconds, and names of fields that stay."""
        self.now(self.enter(DAY))
        for words in (("users", "--json"), ("--json", "users"), ("users", "list", "--json")):
            ada, bob = json.loads(self.command(*words).output)
            self.assertEqual(
                ada,
                {
                    "name": "ada",
                    "stored": 0,
                    "dropped": 0,
                    "quota": 0,
                    "blobs": 0,
                    "devices": 0,
                    "locked": 0,
                    "seen": DAY,
                },
            )
            self.assertEqual(bob["name"], "bob")

    def test_lock(self) -> None:
        """A locked account can't log in, an unlocked one can."""
        done = self.command("users", "lock", "ada")
        self.assertIn("ada is locked", done.output)
        self.refused(Code.LOCKED, self.enter())
        value = json.loads(self.command("users", "unlock", "ada", "--json").output)
        self.assertEqual(value, {"name": "ada", "locked": False})
        self.assertEqual(self.now(self.enter()).account.name, "ada")

    def test_quota(self) -> None:
        """A quota is set, or taken away; one that makes no sense is told with what would."""
        for given, expected, said in (
            ("2MiB", 2 * MIB, "ada may store 2.0 MiB."),
            ("0", 0, "as much as there is room for"),
        ):
            self.assertIn(said, self.command("users", "quota", "ada", given).output)
            self.assertEqual(self.now(self.journal.usage(ADA.drive)).quota, expected)
        error = self.command("users", "quota", "ada", "much").exception
        self.assertIsInstance(error, UsageError)
        self.assertIn("MiB", str(error))

    def test_delete(self) -> None:
        """It asks; only a yes, or --yes, deletes."""
        done = self.command("users", "delete", "ada")
        self.assertEqual(done.exit_code, 1)
        self.assertIn("Delete ada and everything", done.stderr)
        self.assertEqual(self.now(self.enter()).account.name, "ada")
        done = self.command("users", "delete", "ada", "--yes")
        self.assertIn("ada is deleted", done.output)
        self.refused(Code.LOGIN, self.enter())
        self.assertEqual([user.name for user in self.now(self.upkeep.users())], ["bob"])

    def test_nobody(self) -> None:
        """A name that nobody has is told, with where to look."""
        for words in (("lock",), ("unlock",), ("quota", "5MiB"), ("delete", "--yes")):
            done = self.command("users", words[0], "eve", *words[1:])
            self.assertIsInstance(done.exception, NotFound, words)
            self.assertIn("'eve'", str(done.exception))
            self.assertIn("anoncloud-admin users", done.exception.hint)
