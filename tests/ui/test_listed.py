"""Lists of entries: their order, and that making them late changes nothing."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui.entries import Entry, Kind, Sort
from anoncloud.ui.listed import Listed, arrange, dotted, keys, names, place, without
from tests.support import profile

profile.load()

entries = st.lists(
    st.builds(
        Entry,
        st.text("aAbB019.é ", min_size=1, max_size=8).map(str.encode),
        st.sampled_from(Kind),
        st.integers(-1, 9),
        st.integers(0, 9),
    ),
    max_size=12,
)


class ArrangeTests(SynchronousTestCase):
    """All ways of sorting."""

    def order(self, sort: Sort, *, reverse: bool = False) -> str:
        """Give the names of three files and two folders in an order."""
        made = [
            Entry(b"b.z", Kind.FILE, 3, 30),
            Entry(b"a.y", Kind.FILE, 1, 10),
            Entry(b"c.x", Kind.FILE, 2, 20),
            Entry(b"e", Kind.FOLDER, -1, 50),
            Entry(b"d", Kind.FOLDER_LINK, -1, 40),
        ]
        return "".join(made[at].name.decode()[0] for at in arrange(made, sort, reverse=reverse))

    def test_sorts(self) -> None:
        """Folders come first; sizes and times begin with the greatest."""
        for sort, forwards, backwards in (
            (Sort.NAME, "deabc", "edcba"),
            (Sort.SIZE, "debca", "deacb"),
            (Sort.TIME, "edbca", "deacb"),
            (Sort.KIND, "decab", "edbac"),
        ):
            self.assertEqual(self.order(sort), forwards)
            self.assertEqual(self.order(sort, reverse=True), backwards)

    @given(entries, st.sampled_from(Sort), st.booleans())
    def test_every_entry_once(self, listed: list[Entry], sort: Sort, reverse: bool) -> None:
        """Nothing is lost, folders come first, and the order does not depend on the one before."""
        order = arrange(Listed.of(listed), sort, reverse=reverse)
        self.assertEqual(list(order), list(arrange(listed, sort, reverse=reverse)))
        self.assertEqual(sorted(order), list(range(len(listed))))
        folders = [listed[at].is_folder for at in order]
        self.assertEqual(folders, sorted(folders, reverse=True))
        if len({entry.name for entry in listed}) == len(listed):
            turned = listed[::-1]
            again = [turned[at] for at in arrange(turned, sort, reverse=reverse)]
            self.assertEqual(again, [listed[at] for at in order])


class LateTests(SynchronousTestCase):
    """Entries that are made only where somebody looks."""

    def test_only_what_is_looked_at(self) -> None:
        """To list, sort and name things makes no entry of them."""
        made: list[int] = []

        def make(source: int) -> Entry:
            made.append(source)
            return Entry(b"%d" % source, Kind.FILE, source, 0)

        sources = [30, 4, 200]
        texts = [b"%d" % source for source in sources]
        listed = Listed(sources, make, lambda source: b"key %d" % source, texts, b"\1\1\1")
        self.assertEqual(list(arrange(listed, Sort.NAME)), [1, 0, 2])
        self.assertEqual(list(arrange(listed, Sort.NAME, reverse=True)), [2, 0, 1])
        self.assertEqual(names(listed), texts)
        self.assertEqual(keys(listed), [b"key 30", b"key 4", b"key 200"])
        self.assertEqual((len(listed), made), (3, []))
        self.assertEqual(listed[2].size, 200)
        self.assertEqual(made, [200])

    @given(entries)
    def test_as_a_list(self, listed: list[Entry]) -> None:
        """It holds what it was made of, in its order."""
        made = Listed.of(listed)
        self.assertEqual(list(made), listed)
        self.assertEqual([made[at] for at in range(len(made))], listed)
        self.assertEqual(made[1:3], listed[1:3])
        self.assertEqual(names(made), names(listed))
        self.assertEqual(keys(made), keys(listed))
        self.assertEqual(dotted(made), dotted(listed))

    def test_the_same(self) -> None:
        """Lists of the same things are the same; another size, or order, is another list."""
        one, other = Entry(b"a", Kind.FILE, 1, 0), Entry(b"b", Kind.FILE, 1, 0)
        listed = Listed.of([one, other])
        self.assertEqual(listed, Listed.of([one, other]))
        for changed in ([other, one], [one], [one, other._replace(size=2)]):
            self.assertNotEqual(listed, Listed.of(changed))
        self.assertNotEqual(listed, [one, other])


class PlaceTests(SynchronousTestCase):
    def test_hidden(self) -> None:
        """Names with a dot before them are left out; where there are none, nothing is done."""
        listed = [Entry(name, Kind.FILE, 0, 0) for name in (b".a", b"b", b"c.d")]
        self.assertEqual(dotted(listed), {0})
        order = [2, 0, 1]
        self.assertEqual(without(order, dotted(listed)), [2, 1])
        self.assertIs(without(order, dotted(listed[1:])), order)

    def test_place(self) -> None:
        self.assertEqual(place([b"a", b"b"], b"b"), 1)
        self.assertIsNone(place([b"a"], b"b"))
        self.assertIsNone(place(arrange([], Sort.NAME), None))
