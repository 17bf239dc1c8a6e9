"""The explorer: whatever is pressed and told, it stays whole and exactly as large as its screen."""

import string
from itertools import pairwise

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.ui import explorer as explorers
from anoncloud.ui import layout
from anoncloud.ui.dialogs.message import said
from anoncloud.ui.effects import Effect, Perform, Quit, ReadPast, ReadPlace, Side, Suspend
from anoncloud.ui.entries import Entry, Kind
from anoncloud.ui.events import (
    Candidate,
    Conflict,
    DriveChanged,
    Event,
    LocalChanged,
    PlaceFailed,
    PlaceRead,
    Progress,
    Resized,
    Severity,
    Shown,
    Status,
    StatusChanged,
    Tick,
    Told,
    TransferLine,
    TransfersChanged,
)
from anoncloud.ui.explorer import Explorer
from anoncloud.ui.keys import ACTIONS
from anoncloud.ui.model import Arrangement
from anoncloud.ui.places import Local, Past, Remote, Trash
from tests.support import hostile_names, profile
from tests.support.screens_of_cells import entry, explorer, misfits, pressed, screen, told

profile.load()

HOSTILE = hostile_names.names()
KEYS = sorted(
    {key for action in ACTIONS for key in action.keys}
    | set(string.ascii_letters + string.digits + "?*[/~.:é漢")
    | {"space", "ctrl-c", "ctrl-u", "ctrl-w", "f12", "paste:a\n\x1b[31m", "alt-backspace"}
)
names = st.sampled_from(HOSTILE)
mouse = st.builds(
    "mouse:{}:{}:{}".format,
    st.sampled_from(["click", "double", "drag", "release", "wheel-up", "wheel-down"]),
    st.integers(0, 40),
    st.integers(0, 120),
)
keys = st.one_of(st.sampled_from(KEYS), mouse)
kinds = st.sampled_from(Kind)
entries = st.lists(
    st.builds(Entry, names, kinds, st.integers(-1, 2**63), st.integers(0, 2**62)),
    max_size=60,
    unique_by=lambda one: one.name,
)
sides = st.sampled_from(Side)
local = names.map(lambda name: Local("/" + name.decode("utf-8", "surrogateescape")))
remote = names.map(lambda name: Remote((name,)))
past = names.map(lambda name: Past(1, 10**15, (name,)))
places = st.one_of(local, remote, past, st.just(Trash()), st.just(Local("/home/ann")))
words = st.text(max_size=60)
lines = st.builds(
    TransferLine, st.integers(0, 9), words, st.integers(0, 99), st.none() | st.integers(0, 99),
    state=st.sampled_from(Progress),
)  # fmt: skip
sizes = st.builds(Resized, st.integers(0, 40), st.integers(0, 120))
events = st.one_of(
    sizes,
    st.builds(PlaceRead, sides, places, entries, st.booleans(), st.none() | names),
    st.builds(PlaceFailed, sides, places, words, words),
    st.builds(Told, words, words, st.sampled_from(Severity)),
    st.builds(
        StatusChanged,
        st.builds(Status, words, words, used=st.integers(0, 2**50), quota=st.integers(0, 2**50)),
    ),
    st.lists(lines, max_size=3).map(tuple).map(TransfersChanged),
    st.builds(
        Conflict, st.integers(0, 9), words.filter(str.isprintable), names,
        st.just(Candidate(1, 2)), st.just(Candidate(3, 1)), st.booleans(),
    ),
    st.just(DriveChanged()),
    local.map(lambda place: LocalChanged(place.path)),
    st.just(Shown(said("x", "y"))),
    st.integers(0, 2**40).map(Tick),
)  # fmt: skip


def answered(effect: Effect, listed: list[Entry]) -> tuple[Event, ...]:
    """Answer an effect as a shell would that finds *listed* everywhere."""
    if isinstance(effect, ReadPlace):
        return (PlaceRead(effect.side, effect.place, listed, focus=effect.focus),)
    if isinstance(effect, ReadPast):
        return (PlaceRead(effect.side, Past(1, 10**15, effect.path), listed),)
    return ()


class AnythingTests(SynchronousTestCase):
    """Anything may be pressed, and anything told."""

    def check(self, made: Explorer) -> None:
        """Check what always holds."""
        for side in Side:
            pane = made.panes[side]
            self.assertEqual(len(set(pane.order)), len(pane.order))
            self.assertLessEqual(set(pane.order), set(range(len(pane.entries))))
            self.assertTrue(0 <= pane.cursor < max(1, len(pane.order)))
            height = max(1, layout.height(made, side))
            self.assertTrue(0 <= pane.cursor - pane.top < height, (pane.cursor, pane.top, height))
            self.assertLessEqual(pane.marks, {one.key for one in pane.entries})
            marked = [one.size for one in pane.entries if one.key in pane.marks and one.size > 0]
            self.assertEqual(pane.marked_size, sum(marked))
        picture = explorers.picture(made)
        self.assertEqual(misfits(picture.block, made.rows, made.columns), [])
        if picture.cursor is not None:
            row, column = picture.cursor
            self.assertTrue(0 <= row < made.rows, picture.cursor)
            self.assertTrue(0 <= column < made.columns, picture.cursor)
        if not made.unicode:
            text = "".join(span.text for row in picture.block.rows for span in row)
            self.assertTrue(text.isascii(), text)

    @settings(max_examples=settings().max_examples * 3)
    @given(entries, sizes, st.booleans(), st.lists(keys | events, max_size=25))
    def test_it_stays_whole(
        self, listed: list[Entry], size: Resized, unicode: bool, steps: list[str | Event]
    ) -> None:
        """Cursors stay on entries and in sight, and every picture fits, safely, at any size."""
        made = explorer(local=listed, remote=listed, unicode=unicode)
        made, _ = told(made, size)
        self.check(made)
        for step in steps:
            if isinstance(step, str):
                made, done = explorers.press(made, step)
            else:
                made, done = explorers.learn(made, step)
            self.assertNotIn(Perform, map(type, done))
            self.check(made)
            for effect in done:
                made, _ = told(made, *answered(effect, listed))
            self.check(made)

    @given(st.sampled_from(KEYS), st.sampled_from(KEYS), st.integers(0, 60), st.integers(0, 130))
    def test_every_box_fits(self, one: str, other: str, rows: int, columns: int) -> None:
        """Whatever box a key opens, it fits on any screen."""
        made, _ = pressed(explorer(40, 100), one, other)
        made, _ = told(made, Resized(rows, columns))
        self.check(made)

    def test_all_sizes(self) -> None:
        """From nothing to 300x100, at rest and with a box."""
        for made in (explorer(), pressed(explorer(), "s")[0], pressed(explorer(), "f1")[0]):
            for rows, columns in (
                (0, 0), (1, 1), (9, 40), (10, 39), (10, 40), (11, 41), (24, 80), (25, 71),
                (25, 72), (50, 132), (100, 300),
            ):  # fmt: skip
                self.check(told(made, Resized(rows, columns))[0])


class KeyTests(SynchronousTestCase):
    """Keys that are not in the table, and screens that are too small."""

    def test_unknown(self) -> None:
        """A key without a meaning says so, and where all keys are; the next key clears that."""
        made, done = pressed(explorer(), "f12")
        self.assertEqual(done, ())
        self.assertIn(" F12 does nothing here; F1 shows all keys", screen(made))
        self.assertIsNone(pressed(made, "down")[0].notice)

    def test_pastes(self) -> None:
        """What is pasted onto the panes does nothing there."""
        made, done = pressed(explorer(), "paste:d\ny\n")
        self.assertEqual((made.layers, done), ((), ()))
        self.assertIsNotNone(made.notice)

    def test_interrupt(self) -> None:
        """Ctrl-C leaves a box; elsewhere it says how the program ends."""
        self.assertEqual(pressed(explorer(), "s", "ctrl-c")[0].layers, ())
        made, done = pressed(explorer(), "ctrl-c")
        self.assertEqual(done, ())
        self.assertIn("F10 ends the program", screen(made)[-3])

    def test_too_small(self) -> None:
        """Nobody changes anything unseen; but one can leave."""
        made = explorer(8, 30)
        self.assertIn("30x8 is too small; make it", screen(made))
        self.assertEqual(pressed(made, "d", "y", "enter")[1], ())
        self.assertEqual(pressed(made, "ctrl-z")[1], (Suspend(),))
        self.assertEqual(pressed(made, "q")[1][-1], Quit(carry_on=False))
        self.assertIn("music", "".join(screen(told(made, Resized(24, 80))[0])))

    def test_a_users_keys(self) -> None:
        """Hints, help and what is said name the keys that the user chose."""
        keymap = explorers.keymap.Keymap.of('[keys]\nhelp = "f2"\ncopy = "y"')
        made = explorer(keymap=keymap)
        self.assertTrue(screen(made)[-1].startswith("F2 Help"))
        self.assertIn("y Upload", screen(made)[-1])
        self.assertIn("F2 shows all keys", screen(pressed(made, "f12")[0])[-3])


class WorkTests(SynchronousTestCase):
    """A folder of 100,000 entries: what is not seen makes no work."""

    def test_only_rows_in_sight_become_text(self) -> None:
        """However many entries, a picture writes as many names as there are rows."""
        shown: list[bytes] = []
        write = explorers.picture.__globals__["panes"].shown.name

        def counted(raw: bytes, *, ascii_only: bool = False) -> str:
            shown.append(raw)
            return str(write(raw, ascii_only=ascii_only))

        listed = [entry(f"file {at}") for at in range(100_000)]
        made = explorer(local=listed, remote=())
        self.patch(explorers.picture.__globals__["panes"].shown, "name", counted)
        for keys in ((), ("end",), ("pageup",), ("up", "up"), ("space",), ("/", "7"), ("enter",)):
            made, _ = pressed(made, *keys)
            shown.clear()
            explorers.picture(made)
            self.assertTrue(0 < len(shown) <= 24, (keys, len(shown)))

    def test_moving_reads_no_more_than_it_needs(self) -> None:
        """Cursor, pages, marks and scrolling touch a few entries, not all of them."""
        listed = Counting([entry(f"file {at}") for at in range(100_000)])
        made = explorer(local=listed, remote=())
        for keys in (
            ["down"] * 5,
            ["pagedown"],
            ["end", "home"],
            ["space"] * 3,
            ["mouse:wheel-down:5:5"],
        ):
            listed.asked = 0
            made, _ = pressed(made, *keys)
            explorers.picture(made)
            self.assertLess(listed.asked, 200, keys)

    def test_steps_that_scroll(self) -> None:
        """Panes go on by half a page where the terminal can't scroll one of them alone."""
        for scrolls, arrangement, most in (
            (True, Arrangement.BESIDE, 1),
            (False, Arrangement.BESIDE, 9),
            (False, Arrangement.STACKED, 1),
            (False, Arrangement.ALONE, 1),
        ):
            made = explorer(local=[entry(f"file {at}") for at in range(99)])
            made = attrs.evolve(made, scrolls=scrolls, arrangement=arrangement)
            tops = [made.panes[0].top]
            for key in ["down"] * 40 + ["up"] * 40:
                made, _ = pressed(made, key)
                tops.append(made.panes[0].top)
            steps = {abs(after - before) for before, after in pairwise(tops)} - {0}
            self.assertEqual(max(steps), most, (scrolls, arrangement))
            self.assertLessEqual(len(steps), 2)

    def test_read_again_unchanged(self) -> None:
        """What is as it was is not sorted again."""
        listed = [entry(f"file {at}") for at in range(1000)]
        made = explorer(local=listed)
        again, _ = told(made, PlaceRead(Side.LEFT, Local("/home/ann"), list(listed)))
        self.assertIs(again.panes[0].arranged, made.panes[0].arranged)


class Counting(list[Entry]):
    """Entries that count how often they are looked at."""

    asked = 0

    def __getitem__(self, at):
        self.asked += 1
        return super().__getitem__(at)

    def __iter__(self):
        self.asked += len(self)
        return super().__iter__()
