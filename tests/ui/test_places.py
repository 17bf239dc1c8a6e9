"""Places: up, inside, and as a person writes them."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.errors import UsageError
from anoncloud.ui import places
from anoncloud.ui.places import Local, Past, Place, Remote, Trash
from tests.support import profile

profile.load()

names = st.binary(min_size=1, max_size=30).filter(
    lambda name: not {b"/", b"\x00"} & {bytes([one]) for one in name} and name not in {b".", b".."}
)
paths = st.lists(names, max_size=4).map(tuple)
local = paths.map(lambda path: Local("/" + places.decode(b"/".join(path))))
remote = paths.map(Remote)
past = st.builds(Past, st.integers(1, 9), st.just(1), paths)
PAST = Past(7, 1_700_000_000_000_000, (b"a",))


class PlacesTests(SynchronousTestCase):
    """Where a pane can be."""

    @given(local | remote | past, names)
    def test_up_again(self, place: Place, name: bytes) -> None:
        """What is inside a place has that place around it, and its own name."""
        inner = places.inside(place, name)
        self.assertEqual(places.parent(inner), place)
        self.assertEqual(places.name(inner), name)

    def test_roots(self) -> None:
        """Nothing is around a root; the trash and the past lie in the drive as it is."""
        for place, around in (
            (Local("/"), None),
            (Remote(()), None),
            (Trash(), Remote(())),
            (Past(1, 1, ()), Remote(())),
        ):
            self.assertEqual(places.parent(place), around)
            self.assertIsNone(places.name(place))

    def test_kinds(self) -> None:
        """Only the disk and the drive as it is can be written to; all but the disk is the drive."""
        everything = (Local("/"), Remote(()), Trash(), PAST)
        self.assertEqual(
            [places.is_writable(one) for one in everything], [True, True, False, False]
        )
        self.assertEqual([places.is_remote(one) for one in everything], [False, True, True, True])

    def test_trails(self) -> None:
        """Every place says where it is, in safe text."""
        for place, text in (
            (Local("/a\x1b"), "/a\\x1b"),
            (Remote((b"a", b"\xff")), "drive:/a/\\xff"),
            (Trash(), "trash:"),
            (PAST, "as of 2023-11-14 22:13 UTC:/a"),
        ):
            self.assertEqual(places.trail(place), text)


class ParseTests(SynchronousTestCase):
    """Places as a person writes them."""

    def check(self, text: str, base: Place, place: Place) -> None:
        """Check what *text* means, seen from *base*."""
        self.assertEqual(places.parse(text, base, "/home/ann"), place)

    @given(local | remote | st.just(Trash()), local | remote)
    def test_spelled(self, place: Place, base: Place) -> None:
        """What a place is spelled like leads there, from anywhere, byte for byte."""
        self.check(places.spell(place), base, place)

    def test_the_past_is_spelled_as_the_drive(self) -> None:
        """A moment can't be typed."""
        self.assertEqual(places.spell(PAST), "drive:/a")

    def test_examples(self) -> None:
        """Sides by a word, home by a tilde, and the rest from here."""
        disk, drive = Local("/srv/x"), Remote((b"a", b"b"))
        for text, base, place in (
            ("y", disk, Local("/srv/x/y")),
            ("../y/", disk, Local("/srv/y")),
            ("/y", disk, Local("/y")),
            ("//y", disk, Local("/y")),
            ("~", drive, Local("/home/ann")),
            ("~/y", drive, Local("/home/ann/y")),
            ("local:y", drive, Local("/home/ann/y")),
            ("local:~/y", drive, Local("/home/ann/y")),
            ("c", drive, Remote((b"a", b"b", b"c"))),
            ("../../../c", drive, Remote((b"c",))),
            ("/c//./d/", drive, Remote((b"c", b"d"))),
            ("drive:c", disk, Remote((b"c",))),
            ("drive:", disk, Remote(())),
            (" trash: ", disk, Trash()),
            ("c", Trash(), Remote((b"c",))),
            ("..", PAST, Past(7, PAST.moment, ())),
        ):
            self.check(text, base, place)

    def test_refused(self) -> None:
        """A name that is too long for a drive is refused, with a hint."""
        error = self.assertRaises(UsageError, places.parse, "x" * 256, Remote(()), "/")
        self.assertNotEqual(error.hint, "")
