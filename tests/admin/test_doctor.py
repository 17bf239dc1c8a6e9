"""``doctor``: names each fault that was planted, and no other."""

import json
import pwd
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from anoncloud.admin import checking, main
from anoncloud.admin.doctor import SHOWN
from anoncloud.errors import LocalError, UsageError
from anoncloud.server.identity import KEY_FILE
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.shelf import Shelf
from tests.support.administration import StateCase
from tests.support.server import blob_name


class DoctorTests(StateCase):
    """The command on a state folder."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(checking, "disk", lambda _: ())
        self.blobs = [self.blob(number, state) for number, state in enumerate(State)]

    def kinds(self, code: int = 1) -> list[str]:
        """Give the kinds of findings."""
        found = self.value("doctor", code=code)
        self.assertTrue(all(one["what"] and one["todo"] for one in found))
        return [one["kind"] for one in found]

    def test_well(self) -> None:
        """Where all is well that is said."""
        done = self.command("doctor")
        self.assertEqual((done.exit_code, done.output), (0, "All is well.\n"))
        self.assertEqual(self.value("doctor"), [])

    def test_shown(self) -> None:
        """A finding has a line that says what it is, and one that says what to do."""
        (self.state / KEY_FILE).chmod(0o644)
        done = self.command("doctor")
        key = self.state / KEY_FILE
        expected = f"{key} has mode 644: others may use it\n    chmod 600 {key}\n1 finding.\n"
        self.assertEqual((done.exit_code, done.output), (1, expected))

    def test_missing(self) -> None:
        """Blobs that are missing, or of a wrong length, are named, whatever their state."""
        self.shelf.path(self.blobs[0]).unlink()
        self.shelf.path(self.blobs[1]).write_bytes(b"short")
        (found,) = self.value("doctor", code=1)
        self.assertEqual(found["kind"], "missing")
        self.assertTrue(found["what"].startswith("2 files"))
        for blob in self.blobs[:2]:
            self.assertIn(self.shelf.path(blob).name, found["what"])
        self.assertNotIn(self.shelf.path(self.blobs[2]).name, found["what"])

    def test_many(self) -> None:
        """Of very many files some are named, and all are counted."""
        for number in range(SHOWN + 3):
            self.shelf.path(self.blob(100 + number)).unlink()
        (found,) = self.value("doctor", code=1)
        self.assertTrue(found["what"].startswith(f"{SHOWN + 3} files"))
        self.assertTrue(found["what"].endswith(" and 3 more"))

    def test_strange_files(self) -> None:
        """Old files that nobody knows, what is no blob, and left-overs of uploads are told."""
        self.shelf.put(blob_name(77), b"an orphan")
        self.assertEqual(self.kinds(0), [])
        self.age(self.shelf.path(blob_name(77)))
        self.assertEqual(self.kinds(), ["orphan"])
        self.shelf.path(self.blobs[0]).with_name("notes.txt").touch()
        left = self.shelf.folder / "incoming" / "left"
        left.touch()
        self.age(left)
        self.assertEqual(self.kinds(), ["orphan", "stranger", "stale"])

    def test_gone_meanwhile(self) -> None:
        """What a running server removes while it is looked at is no finding."""
        gone = self.shelf.path(blob_name(77))
        real = Shelf.blobs
        self.patch(Shelf, "blobs", lambda shelf: [*real(shelf), (blob_name(77), gone)])
        listed = Path.iterdir
        passing = self.state / "accounts.sqlite-wal"
        self.patch(Path, "iterdir", lambda path: (*listed(path), *[passing] * (path == self.state)))
        self.assertEqual(self.value("doctor"), [])

    def test_cut_short(self) -> None:
        """What was found before something can't be looked at is told all the same."""

        def newest(_: Ledger) -> int:
            message = "reading the database: it is malformed"
            raise LocalError(message, "restore a backup")

        self.patch(Ledger, "newest", newest)
        self.patch(Ledger, "faults", lambda _: ["page 7 is never used"])
        self.assertEqual(self.kinds(), ["database", "unreadable"])

    def test_database(self) -> None:
        """A database with faults, of another release, or none at all, is told."""
        self.write("INSERT INTO blobs VALUES (x'99', x'98', 1, 1, 1, NULL)")
        self.assertEqual(self.kinds(), ["database", "missing"])
        self.write("DELETE FROM blobs WHERE blob = x'99'")
        for version, todo in ((1, "anoncloud-admin upgrade"), (999, "update this program")):
            self.write(f"PRAGMA user_version = {version}")
            (found,) = self.value("doctor", code=1)
            self.assertEqual(found["kind"], "schema")
            self.assertIn(todo, found["todo"])
        (self.state / "accounts.sqlite").write_bytes(b"no database" * 1000)
        self.assertEqual(self.kinds(), ["unreadable"])

    def test_key(self) -> None:
        """A key that is missing or damaged is told, and none is made."""
        (self.state / KEY_FILE).write_bytes(b"short")
        self.assertEqual(self.kinds(), ["unreadable"])
        (self.state / KEY_FILE).unlink()
        self.assertEqual(self.kinds(), ["key"])
        self.assertFalse((self.state / KEY_FILE).exists())

    def test_clock(self) -> None:
        """Something that was stored tomorrow shows that the clock is wrong."""
        self.write("UPDATE blobs SET since = 99999999999")
        self.assertEqual(self.kinds(), ["clock"])

    def test_address(self) -> None:
        """An address that is none is told."""
        (self.state / "address").write_text("nonsense")
        self.assertEqual(self.kinds(), ["address"])

    def test_unreadable(self) -> None:
        """What can't be looked at is a finding, and everything else is looked at."""

        def fail(*_: object) -> None:
            raise PermissionError(13, "Permission denied", "/a/place")

        self.patch(checking, "permissions", fail)
        (self.state / "address").write_text("nonsense")
        found = self.value("doctor", code=1)
        self.assertEqual([one["kind"] for one in found], ["unreadable", "address"])
        self.assertIn("/a/place", found[0]["what"])

    def test_workers(self) -> None:
        """What the settings say of workers' users is taken into account."""
        config = Path(self.mktemp())
        config.write_text('worker_user = "nobody"\n')
        words = ("--config", str(config), "--state-dir", str(self.state), "doctor", "--json")
        asked: list[Any] = []
        self.patch(checking, "permissions", lambda *given: asked.append(given) or ())
        self.assertEqual(CliRunner().invoke(main.cli, words).exit_code, 0)
        self.assertEqual(asked, [(self.state, pwd.getpwnam("nobody").pw_uid)])
        config.write_text('worker_user = "nobody-has-this-name"\n')
        found = json.loads(CliRunner().invoke(main.cli, words).output)
        self.assertEqual([one["kind"] for one in found], ["unreadable"])

    def test_nothing_is_changed(self) -> None:
        """It changes nothing."""
        self.flip(self.shelf.path(self.blobs[0]))
        before = {path: path.read_bytes() for path in self.state.rglob("*") if path.is_file()}
        self.command("doctor")
        after = {path: path.read_bytes() for path in self.state.rglob("*") if path.is_file()}
        self.assertEqual(
            {path for path in after if path.suffix not in {".sqlite-shm", ".sqlite-wal"}}
            - set(before),
            {self.state / "lock"},
        )
        self.assertEqual({path: after[path] for path in before}, before)

    def test_no_server(self) -> None:
        """Where no server is, that is said."""
        self.refused(UsageError, "doctor", state=self.state / "nowhere")
