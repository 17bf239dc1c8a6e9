"""Getting into an account in the explorer, and alarms: whole stories in a real terminal."""

import shutil

from tests.support.explorers import OnScreen
from tests.support.processes import PASSPHRASE, SystemTestCase

ENTER, DOWN, ESC = b"\r", b"\x1b[B", b"\x1b"


def pasted(text):
    return b"\x1b[200~" + text.encode() + b"\x1b[201~"


class EnteringCase(SystemTestCase):
    def setUp(self):
        super().setUp()
        self.remote = self.server()
        self.here = self.folder / "here"
        self.file("here/letter.txt", b"Dear Bob\n")

    def explore(self, state):
        screen = OnScreen(state, self.here)
        self.addCleanup(screen.close)
        return screen

    def leave(self, screen):
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertTrue(screen.restored())

    def kit_on(self, screen):
        """Read the kit's line as it stands on the screen, left of its code."""
        left = [line[:54].strip() for line in screen.terminal.lines]
        first = next(at for at, line in enumerate(left) if line.startswith("anoncloud-kit-1-"))
        return "".join(left[first : left.index("", first)])


class EnteringTests(EnteringCase):
    def test_first_runs(self):
        """Register, keep the kit, be inside; later at once; and from elsewhere with the kit."""
        first = self.folder / "first"
        screen = self.explore(first).until("make a new account")
        screen.press(b"r").until("Address or invitation")
        screen.press(pasted(self.remote.address), ENTER, b"ada", ENTER, ENTER)
        screen.until("Choose a passphrase").press(b"secret1").until("it must be worth")
        screen.press(b"\x15", PASSPHRASE.encode()).until("good enough")
        screen.press(ENTER, PASSPHRASE.encode(), ENTER).until("This is the kit of ada")
        kit = self.kit_on(screen)
        screen.press(ENTER).until("Last 8 characters").press(b"abcdefgh", ENTER)
        screen.until("not how the kit ends").press(b"\x15", kit[-8:].encode(), ENTER)
        screen.until("online").until("ada")
        self.leave(screen)
        self.leave(self.explore(first).until("online"))

        screen = self.explore(self.folder / "second").until("kit and passphrase")
        screen.press(b"k").until("Kit: its line").press(pasted(kit), ENTER, b"wrong", ENTER, ENTER)
        screen.until("the login was refused")
        screen.press(b"\x1b[A", b"\x15", PASSPHRASE.encode(), ENTER, ENTER).until("online")
        self.leave(screen)


class AlarmTests(EnteringCase):
    def test_rolled_back(self):
        """An old backup in the server's place fills the screen; the drive stays, read-only."""
        device = self.ada(self.remote)
        device.do("mkdir", "/old")
        self.remote.stop()
        shutil.copytree(self.remote.state, self.folder / "backup")
        self.remote.start()
        device.do("mkdir", "/new")
        self.remote.stop()
        shutil.rmtree(self.remote.state)
        shutil.copytree(self.folder / "backup", self.remote.state)
        self.remote.start()
        screen = self.explore(device.state).until("ALARM").until("What it means").until("Ways out")
        screen.press(ENTER, ESC)
        self.assertTrue(screen.shows("ALARM"))
        screen.press(b"r").until("new").until("old").until("offline")
        screen.press(b"\t", b"n").until("folder").press(b"refused", ENTER)
        screen.until("read-only since the alarm")
        self.leave(screen)
        log = device.state / "explorer.log"
        self.assertEqual(log.read_text(), "")
