"""Searching in a viewer: what it asks for, what it shows of what was found, how it is stopped."""

from anoncloud.ui.looking_effects import Search, StopSearch
from anoncloud.ui.viewing import said
from anoncloud.ui.viewing.characters import Encoding
from tests.support.looking import ViewerTestCase

LINES = b"".join(b"line %d\n" % number for number in range(200_000))


class SearchTests(ViewerTestCase):
    def test_asked_for(self):
        self.open(LINES)
        self.press("/")
        self.assertEqual(self.seen()[-1], "search:")
        (asked,) = self.type("line 7")
        self.assertEqual(asked, Search(1, b"line 7", 0, any_case=True))
        self.hear(said.Searching(len(LINES) // 2))
        self.assertIn("50 %", self.seen()[-1])

    def test_found(self):
        """It is set off, in sight, and the search goes on from there, both ways."""
        self.open(LINES)
        at = LINES.index(b"line 150000")
        self.press("/")
        self.type("Line 150000")
        self.hear(said.Found(at, 11))
        self.feed()
        self.assertIn("line 150000", self.body())
        self.assertEqual(self.press("n"), [Search(1, b"Line 150000", at + 1)])
        self.hear(said.NotFound())
        self.assertIn("not found", self.seen()[-1])
        (asked,) = self.press("N")
        self.assertEqual(asked, Search(1, b"Line 150000", at, backwards=True))

    def test_stopped(self):
        """Esc stops a search first; what it finds after that moves nothing."""
        self.open(LINES)
        self.press("/")
        self.type("x")
        self.assertEqual(self.press("esc"), [StopSearch(1)])
        self.hear(said.Found(10**6, 1))
        self.hear(said.Searching(10**6))
        self.hear(said.NotFound())
        self.assertEqual(self.body()[0], "line 0")

    def test_another_one(self):
        """Only one search at a time."""
        self.open(LINES)
        self.press("/")
        self.type("x")
        stopped, asked = self.press("n")
        self.assertEqual((stopped, asked.pattern), (StopSearch(1), b"x"))

    def test_nothing_typed(self):
        self.open(LINES)
        self.press("/")
        self.assertEqual(self.type(""), [])
        self.assertIn("/", self.seen()[-1])
        self.assertEqual(self.press("n"), [])

    def test_typed_before(self):
        self.open(LINES)
        self.press("/")
        self.type("first")
        self.press("esc", "f7", "up")
        (asked,) = self.press("enter")
        self.assertEqual(asked.pattern, b"first")

    def test_in_another_encoding(self):
        self.encoding = Encoding.LATIN_1
        self.open(b"gr\xfcn")
        self.press("/")
        (asked,) = self.type("ü")
        self.assertEqual(asked.pattern, b"\xfc")
        self.press("esc", "/")
        self.assertEqual(self.type("漢"), [])
        self.assertIn("Latin-1", self.seen()[-1])

    def test_bytes(self):
        self.encoding = None
        self.open(LINES)
        self.press("/")
        (asked,) = self.type("0x6c69")
        self.assertEqual(asked, Search(1, b"li", 0))
