"""Names of accounts: those that do, and what is advised instead of the others."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.limits import MAX_ACCOUNT_NAME, MAX_SENTENCE
from anoncloud.wire.account_names import advice


class NameTests(SynchronousTestCase):
    """Names that do, names that would in another form, and names that never do."""

    def test_good(self) -> None:
        """Letters, digits and marks of any script do, in their canonical form."""
        for name in ("ada", "ada.lovelace", "a-1_b", "zoë", "ψ", "田中", "ада", "x" * 64, "~!$%"):
            self.assertEqual(advice(name), "", name)

    def test_canonical(self) -> None:
        """For another form of a good name the good one is advised."""
        for name, good in (
            ("Ada", "ada"),
            ("ZOË", "zoë"),
            (unicodedata.normalize("NFD", "zoë"), "zoë"),
            ("ａｄａ", "ada"),  # noqa: RUF001 - full-width letters are the point
        ):
            self.assertEqual(advice(name), f"take {good!r}")
            self.assertEqual(advice(good), "")

    def test_bad(self) -> None:
        """Spaces, controls, invisible characters, symbols and mixed directions never do."""
        for name in (
            " ",
            "ada lovelace",
            "ada\n",
            "a\0b",
            "a\u200bb",
            "a\u202eb",
            "\ufeffada",
            "\u2603",
            "\u2173",
            "\u05d01a",
            "\ue000",
            "\ud800",
        ):
            self.assertIn("letters and digits", advice(name), name)

    def test_marks_of_addresses(self) -> None:
        """What would be taken for a part of a path or an address does not do, in any width."""
        for mark in "/\\@:#\uff20":
            for name in (mark, f"a{mark}", f"a{mark}b", f"{mark}b", f"A{mark}"):
                self.assertIn("letters, digits, dots", advice(name), name)

    def test_length(self) -> None:
        """Neither nothing nor more than the protocol can say, even in the canonical form."""
        for name in ("", "x" * (MAX_ACCOUNT_NAME + 1), "\u0130" * MAX_ACCOUNT_NAME):
            self.assertIn(str(MAX_ACCOUNT_NAME), advice(name), name)

    @given(st.text(max_size=MAX_ACCOUNT_NAME + 2))
    def test_anything(self, name: str) -> None:
        """Any text is a good name, or gets advice that fits a refusal; an advised form is good."""
        instead = advice(name)
        self.assertLessEqual(len(instead), MAX_SENTENCE)
        if not instead:
            self.assertEqual(name, unicodedata.normalize("NFC", name))
            self.assertFalse(set(name) & set(" /\\@:#\0\n"))
            self.assertTrue(0 < len(name) <= MAX_ACCOUNT_NAME)
