"""A backup folder: what it is, its generations, and what is left of an interrupted one."""

import os
from pathlib import Path

from anoncloud.admin import vault as vaults
from anoncloud.admin.vault import (
    MANIFEST,
    MARK,
    Manifest,
    Vault,
    digest,
    make_vault,
    occupied,
    open_vault,
)
from anoncloud.errors import LocalError, NotFound, UsageError
from anoncloud.server.assembly import DATABASE
from anoncloud.server.stores import ledger
from tests.support.administration import StateCase
from tests.support.server import blob_name


class VaultTests(StateCase):
    """A backup folder of a server."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.vault = make_vault(self.folder)

    def publish(self, made: int, vault: Vault | None = None) -> str:
        """Publish a generation that holds the database as it is; give its name."""
        vault = vault or self.vault
        new = vault.begin()
        ledger.copy(self.state / DATABASE, new / DATABASE)
        files = {DATABASE: digest(new / DATABASE)}
        return vault.publish(Manifest(made, "00", 1, 2, files))

    def test_made(self) -> None:
        """It is made where nothing is, for its owner alone, and opened again."""
        self.assertEqual(self.folder.stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.vault.names(), [])
        name = self.publish(0)
        for vault in (open_vault(self.folder), make_vault(self.folder)):
            self.assertEqual(vault.names(), [name])

    def test_something_else(self) -> None:
        """A folder that holds something else is left alone, and so is one of another layout."""
        other = Path(self.mktemp())
        other.mkdir()
        (other / "photo.jpg").touch()
        for folder in (other, Path(self.mktemp())):
            self.assertRaises(UsageError, open_vault, folder)
        self.assertRaises(UsageError, make_vault, other)
        self.assertEqual([path.name for path in other.iterdir()], ["photo.jpg"])
        (self.folder / MARK).write_bytes(b"2\n")
        self.assertRaises(UsageError, make_vault, self.folder)

    def test_half_made(self) -> None:
        """One that was cut off while it was made is made whole by the next."""
        full = OSError(28, "No space left on device")

        def fail(*_: object, **__: object) -> None:
            raise full

        for name in ("write_whole", "sync_folder"):
            folder = Path(self.mktemp())
            patched = self.patch(vaults, name, fail)
            self.assertRaises(LocalError, make_vault, folder)
            patched.restore()
            self.assertEqual(self.publish(0, make_vault(folder)), "19700101-000000")
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / f"{MARK}.4711.new").touch()
        self.assertEqual(make_vault(folder).names(), [])

    def test_clock_set_back(self) -> None:
        """What is made last is the newest, and the last to go, whatever the clock says."""
        self.publish(2_000_000)
        name = self.publish(1_000_000)
        self.assertEqual(self.vault.chosen(None), name)
        self.assertEqual(self.vault.prune(1), ["19700124-033320"])
        self.assertEqual(self.vault.names(), [name])

    def test_read_only(self) -> None:
        """On a disk that can't be written nobody changes it, and it needs no lock."""
        self.publish(0)
        (self.folder / "lock").mkdir()
        self.assertRaises(LocalError, occupied, self.vault)
        self.patch(vaults.os, "access", lambda _, mode: mode != os.W_OK)
        with occupied(self.vault):
            self.assertEqual(self.vault.names(), ["19700101-000000"])

    def test_names(self) -> None:
        """Generations are named by their time; two of one second have two names."""
        names = [self.publish(made) for made in (1_000_000, 1_000_000, 2_000_000)]
        expected = ["19700112-134640", "19700112-134640-2", "19700124-033320"]
        self.assertEqual(names, expected)
        self.assertEqual(self.vault.names(), expected)
        self.assertEqual(self.vault.manifest(expected[2]).made, 2_000_000)

    def test_chosen(self) -> None:
        """The newest is chosen, or the one that is named; of an unknown one the others are told."""
        self.assertRaises(NotFound, self.vault.chosen, None)
        first, second = self.publish(1), self.publish(2)
        self.assertEqual(self.vault.chosen(None), second)
        self.assertEqual(self.vault.chosen(first), first)
        error = self.assertRaises(NotFound, self.vault.chosen, "yesterday")
        self.assertIn(first, error.hint)

    def test_unfinished(self) -> None:
        """What was begun and not published is no generation, and goes at the next beginning."""
        (self.vault.begin() / "half").touch()
        self.vault.shelf.folder.joinpath("incoming").mkdir()
        (self.vault.shelf.folder / "incoming" / "half").touch()
        self.assertEqual(self.vault.names(), [])
        self.assertEqual(list(self.vault.begin().iterdir()), [])
        self.assertEqual(self.vault.shelf.aside(), [])

    def test_prune(self) -> None:
        """The oldest generations go, and of their blobs those that no other names."""
        one, two = self.blob(1), self.blob(2)
        for blob in (one, two):
            self.vault.shelf.put(blob, b"content")
        names = [self.publish(1)]
        self.write("DELETE FROM blobs WHERE blob = ?", one)
        names += [self.publish(2), self.publish(3)]
        self.assertEqual(self.vault.prune(3), [])
        self.assertIsNotNone(self.vault.shelf.size(one))
        self.assertEqual(self.vault.prune(2), names[:1])
        self.assertEqual(self.vault.names(), names[1:])
        self.assertIsNone(self.vault.shelf.size(one))
        self.assertIsNotNone(self.vault.shelf.size(two))

    def test_damaged_manifest(self) -> None:
        """A manifest that makes no sense is told; a hint says how to go on."""
        name = self.publish(1)
        (self.vault.path(name) / MANIFEST).write_bytes(b"{}")
        error = self.assertRaises(LocalError, self.vault.manifest, name)
        self.assertIn("--generation", error.hint)

    def test_one_at_a_time(self) -> None:
        """Two commands can't use it at once."""
        with occupied(self.vault):
            error = self.assertRaises(LocalError, occupied, self.vault)
            self.assertIn("another command", error.message)
        with occupied(self.vault):
            self.assertEqual(self.vault.names(), [])

    def test_unwritable(self) -> None:
        """The disk's word is told, with the place."""
        self.vault.path("x").parent.rename(self.folder / "away")
        for step in (self.vault.begin, self.vault.names):
            error = self.assertRaises(LocalError, step)
            self.assertIn(str(self.folder), error.message)

    def test_blob_names(self) -> None:
        """Blobs lie as in a state folder."""
        self.vault.shelf.put(blob_name(1), b"content")
        expected = self.shelf.path(blob_name(1)).relative_to(self.state)
        self.assertTrue((self.folder / expected).exists())
