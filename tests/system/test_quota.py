"""A drive and its quota: refused in time and in words, and there is always a way to make room."""

import random
from pathlib import Path

from anoncloud.limits import MIB
from tests.support.processes import Device, Done, Server, SystemTestCase

QUOTA = 12 * MIB


class QuotaTests(SystemTestCase):
    """An account with a small quota."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server("--quota", "12MiB")
        self.user: Device = self.ada(self.house)

    def random_file(self, name: str, length: int) -> Path:
        """Write a local file of random bytes."""
        return self.file(name, random.Random(name).randbytes(length))

    def assert_over(self, done: Done) -> None:
        """See that a command was refused for its size, and says so in one line."""
        self.assertEqual(done.code, 8, done)
        for words in (
            f"it may store {QUOTA} bytes",
            "anoncloud rm --forever",
            "the server's owner",
        ):
            self.assertIn(words, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)

    def stored(self) -> int:
        """Ask what the drive stores."""
        drive = self.user.do("--json", "stat").value
        self.assertEqual(drive["quota"], QUOTA)
        return drive["stored"]

    def test_over(self) -> None:
        """A file that is too large is refused whole; what was there is there, and can be read."""
        old = self.random_file("old", 3 * MIB)
        self.user.do("put", old, "/old")
        self.assert_over(self.user.run("put", self.random_file("large", 20 * MIB), "/large"))
        self.assertEqual(self.user.do("ls").out, b"old\n")
        self.assertEqual(self.user.do("cat", "/old").out, old.read_bytes())
        self.assertLessEqual(self.stored(), QUOTA)

    def test_refused_upload_takes_no_room(self) -> None:
        """What a refused upload had sent already does not stand in the way of a smaller one."""
        self.assert_over(self.user.run("put", self.random_file("large", 20 * MIB), "/large"))
        fits = self.random_file("fits", 7 * MIB)
        self.user.do("put", fits, "/fits")
        self.assertEqual(self.user.do("cat", "/fits").out, fits.read_bytes())

    def test_full(self) -> None:
        """At full quota all but storing goes on, and removing for good makes room again."""
        do, run = self.user.do, self.user.run
        for name in ("one", "two", "three"):
            do("put", self.random_file(name, 4 * MIB - 4096), f"/{name}")
        self.assertEqual(self.stored(), QUOTA)
        more = self.random_file("more", 1000)
        self.assert_over(run("put", more, "/more"))
        do("mkdir", "/d")
        do("mv", "/one", "/d/one")
        self.assertEqual(do("cat", "/d/one").out, (self.folder / "one").read_bytes())
        do("rm", "/two")
        self.assert_over(run("put", more, "/more"))  # what lies in the trash still takes its room
        do("restore", "/two")
        do("rm", "--forever", "/two")
        self.assertEqual(self.stored(), QUOTA - 4 * MIB)
        do("put", more, "/more")
        self.assertEqual(do("ls", "-r").out, b"/d/\n/d/one\n/more\n/three\n")

    def test_another_account(self) -> None:
        """One account's full drive is not another's."""
        bob = self.device("bob")
        bob.register(self.house.address, "bob", self.folder / "bob's kit")
        self.user.run("put", self.random_file("large", 20 * MIB), "/large")
        bob.do("put", self.random_file("fits", 10 * MIB), "/fits")
        self.assertLessEqual(bob.do("--json", "stat").value["stored"], QUOTA)

    def test_kept_for_a_while(self) -> None:
        """A drive that removed all it may keep is told to wait, not to remove still more."""
        large = self.random_file("large", 11 * MIB)
        for _ in range(2):
            self.user.do("put", large, "/large")
            self.user.do("rm", "--forever", "/large")
        done = self.user.run("put", large, "/large")
        self.assertEqual(done.code, 8, done)
        self.assertEqual(self.stored(), 0)
        self.assertNotIn("and stores 0", done.err)
        self.assertNotIn("rm --forever", done.err)
        self.assertIn("removed", done.err)

    def test_by_invitation(self) -> None:
        """An invitation's own quota holds instead of the server's."""
        link = self.house.admin("invite", "--quota", "1MiB")
        bob = self.device("bob")
        bob.register(link, "bob", self.folder / "bob's kit")
        self.assertEqual(bob.do("--json", "stat").value["quota"], MIB)
        self.assertEqual(bob.run("put", self.random_file("large", 3 * MIB), "/f").code, 8)
        bob.do("put", self.random_file("small", MIB // 2), "/f")
