"""The flaws of the first AnonymousCloud (2021), so that none comes back: files and names."""

import os
import random
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from anoncloud.cli.program import Program
from anoncloud.limits import KIB, MIB
from tests.support.processes import FLOOR, PASSPHRASE, Server, SystemTestCase

FILES = 12


def noise(length: int, seed: int = 0) -> bytes:
    """Give bytes that can't be compressed."""
    return random.Random(seed).randbytes(length)


class ShapeTests(SystemTestCase):
    """Fake names, behind which the tree's shape, its depth and all sizes could be seen."""

    def view(self, name: str, paths: list[str]) -> Any:
        """Store a tree on a server of its own; give all that it has of it but random bytes."""
        house = self.server(name=name)
        device = self.device(f"{name}'s device")
        device.register(house.address, "ada", self.folder / f"{name}'s kit")
        for number, path in enumerate(paths):
            self.file(f"{name}'s tree/{path}", noise(3000 + 100 * number, number))
        device.do("put", "-r", self.folder / f"{name}'s tree", "/")
        house.stop()
        with sqlite3.connect(house.state / "accounts.sqlite") as database:
            tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            rows = {
                table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for (table,) in tables.fetchall()
            }
            blobs = database.execute("SELECT size, state FROM blobs").fetchall()
        database.close()
        top = house.state / "blobs"
        stored = [path for path in top.rglob("*") if path.is_file()]
        depths = Counter(len(path.relative_to(top).parts) for path in stored)
        return rows, sorted(blobs), sorted(path.stat().st_size for path in stored), depths

    def test_flat_and_deep(self) -> None:
        """Twelve files in one folder and twelve down a path of twelve look the same."""
        flat = self.view("flat", [f"file {number}" for number in range(FILES)])
        deep = self.view("deep", ["/".join("d" * number + "f") for number in range(FILES)])
        self.assertEqual(flat, deep)
        self.assertEqual(len(flat[1]), 1)  # all of them in one small blob


class SpaceTests(SystemTestCase):
    """A file that grew by a third, and a ciphertext that stayed when something went wrong."""

    def stored(self, house: Server) -> int:
        """Add up the blobs of a server."""
        found = (house.state / "blobs").rglob("*")
        return sum(path.stat().st_size for path in found if path.is_file())

    def test_growth(self) -> None:
        """Ten MiB take no more than five per cent more."""
        house = self.server()
        ada = self.ada(house)
        ada.do("put", self.file("f", noise(10 * MIB)), "/f")
        self.assertGreaterEqual(self.stored(house), 10 * MIB)
        self.assertLessEqual(self.stored(house), int(10 * MIB * 1.05))

    def test_nothing_stays(self) -> None:
        """A put that a full quota ends leaves nothing beside the file, in TMPDIR or state."""
        ada = self.ada(self.server("--quota", "5MiB"))
        source, temporary = self.file("source/f", noise(10 * MIB)).parent, self.folder / "tmp"
        temporary.mkdir()
        before = {path.relative_to(ada.state) for path in ada.state.rglob("*") if path.is_file()}
        done = ada.run("put", source / "f", "/f", TMPDIR=str(temporary))
        self.assertEqual(done.code, 8, done.err)
        self.assertEqual([path.name for path in source.iterdir()], ["f"])
        self.assertEqual(list(temporary.iterdir()), [])
        after = {path.relative_to(ada.state) for path in ada.state.rglob("*") if path.is_file()}
        self.assertEqual({path for path in after - before if "unfinished" not in path.parts}, set())
        self.assertEqual(ada.do("ls").out, b"")


class SecretsTests(SystemTestCase):
    """A key that lay in a file for good, and names from a generator that could be foretold."""

    def test_no_stay(self) -> None:
        """A registration that is not to stay leaves no key, and no kit, on the disk."""
        house, ada = self.server(), self.device("ada")
        kit = self.folder / "kit"
        words = ("register", house.address, "ada", "--kit", kit, "--no-stay", *FLOOR)
        ada.do(*words, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        found = [path for path in ada.state.rglob("*") if path.is_file()]
        self.assertEqual({path.parent.parent.name for path in found} - {"drives"}, set())
        whole = b"".join(path.read_bytes() for path in found)
        self.assertLess(len(whole), 16 * KIB)
        self.assertNotIn(kit.read_bytes().strip(), whole)
        self.assertEqual(ada.run("ls").code, 7)

    def test_source_of_randomness(self) -> None:
        """All that is drawn comes from the operating system's generator."""
        here = Program(None, Path(self.mktemp())).surroundings()  # type: ignore[arg-type]
        self.assertIs(here.entropy, os.urandom)
