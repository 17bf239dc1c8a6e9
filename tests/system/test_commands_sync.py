"""A local folder and the drive kept in step, and the drive kept healthy, by real processes."""

import json
import random
import signal
import time
from pathlib import Path
from typing import Any

from anoncloud.limits import KIB, MIB, SMALL_BLOB
from tests.support.processes import SystemTestCase, wait_until


def picture(top: Path) -> dict[str, tuple[Any, ...]]:
    """Give all that matters of a local folder."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in [top, *sorted(top.rglob("*"))]:
        status = path.lstat()
        content: Any = None
        if path.is_symlink():
            content = path.readlink()
        elif path.is_file():
            content = path.read_bytes()
        mode = 0 if path.is_symlink() else status.st_mode
        found[str(path.relative_to(top))] = (mode, status.st_mtime_ns, content)
    return found


class SyncTests(SystemTestCase):
    """Ada's folder, her drive, and another folder."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        self.ada = self.ada(self.house)
        self.here, self.there = self.folder / "here", self.folder / "there"
        self.file("here/a/one", b"one")
        self.file("here/a/two", b"two" * 10_000, 0o600)
        self.file("here/empty", b"")
        self.file(b"here/b\xff\x1b[31m", b"odd")
        (self.here / "void").mkdir(mode=0o750)
        (self.here / "link").symlink_to("a/one")
        (self.here / "broken").symlink_to("../nowhere")

    def sync(self, *arguments: "str | Path") -> Any:
        return self.ada.do("--json", "sync", *arguments).value

    def test_up_and_down(self) -> None:
        """A folder goes up and comes down as it was; a second time there is nothing to do."""
        up = self.sync("up", self.here, "/d/e")
        self.assertEqual(len(up["copied"]), 4)
        self.assertEqual(up["made"], ["/d/e", "/d/e/a", "/d/e/void"])
        self.assertEqual(sorted(up["linked"]), ["/d/e/broken", "/d/e/link"])
        down = self.sync("down", "/d/e", self.there)
        self.assertEqual(len(down["copied"]), 4)
        self.assertEqual(picture(self.here), picture(self.there))
        nothing = {key: [] for key in ("adjusted", "copied", "linked", "made", "removed")}
        nothing |= {"dry_run": False, "unchanged": 6}
        self.assertEqual(self.sync("up", self.here, "/d/e"), nothing)
        self.assertEqual(self.sync("down", "/d/e", self.there), nothing)
        self.assertIn(b"6 unchanged", self.ada.do("sync", "up", self.here, "/d/e").out)
        self.assertNotIn(b"\x1b", self.ada.do("sync", "-n", "up", self.here, "/new").out)

    def test_changes_follow(self) -> None:
        """What is new, changed, gone and of another kind follows, both ways; dry runs only say."""
        self.sync("up", self.here, "/d")
        self.sync("down", "/d", self.there)
        self.file("here/a/one", b"ONE")
        (self.here / "a/two").chmod(0o640)
        (self.here / "empty").unlink()
        self.file("here/empty/now/a folder", b"x")
        (self.here / "link").unlink()
        (self.here / "link").symlink_to("elsewhere")
        (self.here / "void").rmdir()
        records = self.ada.do("--json", "stat").value["records"]
        would = self.sync("up", "--delete", "--dry-run", self.here, "/d")
        self.assertEqual(self.ada.do("--json", "stat").value["records"], records)
        did = self.sync("up", "--delete", self.here, "/d")
        self.assertEqual({**would, "dry_run": False}, did)
        self.assertEqual(sorted(did["removed"]), ["/d/empty", "/d/void"])
        self.assertEqual(sorted(did["copied"]), ["/d/a/one", "/d/empty/now/a folder"])
        before = picture(self.there)
        would = self.sync("down", "--delete", "-n", "/d", self.there)
        self.assertEqual(picture(self.there), before)
        did = self.sync("down", "--delete", "/d", self.there)
        self.assertEqual({**would, "dry_run": False}, did)
        self.assertEqual(picture(self.here), picture(self.there))
        self.assertEqual(self.ada.do("--json", "stat", "/d/a/one").value["versions"], 2)

    def test_without_delete(self) -> None:
        """Nothing goes without the option, and what is in the way is told."""
        self.sync("up", self.here, "/d")
        (self.here / "a/one").unlink()
        (self.here / "empty").unlink()
        (self.here / "empty").mkdir()
        self.file("there/own", b"own")
        done = self.ada.run("sync", "up", self.here, "/d")
        self.assertEqual(done.code, 4)
        self.assertIn("/empty", done.err)
        self.assertIn("use --delete", done.err)
        self.assertIn(b"/d/a/one\n", self.ada.do("ls", "-r", "/d").out)
        self.sync("down", "/d", self.there)
        self.assertEqual((self.there / "own").read_bytes(), b"own")

    def test_rehearsed_transfers(self) -> None:
        """``put`` and ``get`` say what they would do, and do not do it."""
        value = self.ada.do("--json", "put", "-n", "-r", self.here, "/").value
        self.assertTrue(value["dry_run"])
        self.assertEqual(len(value["stored"]), 4)
        self.assertEqual(self.ada.do("ls").out, b"")
        self.ada.do("put", "-r", self.here, "/")
        again = self.ada.do("--json", "put", "-n", "-r", self.here, "/").value
        self.assertEqual((again["stored"], again["unchanged"]), ([], 4))
        lines = self.ada.do("get", "-n", "-r", "/here", self.there).out
        self.assertEqual(lines.count(b"would bring down"), 6)
        self.assertFalse(self.there.exists())

    def test_limit(self) -> None:
        """A limit is kept, up and down."""
        path = self.file("big", random.Random(1).randbytes(3 * MIB))
        for command in (("put", path, "/big"), ("get", "/big", self.folder / "again")):
            begun = time.monotonic()
            self.ada.do(*command, "--limit", "3MiB/s")
            self.assertGreater(time.monotonic() - begun, 0.9)
        self.assertEqual((self.folder / "again").read_bytes(), path.read_bytes())
        self.assertEqual(self.ada.run("put", path, "/x", "--limit", "1k").code, 2)

    def test_watch(self) -> None:
        """Changes go up by themselves, over a restart of the server, until Ctrl-C."""
        said = self.folder / "said"
        with said.open("wb") as out:
            watching = self.ada.start("--json", "watch", self.here, "/w", "--delete", out=out)
        self.addCleanup(watching.kill)

        def has_done(what: str, path: str) -> bool:
            return any(path in json.loads(line)[what] for line in said.read_text().splitlines())

        wait_until(lambda: has_done("copied", "/w/a/two"), "the first sync")
        self.file("here/new/deep/file", b"new")
        wait_until(lambda: has_done("copied", "/w/new/deep/file"), "a file in a new folder")
        self.file("here/new/deep/later", b"later")
        (self.here / "a/one").unlink()
        wait_until(lambda: has_done("removed", "/w/a/one"), "a file to be removed")
        self.house.kill()
        self.file("here/meanwhile", b"meanwhile")
        time.sleep(1.2)
        self.house.start()
        wait_until(lambda: has_done("copied", "/w/meanwhile"), "the sync after the restart", 50)
        watching.process.send_signal(signal.SIGINT)
        done = watching.wait(20)
        self.assertEqual(done.code, 0, done.err)
        listed = self.ada.do("ls", "-r", "/w").out.decode().splitlines()
        self.assertLessEqual({"/w/meanwhile", "/w/new/deep/file", "/w/new/deep/later"}, set(listed))
        self.assertNotIn("/w/a/one", listed)


class KeepingTests(SystemTestCase):
    """The commands that keep a drive healthy."""

    def setUp(self) -> None:
        super().setUp()
        self.house = self.server()
        self.ada = self.ada(self.house)

    def blobs(self) -> list[Path]:
        return [path for path in (self.house.state / "blobs").glob("?/?/*") if path.is_file()]

    def test_verify(self) -> None:
        """Damage is found, named, and told by the exit code; the rest is looked at too."""
        for name in ("one", "two", "three"):
            self.ada.do("put", self.file(name, random.Random(name).randbytes(5000)), f"/{name}")
        sound = self.ada.do("--json", "verify").value
        self.assertEqual(sound, {"versions": 3, "size": 15000, "damaged": []})
        newest = max(self.blobs(), key=lambda path: path.stat().st_mtime_ns)
        content = bytearray(newest.read_bytes())
        content[100] ^= 1
        newest.write_bytes(content)
        min(self.blobs(), key=lambda path: path.stat().st_mtime_ns).unlink()
        done = self.ada.run("--json", "verify")
        self.assertEqual(done.code, 11, done.err)
        self.assertEqual(done.value["versions"], 3)
        self.assertEqual({one["path"] for one in done.value["damaged"]}, {"/one", "/three"})
        self.assertEqual(self.ada.run("verify", "--sample", "90", "/two").code, 0)

    def test_retain_and_compact(self) -> None:
        """Old versions and old trash go; what they leave half empty is packed anew."""
        drawn = random.Random(5)
        for _ in range(3):
            self.ada.do("put", self.file("f", drawn.randbytes(100 * KIB)), "/f")
        for number in range(32):
            self.file(f"many/{number}", drawn.randbytes(200 * KIB))
        self.ada.do("put", "-r", self.folder / "many", "/many")
        self.ada.do("rm", *(f"/many/{number}" for number in range(32) if number % 8))
        rules = ("retain", "--versions", "1", "--trash-days", "0")
        would = self.ada.do("--json", *rules, "--dry-run").value
        self.assertEqual((would["versions"], would["purged"]), (2, 28))
        self.assertEqual(self.ada.do("--json", "stat", "/f").value["versions"], 3)
        before = self.ada.do("--json", "stat").value["stored"]
        did = self.ada.do("--json", *rules).value
        stored = self.ada.do("--json", "stat").value["stored"]
        self.assertEqual(did["freed"], before - stored)
        self.assertGreaterEqual(did["freed"], 2 * SMALL_BLOB)
        self.assertEqual(would["blobs"], did["blobs"])
        would = self.ada.do("--json", "compact", "--dry-run").value
        self.assertEqual(self.ada.do("--json", "stat").value["stored"], stored)
        did = self.ada.do("--json", "compact").value
        self.assertEqual({**would, "dry_run": False}, did)
        self.assertGreaterEqual(did["freed"], 3 * MIB)
        self.assertEqual(self.ada.do("--json", "stat").value["stored"], stored - did["freed"])
        self.assertEqual(self.ada.do("--json", "compact").value["rewritten"], 0)
        self.ada.do("verify")
        kept = range(0, 32, 8)
        content = b"".join((self.folder / f"many/{number}").read_bytes() for number in kept)
        read = self.ada.do("cat", *(f"/many/{number}" for number in kept)).out
        self.assertEqual(read, content)

    def test_retain_says_what_it_needs(self) -> None:
        """Without a rule nothing is let go."""
        done = self.ada.run("retain")
        self.assertEqual(done.code, 2)
        self.assertIn("--keep-days", done.err)
