"""Looking at things in the explorer, on a terminal and a real account: what a person sees."""

import struct
import tarfile
import zlib

from tests.support.explorers import OnScreen
from tests.support.processes import SystemTestCase

TAB, ENTER, ESC = b"\t", b"\r", b"\x1b"
F3 = b"\x1bOR"


def png():
    """Give a picture: red above, blue below."""

    def chunk(kind, content):
        check = zlib.crc32(kind + content)
        return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", check)

    rows = (b"\0" + b"\xff\0\0" * 8) * 4 + (b"\0" + b"\0\0\xff" * 8) * 4
    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class LookingTests(SystemTestCase):
    """Ada's drive holds a long text in two versions, a picture and an archive."""

    def setUp(self):
        super().setUp()
        self.device = self.ada(self.server())
        self.here = self.folder / "here"
        self.here.mkdir()
        lines = b"".join(b"line %06d\n" % number for number in range(100_000))
        self.file("things/sub/text", b"an early draft\n")
        self.device.do("put", "-r", self.folder / "things", "/")
        self.file("things/sub/text", lines)
        self.file("things/picture", png())
        with tarfile.open(self.folder / "things/archive", "w:gz") as archive:
            archive.add(self.folder / "things/picture", "inside it")
        self.device.do("put", "-r", self.folder / "things", "/")
        screen = OnScreen(self.device.state, self.here, ANONCLOUD_THEME="dark")
        self.addCleanup(screen.close)
        self.screen = screen.until("things").until("online").press(TAB, ENTER).until("archive")

    def tearDown(self):
        log = self.device.state / "explorer.log"
        self.assertEqual(log.read_text() if log.exists() else "", "")

    def test_text(self):
        """A long text: its beginning, its end, what is sought in it, its bytes."""
        screen = self.screen.press(b"/", *b"sub".split(), ENTER).until("sub")
        screen.press(ENTER).until("text").press(F3).until("line 000000")
        screen.press(b"G").until("line 099999")
        screen.press(b"g").until("line 000000")
        screen.press(b"/", b"line 07777", ENTER).until("line 077770")
        screen.press(b"x").until("6c 69 6e 65")
        screen.press(ESC).until(lambda seen: not seen.shows("6c 69 6e 65"))

    def test_picture_and_archive(self):
        screen = self.screen.press(b"G", F3).until("▀")
        screen.press(ESC).until(lambda seen: not seen.shows("▀"))
        screen.press(b"k", F3).until("inside it").until("1 entry")
        screen.press(ESC).until(lambda seen: not seen.shows("inside it"))

    def test_history(self):
        """An older version is looked at, and becomes the newest again."""
        screen = self.screen.press(b"g", ENTER).until("text")
        screen.press(b"H").until("2 the newest").press(b"j", ENTER).until("an early draft")
        screen.press(ESC).until("2 the newest").press(b"R").until("is the newest again")
        screen.press(F3).until("an early draft")

    def test_sizes_and_finds(self):
        """Into a folder by its size; to a file by its name; all that is known of it."""
        screen = self.screen.press(b"\x7f").until("things/")
        screen.press(b"w").until("of older versions").press(ENTER).until("lies in drive:/things")
        screen.press(b"h").until(lambda seen: not seen.shows("drive:/things")).press(ESC)
        screen.press(b"f", b"tex", ENTER).until("/things/sub/text").press(ENTER)
        screen.until("drive:/things/sub").press(b"i").until("  blob").press(ESC)

    def test_undo_after_another_start(self):
        """What was done before the end is taken back after the next start, and done again."""
        screen = self.screen.press(b"\x7f").until("things/")
        screen.press(b"d", ENTER).until("into the trash").press(b"q")
        self.assertEqual(screen.exit_code(), 0)
        screen = OnScreen(self.device.state, self.here)
        self.addCleanup(screen.close)
        screen.until("online").press(b"u").until("undone: restored /things").until("things/")
        screen.press(b"U").until("redone: put /things into the trash")

    def test_past(self):
        """The newest changes lead to the drive as it was."""
        screen = self.screen.press(b"@").until("Show the drive").press(ENTER)
        screen.until("what was done").press(b"G", b"k", b"k", ENTER)
        screen.until("as of")
