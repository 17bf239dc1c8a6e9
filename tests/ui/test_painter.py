"""What the painter sends, looked at by a terminal in memory: no more than differs, and no harm."""

import re

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui.cells import Block, Span, Style, Tint, above, beside, block, left, right
from anoncloud.ui.painter import Painter
from anoncloud.ui.scrolling import Region
from tests.support.painting import Shown, Terminal, paint, picture

WORDS = ("report", "invoice", "holiday", "letter", "budget", "photo", "music", "video", "draft",
         "final", "copy", "notes")  # fmt: skip
TERMINALS = ("xterm-256color", "xterm", "screen", "tmux", "linux", "vt100")
HOSTILE = (
    b"\x1b[31mred", b"bell\x07", b"\x9b31m", "\u202eevil".encode(), b"new\nline\r\t", b"\x00\x7f",
    "\u200b\u2066\u2028".encode(), "\ue000\ufdd0".encode(), "\U000e0001".encode(), b"\x0e\x0f\x08",
)  # fmt: skip
SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78M]|\]R)")


def name(number: int) -> str:
    """Give a name that shares little with its neighbours."""
    return f"{WORDS[number * 7 % 12]}-{WORDS[number * 5 % 11]}-{number:03}.txt"


def pane(top: int, cursor: int, wide: int = 39, tall: int = 20) -> Block:
    """Draw a pane as the explorer does: a border, names, sizes, days."""
    rows = []
    for number in range(top, top + tall):
        line = left(name(number), wide - 22) + right(f"{number * 37 % 999} KiB", 9)
        line += right(f"2024-0{number % 9 + 1}-{number % 28 + 1:02}", 13)
        style = Style.CURSOR if number == cursor else Style.PLAIN
        rows.append((Span("|", Style.BORDER), Span(line, style)))
    return block(rows, wide + 1, tall)


def screen(one: Block, other: Block) -> Shown:
    """Put two panes and the bars onto a screen."""
    bars = block([(Span("status", Style.DIM),), (Span("hints", Style.BAR),)], 80, 4)
    return Shown(above(beside(one, other), bars))


class StepTests(SynchronousTestCase):
    def test_cursor_step(self):
        """A cursor that moves costs less than 200 bytes, on every terminal."""
        for term in TERMINALS:
            before, after = (screen(pane(0, at), pane(0, -1)) for at in (3, 4))
            first, step = paint(before, after, term=term)
            self.assertLess(len(step), 200, term)
            terminal = Terminal().take(first, step)
            self.assertEqual(terminal.lines[:20], Terminal().take(first).lines[:20])

    def test_scrolled_screen(self):
        """What scrolls over the whole width is scrolled by the terminal."""
        for term in TERMINALS:
            tall = [Shown(above(pane(top, top + 19, 79), block((), 80, 4))) for top in (0, 1)]
            first, step = paint(*tall, term=term)
            self.assertLess(len(step), 400, term)
            lines = Terminal().take(first, step).lines
            self.assertEqual(lines[0], Terminal().take(*paint(tall[1], term=term)).lines[0])

    def test_nothing_new(self):
        """The same picture costs nothing."""
        one = screen(pane(0, 3), pane(0, -1))
        self.assertEqual(paint(one, one)[1], b"")

    def test_one_cell(self):
        """Only the cell that differs is sent."""
        before = picture(["x" * 80] * 24)
        after = picture(["x" * 80] * 12 + ["x" * 40 + "y" + "x" * 39] + ["x" * 80] * 11)
        step = paint(before, after)[1]
        self.assertEqual(SEQUENCE.sub(b"", step), b"y")

    def test_last_cell_of_all(self):
        """The lower right corner can be painted, and nothing scrolls for it."""
        shown = picture([f"{row:02}" + "." * 77 + "!" for row in range(24)])
        lines = Terminal().take(*paint(shown)).lines
        self.assertEqual(lines, [row[0].text for row in shown.block.rows])

    def test_smaller_picture_wipes(self):
        lines = Terminal().take(*paint(picture(["long line"]), picture(["l"]))).lines
        self.assertEqual(lines, ["l"] + [""] * 23)


class MarginsTests(SynchronousTestCase):
    """A list that scrolls beside one that stays, where the terminal knows margins."""

    regions = (Region(0, 1, 20, 39), Region(0, 41, 20, 39))

    def at(self, top: int, cursor: int, other: int = 0) -> Shown:
        shown = screen(pane(top, cursor), pane(other, -1))
        return attrs.evolve(shown, regions=self.regions)

    def test_scrolled_pane(self):
        """A step that scrolls a pane by a line costs less than 400 bytes, and paints the same."""
        steps = [self.at(top, cursor) for top, cursor in ((0, 19), (1, 20), (2, 21), (1, 1))]
        steps += [self.at(1, 1, 3), self.at(0, 0, 3)]
        first, *sent = paint(("margins",), *steps)[1:]
        terminal = Terminal().take(first)
        for step, shown in zip(sent, steps[1:], strict=True):
            terminal.take(step)
            self.assertLess(len(step), 400)
            self.assertEqual(terminal.lines, self.whole(shown))
            cells = [terminal.cell(row, 5).bg for row in range(20)]
            self.assertLessEqual(len([ground for ground in cells if ground != "default"]), 1)

    def whole(self, shown: Shown) -> list[str]:
        return ["".join(span.text for span in row).rstrip() for row in shown.block.rows]

    def test_any_change(self):
        """Whatever changes at the same time is painted too."""
        before, after = self.at(0, 19), self.at(2, 21, 7)
        rows = list(after.block.rows)
        rows[5] = picture(["other"]).block.rows[0]
        after = attrs.evolve(after, block=Block(80, tuple(rows)))
        sent = paint(("margins",), before, after)[1:]
        self.assertEqual(Terminal().take(*sent).lines, self.whole(after))

    def test_without_margins(self):
        """A terminal that has not said so is not sent any."""
        sent = paint(self.at(0, 19), self.at(1, 20))
        self.assertNotIn(b"?69h", sent[1])
        self.assertEqual(Terminal().take(*sent).lines, self.whole(self.at(1, 20)))


class SafetyTests(SynchronousTestCase):
    def test_no_control_gets_through(self):
        """Whatever a picture holds, only curses' own sequences reach the terminal."""
        lines = [raw.decode("utf-8", "surrogateescape") for raw in HOSTILE]
        lines += ["".join(map(chr, range(32))), "".join(map(chr, range(0x7F, 0xA0)))]
        shown = Shown(Block(80, tuple((Span(line),) for line in lines)))
        for locale in ("C.UTF-8", "C"):
            (sent,) = paint(shown, LC_ALL=locale)
            rest = SEQUENCE.sub(b"", sent).replace(b"\r", b"").replace(b"\n", b"").decode()
            self.assertTrue(all(mark.isprintable() for mark in rest), ascii(rest))
            self.assertNotIn("31m", Terminal().take(sent).cell(0, 0).data)
            self.assertEqual(Terminal().take(sent).cell(0, 5).fg, "default")

    def test_wide_and_combining(self):
        """What is beside wide and combining characters stands where it was counted."""
        lines = ["你好|", "e\u0301|", "\U0001f600|", "\u3000|", "é|", "\u0938\u094d|"]
        terminal = Terminal().take(*paint(picture(lines)))
        columns = [4, 1, 2, 2, 1, 1]
        for row, column in enumerate(columns):
            self.assertEqual(terminal.cell(row, column).data, "|", lines[row])

    def test_without_utf8(self):
        """Where the locale has no more than ASCII, other characters are held by their cells."""
        (sent,) = paint(picture(["a你好é|│"]), LC_ALL="C")
        self.assertEqual(Terminal().take(sent).lines[0], "a?????|?")
        self.assertTrue(sent.isascii())


class LookTests(SynchronousTestCase):
    def shown(self, term, **changes):
        row = tuple(Span(style.value + " ", style) for style in (Style.PLAIN, Style.CURSOR))
        return Terminal().take(*paint(picture([row]), term=term, **changes)).cell(0, len("plain "))

    def test_colours(self):
        self.assertEqual(self.shown("xterm-256color").bg, "005faf")
        self.assertEqual(self.shown("xterm-256color", ANONCLOUD_THEME="light").bg, "0087d7")
        self.assertEqual(self.shown("xterm").bg, "cyan")
        self.assertEqual(self.shown("xterm", COLORFGBG="0;15").bg, "blue")

    def test_without_colours(self):
        """The cursor shows without colours too."""
        for cell in (self.shown("vt100"), self.shown("xterm-256color", NO_COLOR="1")):
            self.assertEqual((cell.fg, cell.bg, cell.reverse), ("default", "default", True))

    def test_pixels(self):
        """Two pixels stand in a cell where there are colours; where there are few, shades do."""
        shown = picture([(Span("  ", Tint(0xFF0000, 0x0000FF)), Span(" ", Tint(0, 0)))])
        cell = Terminal().take(*paint(shown)).cell(0, 1)
        self.assertEqual((cell.data, cell.fg, cell.bg), ("▀", "ff0000", "0000ff"))
        for changes in ({"NO_COLOR": "1"}, {"term": "xterm"}):
            cells = Terminal().take(*paint(shown, **changes))
            self.assertEqual((cells.cell(0, 0).data, cells.cell(0, 2).data), ("░", " "))
        cells = Terminal().take(*paint(shown, LC_ALL="C"))
        self.assertEqual(cells.cell(0, 0).data, ":")

    def test_many_pictures(self):
        """However many colours were paired, the picture that shows has its own."""
        levels = [level << part for level in (0, 95, 135, 175, 215, 255) for part in (0, 8, 16)]
        pictures = [
            picture([tuple(Span(" ", Tint(upper, lower)) for upper in levels)]) for lower in levels
        ]
        terminal = Terminal().take(*paint(*pictures))
        for column, upper in enumerate(levels):
            cell = terminal.cell(0, column)
            self.assertEqual((cell.fg, cell.bg), (f"{upper:06x}", f"{levels[-1]:06x}"))

    def test_relit(self):
        """Another ground repaints with the other theme."""
        shown = picture([(Span("x", Style.CURSOR),)])
        sent = paint(shown, ("relight", {"light": True}), shown)
        self.assertEqual(Terminal().take(*sent).cell(0, 0).bg, "0087d7")


class WholeTests(SynchronousTestCase):
    def test_other_sizes(self):
        """What scrolls, and whatever moves the cursor, reaches all rows of any screen."""
        for term in TERMINALS:
            for rows in (10, 60):
                steps = [Shown(pane(top, -1, 99, rows)) for top in (0, 1, 3, 0)]
                steps += [picture([f"{row}" for row in range(rows)], 100, rows)]
                terminal = Terminal(100, rows).take(*paint(*steps[:-1], term=term))
                expected = ["".join(span.text for span in row) for row in steps[-2].block.rows]
                self.assertEqual(terminal.lines, [line.rstrip() for line in expected], term)

    def test_cursor(self):
        shown = picture(["name"], cursor=(0, 4))
        terminal = Terminal().take(*paint(shown))
        self.assertEqual((terminal.screen.cursor.y, terminal.screen.cursor.x), (0, 4))
        self.assertFalse(terminal.screen.cursor.hidden)
        hidden = Terminal().take(*paint(shown, picture(["name"])))
        self.assertTrue(hidden.screen.cursor.hidden)

    def test_resized(self):
        """After a change of size all of the picture is sent."""
        small, large = picture(["a" * 40], 40, 10), picture(["b" * 100], 100, 30)
        sent = paint(small, ("resize", 30, 100), large)
        terminal = Terminal(100, 30).take(sent[2])
        self.assertEqual(terminal.lines[0], "b" * 100)

    def test_redrawn(self):
        """A screen that something else has written on is painted anew."""
        shown = picture(["one", "two"])
        sent = paint(shown, ("redraw",), shown)
        terminal = Terminal().take(sent[0], b"\x1b[Hrubbish\x1b[2;5Hrubbish", *sent[1:])
        self.assertEqual(terminal.lines[:2], ["one", "two"])

    def test_left_and_entered(self):
        """What is entered is left again: screen, mouse, paste, keypad, cursor."""
        shown = picture(["one"])
        for term in ("xterm-256color", "tmux", "screen"):
            sent = paint(("enter",), shown, ("leave",), ("enter",), shown, term=term)
            for mode in (b"?1000", b"?1002", b"?1006", b"?2004", b"?1"):
                self.assertIn(b"\x1b[" + mode + b"h", sent[0], term)
                self.assertIn(b"\x1b[" + mode + b"l", sent[2], term)
            self.assertIn(b"\x1b[8l", sent[0], term)
            self.assertIn(b"\x1b[8h", sent[2], term)
            self.assertNotIn(b"\x1b[8h", sent[0] + sent[1], term)
            self.assertIn(b"\x1b[?1049h", sent[1], term)
            self.assertIn(b"\x1b[?1049l", sent[2], term)
            self.assertIn(b"\x1b[?1049h", sent[4], term)
            self.assertEqual(Terminal().take(*sent).lines[0], "one")

    def test_simple_terminals_get_no_modes(self):
        for term in ("vt100", "linux"):
            sent = paint(("enter",), picture(["one"]), ("leave",), term=term)
            self.assertNotIn(b"?2004", b"".join(sent), term)
            self.assertNotIn(b"\x1b[8", b"".join(sent).replace(b"\x1b[8d", b""), term)

    def test_newer_than_terminfo(self):
        """A terminal of a known family works where nobody has described it yet."""
        for kind in ("xterm-of-tomorrow", "kitty-9", "tmux-of-tomorrow"):
            terminal = Terminal().take(*paint(picture(["one"]), term=kind))
            self.assertEqual(terminal.lines[0], "one", kind)

    def test_unknown_terminal(self):
        for kind in ("", "no-such-terminal", "dumb"):
            error = self.assertRaises(UsageError, Painter, {"TERM": kind}, 24, 80)
            self.assertIn("terminal", error.message)
            self.assertTrue(error.hint)
