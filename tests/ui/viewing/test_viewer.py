"""The viewer: what its keys show, what is read for that, and how it says what it waits for."""

from anoncloud.limits import KIB, MIB
from anoncloud.ui.layers import Shape
from anoncloud.ui.looking_effects import Leave
from anoncloud.ui.viewing import said
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.viewer import opened
from anoncloud.ui.viewing.window import CHUNK
from tests.support.looking import ViewerTestCase

LINES = b"".join(b"line %d\n" % number for number in range(200_000))


class ReadingTests(ViewerTestCase):
    def test_only_what_shows(self):
        """The beginning of a file of megabytes costs one piece; so does its end."""
        self.assertEqual(self.open(LINES), [(0, CHUNK)])
        self.press("G")
        self.assertEqual(self.seen()[-1], "reading ...")
        self.assertLessEqual(len(self.feed()), 2)
        self.assertEqual(self.body()[-1], "line 199999")
        self.assertLessEqual(len(self.layer.window.chunks), 3)

    def test_size_of_the_last_piece(self):
        self.assertEqual(self.open(b"short"), [(0, 5)])

    def test_an_empty_file(self):
        self.assertEqual(self.open(b""), [])
        self.assertEqual(self.press("G", "down", "up", "n", "x", "G", "down", "e"), [])
        self.assertEqual(self.body()[0], "")

    def test_a_very_large_file(self):
        """Where one is in a file of terabytes does not matter."""
        size = 2**43
        self.data = LINES[: CHUNK - CHUNK % 8]
        self.show(opened(1, "name", size, Encoding.UTF_8))
        self.press("G")
        last = [one for one in self.effects if one.offset][-1]
        self.assertEqual(last.offset + last.length, size)
        self.hear(said.Bytes(last.offset, b"\n" * (CHUNK - 5) + b"last\n"))
        self.assertEqual(self.body()[-1], "last")

    def test_not_read(self):
        """What goes wrong is said, and the next key tries again."""
        self.data = LINES
        self.show(opened(1, "name", len(LINES), Encoding.UTF_8))
        self.hear(said.Unread("the connection was cut"))
        self.assertEqual(self.seen()[-1], "the connection was cut")
        self.assertEqual(len(self.press("down")), 1)

    def test_not_for_it(self):
        """What is said to another layer is not heard."""
        self.open(LINES)
        before = self.layer
        self.hear(said.Unread("no"), number=2)
        self.assertEqual(self.layer, before)


class MovingTests(ViewerTestCase):
    def test_by_rows_and_pages(self):
        self.open(LINES)
        for key, first in (
            ("down", 1),
            ("j", 2),
            ("k", 1),
            ("pagedown", 10),
            ("space", 19),
            ("pageup", 10),
            ("mouse:wheel-down:3:3:80:11", 13),
            ("mouse:wheel-up:3:3:80:11", 10),
            ("b", 1),
            ("up", 0),
            ("up", 0),
            ("ctrl-b", 0),
        ):
            self.press(key)
            self.feed()
            self.assertEqual(self.body()[0], f"line {first}", key)

    def test_no_further_than_the_end(self):
        self.open(b"1\n2\n3\n")
        self.press("down", "pagedown", "G")
        self.assertEqual(self.body()[:3], ["1", "2", "3"])
        self.open(LINES)
        self.press("G")
        self.feed()
        end = self.body()
        self.press("pagedown", "down")
        self.feed()
        self.assertEqual(self.body(), end)

    def test_all_the_way_and_back(self):
        """Page by page through a file, and back by rows of the same."""
        self.open(LINES[: 300 * KIB])
        seen = set(self.body())
        for _ in range(5000):
            before = self.layer.top
            self.press("pagedown")
            self.feed()
            seen.update(self.body())
            if self.layer.top == before:
                break
        self.assertEqual(
            seen,
            set(self.data.decode().split("\n")[:-1]) | {self.data.rpartition(b"\n")[2].decode()},
        )
        while self.layer.top:
            self.press("pageup")
            self.feed()
        self.assertEqual(self.body()[0], "line 0")

    def test_to_an_offset(self):
        self.open(LINES)
        for typed, line in (
            ("0", "line 0"),
            ("1000000", f"line {LINES[:1_000_000].count(10)}"),
            ("0xf4240", f"line {LINES[:1_000_000].count(10)}"),
            ("50%", f"line {LINES[: len(LINES) // 2].count(10)}"),
            ("100%", "line 199999"),
            ("99999999999", "line 199999"),
        ):
            self.press(":")
            self.type(typed)
            self.feed()
            self.assertIn(line, self.body(), typed)
        for wrong in ("", "x", "0x10%", "-1", "1k"):
            self.press("f5")
            self.type(wrong)
            self.assertIn("50%", self.seen()[-1])

    def test_given_up(self):
        self.open(LINES)
        self.press("/", "a", "esc")
        self.assertEqual(self.body()[0], "line 0")
        self.assertEqual(self.press("esc"), [Leave(1)])
        self.assertIsNone(self.layer)

    def test_resized(self):
        """With more room more is read; nothing else moves."""
        self.open(b"x" * 300 * KIB)
        self.assertEqual(len(self.layer.window.chunks), 1)
        self.columns, self.rows = 300, 300
        self.take(self.layer.hear(0, said.Room(300, 300)))
        self.feed()
        self.assertEqual(self.body()[-1], "x" * 300)

    def test_small_screens(self):
        self.open(LINES)
        for columns, rows in ((40, 10), (20, 2), (12, 1)):
            self.columns, self.rows = columns, rows
            self.take(self.layer.hear(0, said.Room(columns, rows)))
            self.press("down", "/")
            self.seen()
            row, column = self.layer.cursor(columns, rows)
            self.assertTrue(0 <= row < rows and 0 <= column < columns)
            self.press("esc", "x")
            self.seen()


class LookTests(ViewerTestCase):
    def test_bar(self):
        self.open(LINES)
        for part in (" name", "UTF-8", "0 of 2,288,890", "0 %"):
            self.assertIn(part, self.seen()[0])
        self.assertIs(self.layer.shape, Shape.WHOLE)

    def test_wrapping(self):
        self.open(b"a" * 100 + b"b\nc")
        self.assertEqual(self.body()[:3], ["a" * 80, "a" * 20 + "b", "c"])
        self.press("w")
        self.assertEqual(self.body()[:2], ["a" * 79 + "~", "c"])
        self.press("right", "right", "right", "l")
        self.assertEqual(self.body()[0], "a" * 68 + "b")
        self.press("left", "h", "left", "left", "left")
        self.assertEqual(self.layer.skipped, 0)
        self.press("f2")
        self.assertEqual(self.body()[0], "a" * 80)

    def test_encodings(self):
        self.open("grün".encode())
        seen = []
        for _ in range(4):
            seen.append((self.body()[0], self.layer.encoding))
            self.press("e")
        self.assertEqual(seen[0], ("grün", Encoding.UTF_8))
        self.assertEqual(seen[1], ("gr\u00c3\u00bcn", Encoding.LATIN_1))
        self.assertEqual(self.layer.encoding, Encoding.UTF_8)

    def test_bytes(self):
        self.open(bytes(range(20)) + b"text")
        self.press("x")
        self.assertEqual(
            self.body()[:2],
            [
                "00000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................",
                "00000010  10 11 12 13 74 65 78 74                          ....text",
            ],
        )
        self.assertIn("hex", self.seen()[0])
        self.press("f4")
        self.assertIn("\\x00", self.body()[0])

    def test_bytes_without_end(self):
        self.encoding = None
        self.open(bytes(MIB))
        self.press("G")
        self.feed()
        self.assertEqual(self.body()[-1][:12], "000ffff0  00")
        self.press("up", "down", "pagedown")
        self.assertEqual(self.body()[-1][:8], "000ffff0")
        self.press("g", "down")
        self.assertEqual(self.body()[0][:8], "00000010")

    def test_aligned(self):
        """Back from bytes, text begins at a line; bytes begin at a row."""
        self.open(LINES)
        self.press("down", "x")
        self.assertEqual(self.layer.top, 0)
        self.press("down", "down", "x")
        self.assertEqual(self.body()[0], "line 4")

    def test_whatever_it_is(self):
        """Every byte there is, as text of every kind and as bytes; no row breaks the screen."""
        self.open(bytes(range(256)) * 8 + "\u202e漢\u0301😀\t".encode() * 50)
        for key in ("e", "e", "e", "e", "w", "e", "e", "e", "x", "pagedown", "x"):
            self.press(key)
            self.feed()
            self.seen()
