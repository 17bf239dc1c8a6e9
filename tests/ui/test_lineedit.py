"""The line editor: every key, whatever is in the line."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import lineedit
from anoncloud.ui.cells import width
from anoncloud.ui.lineedit import Line, edited, view
from anoncloud.ui.places import decode, encode
from tests.support import hostile_names, profile

profile.load()

KEYS = [*lineedit._KEYS, "space", "a", "é", "漢", "paste:x\ny", "\u0301"]
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def after(text: str, *keys: str, at: int | None = None) -> str:
    """Press keys in a line; give it with ``|`` where the cursor is."""
    line = Line(text, len(text) if at is None else at)
    for key in keys:
        made = edited(line, key)
        assert made is not None, key
        line = made
    return f"{line.before}|{line.after}"


class KeysTests(SynchronousTestCase):
    """What each key does."""

    def test_typing(self) -> None:
        """Characters go where the cursor is."""
        self.assertEqual(after("ac", "left", "b"), "ab|c")
        self.assertEqual(after("", "a", "space", "漢"), "a 漢|")

    def test_moving(self) -> None:
        """By one, by words, to the ends."""
        for keys, made in (
            (("left", "left", "right"), "one, tw|o"),
            (("ctrl-b", "ctrl-f", "ctrl-f"), "one, two|"),
            (("home", "left"), "|one, two"),
            (("ctrl-a", "end"), "one, two|"),
            (("alt-b",), "one, |two"),
            (("alt-b", "ctrl-left"), "|one, two"),
            (("home", "alt-f"), "one|, two"),
            (("home", "alt-f", "ctrl-right"), "one, two|"),
            (("home", "ctrl-e"), "one, two|"),
        ):
            self.assertEqual(after("one, two", *keys), made)

    def test_removing(self) -> None:
        """One, a word, all before, all behind; and what was cut comes back."""
        for keys, made in (
            (("backspace",), "one, tw|"),
            (("home", "delete"), "|ne, two"),
            (("ctrl-w",), "one, |"),
            (("alt-b", "ctrl-k"), "one, |"),
            (("alt-b", "ctrl-u"), "|two"),
            (("home", "alt-d"), "|, two"),
            (("ctrl-w", "home", "ctrl-y"), "two|one, "),
            (("ctrl-w", "ctrl-k", "ctrl-y"), "one, two|"),
            (("ctrl-d",), "one, two|"),
        ):
            self.assertEqual(after("one, two", *keys), made)

    def test_by_what_a_person_sees(self) -> None:
        """A family, a flag and a letter with its marks are one character each."""
        for one in (FAMILY, "\U0001f1e9\U0001f1ea", "e\u0301\u0302"):
            self.assertEqual(after("a" + one, "backspace"), "a|")
            self.assertEqual(after("a" + one, "left"), f"a|{one}")
            self.assertEqual(after(one + "a", "delete", at=0), "|a")

    def test_history(self) -> None:
        """Up goes to earlier lines, down comes back to what was being typed."""
        line = Line.of("new", ("old", "older"[::-1]))
        seen = []
        for key in ("up", "ctrl-p", "up", "down", "down", "ctrl-n"):
            made = edited(line, key)
            assert made is not None
            line = made
            seen.append(line.text)
        self.assertEqual(seen, ["redlo", "old", "old", "redlo", "new", "new"])

    def test_pastes(self) -> None:
        """New lines at the end are dropped, inside they are blanks; controls are dropped."""
        self.assertEqual(after("", "paste:a\r\nb\tc\x1b[m\x7f\n\n"), "a  b c[m|")

    def test_others(self) -> None:
        """Keys that mean nothing are left to the layer."""
        for key in ("enter", "esc", "f1", "tab", "mouse:click:0:0"):
            self.assertIsNone(edited(Line("x"), key), key)


class ViewTests(SynchronousTestCase):
    """How a line shows."""

    def test_examples(self) -> None:
        """The end is seen where the cursor is; secrets are not."""
        self.assertEqual(view(Line.of("abc"), 5), ("abc  ", 3))
        self.assertEqual(view(Line.of("abcdef"), 4), ("def ", 3))
        self.assertEqual(view(Line("abcdef", 0), 4), ("abc~", 0))
        self.assertEqual(view(Line.of("漢字"), 4), (" 字 ", 3))
        self.assertEqual(view(Line.of("a\x1b"), 8), ("a\\x1b   ", 5))
        self.assertEqual(view(Line.of("pass"), 8, secret=True), ("****    ", 4))

    @given(st.lists(st.sampled_from(KEYS), max_size=30), st.integers(0, 12))
    def test_any_keys(self, keys: list[str], cells: int) -> None:
        """The cursor is in the line and on the screen, and the line fills its cells."""
        line = Line.of("a" + FAMILY + "e\u0301 \udcff")
        for key in keys:
            line = edited(line, key) or line
            self.assertTrue(0 <= line.at <= len(line.text))
            text, at = view(line, cells)
            self.assertEqual(width(text), cells)
            self.assertTrue(0 <= at <= max(0, cells - 1))

    def test_hostile_names(self) -> None:
        """Each name comes out byte for byte, and never leaves its cells."""
        for name in hostile_names.names():
            line = Line.of(decode(name))
            self.assertEqual(encode(line.text), name)
            for place in (0, len(line.text) // 2, len(line.text)):
                text, _ = view(Line(line.text, place), 20)
                self.assertEqual(width("|" + text), 21)
                self.assertNotRegex(text, r"[\x00-\x1f\x7f-\x9f]")
