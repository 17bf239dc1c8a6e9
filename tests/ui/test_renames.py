"""Many names in a text: none is lost in it, and what can't be is refused beforehand."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui import renames
from tests.support import hostile_names

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
name = st.binary(min_size=1, max_size=12).filter(
    lambda raw: raw not in {b".", b".."} and not {0, 0x2F} & set(raw)
)


class TextTests(SynchronousTestCase):
    """From names to a text and back."""

    def test_hostile(self):
        """Names that would disturb an editor come back byte for byte, one a line."""
        listed = hostile_names.names()
        text = renames.written(listed)
        lines = text.decode().removesuffix("\n").split("\n")
        self.assertEqual(len(lines), len(listed))
        self.assertTrue({unicodedata.category(mark) for mark in "".join(lines)}.isdisjoint(HIDDEN))
        self.assertEqual(renames.read(text, listed, ()), {})

    @given(st.lists(name, min_size=1, unique=True))
    def test_any(self, listed):
        self.assertEqual(renames.read(renames.written(listed), listed, ()), {})

    def test_changed(self):
        text = b"b\n\\x0a\\u{202e}\\\\\nc"
        wanted = renames.read(text, (b"a", b"d", b"c"), (b"e",))
        self.assertEqual(wanted, {b"a": b"b", b"d": b"\n\xe2\x80\xae\\"})

    def test_refused(self):
        """It is said which line is wrong, and what to do."""
        for text, said in (
            (b"a\n", "1 lines for 2"),
            (b"a\nb\nc\n", "3 lines for 2"),
            (b"x\nx\n", "x is there already"),
            (b"x\nother\n", "other is there already"),
            (b"x\n\nb", "3 lines"),
            (b"a/b\nb\n", "line 1"),
            (b"a\n..\n", "line 2"),
            (b"a\nb\r\n", "line 2"),
            (b"a\nb\\q\n", "line 2"),
            (b"a\n" + b"n" * 256, "line 2"),
        ):
            error = self.assertRaises(UsageError, renames.read, text, (b"a", b"b"), (b"other",))
            self.assertIn(said, error.message)
            self.assertIn("nothing was renamed", error.message)
            self.assertTrue(error.hint)


class StepsTests(SynchronousTestCase):
    """In what order names are given."""

    @given(st.lists(name, min_size=1, unique=True), st.randoms())
    def test_any(self, listed, chance):
        """Whatever goes to whatever, no name is ever taken, and all end where they should."""
        new = [one for one in listed if chance.random() < 0.7]
        new += [b"%d\xff new" % at for at in range(len(listed) - len(new))]
        chance.shuffle(new)
        wanted = {old: one for old, one in zip(listed, new, strict=True) if old != one}
        spares = iter(b"spare%d\xfe" % at for at in range(len(listed)))
        holds = {one: one for one in listed}
        for old, one in renames.steps(wanted, lambda: next(spares)):
            self.assertNotIn(one, holds)
            holds[one] = holds.pop(old)
        self.assertEqual(holds, dict(zip(new, listed, strict=True)))

    def test_swap(self):
        """Two that swap their names need one more."""
        made = renames.steps({b"a": b"b", b"b": b"a"}, lambda: b"c")
        self.assertEqual(made, [(b"a", b"c"), (b"b", b"a"), (b"c", b"b")])
