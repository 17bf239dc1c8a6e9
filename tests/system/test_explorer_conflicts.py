"""The explorer asks about what exists: whole copies on a terminal, with every answer in them."""

import os
import shutil
import signal
import time

from tests.system.test_explorer import ENTER, TAB, ExplorerCase

DAY = 86_400
CLEAR, F6 = b"\x15", b"\x1b[17~"


class ConflictCase(ExplorerCase):
    """Ada's "tree" is in her drive, and her local one is newer; "same" is the same in both."""

    names_of_files = ("a", "b", "c", "d", "e", "f")

    def setUp(self):
        super().setUp()
        self.tree = self.here / "tree"
        self.now = int(time.time())
        for name in self.names_of_files:
            self.local(name, b"first", self.now - 2 * DAY)
        self.local("in/same", b"same", self.now - 2 * DAY)
        self.ada_device.do("put", "-r", self.tree, "/")
        for name in self.names_of_files:
            self.local(name, b"the second", self.now - DAY)
        self.local("in/new", b"new", self.now)

    def local(self, name, content, seconds):
        path = self.file(f"here/tree/{name}", content)
        os.utime(path, (seconds, seconds))

    def stored(self):
        """Bring the drive's tree down; give what is in its files."""
        back = self.folder / "back"
        shutil.rmtree(back, ignore_errors=True)
        self.ada_device.do("get", "-r", "/tree", back)
        return {
            str(path.relative_to(back)): path.read_bytes()
            for path in back.rglob("*")
            if path.is_file()
        }

    def copy(self, screen):
        """Copy what the cursor stands on to the other pane."""
        return screen.press(b"c").until("Copy to").press(ENTER)

    def leave(self, screen):
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertEqual(self.log(), "")


class UploadTests(ConflictCase):
    def test_each_answer(self):
        """Overwritten, kept twice, skipped, called otherwise, and the rest by one answer."""
        self.local("e", b"an older one", self.now - 3 * DAY)
        screen = self.copy(self.explore().until("tree/").until("online"))
        screen.until("/tree/a is there already").until("10 bytes").until("5 bytes")
        self.assertEqual(self.names("/tree"), [*self.names_of_files, "in/"])
        screen.press(b"o").until("/tree/b is there").press(b"b").until("/tree/c is there")
        screen.press(b"s").until("/tree/d is there").press(b"r").until("Call").press(CLEAR)
        screen.press(b"other", ENTER).until("/tree/e is there").press(b"a", b"n")
        screen.until("done: up: tree, 2 left as they were")
        screen.press(TAB, b"G", ENTER).until("drive:/tree").until("other").press(b"j", b"H")
        screen.until("versions of a").until("2 the newest").press(b"\x1b")
        self.leave(screen)
        expected = dict.fromkeys(("b", "c", "d", "e"), b"first")
        expected |= dict.fromkeys(("a", "b (copy)", "other", "f"), b"the second")
        expected |= {"in/new": b"new", "in/same": b"same"}
        self.assertEqual(self.stored(), expected)

    def test_ended_with_an_open_question(self):
        """Nothing is overwritten without an answer; the next start asks again."""
        screen = self.copy(self.explore().until("tree/").until("online"))
        screen.until("/tree/a is there already")
        os.kill(screen.pid, signal.SIGTERM)
        self.assertEqual(screen.exit_code(), 0)
        self.assertEqual(self.stored(), {**dict.fromkeys("abcdef", b"first"), "in/same": b"same"})
        screen = self.explore().until("/tree/a is there already").press(b"a", b"o")
        screen.until("done: up: tree")
        self.leave(screen)
        self.assertEqual(self.stored()["f"], b"the second")

    def test_moved(self):
        """A move leaves here what was not stored there."""
        screen = self.explore().until("tree/").until("online").press(b"r").until("Move to")
        screen.press(F6, ENTER).until("/tree/a is there").press(b"o").until(
            "/tree/b is there"
        ).press(b"a", b"s")
        screen.until("done: up: tree, 5 left as they were")
        self.leave(screen)
        self.assertEqual(sorted(path.name for path in self.tree.iterdir()), list("bcdef"))
        self.assertEqual((self.stored()["a"], self.stored()["b"]), (b"the second", b"first"))


class DownloadTests(ConflictCase):
    def test_answers(self):
        """Skipped by Esc, overwritten, and the rest kept twice; the copy can be given up."""
        screen = self.explore().until("tree/").until("online").press(TAB).until("tree/")
        screen.press(b"G")
        self.copy(screen).until("tree/a is there already").press(b"q").until("given up")
        self.copy(screen).until("tree/a is there already").press(b"\x1b")
        screen.until("tree/b is there already").press(b"o").until("tree/c is there already")
        screen.press(b"a", b"b").until("done: down: tree, 1 left as it was")
        self.leave(screen)
        for name, content in (
            ("a", b"the second"),
            ("b", b"first"),
            ("c", b"the second"),
            ("c (copy)", b"first"),
            ("f (copy)", b"first"),
            ("in/new", b"new"),
        ):
            self.assertEqual((self.tree / name).read_bytes(), content, name)
        self.assertEqual(len(list(self.tree.iterdir())), 11)
