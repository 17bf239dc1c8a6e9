"""A server that is killed at any moment keeps all that it has acknowledged, and nothing by half."""

import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from anoncloud.client.tree.nodes import File
from tests.support.processes import Device, SystemTestCase, environment, wait_until
from tests.system.drive_check import Disk, digest, faults, fold, keyring_of

CLIENTS = 10
KILLS = int(os.environ.get("ANONCLOUD_KILLS", "50"))


class CrashTests(SystemTestCase):
    """Ten clients write small files, and now and then a larger one, while the server dies."""

    def test_killed(self) -> None:
        """After every one of fifty kills the disk is whole; at the end every file reads back."""
        server = self.server()
        drawn = random.Random(50)
        writers = self._start_writers(server.address)
        for kill in range(KILLS):
            time.sleep(drawn.uniform(0.05, 1.2))
            server.kill()
            self.assertIsNone(writers.poll(), "the writers ended")
            self._check(server.state, kill, drawn)
            server.start()
        time.sleep(1)
        (self.folder / "stop").touch()
        code = writers.wait(90)
        self.assertEqual(code, 0, (self.folder / "writers.log").read_text()[-3000:])
        self._read_all_back()
        server.stop()
        self._check(server.state, KILLS, drawn, every=True)

    def _start_writers(self, address: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "writers.log").open("wb") as log:
            writers = subprocess.Popen(
                (
                    *(sys.executable, "-m", "tests.system.crash_writers"),
                    *(str(self.folder), address, str(CLIENTS)),
                ),
                stdout=log,
                stderr=log,
                env=environment(),
            )
        self.addCleanup(writers.wait)
        self.addCleanup(writers.kill)
        wait_until(
            lambda: (self.folder / "ready").exists() or writers.poll() is not None, "the writers"
        )
        return writers

    def _log(self, name: str) -> dict[tuple[str, str], dict[str, str]]:
        """Read a log: for each file the hash that each step was logged with."""
        found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for line in (self.folder / name).read_text().splitlines():
            writer, file, known, step = line.split()
            found[writer, file][step] = known
        return found

    def _check(self, state: Path, kill: int, drawn: random.Random, *, every: bool = False) -> None:
        """Judge the disk of a dead server: consistent, what was acknowledged there, no halves."""
        acknowledged = self._log("acknowledged")  # read first: what is logged later counts later
        disk = Disk(state)
        for writer in {writer for writer, _ in acknowledged}:
            keyring = keyring_of(self.folder / writer)
            scratch = self.folder / "scratch"
            shutil.rmtree(scratch, ignore_errors=True)
            tree = fold(disk, keyring, scratch)
            self.assertEqual(faults(disk, tree, keyring), [], (kill, writer))
            begun = self._log("begun")
            files = [node for node in tree.nodes.values() if isinstance(node, File)]
            there = {node.name.decode() for node in files if not node.trashed}
            for (who, name), steps in acknowledged.items():
                if who == writer and "rm" in steps:
                    self.assertNotIn(name, there, (kill, writer))
                elif who == writer and "rm" not in begun[who, name]:
                    self.assertIn(name, there, (kill, writer))
            for node in files if every else drawn.sample(files, min(len(files), 6)):
                name = node.name.decode()
                self.assertIn((writer, name), begun, "a file that nobody wrote")
                self.assertEqual(digest(disk, node), begun[writer, name]["put"], (kill, name))
                self.assertEqual(len(node.versions), 1)

    def _read_all_back(self) -> None:
        """Fetch every drive with the command, and compare all that was acknowledged."""
        acknowledged = self._log("acknowledged")
        total = 0
        for number in range(CLIENTS):
            device = Device(self.folder / f"writer{number}")
            target = self.folder / f"back{number}"
            device.do("get", "-r", "/", target)
            self.assertNotIn(b"conflict", device.do("ls").out)
            for (writer, name), steps in acknowledged.items():
                if writer == f"writer{number}" and "rm" not in steps:
                    content = (target / name).read_bytes()
                    self.assertEqual(hashlib.sha256(content).hexdigest(), steps["put"], name)
                    total += 1
        self.assertGreater(total, 10 * CLIENTS)
