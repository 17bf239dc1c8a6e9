"""Backups that are made while people write, and what is restored from them."""

import os
import subprocess
from pathlib import Path

from tests.support.processes import Device, Server, environment, wait_until
from tests.system.test_administration import PROGRAM, AdministrationTestCase

WRITERS = ("ada", "bob", "eve")


class BackupTests(AdministrationTestCase):
    """A server with three people, and a folder for backups."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server("--keep-dropped-days", "0")
        self.backup = self.folder / "backup"
        self.users: dict[str, Device] = {}
        for name in WRITERS:
            self.users[name] = self.device(name)
            self.users[name].register(self.house.address, name, self.folder / f"{name}.kit")

    def restored(self) -> Server:
        """Stop the server, and start one on what is restored, where it was."""
        self.house.stop()
        server = Server(self.folder / "again", self.house.options, self.house.port)
        done = self.admin("restore", self.backup, state=server.state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.addCleanup(self._end, server)
        return server.start()

    def write(self, name: str, number: int) -> Path:
        """Make a folder of files of one person, half of them short."""
        for file in range(6):
            length = 2_000_000 if file == 0 else 50_000
            self.file(f"{name}/{number}/{file}", os.urandom(length))
        return self.folder / name / str(number)

    def test_under_load(self) -> None:
        """What is restored is, for each of them, a drive that verifies in full; scrub agrees."""
        for name, user in self.users.items():
            user.do("put", "-r", self.write(name, 0), "/")
        self.value("backup", self.backup)
        running = {
            name: user.start("put", "-r", self.write(name, 1), self.write(name, 2), "/")
            for name, user in self.users.items()
        }
        for _ in range(3):
            self.value("backup", self.backup)
        for name, writing in running.items():
            self.assertEqual(writing.wait().code, 0, name)
            self.users[name].do("rm", "-r", "/0")
        value = self.value("backup", self.backup, "--keep", "3", "--verify")
        self.assertEqual((len(value["removed"]), value["wrong"]), (2, []))
        server = self.restored()
        self.assertEqual(self.value("scrub", state=server.state)["wrong"], 0)
        for name in WRITERS:
            again = self.device(f"{name} again")
            self.assertEqual(again.log_in(self.folder / f"{name}.kit").code, 0)
            self.assertEqual(again.do("ls").out, b"1/\n2/\n")
            self.assertEqual(again.run("verify").code, 0)
        self.assertEqual(self.users["ada"].do("ls").out, b"1/\n2/\n")

    def test_older_than_clients(self) -> None:
        """Who has seen more than the backup has gets an alarm; whoever has not gets in."""
        ada = self.users["ada"]
        ada.do("mkdir", "/before")
        self.value("backup", self.backup)
        ada.do("mkdir", "/after")
        self.restored()
        done = ada.run("ls")
        self.assertEqual(done.code, 12, done.err)
        again = self.device("again")
        self.assertEqual(again.log_in(self.folder / "ada.kit").code, 0)
        self.assertEqual(again.do("ls").out, b"before/\n")

    def test_killed(self) -> None:
        """One that is killed leaves the last good one, and the next one goes on."""
        ada = self.users["ada"]
        ada.do("put", "-r", self.write("ada", 0), "/")
        before = self.value("backup", self.backup)["generation"]
        ada.do("put", "-r", self.write("ada", 1), "/")
        new = self.backup / "generations" / ".new"
        killed = subprocess.Popen(
            (*PROGRAM, "--state-dir", self.house.state, "backup", self.backup),
            env=environment(),
        )
        self.addCleanup(killed.wait)
        wait_until(lambda: new.exists() or killed.poll() is not None, "the backup to begin")
        killed.kill()
        killed.wait()
        listed = self.value("restore", self.backup, "--list")
        self.assertEqual([one["generation"] for one in listed], [before])
        after = self.value("backup", self.backup, "--verify")["generation"]
        listed = self.value("restore", self.backup, "--list")
        self.assertEqual([one["generation"] for one in listed], [before, after])
        self.restored()
        self.assertEqual(ada.run("verify").code, 0)
