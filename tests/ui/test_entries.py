"""Entries: what their names sort by, and which of them match."""

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.entries import (
    Entry,
    Kind,
    Sort,
    fitting,
    folded,
    matching,
    natural_keys,
)
from anoncloud.ui.listed import arrange
from tests.support import profile

profile.load()

names = st.text("aAbB019.é ", min_size=1, max_size=8).map(str.encode)


def ordered(*texts: str, **more: object) -> list[str]:
    """Give names in the order of arrange."""
    made = [Entry(text.encode(), Kind.FILE, 0, 0)._replace(**more) for text in texts]
    return [made[at].name.decode() for at in arrange(made, Sort.NAME)]


class NaturalOrderTests(SynchronousTestCase):
    """Names."""

    def test_examples(self) -> None:
        """Numbers count by value, case does not count, in every order they come in."""
        for wanted in (
            ["a1", "a2", "a10", "a100"],
            ["1", "02", "3", "0010"],
            ["a", "B", "c"],
            ["x 9 y 10", "x 9 y 11", "x 10 y 1"],
            ["1" * 9, "1" * 10, "1" * 17, "1" * 18, "1" * 19],
            ["é1", "É2", "é10"],
            ["a", "a1", "a1b", "ab"],
        ):
            for mixed in list(permutations(wanted))[:30]:
                self.assertEqual(ordered(*mixed), wanted)

    def test_equal_but_for_case(self) -> None:
        """Names that differ in case or zeros alone still have one order."""
        for mixed in permutations(["A", "a", "a01", "a1"]):
            self.assertEqual(ordered(*mixed), ["A", "a", "a01", "a1"])

    @given(st.lists(names, unique=True))
    def test_against_a_plain_comparison(self, listed: list[bytes]) -> None:
        """The keys sort as comparing piece by piece does."""
        keys = dict(zip(listed, natural_keys(listed), strict=True))
        made = sorted(listed, key=keys.__getitem__)
        for one, other in pairwise(made):
            self.assertLessEqual(compare(one.decode(), other.decode()), 0, made)

    @given(st.lists(st.binary(min_size=1, max_size=9).map(lambda one: one.replace(b"\0", b"0"))))
    def test_any_bytes(self, listed: list[bytes]) -> None:
        """There is a key for each name, whatever its bytes."""
        self.assertEqual(len(natural_keys(listed)), len(listed))


def compare(one: str, other: str) -> int:
    """Compare two names character by character, numbers by their value."""
    one, other = one.casefold(), other.casefold()
    while one and other:
        if one[0].isdigit() and other[0].isdigit():
            first, second = number(one), number(other)
            if int(first) != int(second):
                return int(first) - int(second)
            one, other = one[len(first) :], other[len(second) :]
        elif one[0] != other[0]:
            return -1 if one[0].encode() < other[0].encode() else 1
        else:
            one, other = one[1:], other[1:]
    return len(one) - len(other) if not one or not other else 0


def number(text: str) -> str:
    """Give the digits that *text* begins with."""
    return text[: next((at for at, one in enumerate(text) if not one.isdigit()), len(text))]


class MatchingTests(SynchronousTestCase):
    """Filters and patterns."""

    def matches(self, pattern: str, *texts: str, anywhere: bool = True) -> list[str]:
        """Give those of *texts* that match."""
        listed = [text.encode("utf-8", "surrogateescape") for text in texts]
        told = matching(listed, pattern, anywhere=anywhere)
        found = fitting(folded(listed), pattern, anywhere=anywhere)
        self.assertEqual(found, {at for at, matches in enumerate(told) if matches})
        return [text for text, matches in zip(texts, told, strict=True) if matches]

    def test_parts(self) -> None:
        """A part is found anywhere, case aside, in any script."""
        self.assertEqual(self.matches("B", "abc", "AB", "c"), ["abc", "AB"])
        self.assertEqual(self.matches("É", "café", "cafe"), ["café"])
        self.assertEqual(self.matches("", "a"), ["a"])
        self.assertEqual(self.matches("b", "abc", "b", anywhere=False), ["b"])

    def test_patterns(self) -> None:
        """A pattern is about the whole name; ? is one character, however many bytes it has."""
        names = ("a.txt", "b.TXT", "a.txt.gz", "é.txt", "\udcff.txt", "a\nb.txt")
        self.assertEqual(self.matches("*.txt", *names), [*names[:2], *names[3:]])
        self.assertEqual(self.matches("?.txt", *names), [*names[:2], *names[3:5]])
        self.assertEqual(self.matches("[ab].*", *names), list(names[:3]))
        self.assertEqual(self.matches("[", "a[", "["), ["["])
