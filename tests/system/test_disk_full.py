"""A full disk, the server's or the client's: said in plain words, and nothing is lost."""

import contextlib
import random
import sqlite3

from anoncloud.limits import MIB
from tests.support.processes import Device, Done, Server, SystemTestCase, wait_until
from tests.system.drive_check import Disk, faults, fold, keyring_of
from tests.system.small_disks import SmallDisk, small_disk

FULL = "the server's disk is full"
ADVICE = "tell the server's owner"


class ServersDiskTests(SystemTestCase):
    """The state folder of the server lies on a small disk."""

    def setUp(self) -> None:
        super().setUp()
        self.disk: SmallDisk = small_disk(self, "disk", 24)
        self.house: Server = self.server(
            "--keep-dropped-days", "0", "--lowest-free-disk", "0", folder=self.disk.path
        )
        self.user: Device = self.ada(self.house)
        self.old = random.Random(1).randbytes(5 * MIB)
        self.user.do("put", self.file("old", self.old), "/old")
        self.large = self.file("large", random.Random(2).randbytes(40 * MIB))

    def assert_full(self, done: Done) -> None:
        """See that a command was refused for want of space, and says so in one line."""
        self.assertEqual(done.code, 8, done)
        self.assertIn(FULL, done.err)
        self.assertIn(ADVICE, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)

    def assert_sound(self) -> None:
        """See that database, journal and blobs of the stopped server fit together."""
        self.house.stop()
        path = self.house.state / "accounts.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            checked = connection.execute("PRAGMA integrity_check").fetchall()
            self.assertEqual(checked, [("ok",)])
            self.assertEqual(connection.execute("PRAGMA foreign_key_check").fetchall(), [])
        keyring = keyring_of(self.user.state)
        disk = Disk(self.house.state)
        tree = fold(disk, keyring, self.folder / "scratch")
        self.assertEqual(faults(disk, tree, keyring), [])

    def test_upload_that_does_not_fit(self) -> None:
        """It is refused, all else goes on, and with more space the same upload succeeds."""
        do = self.user.do
        self.assert_full(self.user.run("put", self.large, "/large"))
        self.assertEqual(do("ls").out, b"old\n")
        self.assertEqual(do("cat", "/old").out, self.old)
        incoming = self.house.state / "blobs/incoming"
        wait_until(lambda: not list(incoming.iterdir()), "the halves to go", 10)
        do("mkdir", "/d")
        do("mv", "/old", "/d/old")
        do("get", "/d/old", self.folder / "again")
        self.assertEqual((self.folder / "again").read_bytes(), self.old)
        do("rm", "--forever", "/d/old")
        self.assertEqual(do("ls", "-r").out, b"/d/\n")
        self.disk.resize(120)
        do("put", self.large, "/large")
        do("get", "/large", self.folder / "large again")
        self.assertEqual((self.folder / "large again").read_bytes(), self.large.read_bytes())
        self.assert_sound()

    def test_removing_makes_room(self) -> None:
        """What was removed for good is free when its time is over, and takes what comes then."""
        other = self.file("other", random.Random(3).randbytes(22 * MIB))
        self.assert_full(self.user.run("put", other, "/other"))
        self.user.do("rm", "--forever", "/old")
        self.house.stop()
        self.house.options += ("--keep-staged-hours", "0")
        self.house.start()
        self.collect_until(23 * MIB)  # all but a MiB: one blob left over would be too many
        # A copy, as an upload of the same file would carry on with what was collected meanwhile.
        copy = self.file("copy", other.read_bytes())
        self.user.do("put", copy, "/other")
        self.assertEqual(self.user.do("cat", "/other").out, copy.read_bytes())
        self.assert_sound()

    def collect_until(self, wanted: int) -> None:
        """Collect until so much is free: what went in this very second is not due yet."""

        def is_free() -> bool:
            self.house.admin("collect")
            return self.disk.free >= wanted

        wait_until(is_free, "space on the disk")

    def test_no_byte_left(self) -> None:
        """With nothing free reading goes on; a change is refused or whole, and none is half."""
        filler = self.disk.fill()
        self.assertEqual(self.disk.free, 0)
        self.assertEqual(self.user.do("cat", "/old").out, self.old)
        self.assert_full(self.user.run("put", self.file("small", b"small"), "/small"))
        self.fill_journal()
        listed = self.user.do("ls").out
        self.assertIn(b"old\n", listed)
        self.assertNotIn(b"small\n", listed)
        other = self.device("other")
        self.assert_full(other.log_in(self.folder / "kit"))
        filler.unlink()
        self.user.do("rm", "--forever", "/old")
        self.user.do("put", self.folder / "small", "/small")
        self.assertEqual(self.user.do("ls").out, listed.replace(b"old\n", b"small\n"))
        self.assertEqual(other.log_in(self.folder / "kit").code, 0)
        self.assert_sound()

    def fill_journal(self) -> None:
        """Make folders until the database has no room for one more record."""
        for number in range(40):
            names = (f"/{'x' * 200}-{number:03}-{each:03}" for each in range(50))
            done = self.user.run("mkdir", *names)
            if done.code:
                self.assert_full(done)
                return
        self.fail("two thousand records found room on a full disk")


class ClientsDiskTests(SystemTestCase):
    """The client's folders lie on a small disk."""

    def setUp(self) -> None:
        super().setUp()
        self.disk: SmallDisk = small_disk(self, "disk", 4)
        self.house: Server = self.server()

    def test_get(self) -> None:
        """A file that does not fit leaves nothing behind, and the next one that fits comes."""
        user = self.ada(self.house)
        user.do(
            "put", self.file("large", bytes(10 * MIB)), self.file("small", b"small"), "-p", "/d/"
        )
        done = user.run("get", "/d/large", "/d/small", self.disk.path)
        self.assertEqual(done.code, 5, done.err)
        self.assertIn("No space left on device", done.err)
        self.assertIn("check the space on the disk", done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertEqual([path.name for path in self.disk.path.iterdir()], ["small"])
        self.assertEqual((self.disk.path / "small").read_bytes(), b"small")

    def test_get_over_a_file(self) -> None:
        """A file that was to be replaced stays as it was."""
        user = self.ada(self.house)
        user.do("put", self.file("large", bytes(10 * MIB)), "/large")
        target = self.disk.path / "target"
        target.write_bytes(b"precious")
        self.assertEqual(user.run("get", "--force", "/large", target).code, 5)
        self.assertEqual([path.name for path in self.disk.path.iterdir()], ["target"])
        self.assertEqual(target.read_bytes(), b"precious")

    def test_state(self) -> None:
        """Without room for what the client remembers it says so, and works when there is some."""
        user = Device(self.disk.path / "ada")
        user.register(self.house.address, "ada", self.folder / "kit")
        filler = self.disk.fill()
        path = self.file("f", b"content")
        done = user.run("put", path, "/f")
        self.assertEqual(done.code, 5, done.err)
        self.assertIn("No space left on device", done.err)
        self.assertIn("check the disk", done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        filler.unlink()
        user.do("put", path, "/f")
        self.assertEqual(user.do("cat", "/f").out, b"content")
        self.assertEqual(user.do("ls").out, b"f\n")

    def test_login(self) -> None:
        """A device that has no room for its key is not enrolled by half."""
        self.ada(self.house)
        other = Device(self.disk.path / "other")
        filler = self.disk.fill()
        done = other.log_in(self.folder / "kit")
        self.assertEqual(done.code, 5, done.err)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        self.assertEqual(other.run("ls").code, 7)
        filler.unlink()
        self.assertEqual(other.log_in(self.folder / "kit").code, 0)
        other.do("ls")
