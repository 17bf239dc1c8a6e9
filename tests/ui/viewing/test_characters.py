"""Bytes as safe characters: every encoding, nothing for the terminal to obey, nothing lost."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import width
from anoncloud.ui.viewing.characters import (
    MOST_MARKS,
    Encoding,
    characters,
    encoded,
    glyphs,
    guess,
    whole_length,
)


def shown(data, encoding=Encoding.UTF_8, start=0):
    return "".join(glyph.text for glyph in glyphs(data, start, encoding))


class GuessTests(SynchronousTestCase):
    def test_kinds(self):
        for data, encoding in (
            (b"", Encoding.UTF_8),
            (b"plain\n", Encoding.UTF_8),
            ("grün 漢字".encode(), Encoding.UTF_8),
            ("grün 漢字".encode()[:-1], Encoding.UTF_8),
            (b"\x1b[1mbold\x1b[0m", Encoding.UTF_8),
            (b"a log of many lines with one bad byte \xff in it" * 3, Encoding.UTF_8),
            ("déjà vu, élève".encode("latin-1"), Encoding.LATIN_1),
            ("text".encode("utf-16"), Encoding.UTF_16_LE),
            (b"\xfe\xff\0t", Encoding.UTF_16_BE),
            (b"\x7fELF\0\0", None),
            (bytes(range(1, 9)) * 9, None),
            (bytes(range(128, 256)), None),
        ):
            self.assertIs(guess(data), encoding, data)


class WholeTests(SynchronousTestCase):
    def test_cut_anywhere(self):
        """A cut text is whole up to the character that was cut."""
        text = "aä漢😀"
        data = text.encode()
        for cut in range(len(data) + 1):
            length = whole_length(data[:cut], Encoding.UTF_8)
            self.assertTrue(text.startswith(data[:length].decode()))
            self.assertLess(cut - length, 4)

    def test_what_is_no_text(self):
        """Bytes that can't become a character by what follows are whole already."""
        for data in (b"", b"\x80", b"\x80" * 9, b"a\xffb", b"\xc3\xa4", b"\xf0\x9f\x98\x80"):
            self.assertEqual(whole_length(data, Encoding.UTF_8), len(data))
        self.assertEqual(whole_length(b"abc", Encoding.UTF_16_LE), 2)
        self.assertEqual(whole_length(b"\xc3", Encoding.LATIN_1), 1)


class GlyphTests(SynchronousTestCase):
    def test_plain(self):
        self.assertEqual(shown(b"a line\r\n"), "a line")
        self.assertEqual(shown("grün 漢字\n".encode()), "grün 漢字")
        self.assertEqual(shown("grün".encode("latin-1"), Encoding.LATIN_1), "grün")
        self.assertEqual(shown("grün\n".encode("utf-16-be"), Encoding.UTF_16_BE), "grün")
        self.assertEqual(shown("😀a\r\n".encode("utf-16-le"), Encoding.UTF_16_LE), "😀a")

    def test_escaped(self):
        """Controls, halves of characters, and what changes directions are spelled out."""
        for data, text in (
            (b"\x1b[31m", "\\x1b[31m"),
            (b"a\rb", "a\\x0db"),
            (b"\xff\xfe", "\\xff\\xfe"),
            (b"back\\slash \xff", "back\\slash \\xff"),
            ("\u202eabc".encode(), "\\u{202e}abc"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            ("\x9b1m".encode(), "\\u{9b}1m"),
        ):
            self.assertEqual(shown(data), text)
        self.assertEqual(shown(b"\x00\xd8a\0", Encoding.UTF_16_LE), "\\u{d800}a")
        self.assertEqual(shown(b"a\0b", Encoding.UTF_16_LE), "a\ufffd")

    def test_marks(self):
        """A mark stands on what is before it, a few do; none begins a row or joins an escape."""
        self.assertEqual(shown("e\u0301x".encode()), "e\u0301x")
        self.assertEqual(shown("\u0301x".encode()), "\\u{301}x")
        self.assertEqual(shown("\x01\u0301x".encode()), "\\x01\\u{301}x")
        many = shown(("e" + "\u0301" * 20).encode())
        self.assertEqual(many.count("\u0301"), MOST_MARKS)

    def test_byte_order_mark(self):
        self.assertEqual(shown("\ufefftext".encode()), "text")
        self.assertEqual(shown("\ufefftext".encode(), start=9), "\\u{feff}text")

    def test_places(self):
        """Each glyph knows where it begins."""
        for encoding, starts in (
            (Encoding.UTF_8, [10, 11, 13, 16]),
            (Encoding.UTF_16_LE, [10, 12, 14, 16]),
        ):
            data = encoded("aä漢😀", encoding)
            self.assertEqual([one.start for one in glyphs(data, 10, encoding)], starts)

    @given(st.binary(max_size=60), st.sampled_from(Encoding))
    def test_whatever_it_is(self, data, encoding):
        """Nothing unprintable comes out, cells are counted right, and no byte is passed over."""
        made = list(glyphs(data, 0, encoding))
        text = "".join(one.text.replace("\t", " ") for one in made)
        hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        self.assertFalse(hidden.intersection(map(unicodedata.category, text)))
        cells = sum(one.cells for one in made)
        self.assertEqual(cells, width(text) - sum(one.text == "\t" for one in made))
        self.assertEqual(sum(length for _, length in characters(data, encoding)), len(data))


class EncodedTests(SynchronousTestCase):
    def test_round_trip(self):
        for encoding in Encoding:
            self.assertEqual(encoded("grün", encoding).decode(encoding.value), "grün")

    def test_what_can_not_be_written(self):
        self.assertEqual(encoded("漢", Encoding.LATIN_1), b"")

    def test_round_and_round(self):
        seen, one = [], Encoding.UTF_8
        for _ in Encoding:
            seen.append(one)
            one = one.next
        self.assertEqual((seen, one), (list(Encoding), Encoding.UTF_8))
