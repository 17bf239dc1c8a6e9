"""Text as rows: forth and back give the same ones, nothing is left out, what is missing is told."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import Style, row_width
from anoncloud.ui.viewing import lines
from anoncloud.ui.viewing.characters import Encoding
from anoncloud.ui.viewing.lines import Shape, TextRow, down, drawn, start_of_line, up
from anoncloud.ui.viewing.window import CHUNK, Window

TEXTS = st.lists(st.text(st.sampled_from("ab 漢\u0301\t\x1b😀"), max_size=60), max_size=12).map(
    "\n".join
)
ENCODINGS = st.sampled_from([Encoding.UTF_8, Encoding.UTF_16_LE, Encoding.UTF_16_BE])
WRAPS = st.sampled_from([None, 12, 20])


def window(data):
    made = Window(len(data))
    for at in range(0, len(data), CHUNK):
        made = made.with_bytes(at, data[at : at + CHUNK])
    return made


def texts(laid):
    return [row.plain or "".join(glyph.text for glyph in row.glyphs) for row in laid.rows]


class DownTests(SynchronousTestCase):
    def test_lines(self):
        shape = Shape(Encoding.UTF_8, None)
        laid = down(window(b"one\ntwo\r\n\nfour"), 0, 9, shape)
        self.assertEqual(texts(laid), ["one", "two", "", "four"])
        self.assertEqual([row.start for row in laid.rows], [0, 4, 9, 10])

    def test_broken(self):
        shape = Shape(Encoding.UTF_8, 12)
        laid = down(window(b"123456789012345\nx"), 0, 9, shape)
        self.assertEqual(texts(laid), ["123456789012", "345", "x"])

    def test_wide_at_the_edge(self):
        """Half of a wide character never stands at the edge."""
        laid = down(window(("a" * 11 + "漢b").encode()), 0, 9, Shape(Encoding.UTF_8, 12))
        self.assertEqual(texts(laid), ["a" * 11, "漢b"])

    def test_tabs(self):
        laid = down(window(b"a\tb\n\t\tc"), 0, 9, Shape(Encoding.UTF_8, None))
        self.assertEqual(texts(laid), ["a       b", " " * 16 + "c"])

    def test_one_endless_line(self):
        """A line of a megabyte is laid out row by row, each full, none twice."""
        data = b"x" * (16 * CHUNK)
        shape = Shape(Encoding.UTF_8, 80)
        at = 0
        for _ in range(500):
            laid = down(window(data[: 2 * CHUNK]), at, 1, shape)
            if laid.missing is not None:
                break
            self.assertEqual(laid.rows[0].start, at)
            self.assertEqual(
                len(laid.rows[0].plain), 80 if at + 80 <= 2 * CHUNK else 2 * CHUNK % 80
            )
            at = laid.rows[0].end
        self.assertEqual(at, 500 * 80)

    def test_missing(self):
        data = b"line\n" * CHUNK
        laid = down(Window(len(data)), 0, 5, Shape(Encoding.UTF_8, None))
        self.assertEqual((laid.rows, laid.missing), ((), 0))
        some = Window(len(data)).with_bytes(0, data[:CHUNK])
        laid = down(some, CHUNK - 8, 5, Shape(Encoding.UTF_8, None))
        self.assertEqual(laid.missing, CHUNK)
        self.assertEqual(len(laid.rows), 2)


class BothWaysTests(SynchronousTestCase):
    @settings(max_examples=200)
    @given(TEXTS, ENCODINGS, WRAPS)
    def test_forth_and_back(self, text, encoding, columns):
        """The rows up from any row are those that led down to it; together they are the file."""
        data = text.encode(encoding.value)
        whole, shape = window(data), Shape(encoding, columns)
        rows = down(whole, 0, 10**6, shape).rows
        self.assertEqual(b"".join(data[row.start : row.end] for row in rows), data)
        for at, row in enumerate(rows):
            above = up(whole, row.start, 10**6, shape).rows
            self.assertEqual([one.start for one in above], [one.start for one in rows[:at]])
            self.assertEqual(down(whole, row.start, 1, shape).rows[0].end, row.end)
            if columns:
                cells = len(row.plain) + sum(one.cells for one in row.glyphs)
                self.assertLessEqual(cells, columns)

    def test_few_of_them(self):
        whole, shape = window(b"1\n2\n3\n4\n"), Shape(Encoding.UTF_8, None)
        self.assertEqual(texts(up(whole, 8, 2, shape)), ["3", "4"])
        self.assertEqual(texts(up(whole, 2, 9, shape)), ["1"])
        self.assertEqual(up(whole, 0, 9, shape).rows, ())

    def test_endless_backwards(self):
        """Without any end of line, going back gives every byte too, in bounded pieces."""
        data = ("漢" * lines.LONG).encode()
        whole, shape = window(data), Shape(Encoding.UTF_8, 80)
        at, seen = len(data), 0
        while at:
            made = up(whole, at, 40, shape).rows
            self.assertEqual(made[-1].end, at)
            self.assertFalse(any(glyph.escaped for row in made for glyph in row.glyphs))
            seen += sum(row.end - row.start for row in made)
            at = made[0].start
        self.assertEqual(seen, len(data))

    def test_missing(self):
        data = b"line\n" * CHUNK
        shape = Shape(Encoding.UTF_8, None)
        last = CHUNK * ((len(data) - 1) // CHUNK)
        self.assertEqual(up(Window(len(data)), len(data), 5, shape).missing, len(data) - 1)
        some = Window(len(data)).with_bytes(last, data[last:])
        self.assertEqual(len(up(some, len(data), 5, shape).rows), 5)
        laid = up(some, last + 9, 5, shape)
        self.assertEqual(laid.missing, last - 1)


class RememberedTests(SynchronousTestCase):
    """Rows that are laid out once."""

    @settings(max_examples=200)
    @given(
        TEXTS,
        ENCODINGS,
        WRAPS,
        st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5), st.booleans())),
    )
    def test_as_if_they_were_not(self, text, encoding, columns, steps):
        """Whatever was looked at before, what is laid out is the same."""
        self.patch(lines, "LONG", 32)
        data = text.encode(encoding.value)
        whole, shape = window(data), Shape(encoding, columns)
        rows = [0, *(row.end for row in down(window(data), 0, 10**6, shape).rows)]
        for at, count, is_down in steps:
            start, go = rows[at % len(rows)], down if is_down else up
            seen, fresh = go(whole, start, count, shape), go(window(data), start, count, shape)
            self.assertEqual(
                [
                    (row.start, row.end, text)
                    for row, text in zip(seen.rows, texts(seen), strict=True)
                ],
                [
                    (row.start, row.end, text)
                    for row, text in zip(fresh.rows, texts(fresh), strict=True)
                ],
            )

    def test_the_same_row(self):
        whole, shape = window("漢字\n".encode() * 9), Shape(Encoding.UTF_8, 20)
        first = down(whole, 0, 9, shape).rows
        self.assertIs(down(whole, 7, 1, shape).rows[0], first[1])
        self.assertIs(up(whole, 21, 1, shape).rows[0], first[2])
        other = down(whole, 0, 9, Shape(Encoding.LATIN_1, 20)).rows
        self.assertIsNot(other[0], first[0])

    def test_only_so_many(self):
        self.patch(lines, "MOST_ROWS", 3)
        whole, shape = window("漢\n".encode() * 9), Shape(Encoding.UTF_8, 20)
        for at in range(9):
            down(whole, 4 * at, 1, shape)
            self.assertLessEqual(sum(map(len, whole.rows.values())), 4)

    def test_only_what_is_seen(self):
        """Of an endless line that is not broken only what is in sight is laid out."""
        whole = window(("漢" * 10_000).encode())
        (row, *_) = down(whole, 0, 1, Shape(Encoding.UTF_8, None, 90)).rows
        self.assertEqual(row.end, 3 * (lines.LONG // 3))
        self.assertLess(len(row.glyphs), 50)
        self.assertEqual(row_width(drawn(row, 80)), 12)


class StartTests(SynchronousTestCase):
    def test_start_of_line(self):
        shape = Shape(Encoding.UTF_8, 12)
        whole = window(b"one\ntwo\n")
        self.assertEqual(
            [start_of_line(whole, at, shape) for at in range(9)], [0, 0, 0, 0, 4, 4, 4, 4, 8]
        )
        self.assertIsNone(start_of_line(Window(100), 50, shape))

    def test_two_bytes(self):
        """A line end is one only where a character begins."""
        data = "\u0a0a\u000ax".encode("utf-16-le")
        laid = down(window(data), 0, 9, Shape(Encoding.UTF_16_LE, None))
        self.assertEqual([row.start for row in laid.rows], [0, 4])
        data = "a\u0a00\u000ax".encode("utf-16-be")
        laid = up(window(data), len(data), 9, Shape(Encoding.UTF_16_BE, None))
        self.assertEqual([row.start for row in laid.rows], [0, 6])


class DrawnTests(SynchronousTestCase):
    def row(self, text):
        return down(window(text.encode()), 0, 1, Shape(Encoding.UTF_8, None)).rows[0]

    def test_shifted(self):
        for text, skipped, shown in (
            ("abcdef", 2, "cdef"),
            ("a漢b", 2, " b"),
            ("a漢b", 3, "b"),
            ("e\u0301f", 1, "f"),
            ("ab", 5, ""),
            ("a\tb", 4, "    b"),
        ):
            row = drawn(self.row(text), skipped)
            self.assertEqual("".join(span.text for span in row), shown)

    def test_set_off(self):
        """What was found, and what is escaped, looks otherwise."""
        row = drawn(self.row("ab\x1bcd"), 0, [(3, 5)])
        self.assertEqual(
            [(span.text, span.style) for span in row],
            [("ab", Style.PLAIN), ("\\x1b", Style.WARNING), ("cd", Style.CHOSEN)],
        )
        self.assertEqual(row_width(row), 8)

    def test_empty(self):
        self.assertEqual(drawn(TextRow(0, 1, ()), 0), ())
