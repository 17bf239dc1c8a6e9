"""The explorer's first screen on kinds of terminals, in locales and in themes, as tmux shows it.

Tmux understands what all of these kinds are sent.
"""

from tests.system.exploring import StoryCase

KINDS = ("screen", "linux", "vt100")
"""Besides xterm-256color; tmux-256color is what all other stories run in."""
LIGHT_CURSOR, DARK_CURSOR = "0087d7", "005faf"
SIXTEEN = {"black", "red", "green", "brown", "blue", "magenta", "cyan", "white"}
SIXTEEN |= {f"bright{colour}" for colour in SIXTEEN}
STATUS = -2
"""The row that tells the time."""


class TerminalsTests(StoryCase):
    def setUp(self):
        super().setUp()
        self.device = self.ada(self.remote)
        self.device.do("mkdir", "/größe")
        self.tmux = self.shell(self.device.state, 80, 24)

    def first_screen(self, settings):
        """Start it with settings; give what it shows: rows as text, and all cells."""
        self.tmux.run(f"clear; {settings} anoncloud").until("online").until("letter.txt")
        lines, screen = self.tmux.still(), self.tmux.screen
        self.leave(self.tmux, self.device.state)
        self.assertEqual(len(lines), 24)
        del lines[STATUS]
        return lines, screen

    def colours(self, screen):
        """Give all colours but the terminal's own."""
        cells = [screen.cell(row, column) for row in range(24) for column in range(80)]
        return {colour for cell in cells for colour in (cell.fg, cell.bg)} - {"default"}

    def cursor(self, screen):
        """Give the cell of the cursor, on "sub"."""
        return screen.cell(2, 1)

    def test_kinds(self):
        """The same on all of them: the panes, the letter, the folder, the bar; in their colours."""
        wanted, screen = self.first_screen("TERM=xterm-256color")
        self.assertIn("│ größe/", wanted[2])
        self.assertTrue(wanted[2].startswith(" sub/"))
        self.assertTrue(wanted[3].startswith(" letter.txt"))
        self.assertTrue(wanted[-1].startswith("F1 Help"))
        self.assertTrue(all(line[40] == "│" for line in wanted[:-1]))
        self.assertEqual(self.cursor(screen).bg, DARK_CURSOR)
        for kind in KINDS:
            lines, screen = self.first_screen(f"TERM={kind}")
            self.assertEqual(lines, wanted, kind)
            found = self.colours(screen)
            if kind == "vt100":
                self.assertEqual(found, set())
                self.assertTrue(self.cursor(screen).reverse)
            else:
                self.assertTrue(found and found <= SIXTEEN, (kind, found))

    def test_settings(self):
        """No colours where none are wanted, ASCII where the locale has no more, and two themes."""
        wanted, screen = self.first_screen("ANONCLOUD_THEME=light")
        self.assertEqual(self.cursor(screen).bg, LIGHT_CURSOR)
        lines, screen = self.first_screen("NO_COLOR=1")
        self.assertEqual((lines, self.colours(screen)), (wanted, set()))
        self.assertTrue(self.cursor(screen).reverse)
        for settings in ("LC_ALL=C", "LC_ALL= LANG=POSIX TERM=vt100"):
            lines, _ = self.first_screen(settings)
            self.assertTrue("".join(lines).isascii(), "\n".join(lines))
            self.assertTrue(all(line[40] == "|" for line in lines[:-1]))
            self.assertEqual(lines[3:], [line.replace("│", "|") for line in wanted[3:]])
