"""A server copied out of its state folder while it changes, and back again."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import json, structs

from anoncloud.admin import copying
from anoncloud.admin.copying import Copied, back_up, check_empty, put_back
from anoncloud.admin.vault import FILES, MANIFEST, digest, make_vault
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.ids import BlobId
from anoncloud.server.assembly import DATABASE
from anoncloud.server.identity import KEY_FILE, OLDER_FILE, change_key, make_state_dir
from anoncloud.server.stores.journal import State
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.shelf import Shelf
from tests.support.administration import StateCase
from tests.support.entropy import counting


class CopyingCase(StateCase):
    """A state folder with blobs, and a backup folder."""

    def setUp(self) -> None:
        super().setUp()
        self.vault = make_vault(Path(self.mktemp()))
        self.blobs = [self.blob(number) for number in range(3)]

    def back_up(self, now: int = 1000) -> tuple[str, Copied]:
        """Make a backup."""
        return back_up(self.state, self.vault, now)

    def put_back(self, name: str) -> tuple[Path, Copied]:
        """Restore a generation into a new state folder."""
        state = Path(self.mktemp())
        make_state_dir(state)
        return state, put_back(self.vault, name, state)

    def file(self, blob: BlobId) -> str:
        """Give the file of a blob, in whatever folder."""
        return str(self.shelf.path(blob).relative_to(self.shelf.folder))

    def hook(self, before: Any) -> None:
        """Let *before* be called with each blob that is about to be read anywhere."""
        read = Shelf.read

        def hooked(shelf: Shelf, blob: BlobId) -> bytes | None:
            before(blob)
            return read(shelf, blob)

        self.patch(Shelf, "read", hooked)


class BackUpTests(CopyingCase):
    """Out of the state folder."""

    def test_all(self) -> None:
        """Blobs that a journal names, the database, the keys and the address are in it."""
        change_key(self.state, counting(b"second"))
        name, done = self.back_up()
        self.assertEqual(done, Copied(copied=3, bytes=300))
        for blob in self.blobs:
            self.assertEqual(self.vault.shelf.read(blob), self.shelf.read(blob))
        manifest = self.vault.manifest(name)
        self.assertEqual(set(manifest.files), set(FILES))
        self.assertEqual((manifest.made, manifest.blobs, manifest.bytes), (1000, 3, 300))
        for file in (KEY_FILE, OLDER_FILE, "address"):
            kept = self.vault.path(name) / file
            self.assertEqual(kept.read_bytes(), (self.state / file).read_bytes())
        for kept in self.vault.path(name).iterdir():
            self.assertEqual(kept.stat().st_mode & 0o777, 0o600, kept.name)

    def test_incremental(self) -> None:
        """What the folder has is not copied again, nor read."""
        self.back_up()
        new = self.blob(7)
        read: list[BlobId] = []
        self.hook(read.append)
        _, done = self.back_up(2000)
        self.assertEqual(done, Copied(copied=1, bytes=100, kept=3))
        self.assertEqual(read, [new])
        self.assertEqual(len(self.vault.names()), 2)

    def test_only_stored(self) -> None:
        """Uploads that are under way, and what was dropped, are left out."""
        staged, dropped = self.blob(7, State.STAGED), self.blob(8, State.DROPPED)
        name, done = self.back_up()
        self.assertEqual(done.copied, 3)
        with Ledger(self.vault.path(name) / DATABASE) as snapshot:
            known = [blob for blob in (staged, dropped, *self.blobs) if snapshot.row(blob)]
        self.assertEqual(known, self.blobs)

    def test_damaged(self) -> None:
        """Of damaged and missing blobs it tells, and copies all others."""
        self.flip(self.shelf.path(self.blobs[0]))
        self.shelf.path(self.blobs[1]).unlink()
        _, done = self.back_up()
        self.assertCountEqual(done.wrong, [self.file(blob) for blob in self.blobs[:2]])
        self.assertEqual(done.copied, 1)
        self.assertIsNone(self.vault.shelf.size(self.blobs[0]))

    def test_damaged_later(self) -> None:
        """What was backed up whole stays, whatever becomes of it in the server."""
        self.back_up()
        whole = self.shelf.read(self.blobs[0])
        self.flip(self.shelf.path(self.blobs[0]))
        self.back_up(2000)
        self.assertEqual(self.vault.shelf.read(self.blobs[0]), whole)

    def test_collected_meanwhile(self) -> None:
        """If a blob goes while others are copied, the database is taken anew, and fits."""
        last = max(self.blobs)

        def collect(_: BlobId) -> None:
            self.write("DELETE FROM blobs WHERE blob = ?", last)
            self.shelf.path(last).unlink(missing_ok=True)

        self.hook(collect)
        name, done = self.back_up()
        self.assertEqual((done.wrong, self.vault.manifest(name).blobs), ([], 2))
        with Ledger(self.vault.path(name) / DATABASE) as snapshot:
            self.assertIsNone(snapshot.row(last))

    def test_collected_too_fast(self) -> None:
        """If blobs go faster than it can copy, it gives up; what there was before stays."""
        before, _ = self.back_up()

        def collect(blob: BlobId) -> None:
            self.write("DELETE FROM blobs WHERE blob = ?", blob)
            self.shelf.path(blob).unlink(missing_ok=True)

        for number in range(7, 7 + copying.TRIES):
            self.blob(number)
        self.hook(collect)
        error = self.assertRaises(LocalError, self.back_up)
        self.assertIn("keep_dropped_days", error.hint)
        self.assertEqual(self.vault.names(), [before])

    def test_came_meanwhile(self) -> None:
        """One that comes in anew while it is read is read once more."""
        whole = {blob: self.shelf.read(blob) for blob in self.blobs}
        for blob in self.blobs:
            self.shelf.path(blob).write_bytes(b"half")
        seen: list[BlobId] = []

        def come(blob: BlobId) -> None:
            if blob in seen:
                self.shelf.put(blob, whole[blob])
            seen.append(blob)

        self.hook(come)
        _, done = self.back_up()
        self.assertEqual((done.copied, done.wrong), (3, []))

    def test_interrupted(self) -> None:
        """One that is cut off anywhere leaves the generation before it whole, and goes on later."""
        before, _ = self.back_up()
        for number in (7, 8, 9):
            self.blob(number)
        seen: list[BlobId] = []

        def cut(blob: BlobId) -> None:
            seen.append(blob)
            if len(seen) == 2:
                raise KeyboardInterrupt

        patched = self.patch(
            copying, "_read", lambda shelf, row: cut(row.blob) or shelf.read(row.blob)
        )
        self.assertRaises(KeyboardInterrupt, self.back_up)
        patched.restore()
        self.assertEqual(self.vault.names(), [before])
        _, done = self.put_back(before)
        self.assertEqual((done.copied, done.wrong), (3, []))
        _, done = self.back_up(2000)
        self.assertEqual((done.copied, done.kept), (2, 4))

    def test_full_disk(self) -> None:
        """If there is no room that is told, and the generation before it stays."""
        before, _ = self.back_up()
        self.blob(7)

        def fail(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        self.patch(Shelf, "put", fail)
        error = self.assertRaises(LocalError, self.back_up, 2000)
        self.assertIn("No space left", error.message)
        self.assertEqual(self.vault.names(), [before])

    def test_another_server(self) -> None:
        """A folder takes the generations of one server, whose key may change."""
        self.back_up()
        change_key(self.state, counting(b"second"))
        self.back_up(2000)
        self.state = self.new_server(b"another")
        error = self.assertRaises(UsageError, self.back_up)
        self.assertIn("another server", error.message)
        (self.state / KEY_FILE).unlink()
        self.assertRaises(UsageError, self.back_up)
        self.assertFalse((self.state / KEY_FILE).exists())

    def test_damaged_database(self) -> None:
        """A database with faults makes no generation."""
        self.write("INSERT INTO blobs VALUES (x'99', x'98', 1, 1, 1, NULL)")
        error = self.assertRaises(LocalError, self.back_up)
        self.assertIn("damaged", error.message)
        self.assertEqual(self.vault.names(), [])


class PutBackTests(CopyingCase):
    """Into an empty state folder."""

    def setUp(self) -> None:
        super().setUp()
        self.name, _ = self.back_up()

    def test_all(self) -> None:
        """Everything is as it was, for its owner alone."""
        state, done = self.put_back(self.name)
        self.assertEqual(done, Copied(copied=3, bytes=300))
        for blob in self.blobs:
            self.assertEqual(Shelf(state / "blobs").read(blob), self.shelf.read(blob))
        for file in (KEY_FILE, "address"):
            self.assertEqual((state / file).read_bytes(), (self.state / file).read_bytes())
        with Ledger(state / DATABASE) as restored, Ledger(self.state / DATABASE) as before:
            self.assertEqual(restored.page(b""), before.page(b""))
        for path in state.iterdir():
            self.assertEqual(path.stat().st_mode & 0o077, 0, path.name)

    def test_older(self) -> None:
        """An older generation gives what there was then."""
        self.blob(7)
        self.back_up(2000)
        state, done = self.put_back(self.name)
        self.assertEqual(done.copied, 3)
        with Ledger(state / DATABASE) as restored:
            self.assertEqual(restored.totals(), (3, 300))

    def test_not_empty(self) -> None:
        """Where a server is, or a part of one, nothing is touched."""
        manifest = self.vault.manifest(self.name)
        check_empty(Path(self.mktemp()), manifest)
        for name in FILES:
            state = Path(self.mktemp())
            state.mkdir()
            (state / name).touch()
            self.assertRaises(Exists, check_empty, state, manifest)

    def test_damaged_blobs(self) -> None:
        """Damaged and missing blobs are told; all others are restored."""
        self.flip(self.vault.shelf.path(self.blobs[0]))
        self.vault.shelf.path(self.blobs[1]).unlink()
        state, done = self.put_back(self.name)
        self.assertCountEqual(done.wrong, [self.file(blob) for blob in self.blobs[:2]])
        self.assertEqual(done.copied, 1)
        self.assertIsNone(Shelf(state / "blobs").size(self.blobs[0]))
        self.assertTrue((state / DATABASE).exists())

    def test_damaged_files(self) -> None:
        """A damaged database or key is found before anything is written."""
        for file in (DATABASE, KEY_FILE, "address"):
            kept = self.vault.path(self.name) / file
            before = kept.read_bytes()
            self.flip(kept)
            state = Path(self.mktemp())
            state.mkdir()
            error = self.assertRaises(LocalError, put_back, self.vault, self.name, state)
            self.assertIn("--generation", error.hint)
            self.assertEqual(list(state.iterdir()), [])
            kept.write_bytes(before)

    def test_carried_on(self) -> None:
        """What one that was cut off has restored is kept if it is whole, and else replaced."""
        state = Path(self.mktemp())
        make_state_dir(state)
        shelf = Shelf(state / "blobs")
        shelf.folder.mkdir()
        for blob in self.blobs[:2]:
            shelf.put(blob, self.shelf.read(blob))
        self.flip(shelf.path(self.blobs[1]))
        done = put_back(self.vault, self.name, state)
        self.assertEqual(done, Copied(copied=2, bytes=200, kept=1))
        for blob in self.blobs:
            self.assertEqual(shelf.read(blob), self.shelf.read(blob))

    def test_newer(self) -> None:
        """A generation of a newer release is not restored."""
        folder, manifest = self.vault.path(self.name), self.vault.manifest(self.name)
        with closing(sqlite3.connect(folder / DATABASE)) as connection:
            connection.execute("PRAGMA user_version = 999")
        files = {**manifest.files, DATABASE: digest(folder / DATABASE)}
        (folder / MANIFEST).write_bytes(json.encode(structs.replace(manifest, files=files)))
        error = self.assertRaises(LocalError, self.put_back, self.name)
        self.assertIn("newer release", error.message)
