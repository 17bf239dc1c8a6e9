"""Two devices of one account at the same time: neither undoes what the other did."""

import os
import random
import threading
from typing import IO

from anoncloud.limits import MIB
from tests.support.processes import Device, Done, Running, Server, SystemTestCase, wait_until

ROUNDS = 3


class SlowPut:
    """An upload from a pipe that is under way until it is told to end."""

    def __init__(self, device: Device, path: str, content: bytes) -> None:
        self._rest = content[MIB:]
        read, write = os.pipe()
        self._pipe: IO[bytes] = os.fdopen(write, "wb", buffering=0)
        with os.fdopen(read, "rb") as mouth:
            self._running = device.start("--json", "put", "-", path, feed=mouth)
        # A pipe holds far less, so the command has looked at its target and begun to read.
        self._write(content[:MIB])

    def _write(self, content: bytes) -> None:
        writer = threading.Thread(target=self._pump, args=(content,), daemon=True)
        writer.start()
        wait_until(lambda: not writer.is_alive(), "the upload to read on")

    def _pump(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[self._pipe.write(left) :]

    def end(self) -> Done:
        """Send what is left, and wait for the command."""
        self._write(self._rest)
        self._pipe.close()
        return self._running.wait()


class TwoClientsTests(SystemTestCase):
    """Ada's laptop and Ada's telephone."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.one: Device = self.ada(self.house)
        self.other: Device = self.device("other")
        self.assertEqual(self.other.log_in(self.folder / "kit").code, 0)
        self.slow = random.Random(2).randbytes(3 * MIB)
        self.quick = self.file("quick", b"from the quick one")

    def both(self, *commands: "tuple[str | bytes, ...]") -> list[Done]:
        """Run one command on each device at the same time."""
        running: list[Running] = [
            device.start(*command)
            for device, command in zip((self.one, self.other), commands, strict=True)
        ]
        return [each.wait() for each in running]

    def assert_same_view(self, listed: bytes) -> None:
        """See that both devices show the same drive."""
        for device in (self.one, self.other):
            self.assertEqual(device.do("ls", "-r").out.decode(), listed.decode())

    def test_both_write(self) -> None:
        """Whatever two devices write at once, all of it is there afterwards, on both."""
        self.one.do("mkdir", "/d")
        for name in ("one", "other"):
            for number in range(20):
                self.file(f"from {name}/{number}", b"%d" % number)
        for number in range(ROUNDS):
            for done in self.both(
                ("put", "-r", str(self.folder / "from one"), f"/d/one {number}"),
                ("put", "-r", str(self.folder / "from other"), f"/d/other {number}"),
            ):
                self.assertEqual(done.code, 0, done.err)
        listed = self.one.do("ls", "-r").out
        self.assertEqual(listed.count(b"\n"), 1 + 2 * ROUNDS * 21)
        self.assertNotIn(b"conflict", listed)
        self.assert_same_view(listed)
        self.one.do("get", "-r", "/d", self.folder / "again")
        for number in range(20):
            content = (self.folder / f"again/other {ROUNDS - 1}/{number}").read_bytes()
            self.assertEqual(content, b"%d" % number)

    def test_the_same_folder(self) -> None:
        """Two devices that store into the same new folder fill one folder."""
        for name in ("one", "other"):
            for number in range(20):
                self.file(f"from {name}/sub/{name} {number}", b"")
        for done in self.both(
            ("put", "-r", "-p", str(self.folder / "from one/sub"), "/a/b/"),
            ("put", "-r", "-p", str(self.folder / "from other/sub"), "/a/b/"),
        ):
            self.assertEqual(done.code, 0, done.err)
        self.assertEqual(self.one.do("ls", "/a/b").out, b"sub/\n")
        self.assertEqual(self.one.do("ls", "/a/b/sub").out.count(b"\n"), 40)

    def test_the_same_new_name(self) -> None:
        """The second of two new files of one name gets another, says so, and both are whole."""
        slow = SlowPut(self.one, "/report.txt", self.slow)
        self.other.do("put", self.quick, "/report.txt")
        done = slow.end()
        self.assertEqual(done.code, 0, done.err)
        placed = "/report (conflict).txt"
        value = {"path": placed, "renamed": True, "size": len(self.slow)}
        self.assertEqual(done.value["stored"], [value])
        self.assertIn(placed, done.err)
        self.assert_same_view(f"{placed}\n/report.txt\n".encode())
        self.assertEqual(self.other.do("cat", placed).out, self.slow)
        self.assertEqual(self.one.do("cat", "/report.txt").out, b"from the quick one")

    def test_new_versions(self) -> None:
        """Of two new versions of one file, the second does not hide the first."""
        self.one.do("put", self.file("f", b"the first version"), "/f")
        slow = SlowPut(self.one, "/f", self.slow)
        self.other.do("put", self.quick, "/f")
        self.assertEqual(slow.end().code, 0)
        self.assert_same_view(b"/f\n/f (conflict)\n")
        self.assertEqual(self.one.do("cat", "/f").out, b"from the quick one")
        self.assertEqual(self.other.do("cat", "/f (conflict)").out, self.slow)
        self.assertEqual(self.one.do("--json", "stat", "/f").value["versions"], 2)

    def test_trashed_meanwhile(self) -> None:
        """A new version of a file that was put into the trash meanwhile becomes a file again."""
        self.one.do("put", self.file("f", b"old"), "/f")
        slow = SlowPut(self.one, "/f", self.slow)
        self.other.do("rm", "/f")
        self.assertEqual(slow.end().code, 0)
        self.assertEqual(self.other.do("cat", "/f").out, self.slow)
        self.other.do("restore", "/f", "--to", "/old f")
        self.assertEqual(self.one.do("cat", "/old f").out, b"old")

    def test_folder_gone_meanwhile(self) -> None:
        """A file whose folder was removed meanwhile is refused, not put where nobody looks."""
        self.one.do("mkdir", "/d")
        slow = SlowPut(self.one, "/d/f", self.slow)
        self.other.do("rm", "-r", "/d")
        done = slow.end()
        self.assertEqual(done.code, 3, done)
        self.assertIn("/d", done.err)
        self.assert_same_view(b"")

    def test_revoked_meanwhile(self) -> None:
        """A device that logs out does not disturb the other's upload."""
        slow = SlowPut(self.one, "/f", self.slow)
        self.other.do("logout")
        self.assertEqual(slow.end().code, 0)
        self.assertEqual(self.one.do("cat", "/f").out, self.slow)
        self.assertEqual(self.other.run("ls").code, 7)
