"""The explorer on a terminal, on a real account: it moves, works, ends, and leaves all well.

The stories of its whole use are elsewhere; this is what its shell must hold.
"""

import os
import signal

from tests.support.explorers import OnScreen
from tests.support.processes import SystemTestCase, wait_until

TAB, ENTER = b"\t", b"\r"


class ExplorerCase(SystemTestCase):
    """Ada's drive holds a folder "music" with two songs; her local folder holds a letter."""

    def setUp(self):
        super().setUp()
        self.remote = self.server()
        self.ada_device = self.ada(self.remote)
        self.here = self.folder / "here"
        self.file("here/letter.txt", b"Dear Bob\n")
        for number in (1, 2):
            self.file(f"music/song {number}", b"la" * number)
        self.ada_device.do("put", "-r", self.folder / "music", "/")

    def explore(self, first="", **changes):
        screen = OnScreen(self.ada_device.state, self.here, first, **changes)
        self.addCleanup(screen.close)
        return screen

    def names(self, path="/"):
        """List the drive with the other program."""
        return self.ada_device.do("ls", path).out.decode().split("\n")[:-1]

    def log(self):
        path = self.ada_device.state / "explorer.log"
        return path.read_text() if path.exists() else ""


class ExplorerTests(ExplorerCase):
    def tearDown(self):
        self.assertEqual(self.log(), "")

    def test_browse_and_quit(self):
        """Both sides show; a folder opens, a key goes up again; the end leaves everything well."""
        screen = self.explore().until("letter.txt").until("music").until("online")
        screen.press(TAB, ENTER).until("song 2")
        screen.press(b"\x7f").until(lambda seen: not seen.shows("song 2"))
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertTrue(screen.restored())

    def test_signals(self):
        """SIGTERM and SIGHUP end it properly, and the terminal is given back."""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            screen = self.explore().until("music").until("online")
            os.kill(screen.pid, number)
            self.assertEqual(screen.exit_code(), 0, number)
            self.assertTrue(screen.restored(), number)

    def test_terminal_is_gone(self):
        """A terminal that hangs up ends it."""
        screen = self.explore().until("music")
        os.close(screen.slave)
        os.close(screen.master)
        screen.master, screen.slave = os.openpty()
        self.assertEqual(screen.exit_code(), 0)

    def test_suspended(self):
        """Ctrl-Z gives the terminal back; to go on paints everything again."""
        screen = self.explore().until("music").until("online")
        screen.press(b"\x1a")
        wait_until(screen.modes_restored, "the terminal to be given back")
        self.assertTrue(screen.restored())
        os.kill(screen.pid, signal.SIGCONT)
        screen.until("letter.txt").press(TAB, ENTER).until("song 1")
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)

    def test_resized(self):
        """Another size is filled at once, down to the smallest and back."""
        screen = self.explore().until("music").until("online")
        for columns, rows in ((40, 10), (30, 5), (200, 60), (80, 24)):
            screen.resize(columns, rows)
            screen.settle(0.3)
        screen.until("letter.txt").until("music")
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)

    def test_no_server(self):
        """Without its server the drive shows as it was known last, and it ends at once."""
        self.explore().until("online").press(b"q").exit_code()
        self.remote.stop()
        screen = self.explore().until("music").until("cached")
        screen.press(TAB, ENTER).until("song 2")
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.remote.start()

    def test_server_comes_back(self):
        """A lost line shows, and is made again by itself."""
        screen = self.explore().until("online")
        self.remote.stop()
        screen.until("lost")
        self.remote.start()
        screen.until("online").press(b"q")
        self.assertEqual(screen.exit_code(), 0)

    def test_others_changes(self):
        """What another device does appears by itself."""
        screen = self.explore().until("music").until("online")
        self.ada_device.do("mkdir", "/from elsewhere")
        screen.until("from elsewhere").press(b"q")
        self.assertEqual(screen.exit_code(), 0)

    def test_nobody_logged_in(self):
        """Without an account it says so, and shows the local disk."""
        state = self.folder / "nobody"
        screen = OnScreen(state, self.here)
        self.addCleanup(screen.close)
        screen.until("letter.txt").until("nobody is logged in").press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertTrue(screen.restored())


class BytesTests(ExplorerCase):
    def test_steps(self):
        """A step of the cursor sends less than 200 bytes, one that scrolls a list less than 400."""
        for number in range(60):
            self.file(f"here/{(number * 37) % 60:02} {'some name' * (number % 4)}", b"x" * number)
        screen = self.explore().until("music").until("online")
        steps = [len(screen.press(b"j").settle()) for _ in range(40)]
        steps += [len(screen.press(b"k").settle()) for _ in range(40)]
        self.assertTrue(all(steps))
        self.assertLess(sorted(steps)[20], 200)
        self.assertLess(max(steps), 400)
        self.assertIn(b"\x1b[?69h", screen.sent)
        letter = [line for line in screen.terminal.lines if "letter.txt" in line]
        self.assertEqual(len(letter), 0)
        screen.press(b"G").until("letter.txt").press(b"q")
        self.assertEqual(screen.exit_code(), 0)

    def test_hostile_names(self):
        """Names do nothing to the terminal, and are what they were."""
        names = [b"\x1b[31mred\x07", b"\xff\x9b2J", "\u202eevil\u200d".encode(), b"tab\tline\n"]
        for name in names:
            self.file(b"here/" + name, b"x")
        screen = self.explore().until("music").until("online")
        for _ in range(len(names) + 2):
            screen.press(b"j")
        screen.press(b"\x01", b"c", ENTER).until("red").until("done")
        screen.settle(0.5)
        self.assertNotIn(b"\x1b[31mred", screen.sent)
        for bad in (b"\x07", b"\x9b", "\u202e".encode(), "\u200d".encode(), b"\t"):
            self.assertNotIn(bad, screen.sent.replace(b"\x1b]11;?\x07", b""))
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.ada_device.do("get", "-r", "/", self.folder / "back")
        back = [os.fsencode(path.name) for path in (self.folder / "back").iterdir()]
        self.assertLessEqual(set(names), set(back))


class EditingTests(ExplorerCase):
    def test_editor_gets_the_terminal(self):
        """A file of the drive is changed in $EDITOR, and what that leaves is stored."""
        editor = self.file(
            "editor", b'#!/bin/sh\necho EDITING; read line; echo $line >> "$1"\n', 0o755
        )
        screen = self.explore(EDITOR=str(editor)).until("music").until("online")
        screen.press(TAB, ENTER).until("song 1").press(b"e").until("EDITING")
        self.assertTrue(screen.modes_restored())
        screen.press(b"do re mi\n").until("song 2").until("done")
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertEqual(self.ada_device.do("cat", "/music/song 1").out, b"lado re mi\n")


class CrashTests(ExplorerCase):
    def test_crash(self):
        """A bug in a view ends it with words, a code and a terminal that is well."""
        first = "import anoncloud.ui.explorer as it\nit.picture = lambda state: 1 / 0"
        screen = self.explore(first=first)
        self.assertEqual(screen.exit_code(), 70)
        self.assertTrue(screen.modes_restored())
        self.assertIn(b"this is a bug: ZeroDivisionError", screen.sent)
        self.assertIn("ZeroDivisionError", self.log())
