"""A server's owner at work beside the running server: users, space, scrub, doctor, collect."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from anoncloud.server.stores.folder import file_name
from anoncloud.server.stores.shelf import Shelf
from tests.support.processes import (
    LOOPBACK,
    PATIENCE,
    Device,
    Server,
    Stuck,
    SystemTestCase,
    environment,
    wait_until,
)
from tests.support.server import blob_name

PROGRAM = (sys.executable, "-m", "anoncloud.admin.main")


class AdministrationTestCase(SystemTestCase):
    """A test of the owner's command as a process of its own."""

    def admin(
        self, *words: str | Path, state: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run the command."""
        return subprocess.run(
            (*PROGRAM, "--state-dir", state or self.house.state, *words),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment(),
            timeout=PATIENCE,
        )

    def value(self, *words: str | Path, code: int = 0, state: Path | None = None) -> Any:
        """Run a command that ends with *code*; give the JSON that it prints."""
        done = self.admin(*words, "--json", state=state)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def blobs(self, state: Path | None = None) -> list[Path]:
        """Give the files of all blobs on the server's disk."""
        return sorted(path for _, path in Shelf((state or self.house.state) / "blobs").blobs())


class UserTests(AdministrationTestCase):
    """Users who are there."""

    def serve(self, *options: str) -> None:
        """Start a server, and register Ada."""
        self.house: Server = self.server(*options)
        self.user: Device = self.ada(self.house)

    def lock(self) -> Path:
        """Lock Ada's account while she stores a file, and see that it ends; give the file."""
        big = self.file("big", os.urandom(6_000_000))
        uploading = self.user.start("put", "--limit", "300KiB", big, "/")
        wait_until(lambda: self.value("stats")["stored"], "the first blob")
        self.assertEqual(self.value("stats")["connections"], 1)
        self.assertEqual(self.value("users", "lock", "ada"), {"name": "ada", "locked": True})
        done = uploading.wait()
        self.assertEqual(done.code, 8, done.err)
        self.assertIn("owner has locked this account", done.err)
        return big

    def test_lock(self) -> None:
        """A lock cuts off what is under way and lets nobody in, and they are told why."""
        self.serve("--process-mode", "single")
        big = self.lock()
        for device, tried in ((self.user, ("ls",)), (self.device("new"), ())):
            done = device.run(*tried) if tried else device.log_in(self.folder / "kit")
            self.assertEqual(done.code, 8, done.err)
            self.assertIn("owner has locked this account", done.err)
        (ada,) = self.value("users")
        self.assertGreater(ada["locked"], 0)
        self.value("users", "unlock", "ada")
        self.user.do("put", big, "/")
        self.assertEqual(self.user.do("ls").out, b"big\n")

    def test_lock_in_workers(self) -> None:
        """It does so whatever process the session is in."""
        self.serve("--process-mode", "workers")
        self.lock()

    def test_lock_in_a_worker_of_its_own(self) -> None:
        """And if each connection has a process of its own."""
        self.serve("--process-mode", "per-user")
        self.lock()

    def test_delete(self) -> None:
        """A deleted account's session ends, and the running server collects its blobs."""
        self.serve()
        self.user.do("put", self.file("f", os.urandom(600_000)), "/")
        watching = self.user.start("watch", self.file("local/f", b"f").parent, "/local")
        wait_until(lambda: self.value("stats")["connections"], "the session")
        self.assertTrue(self.blobs())
        self.assertEqual(self.admin("users", "delete", "ada").returncode, 130)
        self.value("users", "delete", "ada", "--yes")
        wait_until(lambda: not self.value("stats")["connections"], "the session's end")
        self.file("local/g", b"g")
        self.assertEqual(watching.wait().code, 7)
        self.assertGreater(self.value("collect")["removed"], 1)
        self.assertEqual(self.blobs(), [])
        self.assertEqual(self.value("users"), [])


class ScrubTests(AdministrationTestCase):
    """Blobs on the disk of a running server."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        user = self.ada(self.house)
        user.do("put", self.file("f", os.urandom(3_000_000)), "/")
        self.user = user

    def test_scrub(self) -> None:
        """A flipped byte, a missing blob and an orphan are found, by scrub and by doctor."""
        self.assertEqual(self.value("scrub")["wrong"], 0)
        flipped, missing, *_ = self.blobs()
        with flipped.open("r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 1]))
        missing.unlink()
        orphan = self.house.state / "blobs" / file_name(blob_name(1))
        orphan.parent.mkdir(parents=True, exist_ok=True)
        orphan.write_bytes(b"orphan")
        os.utime(orphan, (0, 0))
        found = self.value("scrub", code=1)["findings"]
        names = {(one["what"], Path(one["file"]).name, one["user"]) for one in found}
        self.assertEqual(
            names,
            {
                ("damaged", flipped.name, "ada"),
                ("missing", missing.name, "ada"),
                ("orphan", orphan.name, ""),
            },
        )
        kinds = {one["kind"] for one in self.value("doctor", code=1)}
        self.assertEqual(kinds - {"disk"}, {"missing", "orphan"})
        self.assertNotEqual(self.user.run("verify").code, 0)

    def test_resumed(self) -> None:
        """One that is interrupted goes on where it was, and sees every blob once."""
        words = (*PROGRAM, "--state-dir", self.house.state, "scrub", "--rate", "1")
        running = subprocess.Popen(
            words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.addCleanup(running.kill)
        files = Path(f"/proc/{running.pid}/fd")
        database = self.house.state / "accounts.sqlite"
        wait_until(
            lambda: database in {Path(os.path.realpath(file)) for file in files.iterdir()},
            "the scrub to begin",
        )
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE)
        self.assertEqual(running.returncode, 130)
        done = self.admin("scrub")
        self.assertIn("going on with the scrub of", done.stderr)
        self.assertIn(f"{len(self.blobs())} blobs of", done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_doctor(self) -> None:
        """A server that runs as it should has no findings; faults that are planted are named."""
        kinds = {one["kind"] for one in json.loads(self.admin("doctor", "--json").stdout)}
        self.assertLessEqual(kinds, {"disk"})
        (self.house.state / "server.key").chmod(0o644)
        left = self.house.state / "blobs/incoming/left"
        left.write_bytes(b"left")
        os.utime(left, (0, 0))
        plain = (self.house.state / "address").read_text()
        address = self.house.state / "address"
        address.write_text(plain.replace(f":{self.house.port}/", ":1/"))
        kinds = {one["kind"] for one in self.value("doctor", code=1)}
        self.assertEqual(kinds - {"disk"}, {"permissions", "stale", "address"})


class MakingTests(AdministrationTestCase):
    """A server's state before its first start, and of another release."""

    def test_init(self) -> None:
        """What it makes a server takes up, and its invitation lets somebody in."""
        self.house = Server(self.folder / "server", ("--registration", "invitation"))
        place = f"tcp:{self.house.port}:interface={LOOPBACK}"
        value = self.value("init", "--public-host", LOOPBACK, "--listen", place)
        self.assertEqual(self.admin("init").returncode, 4)
        self.addCleanup(self._end, self.house)
        self.house.start()
        self.assertEqual(self.house.address, value["address"])
        self.assertNotIn("first invitation", self.house.log)
        ada = self.device("ada")
        ada.register(value["invitation"], "ada", self.folder / "kit")
        self.assertEqual(ada.do("ls").out, b"")

    def test_newer_release(self) -> None:
        """A server does not start on what a newer release has made, and says so in a sentence."""
        self.house = self.server()
        self.house.stop()
        with closing(sqlite3.connect(self.house.state / "accounts.sqlite")) as connection:
            connection.execute("PRAGMA user_version = 999")
        self.assertRaises(Stuck, self.house.start)
        said = self.house.log.splitlines()[-1]
        self.assertTrue(said.endswith("was made by a newer release; update the server"), said)
        self.assertEqual(self.admin("upgrade").returncode, 1)
