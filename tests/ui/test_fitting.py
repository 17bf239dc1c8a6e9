"""Text for curses: nothing harmful in it, and as wide as it was counted."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.cells import width
from anoncloud.ui.fitting import _wcwidth, fitted
from tests.support import hostile_names, profile

profile.load()

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
texts = st.text(st.characters(), max_size=20)


class FittedTests(SynchronousTestCase):
    def check(self, text: str, shown: str, cells: int, *, unicode: bool = True) -> None:
        self.assertEqual(fitted(text, unicode=unicode), (shown, cells), ascii(text))

    def test_plain(self) -> None:
        """What harms nobody stays as it is."""
        for text, cells in (("plain", 5), ("", 0), ("\u00e9\u6f22b", 4), ("ae\u0301\u6f22b", 5)):
            self.check(text, text, cells)

    def test_controls(self) -> None:
        """A control character becomes a question mark, with what it stands on."""
        self.check("a\x1b[31m\x7f", "a?[31m?", 7)
        self.check("\u00e9\x1bx", "?x", 2)
        self.check("\x1b\u00e9", "?\u00e9", 2)
        self.check("\u00e9\u202ex", "?x", 2)

    def test_what_stands_on_nothing(self) -> None:
        """A mark that no character is before takes no cell, and is left out."""
        self.check("\u0301", "", 0)

    def test_without_unicode(self) -> None:
        """Where there is only ASCII, others are held by question marks, one a cell."""
        self.check("a\u6f22\u00e9", "a???", 4, unicode=False)

    @given(
        st.one_of(
            texts,
            st.sampled_from(hostile_names.names()).map(
                lambda raw: raw.decode("utf-8", "surrogateescape")
            ),
        ),
        st.booleans(),
    )
    def test_anything(self, text: str, unicode: bool) -> None:
        """Whatever it is, the cells are those that were counted, by the C library as well."""
        made, cells = fitted(text, unicode=unicode)
        self.assertFalse(HIDDEN.intersection(map(unicodedata.category, made)), ascii(made))
        self.assertEqual(sum(map(_wcwidth, made)), cells, ascii(made))
        self.assertTrue(unicode or made.isascii())
        marks = sum(one.isascii() and not one.isprintable() for one in text)
        self.assertIn(cells - width(text), range(marks + 1))
