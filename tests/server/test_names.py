"""What an account may be called."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import Code, Refused
from anoncloud.limits import MAX_ACCOUNT_NAME, MAX_SENTENCE
from anoncloud.server.names import check_account_name


class NameTests(SynchronousTestCase):
    """Names that do, names that would in another form, and names that never do."""

    def hint(self, name: str) -> str:
        """Give the hint that a refused name gets."""
        refusal = self.assertRaises(Refused, check_account_name, name)
        self.assertEqual(refusal.code, Code.NAME_INVALID)
        return refusal.hint

    def test_good(self) -> None:
        """Letters, digits and marks of any script do, in their canonical form."""
        for name in ("ada", "ada.lovelace", "a-1_b", "zoë", "ψ", "田中", "ада", "x" * 64, "~!$%"):
            self.assertIsNone(check_account_name(name))

    def test_canonical(self) -> None:
        """Another form of a good name is refused, and the hint has the good one."""
        for name, good in (
            ("Ada", "ada"),
            ("ZOË", "zoë"),
            (unicodedata.normalize("NFD", "zoë"), "zoë"),
            ("ａｄａ", "ada"),  # noqa: RUF001 - full-width letters are the point
        ):
            self.assertIn(repr(good), self.hint(name))
            self.assertIsNone(check_account_name(good))

    def test_bad(self) -> None:
        """Spaces, controls, invisible characters, symbols and mixed directions never do."""
        for name in (
            "",
            " ",
            "ada lovelace",
            "ada\n",
            "a\0b",
            "a\u200bb",
            "a\u202eb",
            "\ufeffada",
            "☃",
            "ⅳ",
            "א1a",
            "\ue000",
        ):
            self.assertTrue(self.hint(name), name)

    def test_marks_of_addresses(self) -> None:
        """What would be taken for a part of a path or an address does not do."""
        for mark in "/\\@:#":
            for name in (mark, f"a{mark}", f"a{mark}b", f"{mark}b"):
                self.assertTrue(self.hint(name))

    @given(st.text(min_size=1, max_size=MAX_ACCOUNT_NAME))
    def test_anything(self, name: str) -> None:
        """Any text is a good name or refused in few enough words; the hint's form does."""
        try:
            check_account_name(name)
        except Refused as refusal:
            self.assertEqual(refusal.code, Code.NAME_INVALID)
            self.assertLessEqual(len(refusal.hint), MAX_SENTENCE)
        else:
            self.assertEqual(name, unicodedata.normalize("NFC", name))
            self.assertFalse(set(name) & set(" /\\@:#\0\n"))
