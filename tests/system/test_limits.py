"""Limits that a server's owner sets, as its users meet them."""

import random
import re
import urllib.request
from pathlib import Path

from anoncloud.limits import MIB
from tests.support.processes import LOOPBACK, Device, SystemTestCase, free_port, wait_until
from tests.system.small_disks import small_disk


class LimitTests(SystemTestCase):
    """Users over a limit: told what it is and what to do, and nothing that they have is touched."""

    def random_file(self, name: str, length: int) -> Path:
        """Write a local file of random bytes."""
        return self.file(name, random.Random(name).randbytes(length))

    def assert_refused(self, user: Device, file: Path, words: str) -> None:
        """See that an upload is refused, in one line, with *words*."""
        done = user.run("put", file, "/refused")
        self.assertEqual(done.code, 8, done)
        self.assertIn(words, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertNotIn(b"refused", user.do("ls").out)

    def test_disk(self) -> None:
        """While the disk is almost full uploads are refused, and removing makes room again."""
        disk = small_disk(self, "disk", 64)
        options = ("--lowest-free-disk", "40MiB", "--keep-dropped-days", "0")
        server = self.server(*options, folder=disk.path)
        ada = self.ada(server)
        first, second = self.random_file("first", 12 * MIB), self.random_file("second", 12 * MIB)
        ada.do("put", first, "/first")
        self.assert_refused(ada, second, "the server's disk is almost full")
        self.assertEqual(ada.do("cat", "/first").out, first.read_bytes())
        wanted = disk.free + 12 * MIB
        ada.do("rm", "--forever", "/first")

        def is_free() -> bool:  # what went in this very second is not due yet
            server.admin("collect")
            return disk.free >= wanted

        wait_until(is_free, "the space of what was removed")
        ada.do("put", second, "/second")

    def test_together(self) -> None:
        """What all accounts store together is bounded, whoever stores it."""
        server = self.server("--quota-total", "10MiB")
        ada, bob = self.ada(server), self.device("bob")
        bob.register(server.address, "bob", self.folder / "bob's kit")
        ada.do("put", self.random_file("ada's", 7 * MIB), "/f")
        self.assert_refused(bob, self.random_file("bob's", 7 * MIB), "all its accounts")
        bob.do("put", self.random_file("small", 100_000), "/f")

    def test_online(self) -> None:
        """One user too many is told so, and gets in when another one has gone."""
        port = free_port()
        metrics = ("--metrics-listen", f"tcp:{port}:interface={LOOPBACK}")
        server = self.server("--max-users-online", "1", *metrics)
        ada, bob = self.ada(server), self.device("bob")
        bob.register(server.address, "bob", self.folder / "bob's kit")
        local = self.folder / "local"
        local.mkdir()
        watching = ada.start("watch", local, "/w")
        self.addCleanup(watching.kill)
        wait_until(lambda: self.count_online(port) == 1, "Ada to be online")
        done = bob.run("mkdir", "/d")
        self.assertEqual(done.code, 8, done)
        self.assertIn("only 1 may be logged in at once", done.err)
        watching.kill()
        wait_until(lambda: self.count_online(port) == 0, "Ada to be gone")
        bob.do("mkdir", "/d")

    def count_online(self, port: int) -> float:
        """Ask the server how many users are online."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics") as page:
            found = re.search(rb"\nanoncloud_users_online (.*)", page.read())
        return float(found[1]) if found else -1
