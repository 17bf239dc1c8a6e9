"""The commands that look at the drive and rearrange it, run as a user runs them."""

import os
import select
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from tests.support.processes import PATIENCE, SystemTestCase, environment


class TreeCommandTests(SystemTestCase):
    """Each command once, with its JSON, its exit codes and its words."""

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.ada(self.server())
        self.do, self.run_ = self.ada.do, self.ada.run

    def lines(self, *arguments: Any) -> list[str]:
        """Run a command that must succeed; give the lines that it writes."""
        return self.do(*arguments).out.decode().splitlines()

    def value(self, *arguments: Any) -> Any:
        """Run a command with --json."""
        return self.do("--json", *arguments).value

    def refused(self, code: int, words: str, *arguments: Any) -> None:
        """Run a command that must fail so, and say what to do about it."""
        done = self.run_(*arguments)
        self.assertEqual((done.code, done.out), (code, b""), done.err)
        self.assertIn(words, done.err)
        self.assertIn(";", done.err)

    def fill(self) -> None:
        """Store a few things."""
        self.file("a/b/f", b"f" * 3000)
        self.file("a/g\n", b"g" * 100)
        self.do("put", "-r", self.folder / "a", "/")

    def test_looking(self) -> None:
        """Tree, find and du show the same drive."""
        self.fill()
        drawn = ["/", "└── a/", "    ├── b/", "    │   └── f", "    └── g\\x0a", ""]
        self.assertEqual(self.lines("tree"), [*drawn, "2 folders, 2 files"])
        self.assertEqual(
            self.lines("tree", "-d", "-L", "1", "/a"), ["/a", "└── b/", "", "1 folder"]
        )
        plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        self.assertIn(b"|-- b/", self.do("tree", **plain).out)
        value = self.value("tree", "/a")
        self.assertEqual((value["folders"], value["files"], value["links"]), (1, 2, 0))
        shown = [(node["path"], node["depth"]) for node in value["nodes"]]
        self.assertEqual(shown, [("/a", 0), ("/a/b", 1), ("/a/b/f", 2), ("/a/g\\x0a", 1)])

        self.assertEqual(self.lines("find"), ["/", "/a", "/a/b", "/a/b/f", "/a/g\\x0a"])
        self.assertEqual(self.lines("find", "/a", "--type", "f", "--larger", "1k"), ["/a/b/f"])
        self.assertEqual(self.do("find", "--name", "g*", "-0").out, b"/a/g\n\0")
        self.assertEqual(self.lines("find", "--newer", "1h", "--name", "b"), ["/a/b"])
        self.assertEqual(self.lines("find", "--older", "2001-01-01", "--type", "f"), [])
        (found,) = self.value("find", "--smaller", "1k", "--type", "f")
        self.assertEqual((found["path"], found["size"]), ("/a/g\\x0a", 100))

        self.assertEqual(
            self.lines("du"),
            ["    2.9 KiB  /a/b", "    3.0 KiB  /a", "    3.0 KiB  /"],
        )
        self.assertEqual(self.value("du", "-s", "/a"), [{"path": "/a", "size": 3100}])
        self.do("rm", "/a/b/f")
        (held,) = self.value("du", "--stored", "-s")
        self.assertEqual(held, {"path": "/", "size": 100, "stored": 116, "older": 0, "trash": 3016})
        self.refused(3, "/none", "tree", "/none")
        self.refused(2, "'much'", "find", "--larger", "much")
        self.refused(2, "'soon'", "find", "--newer", "soon")
        self.refused(2, "-L", "du", "-s", "-L", "3")

    def test_arranging(self) -> None:
        """Copies send and store nothing; mv and rm of many things are one record each."""
        self.fill()
        stored = self.value("stat")["stored"]
        value = self.value("cp", "-r", "/a", "/c")
        self.assertEqual(value, {"copied": ["/c"], "files": 2, "skipped": 0})
        self.assertEqual(self.value("stat")["stored"], stored)
        self.assertEqual(self.do("cat", "/c/b/f").out, b"f" * 3000)
        self.refused(4, "/c/b/f", "cp", "/a/b/f", "/c/b")
        self.refused(4, "-r", "cp", "/a", "/d")
        self.refused(2, "itself", "cp", "-r", "/a", "/a/b")
        value = self.value("cp", "--existing", "rename", "/a/b/f", "/c/b")
        self.assertEqual(value["copied"], ["/c/b/f (copy)"])
        value = self.value("cp", "-r", "--existing", "skip", "/a/b", "/c")
        self.assertEqual(value, {"copied": ["/c/b"], "files": 0, "skipped": 1})
        records = self.value("stat")["records"]
        self.assertEqual(self.value("mv", "/c/b/f", "/c/b/f (copy)", "/")["moved"][0], "/f")
        self.refused(4, "already", "mv", "/f (copy)", "/a/b/f", "/")
        self.assertEqual(self.value("rm", "-r", "/f", "/a", "/a/b", "/c")["removed"][1], "/a")
        self.assertEqual(self.value("stat")["records"], records + 2)
        self.assertEqual(self.lines("ls"), ["f (copy)"])

    def test_history(self) -> None:
        """Earlier versions and earlier times come back."""
        file = self.file("f", b"one")
        self.do("put", file, "/f")
        self.do("put", file, "/gone")
        self.do("put", file, "/lost")
        time.sleep(0.01)
        then = datetime.now(UTC).isoformat()
        self.file("f", b"longer")
        self.do("put", file, "/f")
        self.do("mv", "/f", "/moved")
        self.do("rm", "/gone")
        listed = self.value("history", "/moved")
        self.assertEqual([(one["version"], one["size"]) for one in listed], [(1, 3), (2, 6)])
        self.assertLess(listed[0]["stored"], listed[1]["stored"])
        self.assertEqual(len(self.lines("history", "/moved")), 3)

        self.assertEqual(self.do("cat", "--version", "1", "/moved").out, b"one")
        self.do("get", "--version", "1", "/moved", self.folder / "one")
        self.assertEqual((self.folder / "one").read_bytes(), b"one")
        self.assertEqual(self.lines("ls", "--at", then), ["f", "gone", "lost"])
        self.assertEqual(self.do("cat", "--at", then, "/f", "/gone").out, b"oneone")
        self.do("rm", "--forever", "/lost")
        past = self.folder / "past"
        done = self.run_("get", "-r", "--at", then, "/", past)
        self.assertEqual(done.code, 3)
        self.assertIn("bringing /lost back: its content was removed for good", done.err)
        self.assertEqual(sorted(path.name for path in past.iterdir()), ["f", "gone"])
        self.assertEqual((past / "f").read_bytes(), b"one")

        value = self.value("restore", "--version", "1", "/moved")
        self.assertEqual(value, {"restored": "/moved", "version": 1, "unchanged": False})
        self.assertEqual(self.do("cat", "/moved").out, b"one")
        self.assertTrue(self.value("restore", "--version", "3", "/moved")["unchanged"])
        self.refused(3, "versions 1 to 3", "cat", "--version", "4", "/moved")
        self.refused(3, "no record as old", "ls", "--at", "2001-01-01")
        self.refused(2, "--at", "cat", "--at", "1h", "--version", "1", "/moved")
        self.refused(4, "not a file", "history", "/")

    def test_trash(self) -> None:
        """The trash is listed and emptied, but not without being asked."""
        self.fill()
        self.do("rm", "-r", "/a/b", "/a/g\n")
        listed = self.value("trash", "list")
        self.assertEqual(sorted(one["path"] for one in listed), ["/a/b", "/a/g\\x0a"])
        self.assertEqual(listed, self.value("restore"))
        self.assertEqual(self.lines("trash", "list"), self.lines("restore"))
        self.refused(2, "use -y", "trash", "empty")
        self.refused(2, "missing command", "trash")
        self.assertEqual(self.value("trash", "empty", "-y", "--older-than", "1d")["removed"], [])
        self.assertEqual(len(self.value("trash", "list")), 2)
        emptied = self.value("trash", "empty", "-y")
        self.assertEqual(sorted(emptied["removed"]), ["/a/b", "/a/g\\x0a"])
        self.assertTrue(emptied["forever"])
        self.assertEqual((self.value("trash", "list"), self.value("stat")["stored"]), ([], 0))

    def test_asking(self) -> None:
        """On a terminal, emptying the trash waits for a yes; anything else changes nothing."""
        self.fill()
        self.do("rm", "-r", "/a")
        for answer, code, left in ((b"\n", 130, 1), (b"no\n", 130, 1), (b"y\n", 0, 0)):
            said, ended = self.at_a_terminal(answer, "trash", "empty")
            self.assertIn(b"remove 1 thing (3.0 KiB) from the trash for good? [y/N]", said)
            self.assertEqual((ended, len(self.value("trash", "list"))), (code, left))

    def at_a_terminal(self, answer: bytes, *arguments: str) -> tuple[bytes, int]:
        """Run a command whose question is answered at a terminal; give what it said there."""
        terminal, inside = os.openpty()
        self.addCleanup(os.close, terminal)
        command = (sys.executable, "-m", "anoncloud.cli.main", "--state", str(self.ada.state))
        process = subprocess.Popen(
            (*command, *arguments),
            stdin=inside,
            stdout=subprocess.DEVNULL,
            stderr=inside,
            env=environment(),
        )
        os.close(inside)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = b""
        while b"[y/N]" not in said:
            self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], said)
            said += os.read(terminal, 1000)
        os.write(terminal, answer)
        return said, process.wait(PATIENCE)

    def test_undo(self) -> None:
        """Undo walks back, redo walks forth, and what is gone for good ends it."""
        self.refused(3, "there are", "undo")
        self.do("mkdir", "/d")
        self.do("put", self.file("f", b"one"), "/d/f")
        self.do("mv", "/d/f", "/g")
        self.assertEqual(self.lines("undo")[1:], ["  moved /g back to /d/f"])
        (undone,) = self.value("undo")["undone"]
        self.assertEqual(undone["did"], [{"action": "trashed", "path": "/d/f"}])
        self.assertEqual(self.lines("find"), ["/", "/d"])
        self.do("undo", "--redo", "-n", "2")
        self.assertEqual(self.lines("find"), ["/", "/d", "/g"])
        self.do("undo", "-n", "3")
        self.assertEqual(self.lines("find"), ["/"])
        self.do("undo", "--redo")
        self.refused(3, "no undos", "undo", "--redo")
        self.do("rm", "--forever", "/g")
        self.refused(4, "removed /g for good", "undo")
        self.refused(3, "there are only", "undo", "-n", "99")
