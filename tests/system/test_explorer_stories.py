"""Whole stories of the explorer, in a real terminal and a shell: what a person does in a day."""

from tests.support.processes import PASSPHRASE
from tests.system.exploring import StoryCase, under_cursor

KIT = "anoncloud-kit-1-"
SIZES = ((40, 10), (80, 24), (200, 60), (300, 100))
LAID_OVER = {"F1": ((40, 10), (100, 28)), "F5": ((300, 100), (40, 10))}
"""What lies over the panes, and the sizes that it gets."""


class FirstRunTests(StoryCase):
    options = ("--registration", "invitation")

    def kit_on(self, tmux):
        """Read the kit's line as it stands on the screen, left of its code."""
        left = [line[:54].strip() for line in tmux.lines]
        first = next(at for at, line in enumerate(left) if line.startswith(KIT))
        return "".join(left[first : left.index("", first)])

    def test_first_run(self):
        """An invitation becomes an account: a weak passphrase is judged, the kit asked back."""
        state = self.folder / "ada"
        tmux = self.shell(state).run("anoncloud").until("make a new account").press("r")
        tmux.until("Address or invitation").paste(self.remote.admin("invite"))
        tmux.press("Enter").type("ada").press("Enter", "Enter").until("Choose a passphrase")
        tmux.type("secret1").until("it must be worth").press("C-u").type(PASSPHRASE)
        tmux.until("good enough").press("Enter").type(PASSPHRASE).press("Enter")
        kit = self.kit_on(tmux.until("This is the kit of ada"))
        tmux.press("Enter").until("Last 8 characters").type("abcdefgh").press("Enter")
        tmux.until("not how the kit ends").press("C-u").type(kit[-8:]).press("Enter")
        tmux.until("online").until("ada@").until("letter.txt").until("drive:/")
        self.leave(tmux, state)
        self.assertFalse(tmux.shows(KIT))
        self.leave(tmux.run("anoncloud").until("online").until("letter.txt"), state)


class DayTests(StoryCase):
    def setUp(self):
        super().setUp()
        self.first = self.ada(self.remote)

    def test_make_upload_undo(self):
        """A folder is made, a file copied into it, all taken back and done again, also later."""
        tmux = self.explore(self.first).until("letter.txt")
        tmux.press("Tab", "F7").until("Make a folder").type("letters").press("Enter")
        tmux.until("letters/").press("Enter").until("drive:/letters").press("Tab", "End")
        tmux.press("F5").until("Copy to").until("drive:/letters/").press("Enter")
        tmux.until("done: up: letter.txt")
        self.assertEqual(self.listed(self.first, "/letters"), ["letter.txt"])
        tmux.press("u").until("undone").until("empty").press("U").until("redone")
        self.assertEqual(self.listed(self.first, "/letters"), ["letter.txt"])
        self.leave(tmux, self.first.state)

        tmux.run("anoncloud").until("online").until("letters/").press("u").until("undone")
        self.assertEqual(self.listed(self.first, "/letters"), [])
        tmux.press("u").until("empty")
        self.assertEqual(self.listed(self.first), [])
        tmux.press("U").until("letters/").press("U").until("redone: ")
        self.assertEqual(self.first.do("cat", "/letters/letter.txt").out, b"Dear Bob\n")
        self.leave(tmux, self.first.state)

    def test_history(self):
        """Of a file that was stored twice, the first version comes down beside what is there."""
        letter = self.here / "letter.txt"
        self.first.do("put", letter, "/")
        letter.write_bytes(b"Dear Bob, how are you?\n")
        self.first.do("put", letter, "/")
        tmux = self.explore(self.first).press("Tab").until("letter.txt").press("H")
        tmux.until("versions of letter.txt").until("2 the newest").press("j", "c")
        tmux.until("done: down").press("Escape").until("letter (copy).txt")
        self.assertEqual((self.here / "letter (copy).txt").read_bytes(), b"Dear Bob\n")
        self.assertEqual(letter.read_bytes(), b"Dear Bob, how are you?\n")
        self.leave(tmux, self.first.state)

    def test_two_explorers(self):
        """What one makes, renames and removes the other shows by itself, its cursor kept."""
        for name in ("cello", "oboe", "viola"):
            self.first.do("mkdir", f"/{name}")
        other = self.device_of_kit()
        one, two = self.explore(self.first), self.explore(other)
        two.press("Tab").until("viola/").press("j")
        self.assertEqual(under_cursor(two).split()[0], "oboe/")
        one.press("Tab", "F7").until("Make a folder").type("alto").press("Enter")
        self.same_cursor(two.until("alto/"))
        one.until("alto/").press("F6").until("Move to").press("C-u").type("zither").press("Enter")
        self.same_cursor(two.until("zither/").until_gone("alto/"))
        one.until("zither/").press("Home", "F8").until("Put into the trash?").press("Enter")
        self.same_cursor(two.until_gone("cello/"))
        self.assertEqual(self.listed(other), ["oboe/", "viola/", "zither/"])
        self.leave(one, self.first.state)
        self.leave(two, other.state)

    def device_of_kit(self):
        other = self.device("other")
        self.assertEqual(other.log_in(self.folder / "kit").code, 0)
        return other

    def same_cursor(self, tmux):
        tmux.still()
        self.assertEqual(under_cursor(tmux).split()[0], "oboe/")


class SizesTests(StoryCase):
    def test_sizes(self):
        """At every size, in the middle of anything, all is filled and no stray cell is left."""
        device = self.ada(self.remote)
        device.do("put", "-r", self.here / "sub", "/")
        for number in range(120):
            self.file(f"here/file {number} {'名' * (number % 9)}", b"")
        tmux = self.explore(device).until("file 10")
        tmux.press("End")
        for size in SIZES:
            self.nothing_stray(tmux.resize(*size), *size)
        for key, sizes in LAID_OVER.items():
            tmux.press(key)
            for size in sizes:
                self.nothing_stray(tmux.resize(*size), *size)
            tmux.press("Escape")
        self.leave(tmux, device.state)

    def nothing_stray(self, tmux, columns, rows):
        """See that painting everything once more changes no cell but the clock's."""
        before = tmux.still()
        self.assertEqual(len(before), rows)
        self.assertTrue(before[-1])
        self.assertLessEqual(max(map(len, before)), columns)
        cells = self.cells(tmux)
        tmux.tmux("send-keys", "C-l")
        self.assertEqual(tmux.still(), before)
        self.assertTrue(self.cells(tmux) == cells)

    def cells(self, tmux):
        """Give all cells with their colours, as the terminal has them."""
        shown = tmux.screen.screen
        return [[shown.buffer[y][x] for x in range(shown.columns)] for y in range(shown.lines)]
