"""Getting into an account in the explorer: whole stories in a real terminal."""

import json
import os

from tests.support.explorers import OnScreen
from tests.support.processes import PASSPHRASE, SystemTestCase

ENTER, ESC, CLEAR = b"\r", b"\x1b", b"\x15"


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
        screen.press(b"s").until("mode 0600").press(CLEAR, b"letter.txt", ENTER)
        screen.until("nothing is overwritten").press(CLEAR, b"ada.kit", ENTER)
        screen.until("It is written to")
        self.assertEqual((self.here / "ada.kit").read_text(), f"{kit}\n")
        self.assertEqual((self.here / "ada.kit").stat().st_mode & 0o777, 0o600)
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

    def test_code(self):
        """Another device shows a code; typed here, it lets this one in."""
        laptop = self.ada(self.remote)
        laptop.do("mkdir", "/photos")
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        pairing = laptop.start("--json", "pair", "-y", out=write)
        os.close(write)
        shown = json.loads(os.read(read, 4096))
        screen = self.explore(self.folder / "phone").until("by a code").press(b"c")
        screen.until("Pairing code").press(pasted(shown["address"]), ENTER)
        screen.press(shown["code"].encode(), ENTER, CLEAR, b"phone", ENTER)
        screen.until("online").until("photos")
        self.assertEqual(pairing.wait().code, 0)
        self.leave(screen)
        self.assertIn(b"phone", laptop.do("devices").out)

    def test_recovery_key(self):
        """Kit and passphrase make a recovery key; it is good once its end was typed."""
        device = self.ada(self.remote)
        kit = self.folder / "kit"
        screen = self.explore(device.state).until("online").press(b":", b"recovery", ENTER)
        screen.until("Make a recovery key").press(pasted(str(kit)), ENTER, b"wrong", ENTER)
        screen.until("the login was refused").press(CLEAR, PASSPHRASE.encode(), ENTER)
        screen.until("This is a recovery key of ada").press(b"s").until("mode 0600")
        screen.press(CLEAR, b"ada.recovery", ENTER).until("It is written to").press(ENTER)
        key = (self.here / "ada.recovery").read_text().strip()
        screen.until("Last 8 characters").press(key[-8:].encode(), ENTER)
        screen.until("opens the account by now")
        self.leave(screen)
        dropped = device.do("recovery", "drop", "--kit", kit, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertIn(b"The recovery key is dropped", dropped.out)
