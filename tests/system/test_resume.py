"""Transfers that are killed or cut off carry on: what is durable is not sent again."""

import random
import shutil
import time
from pathlib import Path

from anoncloud.client.transfers.laying import BLOBS_UNDER_WAY
from anoncloud.limits import BULK_BLOB, KIB, MIB
from tests.support.processes import Running, SystemTestCase, wait_until
from tests.system.proxies import Proxy

LENGTH = 112 * MIB
LOST = (BLOBS_UNDER_WAY + 1) * BULK_BLOB
"""What a kill may cost: the blobs under way, and the one that is being filled."""
OVERHEAD = 1.02
KILLED_AT = (0.7, 0.1)
"""Parts of all bytes after which a command is killed; begun anew, it would pass 1.8 times all."""


class ResumeTestCase(SystemTestCase):
    """Ada, whose bytes are counted on their way."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        self.proxy = Proxy(self.house.port)
        self.addCleanup(self.proxy.close)
        self.ada = self.ada(self.house, self.proxy.port)
        self.drawn = random.Random(7)

    def large(self) -> Path:
        return self.file("large", self.drawn.randbytes(LENGTH))

    def many(self) -> tuple[Path, int]:
        """Write many small files; give their folder, and how long they are together."""
        total = 0
        for number in range(1600):
            content = self.drawn.randbytes(self.drawn.randrange(144 * KIB))
            self.file(f"many/{number % 7}/{number}", content)
            total += len(content)
        return self.folder / "many", total

    def passes(self, length: int, running: Running) -> None:
        """Wait until so many more bytes have passed."""
        due = self.proxy.passed + length
        wait_until(
            lambda: self.proxy.passed >= due or running.process.poll() is not None, "bytes", 60
        )
        self.assertIsNone(running.process.poll(), "it ended before it could be killed")

    def killed_and_again(self, length: int, *arguments: "str | Path") -> None:
        """Kill a command twice, let it run to its end, and see how much has passed for that."""
        before = self.proxy.passed
        for part in KILLED_AT:
            running = self.ada.start(*arguments)
            self.passes(int(length * self.drawn.uniform(part, part + 0.05)), running)
            running.kill()
        self.ada.do(*arguments)
        passed = self.proxy.passed - before
        self.assertGreaterEqual(passed, length)
        most = OVERHEAD * length + len(KILLED_AT) * LOST
        self.assertLess(most, (1 + sum(KILLED_AT)) * length)  # else this would prove nothing
        self.assertLessEqual(passed, most)

    def cut_on_the_way(self, length: int, *arguments: "str | Path") -> None:
        """Cut a command's connection some times; it must come to its end by itself."""
        before = self.proxy.passed
        running = self.ada.start(*arguments)
        for part, strike in zip(KILLED_AT, (self.proxy.cut, self.proxy.lose), strict=True):
            self.passes(int(length * self.drawn.uniform(part, part + 0.05)), running)
            strike()
        done = running.wait(90)
        self.assertEqual(done.code, 0, done.err)
        passed = self.proxy.passed - before
        self.assertLessEqual(passed, OVERHEAD * length + len(KILLED_AT) * LOST)

    def same(self, one: Path, other: Path) -> None:
        """See that two folders, or files, are the same byte for byte, and nothing is left over."""
        if one.is_file():
            self.assertTrue(one.read_bytes() == other.read_bytes())
            return
        names = [{path.relative_to(top) for path in top.rglob("*")} for top in (one, other)]
        self.assertEqual(*names)
        for name in names[0]:
            if (one / name).is_file():
                self.assertTrue((one / name).read_bytes() == (other / name).read_bytes(), name)


class KilledTests(ResumeTestCase):
    """Commands that end without a warning, and are called again."""

    def test_large_file(self) -> None:
        """A large file goes up and comes down in pieces that are never sent twice."""
        path, back = self.large(), self.folder / "back"
        self.killed_and_again(LENGTH, "put", path, "/large")
        self.assertEqual(self.ada.do("--json", "stat", "/large").value["versions"], 1)
        self.killed_and_again(LENGTH, "get", "/large", back)
        self.same(path, back)
        self.assertEqual(list(self.folder.glob(".*.part")), [])

    def test_many_files(self) -> None:
        """So does a folder of many small files."""
        many, length = self.many()
        back = self.folder / "back"
        back.mkdir()
        self.killed_and_again(length, "put", "-r", "-p", many, "/up/")
        self.killed_and_again(length, "get", "-r", "/up/many", back)
        self.same(many, back / "many")

    def test_new_version(self) -> None:
        """A new version that is cut off goes on with what is new of it."""
        path = self.large()
        self.ada.do("put", path, "/large")
        new = LENGTH * 3 // 4
        with path.open("r+b") as file:
            file.seek(10 * MIB)
            file.write(self.drawn.randbytes(new))
        before, due = self.proxy.passed, int(0.8 * new)
        running = self.ada.start("put", path, "/large")
        self.passes(due, running)
        running.kill()
        self.ada.do("put", path, "/large")
        passed = self.proxy.passed - before
        self.assertLessEqual(passed, OVERHEAD * new + LOST)
        self.assertLess(OVERHEAD * new + LOST, new + due)
        self.ada.do("get", "/large", self.folder / "back")
        self.same(path, self.folder / "back")

    def test_another_file_meanwhile(self) -> None:
        """A file that is changed after the kill is stored as it is then."""
        path = self.large()
        running = self.ada.start("put", path, "/large")
        self.passes(LENGTH // 2, running)
        running.kill()
        with path.open("r+b") as file:
            file.write(b"changed")
        self.ada.do("put", path, "/large")
        self.ada.do("get", "/large", self.folder / "back")
        self.same(path, self.folder / "back")

    def test_without_the_list(self) -> None:
        """Without what the device has noted, all of it is sent anew, and nothing is wrong."""
        path = self.large()
        running = self.ada.start("put", path, "/large")
        self.passes(LENGTH // 2, running)
        running.kill()
        (noted,) = (self.ada.state / "drives").glob("*/unfinished")
        shutil.rmtree(noted)
        self.ada.do("put", path, "/large")
        self.ada.do("get", "/large", self.folder / "back")
        self.same(path, self.folder / "back")


class CutTests(ResumeTestCase):
    """Connections that are cut while a command runs: it carries on by itself."""

    def test_large_file(self) -> None:
        """A large file goes up and comes down over several connections."""
        path, back = self.large(), self.folder / "back"
        self.cut_on_the_way(LENGTH, "put", path, "/large")
        self.cut_on_the_way(LENGTH, "get", "/large", back)
        self.same(path, back)

    def test_many_files(self) -> None:
        """So does a folder of many small files."""
        many, length = self.many()
        self.cut_on_the_way(length, "put", "-r", many, "/many")
        back = self.folder / "back"
        self.cut_on_the_way(length, "get", "-r", "/many", back)
        self.same(many, back)

    def test_restart(self) -> None:
        """A server that is killed and started again meanwhile does not end the command."""
        path, back = self.large(), self.folder / "back"
        for arguments in (("put", path, "/large"), ("get", "/large", back)):
            running = self.ada.start(*arguments)
            self.passes(LENGTH // 3, running)
            self.house.kill()
            time.sleep(0.5)
            self.house.start()
            done = running.wait(90)
            self.assertEqual(done.code, 0, done.err)
        self.same(path, back)
