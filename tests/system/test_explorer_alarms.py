"""Alarms in the explorer, with all their ways out: whole stories in a real terminal."""

import json
import shutil

from anoncloud.errors import RolledBack
from tests.support.explorers import OnScreen
from tests.support.processes import PASSPHRASE, Device, SystemTestCase

ENTER, DOWN, ESC, CLEAR = b"\r", b"\x1b[B", b"\x1b", b"\x15"


class AlarmCase(SystemTestCase):
    """Ada's device, which knows of a letter and of a folder "old"."""

    def setUp(self):
        super().setUp()
        self.remote = self.server()
        self.here = self.folder / "here"
        self.letter = self.file("here/letter.txt", b"Dear Bob\n" * 20_000)
        self.device = self.ada(self.remote)
        self.device.do("put", self.letter, "/letter.txt")
        self.device.do("mkdir", "/old")

    def keep(self):
        """Keep a copy of all that the server has."""
        self.remote.stop()
        shutil.copytree(self.remote.state, self.folder / "backup")
        self.remote.start()

    def put_back(self):
        """Put the copy in the server's place."""
        self.remote.stop()
        shutil.rmtree(self.remote.state)
        shutil.copytree(self.folder / "backup", self.remote.state)
        self.remote.start()

    def roll_back(self):
        """Let the server forget a folder that the device has made."""
        self.keep()
        self.device.do("mkdir", "/new")
        self.put_back()

    def other(self):
        """Log in on another device."""
        device = Device(self.folder / "other")
        self.assertEqual(device.log_in(self.folder / "kit").code, 0)
        return device

    def explore(self, device=None, **changes):
        """Start the explorer."""
        screen = OnScreen((device or self.device).state, self.here, **changes)
        self.addCleanup(screen.close)
        return screen

    def alarm(self, title, **changes):
        """Start the explorer, which gives an alarm that fills the screen."""
        screen = self.explore(**changes).until("ALARM").until(title).until("What it means")
        self.assertFalse(screen.shows("letter.txt"))
        return screen

    def leave(self, screen):
        """Quit; the terminal is as it was, and nothing was written down as a bug."""
        screen.press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        self.assertTrue(screen.restored())
        self.assertEqual((self.device.state / "explorer.log").read_text(), "")


class RolledBackTests(AlarmCase):
    def test_without_accepting(self):
        """All that is known and there is saved, once; then the drive is only looked at."""
        self.roll_back()
        screen = self.alarm("shows an older drive").until("Ways out").press(ENTER, ESC)
        screen.until("ALARM").press(b"x").until("new local folder")
        screen.press(CLEAR, b"saved", ENTER).until("Exported").until("1 files and links are saved")
        saved = self.here / "saved"
        self.assertEqual((saved / "files/letter.txt").read_bytes(), self.letter.read_bytes())
        listing = (saved / "listing.jsonl").read_text().splitlines()
        found = [json.loads(line)["path"] for line in listing]
        self.assertEqual(found, ["/letter.txt", "/new", "/old"])
        screen.press(ENTER).until("ALARM").press(b"x").until("new local folder")
        screen.press(CLEAR, b"saved", ENTER).until("nothing is ever overwritten").press(ENTER)
        screen.until("ALARM").press(b"r").until("new").until("old").until("offline")
        screen.press(b"\t", b"n").until("folder").press(b"refused", ENTER)
        screen.until("read-only since the alarm")
        self.leave(screen)

    def test_accept(self):
        """The account's name, and no other word, accepts; it is told elsewhere, and goes on."""
        self.roll_back()
        screen = self.alarm("shows an older drive").press(b"a").until("Name of the account")
        screen.press(b"yes", ENTER).until("not the name of the account").press(ESC)
        screen.until("ALARM").press(b"a").until("Name of the account").press(b"ada", ENTER)
        screen.until("What was given up lies in").press(ENTER).until("online").until("old")
        self.assertFalse(screen.shows("new"))
        screen.press(b"\t", b"n").until("folder").press(b"after", ENTER).until("after")
        self.leave(screen)
        shown = self.other().do("ls", "/").out
        self.assertEqual(shown, b"after/\nletter.txt\nold/\n")

    def test_commands(self):
        """The same in scripts: refused, looked at, accepted by name, and told to others."""
        other = self.other()
        self.device.do("ls", "/")
        self.roll_back()
        self.assertEqual(self.device.run("ls", "/").code, RolledBack.exit_code)
        self.assertEqual(self.device.run("accept").code, 2)
        shown = self.device.do("--json", "accept", "--show").value
        self.assertEqual(shown["seen"]["records"], shown["shown"]["records"] + 1)
        self.assertEqual(self.device.run("accept", "--confirm", "eve").code, 2)
        self.assertEqual(self.device.run("ls", "/").code, RolledBack.exit_code)
        self.assertIn("this device has seen", self.device.do("export", self.folder / "saved").err)
        kit = ("--kit", self.folder / "kit")
        self.device.do("accept", "--confirm", "ada", *kit, ANONCLOUD_PASSPHRASE=PASSPHRASE)
        self.assertEqual(self.device.do("ls", "/").out, b"letter.txt\nold/\n")
        self.assertIn("accepted a history of", other.do("ls", "/").err)
        (accepted,) = other.do("--json", "stat", "/").value["accepted"]
        self.assertIn("gave up one of", accepted)


class OtherAlarmTests(AlarmCase):
    def test_forked(self):
        """Another history: who wrote it is told, once the other device has accepted something."""
        other = self.other()
        self.device.do("ls", "/")
        self.roll_back()
        other.do("mkdir", "/theirs")
        screen = self.alarm("shows another history").press(b"G").until("What the server shows")
        self.leave(screen.press(b"r").until("offline"))

    def test_damaged(self):
        """A blob that was changed on the server's disk is an alarm that one can pass by."""
        self.remote.stop()
        for path in (self.remote.state / "blobs").rglob("*"):
            if path.is_file():
                content = bytearray(path.read_bytes())
                content[: len(content) // 2] = bytes(len(content) // 2)
                path.write_bytes(content)
        self.remote.start()
        screen = self.explore().until("online").until("old")
        screen.press(b"\t", b"G", b"v").until("ALARM").until("something is damaged")
        screen.press(ENTER).until("old")
        self.leave(screen)

    def test_stranger(self):
        """Another server at the address: an alarm, which one can pass by, and no traceback."""
        self.remote.stop()
        shutil.move(self.remote.state, self.folder / "away")
        self.remote.start()
        screen = self.alarm("this is not your server").press(ENTER).until("old").until("offline")
        self.leave(screen)

    def test_revoked(self):
        """A device that was revoked is led to the ways in, and what it knows stays in sight."""
        other = self.other()
        name = self.device.do("--json", "devices").value
        (mine,) = [one["key"] for one in name if one["this"]]
        other.do("devices", "revoke", mine)
        screen = self.explore().until("This device was revoked").until("kit and passphrase")
        self.leave(screen.press(ESC).until("old").until("offline"))
