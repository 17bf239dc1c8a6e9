"""What can be wrong with a server: each check names its fault, and is silent otherwise."""

import os
import socket
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.admin import checking
from anoncloud.admin.checking import AHEAD, EARLIEST, Symptom
from anoncloud.limits import GIB
from tests.support.administration import DAY, PLAIN, StateCase


class CheckCase(StateCase):
    """A test of one check."""

    def told(self, found: Iterable[Symptom], kind: str, *said: str) -> None:
        """See that there is one symptom, of *kind*, that says so and what to do."""
        (symptom,) = found
        self.assertEqual(symptom.kind, kind)
        for words in said:
            self.assertIn(words, symptom.what)
        self.assertTrue(symptom.todo)

    def well(self, found: Iterable[Symptom]) -> None:
        """See that there are none."""
        self.assertEqual(list(found), [])


class FolderTests(CheckCase):
    """Permissions, owners, room."""

    def test_permissions(self) -> None:
        """What others may use is named, with the mode that it should have."""
        self.well(checking.permissions(self.state))
        for name, mode, wanted in (
            (".", 0o750, "700"),
            ("server.key", 0o640, "600"),
            ("accounts.sqlite", 0o604, "600"),
            ("blobs", 0o711, "700"),
        ):
            path = self.state / name
            before = path.stat().st_mode
            path.chmod(mode)
            (symptom,) = checking.permissions(self.state)
            self.assertEqual(symptom.kind, "permissions")
            self.assertEqual(symptom.todo, f"chmod {wanted} {path}")
            path.chmod(before)
        self.well(checking.permissions(self.state))

    def test_address_is_no_secret(self) -> None:
        """The address may be read by others, and so may a file of the owner's own."""
        (self.state / "address").chmod(0o644)
        (self.state / "notes").touch(0o644)
        self.well(checking.permissions(self.state))

    def test_owners(self) -> None:
        """Files of another user are named, and so is that this command runs as another."""
        real = Path.lstat

        def lstat(path: Path) -> Any:
            told = real(path)
            other = told.st_uid + (path.name == "server.key")
            return SimpleNamespace(st_mode=told.st_mode, st_uid=other)

        patched = self.patch(Path, "lstat", lstat)
        self.told(checking.permissions(self.state), "owner", "server.key")
        patched.restore()
        self.patch(os, "geteuid", lambda: self.state.stat().st_uid + 7)
        self.told(checking.permissions(self.state), "owner", "this command runs as")

    def test_workers(self) -> None:
        """Workers of another user have database and blobs, and pass through; not the key."""
        owner = self.state.stat().st_uid
        real = Path.lstat
        theirs = {"accounts.sqlite", "blobs"}

        def lstat(path: Path) -> Any:
            other = owner + (path.name in theirs)
            return SimpleNamespace(st_mode=real(path).st_mode, st_uid=other)

        self.patch(Path, "lstat", lstat)
        self.state.chmod(0o711)
        self.well(checking.permissions(self.state, owner + 1))
        kinds = [one.kind for one in checking.permissions(self.state)]
        self.assertEqual(kinds, ["permissions", "owner", "owner"])
        self.state.chmod(0o755)
        (symptom,) = checking.permissions(self.state, owner + 1)
        self.assertEqual(symptom.todo, f"chmod 711 {self.state}")
        self.state.chmod(0o711)
        theirs.add("server.key")
        self.told(checking.permissions(self.state, owner + 1), "owner", "server.key")

    def test_disk(self) -> None:
        """Little room, and few files that can be made, are told; 0 files are no number."""
        for free, files, left, expected in (
            (5 * GIB, 100, 50, []),
            (5 * GIB, 0, 0, []),
            (GIB - 4096, 100, 50, ["disk"]),
            (4 * GIB, 100, 50, ["disk"]),
            (5 * GIB, 100, 4, ["disk"]),
            (0, 100, 0, ["disk", "disk"]),
        ):
            told = SimpleNamespace(
                f_bavail=free // 4096,
                f_blocks=100 * GIB // 4096,
                f_frsize=4096,
                f_files=files,
                f_favail=left,
            )
            self.patch(os, "statvfs", lambda _, told=told: told)
            self.assertEqual([one.kind for one in checking.disk(self.state)], expected)

    def test_stale(self) -> None:
        """Uploads that were cut off long ago are told; what comes in now, or has gone, is not."""
        young, old, gone = (self.state / name for name in ("young", "old", "gone"))
        for path in (young, old):
            path.touch()
        self.age(old)
        now = time.time()
        self.well(checking.stale([young, gone], now, is_running=True))
        for is_running, todo in ((True, "restart"), (False, "start the server")):
            (symptom,) = checking.stale([young, old, gone], now, is_running=is_running)
            self.assertIn("1 files", symptom.what)
            self.assertIn(todo, symptom.todo)


class ClockTests(CheckCase):
    """The clock."""

    def test_plausible(self) -> None:
        """Now is after all that was recorded, or a little before."""
        for newest in (0, EARLIEST, EARLIEST + 5 * DAY, EARLIEST + 5 * DAY + int(AHEAD)):
            self.well(checking.clock(EARLIEST + 5 * DAY, newest))

    def test_behind(self) -> None:
        """A clock that lies before what was recorded, or in another age, is told."""
        newest = EARLIEST + 5 * DAY
        self.told(checking.clock(newest - AHEAD - 1, newest), "clock", "2026-01-06")
        self.told(checking.clock(EARLIEST - 1, 0), "clock", "long ago")


class VersionTests(CheckCase):
    """Packages."""

    def check(self, requires: list[str] | None, **versions: str) -> list[Symptom]:
        """Check such requirements beside such versions."""

        def version(name: str) -> str:
            try:
                return versions[name]
            except KeyError:
                raise metadata.PackageNotFoundError(name) from None

        self.patch(metadata, "requires", lambda _: requires)
        self.patch(metadata, "version", version)
        return list(checking.versions())

    def test_here(self) -> None:
        """What these tests run with will do."""
        self.well(checking.versions())

    def test_old(self) -> None:
        """A package that is too old, or missing, is named; numbers are compared as numbers."""
        self.well(self.check(["a>=1.9", "b[x] >= 2"], a="1.10.1", b="2"))
        self.told(self.check(["a>=1.9"], a="1.8.7"), "versions", "a is 1.8.7", "1.9")
        self.told(self.check(["a>=1.9"]), "versions", "a is not installed")

    def test_extras(self) -> None:
        """What is only for those who ask for it, or not said so, is left out."""
        self.well(self.check(['a>=1.9; extra == "pictures"', "b"]))
        self.well(self.check(None))

    def test_not_installed(self) -> None:
        """A program that runs without being installed says nothing of what it needs."""

        def unknown(name: str) -> Any:
            raise metadata.PackageNotFoundError(name)

        self.patch(metadata, "requires", unknown)
        self.well(checking.versions())


class AddressTests(CheckCase):
    """The server's own address."""

    def check(self, said: str, *, is_running: bool = True) -> list[Symptom]:
        """Check an address."""
        (self.state / "address").write_text(said)
        return list(checking.address(self.state, is_running=is_running))

    def test_reached(self) -> None:
        """A server is looked for where its address says, and nothing is sent."""
        asked: list[Any] = []

        def connect(place: Any, timeout: float) -> Any:
            asked.append((place, timeout))
            return SimpleNamespace(close=lambda: None)

        self.patch(socket, "create_connection", connect)
        self.well(self.check(PLAIN + "\n"))
        self.well(self.check("anoncloud://[2001:db8::1]:7/#KEY"))
        places = [(("cloud.example", 9650), 5.0), (("2001:db8::1", 7), 5.0)]
        self.assertEqual(asked, places)

    def test_unreachable(self) -> None:
        """If nothing answers that is told; if no server runs nobody asks."""

        def refuse(*_: Any) -> Any:
            raise OSError(111, "Connection refused")

        self.patch(socket, "create_connection", refuse)
        self.told(self.check(PLAIN), "address", "cloud.example:9650", "Connection refused")
        self.well(self.check(PLAIN, is_running=False))

    def test_none(self) -> None:
        """A file that is missing, or says something else, is told."""
        self.told(self.check("nonsense"), "address", "no address")
        (self.state / "address").unlink()
        found = checking.address(self.state, is_running=False)
        self.told(found, "address", str(self.state))


class ThisMachineTests(SynchronousTestCase):
    """The system's own answers have the shape that the checks expect."""

    def test_disk(self) -> None:
        """The disk that these tests run on can be asked."""
        kinds = {one.kind for one in checking.disk(Path())}
        self.assertLessEqual(kinds, {"disk"})
