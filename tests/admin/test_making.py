"""A server's state made, its key changed, its database brought up to date."""

import json
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from anoncloud.admin import making
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.server.assembly import DATABASE
from anoncloud.server.identity import KEY_FILE, address, encode, load_or_make
from anoncloud.server.occupancy import occupy
from anoncloud.server.stores import ledger
from anoncloud.server.stores.database import newest_step
from anoncloud.server.stores.ledger import Ledger
from tests.support.administration import DAY, PLAIN, AdminTestCase, StateCase
from tests.support.entropy import counting


class InitTests(AdminTestCase):
    """``init``."""

    def setUp(self) -> None:
        super().setUp()
        self.state = Path(self.mktemp())
        self.patch(making, "urandom", counting(b"made"))
        self.patch(making.time, "time", lambda: 1000.5)

    def test_made(self) -> None:
        """Folder, key, database and address are there; the invitation is for a week."""
        done = self.command("init", "--public-host", "cloud.example", "--listen", "tcp:777")
        self.assertEqual(done.exit_code, 0, done.exception)
        found, is_new = load_or_make(self.state, counting())
        self.assertFalse(is_new)
        plain = address("cloud.example", 777, found.public)
        self.assertEqual((self.state / "address").read_text(), plain + "\n")
        first, second = done.output.splitlines()
        self.assertEqual(first, f"AnonymousCloud is at {plain}")
        self.assertIn(f"{plain}.", second)
        (invitation,) = self.now(self.accounts.invitations())
        self.assertEqual((invitation.expires, invitation.used), (1000 + 7 * DAY, 0))
        with Ledger(self.state / DATABASE) as ledger:
            self.assertEqual(ledger.version(), newest_step())
        for path in (self.state, *self.state.iterdir()):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path.name)

    def test_settings(self) -> None:
        """Where the server will be is taken from its settings, unless it is said."""
        config = Path(self.mktemp())
        config.write_text('public_host = "a.example"\nlisten = "tcp:5"\n')
        done = self.command("--config", str(config), "init", "--listen", "tcp:6", "--json")
        value = json.loads(done.output)
        self.assertTrue(value["address"].startswith("anoncloud://a.example:6/#"))
        self.assertEqual(value["invitation"].rpartition(".")[0], value["address"])
        self.assertEqual(value["expires"], 1000 + 7 * DAY)

    def test_refused(self) -> None:
        """Where a server is, or a part of one, nothing is made or changed."""
        self.command("init")
        before = {path.name: path.read_bytes() for path in self.state.iterdir()}
        for gone in ("", KEY_FILE):
            if gone:
                (self.state / gone).unlink()
                del before[gone]
            done = self.command("init")
            self.assertIsInstance(done.exception, Exists)
            self.assertIn(str(self.state), str(done.exception))
            after = {path.name: path.read_bytes() for path in self.state.iterdir()}
            self.assertEqual(after, before)


class UpgradeTests(StateCase):
    """``upgrade``."""

    def old(self) -> Path:
        """Make the database one of the first release; give the place of the copy."""
        for suffix in ("", "-wal", "-shm"):
            (self.state / (DATABASE + suffix)).unlink(missing_ok=True)
        first = files("anoncloud.server.stores") / "schema" / "001.sql"
        with closing(sqlite3.connect(self.state / DATABASE)) as connection:
            connection.executescript(first.read_text() + "PRAGMA user_version = 1;")
        return self.state / "accounts.step-001.sqlite"

    def version(self, path: Path) -> int:
        """Give the step of a database."""
        with Ledger(path) as ledger:
            return ledger.version()

    def test_done(self) -> None:
        """The steps are made, and a copy of what was before stays, for the owner alone."""
        kept = self.old()
        value = self.value("upgrade")
        self.assertEqual(value, {"before": 1, "after": newest_step(), "copy": str(kept)})
        self.assertEqual(self.version(self.state / DATABASE), newest_step())
        self.assertEqual(self.version(kept), 1)
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        done = self.command("upgrade")
        self.assertIn("up to date", done.output)

    def test_said(self) -> None:
        """What was done is said, and where the copy is."""
        kept = self.old()
        said = self.command("upgrade").output
        self.assertIn(f"{newest_step() - 1} steps on", said)
        self.assertIn(str(kept), said)

    def test_killed(self) -> None:
        """Killed while it copies, it leaves nothing that looks like a copy; the next one goes."""
        kept, copy = self.old(), ledger.copy

        def killed(source: Path, target: Path) -> None:
            target.write_bytes(b"half of it")
            raise KeyboardInterrupt

        self.patch(ledger, "copy", killed)
        self.assertEqual(self.command("upgrade").exit_code, 1)
        self.assertFalse(kept.exists())
        self.patch(ledger, "copy", copy)
        self.assertEqual(self.value("upgrade")["copy"], str(kept))
        self.assertEqual(self.version(kept), 1)
        self.assertEqual([path.name for path in self.state.glob("*.new")], [])

    def test_copy_in_the_way(self) -> None:
        """A copy of an earlier upgrade is not overwritten, and nothing is done."""
        kept = self.old()
        kept.write_bytes(b"an earlier one")
        self.assertIn(str(kept), self.refused(UsageError, "upgrade"))
        self.assertEqual(self.version(self.state / DATABASE), 1)
        self.assertEqual(kept.read_bytes(), b"an earlier one")

    def test_no_room(self) -> None:
        """If it can't be copied nothing is done, and no half of a copy stays."""
        kept = self.old()

        def fail(source: Path, target: Path) -> None:
            message = f"copying {source} to {target}"
            raise LocalError(message, "make room")

        self.patch(ledger, "copy", fail)
        self.refused(LocalError, "upgrade")
        self.assertEqual(self.version(self.state / DATABASE), 1)
        self.assertFalse(kept.exists())

    def test_running(self) -> None:
        """While a server runs nothing is done."""
        self.old()
        with occupy(self.state):
            self.assertIn("another server", self.refused(LocalError, "upgrade"))
        self.assertEqual(self.version(self.state / DATABASE), 1)

    def test_newer(self) -> None:
        """What a newer release has made is not touched."""
        self.write("PRAGMA user_version = 999")
        self.assertIn("newer release", self.refused(LocalError, "upgrade"))
        self.assertEqual(self.version(self.state / DATABASE), 999)

    def test_no_server(self) -> None:
        """Where no server is, no database is made."""
        state = Path(self.mktemp())
        self.refused(UsageError, "upgrade", state=state)
        self.assertFalse(state.exists())


class ChangeKeyTests(AdminTestCase):
    """``change-key``."""

    def setUp(self) -> None:
        super().setUp()
        self.before, _ = load_or_make(self.state, counting(b"first"))
        self.patch(making, "urandom", counting(b"second"))

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
