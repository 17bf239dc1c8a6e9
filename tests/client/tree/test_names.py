"""Names and paths: every byte string is accepted or refused, and shown without harm."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree.names import (
    check_name,
    numbered,
    parse_path,
    read_shown,
    show,
    show_path,
)
from anoncloud.errors import UsageError
from anoncloud.limits import MAX_DEPTH, MAX_NAME

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
anything = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from([b".", b"/", b"\0", b"a", b"\xff", b"\x1b["]), max_size=9).map(
        b"".join
    ),
)


def allowed(name: bytes) -> bool:
    """Tell whether a name fits docs/formats.rst section 6.2."""
    return 1 <= len(name) <= 255 and name not in {b".", b".."} and not {0x00, 0x2F} & set(name)


class NameTests(SynchronousTestCase):
    """What a file may be called."""

    @given(anything)
    def test_every_byte_string(self, name: bytes) -> None:
        """A name is given back as it is, or refused in words that do no harm."""
        if allowed(name):
            self.assertIs(check_name(name), name)
        else:
            said = str(self.assertRaises(UsageError, check_name, name))
            self.assertTrue(said.isprintable(), said)

    def test_edges(self) -> None:
        """The longest name, dots, and every single byte."""
        for name in (b"a" * MAX_NAME, b"...", b". ", b"\xff\xfe", b"-rf", b" ", b"\n", b"C:"):
            self.assertEqual(check_name(name), name)
        for name in (b"", b".", b"..", b"a" * (MAX_NAME + 1), b"a/b", b"/", b"a\x00"):
            self.assertRaises(UsageError, check_name, name)
        for byte in range(256):
            self.assertEqual(allowed(bytes([byte])), byte not in {0x00, 0x2E, 0x2F})


class PathTests(SynchronousTestCase):
    """Paths as a person writes them."""

    def test_shapes(self) -> None:
        """The slash before and one behind may be there or not."""
        for text, path in (
            (b"", ()),
            (b"/", ()),
            (b"a", (b"a",)),
            (b"/a/b", (b"a", b"b")),
            (b"a/b/", (b"a", b"b")),
            (b"/a b/\xff", (b"a b", b"\xff")),
        ):
            self.assertEqual(parse_path(text), path)
        for text in (b"//", b"a//b", b"a//", b"/./a", b"a/..", b"a/\x00", b"//a"):
            self.assertRaises(UsageError, parse_path, text)

    @given(st.lists(st.binary(min_size=1, max_size=9).filter(allowed), max_size=5).map(tuple))
    def test_round_trip(self, path: tuple[bytes, ...]) -> None:
        """A path that is written out is read as it was."""
        for text in (b"/".join(path), b"/" + b"/".join(path)):
            self.assertEqual(parse_path(text), path)

    def test_depth(self) -> None:
        """A path has at most MAX_DEPTH names."""
        self.assertEqual(len(parse_path(b"/".join([b"a"] * MAX_DEPTH))), MAX_DEPTH)
        self.assertRaises(UsageError, parse_path, b"/".join([b"a"] * (MAX_DEPTH + 1)))


class ShowTests(SynchronousTestCase):
    """Names on a screen."""

    @given(anything)
    def test_harmless(self, name: bytes) -> None:
        """No character that is shown controls a terminal, turns the line or hides."""
        for character in show(name) + show_path((name, name)):
            self.assertNotIn(unicodedata.category(character), HARMFUL)

    @given(anything, anything)
    def test_two_names_look_different(self, one: bytes, two: bytes) -> None:
        """What is shown tells every byte of a name, so no name passes for another."""
        self.assertEqual(show(one) == show(two), one == two)

    @given(anything)
    def test_read_again(self, name: bytes) -> None:
        """What is shown is read as the name that it was."""
        self.assertEqual(read_shown(show(name).encode()), name)

    def test_not_read(self) -> None:
        """What no name is shown as is refused, unless it is only not escaped."""
        for text in (b"\\", b"a\\q", b"\\x1", b"\\u{110000}", b"\\u{d800}", b"\\u{}", b"a\tb"):
            error = self.assertRaises(UsageError, read_shown, text)
            self.assertTrue(error.hint)
        for text in (b"\xff", "\u202e".encode(), b"a b"):
            self.assertEqual(read_shown(text), text)

    def test_examples(self) -> None:
        """UTF-8 is shown as it is; the rest as docs/formats.rst section 6.2 says."""
        for name, shown in (
            ("grüße 日本.txt".encode(), "grüße 日本.txt"),
            (b"a\\b", "a\\\\b"),
            (b"\x1b[2J", "\\x1b[2J"),
            (b"\xff\x80", "\\xff\\x80"),
            (b"\xc2\x85", "\\u{85}"),
            ("a\u202eb".encode(), "a\\u{202e}b"),
            ("\U000e0001".encode(), "\\u{e0001}"),
            ("\u2028".encode(), "\\u{2028}"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
        ):
            self.assertEqual(show(name), shown)
        self.assertEqual((show_path(()), show_path((b"a", b"\n"))), ("/", "/a/\\x0a"))


class NumberedTests(SynchronousTestCase):
    """Names beside names."""

    def test_examples(self) -> None:
        """The label stands before the extension, if there is one."""
        for name, made in (
            (b"a.txt", b"a (x).txt"),
            (b"a", b"a (x)"),
            (b".profile", b".profile (x)"),
            (b"a.tar.gz", b"a.tar (x).gz"),
            (b"v1.a long last sentence", b"v1.a long last sentence (x)"),
        ):
            self.assertEqual(numbered(name, b"x"), made)

    @given(st.binary(min_size=1, max_size=255).filter(allowed), st.integers(1, 10**9))
    def test_always_a_name(self, name: bytes, number: int) -> None:
        """Whatever the name, the new one may be used, differs, and holds the label."""
        made = numbered(name, b"conflict %d" % number)
        self.assertEqual(check_name(made), made)
        self.assertNotEqual(made, name)
        self.assertIn(b" (conflict %d)" % number, made)

    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=90, max_size=255))
    def test_no_character_is_cut_in_two(self, text: str) -> None:
        """A name that was UTF-8 is so still."""
        name = text.encode()[:255].decode("utf-8", "ignore").replace("/", "_").replace("\0", "_")
        numbered(name.encode(), b"restored").decode("utf-8")
