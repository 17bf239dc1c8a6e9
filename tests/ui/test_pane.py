"""Panes: the cursor, the marks, the order, and what stays when the place is read again."""

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import pane as panes
from anoncloud.ui.entries import Entry, Kind, Sort
from anoncloud.ui.pane import Cached, Failed, Fresh, Pane, Reading, Step, Visit
from anoncloud.ui.places import Local, Past, Place, Remote
from anoncloud.ui.waiting import failed, going, remembered, stopped

HERE, THERE = Local("/here"), Local("/there")


def entries(*names: str, nodes: bool = False) -> list[Entry]:
    """Give files of 10 bytes; with *nodes*, numbered by their first letter."""
    return [
        Entry(name.encode(), Kind.FILE, 10, 0, name[0].encode() if nodes else None)
        for name in names
    ]


def read(*names: str, pane: Pane | None = None, place: Place = HERE, **more: object) -> Pane:
    """Give a pane that has been told what its place holds."""
    return panes.with_entries(pane or Pane(place), place, entries(*names), cached=False, **more)


def names(pane: Pane) -> list[str]:
    """Give what is shown."""
    return [pane.entries[at].name.decode() for at in pane.order]


def under(pane: Pane) -> str:
    """Give the name under the cursor."""
    assert pane.entry is not None
    return pane.entry.name.decode()


class CursorTests(SynchronousTestCase):
    """The cursor, and what is in sight."""

    def test_ends(self) -> None:
        """It stops at both ends; in an empty place it stands on nothing."""
        pane = read("a", "b", "c")
        self.assertEqual(under(panes.moved(pane, -5)), "a")
        self.assertEqual(under(panes.moved(pane, 5)), "c")
        empty = panes.moved(read(), 1)
        self.assertEqual((empty.cursor, empty.entry, empty.chosen), (0, None, ()))

    def test_sight(self) -> None:
        """It is brought into sight by as few rows as that takes; no row is wasted at the end."""
        pane = read(*map(str, range(20)))
        for cursor, top, settled in ((4, 0, 0), (5, 0, 1), (3, 7, 3), (19, 0, 15), (16, 19, 15)):
            made = panes.settle(attrs.evolve(pane, cursor=cursor, top=top), 5)
            self.assertEqual(made.top, settled, (cursor, top))

    def test_leap(self) -> None:
        """Where a step is dear many rows are taken at once, but no more than there are."""
        pane = read(*map(str, range(20)))
        for cursor, top, settled in (
            (4, 0, 0),
            (5, 0, 3),
            (2, 3, 0),
            (9, 10, 7),
            (10, 7, 7),
            (17, 13, 13),
            (18, 13, 15),
            (9, 0, 5),
            (19, 0, 15),
            (0, 2, 0),
            (16, 19, 15),
        ):
            made = panes.settle(attrs.evolve(pane, cursor=cursor, top=top), 5, 3)
            self.assertEqual(made.top, settled, (cursor, top))

    def test_scrolled(self) -> None:
        """The wheel takes the cursor along only at the edge."""
        pane = panes.moved_to(read(*map(str, range(20))), 4)
        down = panes.scrolled(pane, 3, 5)
        self.assertEqual((down.top, down.cursor), (3, 4))
        down = panes.scrolled(down, 3, 5)
        self.assertEqual((down.top, down.cursor), (6, 6))
        up = panes.scrolled(down, -5, 5)
        self.assertEqual((up.top, up.cursor), (1, 5))
        self.assertEqual(panes.scrolled(down, 99, 5).top, 15)


class MarkTests(SynchronousTestCase):
    """Marks."""

    def test_toggled(self) -> None:
        """A mark is set and taken away; the cursor goes on, and the bytes are counted."""
        pane = panes.toggled(panes.toggled(read("a", "b", "c")))
        self.assertEqual((pane.marks, pane.marked_size, under(pane)), ({b"a", b"b"}, 20, "c"))
        pane = panes.toggled(panes.moved_to(pane, 0))
        self.assertEqual((pane.marks, pane.marked_size), ({b"b"}, 10))

    def test_chosen(self) -> None:
        """What is marked is chosen, in the order shown; otherwise what the cursor stands on."""
        pane = read("c", "a", "b")
        self.assertEqual([one.name for one in pane.chosen], [b"a"])
        pane = panes.toggled(panes.moved(panes.toggled(pane), 1))
        self.assertEqual([one.name for one in pane.chosen], [b"a", b"c"])

    def test_patterns(self) -> None:
        """A pattern adds to the marks or takes from them, of what is shown alone."""
        pane = panes.filtered(read("a.x", "b.x", "b.y"), "b")
        pane = panes.marked(pane, lambda is_marked, fits: is_marked or fits, "*.x")
        self.assertEqual(pane.marks, {b"b.x"})
        pane = panes.marked(panes.filtered(pane, ""), lambda is_marked, _: not is_marked)
        self.assertEqual((pane.marks, pane.marked_size), ({b"a.x", b"b.y"}, 20))
        pane = panes.marked(pane, lambda is_marked, fits: is_marked and not fits, "a*")
        self.assertEqual(pane.marks, {b"b.y"})
        self.assertEqual(panes.unmarked(pane).marks, frozenset())

    def test_namesakes(self) -> None:
        """In the trash two may have one name; they are marked one by one."""
        found = [Entry(b"x", Kind.FILE, 1, 0, b"1"), Entry(b"x", Kind.FILE, 2, 0, b"2")]
        pane = panes.toggled(panes.with_entries(Pane(HERE), HERE, found, cached=False))
        self.assertEqual([one.size for one in pane.chosen], [1])


class OrderTests(SynchronousTestCase):
    """Sorting, filters, hidden names."""

    def test_the_cursor_stays(self) -> None:
        """Whatever changes the order, the cursor stays on its entry and on its row."""
        pane = panes.moved_to(read("a", "b", ".c", "d"), 1)
        turned = panes.sorted_by(pane, Sort.NAME, reverse=True)
        self.assertEqual((names(turned), under(turned)), (["d", "b", "a"], "b"))
        shown = panes.with_hidden(pane, hidden=True)
        self.assertEqual((names(shown), under(shown)), ([".c", "a", "b", "d"], "b"))

    def test_filter(self) -> None:
        """Each letter narrows; taking one back widens; the cursor keeps its entry where it can."""
        pane = panes.moved_to(read("ab", "ac", "bc"), 2)
        one = panes.filtered(pane, "c")
        self.assertEqual((names(one), under(one)), (["ac", "bc"], "bc"))
        two = panes.filtered(one, "ac")
        self.assertEqual((names(two), under(two)), (["ac"], "ac"))
        self.assertEqual(names(panes.filtered(two, "c")), ["ac", "bc"])
        self.assertEqual(names(panes.filtered(two, "*b")), ["ab"])
        none = panes.filtered(pane, "zz")
        self.assertEqual((names(none), none.entry), ([], None))


class ReadTests(SynchronousTestCase):
    """Places read again, and others read."""

    def test_read_again(self) -> None:
        """The cursor stays on its entry and its row, the marks on theirs, in any new order."""
        pane = panes.settle(panes.moved_to(read(*"cdefghij"), 5), 3)
        pane = panes.moved(panes.toggled(panes.moved(pane, -1)), 0)
        self.assertEqual((under(pane), pane.cursor - pane.top), ("h", 2))
        pane = read(*"abcdfghij", pane=pane)
        self.assertEqual((under(pane), pane.cursor - pane.top), ("h", 2))
        self.assertEqual((pane.marks, pane.marked_size), ({b"g"}, 10))

    def test_what_is_gone(self) -> None:
        """The cursor goes to what follows; a mark goes with its entry."""
        pane = panes.moved_to(panes.toggled(panes.moved_to(read(*"abcd"), 1)), 1)
        pane = read(*"acd", pane=pane)
        self.assertEqual((under(pane), pane.marks, pane.marked_size), ("c", frozenset(), 0))

    def test_renamed_in_the_drive(self) -> None:
        """Its number says that it is the same."""
        pane = panes.with_entries(Pane(HERE), HERE, entries("ax", "bx", nodes=True), cached=False)
        pane = panes.toggled(pane)
        new = [one._replace(name=b"zz") if one.node == b"a" else one for one in pane.entries]
        pane = panes.with_entries(panes.moved_to(pane, 0), HERE, new, cached=False)
        self.assertEqual((under(pane), len(pane.chosen)), ("zz", 1))

    def test_nothing_new(self) -> None:
        """The same entries again are not sorted again; only the state changes."""
        pane = panes.filtered(read("a", "b"), "b")
        again = panes.with_entries(pane, HERE, entries("a", "b"), cached=True)
        self.assertIs(again.order, pane.order)
        self.assertEqual(again.state, Cached())

    def test_another_place(self) -> None:
        """The old place stays until the new one is there; then that begins anew."""
        pane = panes.toggled(panes.filtered(read("a", "b"), "b"))
        pane = going(pane, THERE, Step.GO)
        self.assertEqual((pane.place, names(pane)), (HERE, ["b"]))
        pane = read("x", "y", pane=pane, place=THERE, focus=b"y")
        self.assertEqual((pane.place, names(pane), under(pane)), (THERE, ["x", "y"], "y"))
        self.assertEqual((pane.filter, pane.marks, pane.state), ("", frozenset(), Fresh()))
        self.assertEqual(pane.back, (Visit(HERE, b"b"),))
        self.assertEqual(remembered(pane, HERE), b"b")

    def test_not_awaited(self) -> None:
        """A list that nobody waits for any more changes nothing."""
        pane = read("a")
        self.assertIs(read("x", pane=pane, place=THERE), pane)
        waits = going(pane, THERE, Step.GO)
        self.assertIs(read("b", pane=waits), waits)
        self.assertEqual(stopped(waits).state, Fresh())

    def test_some_past(self) -> None:
        """Which moment it will be is known when it has been read."""
        past = Past(3, 5, ())
        waits = going(read("a"), None, Step.GO)
        self.assertEqual(read("x", pane=waits, place=past).place, past)
        self.assertIs(read("x", pane=waits, place=Remote(())), waits)

    def test_wanted(self) -> None:
        """The cursor goes to a name as soon as that is there, and only once."""
        pane = panes.Pane(HERE, wanted=b"b")
        pane = read("a", pane=pane)
        self.assertEqual((under(pane), pane.wanted), ("a", b"b"))
        pane = read("a", "b", pane=pane)
        self.assertEqual((under(pane), pane.wanted), ("b", None))

    def test_back_and_forth(self) -> None:
        """Each step back can be taken back; going elsewhere forgets what was ahead."""
        pane = read("a")
        for at in range(1, 4):
            place = Local(f"/{at}")
            pane = read("x", pane=going(pane, place, Step.GO), place=place)
        for step, place in ((Step.BACK, "/2"), (Step.BACK, "/1"), (Step.FORTH, "/2")):
            visits = pane.back if step is Step.BACK else pane.forth
            self.assertEqual(visits[-1].place, Local(place))
            pane = read("x", pane=going(pane, Local(place), step), place=Local(place))
        self.assertEqual([one.place for one in pane.back], [HERE, Local("/1")])
        self.assertEqual([one.place for one in pane.forth], [Local("/3")])
        pane = read("x", pane=going(pane, THERE, Step.GO), place=THERE)
        self.assertEqual(pane.forth, ())

    def test_a_long_history(self) -> None:
        """Only so many steps are kept."""
        pane = read("a")
        for at in range(panes.LONGEST_HISTORY + 5):
            place = Local(f"/{at}")
            pane = read("x", pane=going(pane, place, Step.GO), place=place)
        self.assertEqual(len(pane.back), panes.LONGEST_HISTORY)

    def test_failed(self) -> None:
        """What was shown stays; a pane that shows nothing yet says why."""
        waits = going(read("a"), THERE, Step.GO)
        self.assertEqual(failed(waits, THERE, "no").state, Fresh())
        self.assertIs(failed(waits, HERE, "no"), waits)
        begins = Pane(HERE, state=Reading(HERE, Step.STAY))
        self.assertEqual(failed(begins, HERE, "no").state, Failed("no"))
        self.assertEqual(failed(read("a"), HERE, "no").state, Failed("no"))
        self.assertEqual(failed(read("a"), THERE, "no").state, Fresh())
