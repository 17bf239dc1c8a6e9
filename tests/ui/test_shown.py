"""Names as they are shown: safe, and exactly as wide as their characters."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import shown
from anoncloud.ui.cells import cell, width
from tests.support import hostile_names, profile

profile.load()


class NameTests(SynchronousTestCase):
    """Names."""

    def test_what_stays(self) -> None:
        """Text in any script stays as it is."""
        for text in ("plain.txt", "naïve", "日本語", "שלום", "हिन्दी", "e\u0301", "a b"):
            self.assertEqual(shown.name(text.encode()), text)

    def test_what_is_escaped(self) -> None:
        """What could join, widen or hide something is spelled out."""
        for name, text in (
            ("\u0301x", "\\u{301}x"),
            ("\u2764\ufe0f", "\u2764\\u{fe0f}"),
            ("\U0001f1e9", "\\u{1f1e9}"),
            ("\U0001f44d\U0001f3fd", "\U0001f44d\\u{1f3fd}"),
            ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u{301}\u0301"),
            ("a\u202eb", "a\\u{202e}b"),
            ("a\u200db", "a\\u{200d}b"),
            ("\u3164", "\\u{3164}"),
            ("a\\", "a\\\\"),
            ("\x1b[2J", "\\x1b[2J"),
        ):
            self.assertEqual(shown.name(name.encode()), text)
        self.assertEqual(shown.name(b"\xff\x9b"), "\\xff\\x9b")

    def test_ascii(self) -> None:
        """Where there is no more than ASCII, names are still told apart."""
        self.assertEqual(shown.name("é漢".encode(), ascii_only=True), "\\u{e9}\\u{6f22}")

    def test_corpus(self) -> None:
        """Of a thousand hostile names none holds a control, and none joins what is before it."""
        texts = {shown.name(name) for name in hostile_names.names()}
        self.assertEqual(len(texts), hostile_names.COUNT)  # all are told apart
        for text in texts:
            self.check(text)

    @given(st.binary(min_size=1, max_size=255))
    def test_any_bytes(self, name: bytes) -> None:
        """Nor does any other."""
        self.check(shown.name(name))
        self.assertTrue(shown.name(name, ascii_only=True).isascii())

    def check(self, text: str) -> None:
        """Check that *text* is safe and starts in a cell of its own."""
        self.assertEqual([one for one in text if not one.isprintable() and not one.isspace()], [])
        self.assertNotRegex(text, r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
        self.assertGreater(cell(text[0]), 0)
        self.assertEqual(width("|" + text), 1 + width(text))


class TextTests(SynchronousTestCase):
    """Messages, and what is being typed."""

    def test_messages(self) -> None:
        """A backslash stays single; a new line is a blank; a control is escaped."""
        self.assertEqual(shown.text("C:\\x\ny\x1b[m"), "C:\\x y\\x1b[m")
        self.assertEqual(shown.text("\u202e\udc80"), "\\u{202e}\\x80")

    @given(st.text())
    def test_any_message(self, said: str) -> None:
        """No message holds anything that is not printed."""
        made = shown.text(said)
        self.assertEqual([one for one in made if not one.isprintable() and one != " "], [])

    def test_marks(self) -> None:
        """Each character of a text being typed stands for itself."""
        self.assertEqual(
            [shown.mark(one) for one in "a\\ \u0301\x1b"], ["a", "\\", " ", "\\u{301}", "\\x1b"]
        )

    def test_paths(self) -> None:
        """A path is its names between slashes."""
        self.assertEqual(shown.path((b"a", b"\x07")), "/a/\\x07")
        self.assertEqual(shown.path(()), "/")
