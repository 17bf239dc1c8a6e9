"""The lists of what uploads have left: believed if whole, young and abandoned, and not else."""

from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.keyring import new_keyring
from anoncloud.client.transfers.unfinished import KEPT, Identity, Landed, Prior, Unfinished
from anoncloud.crypto.packing import Extent
from tests.support.client import KEYRING
from tests.support.client_files import FilesTestCase
from tests.support.damage import cuts, flip
from tests.support.entropy import counting

ONE = Identity(1, 2, 300, 4, 5)
OTHER = Identity(1, 3, 300, 4, 5)
KEY = b"k" * 32


def landed(start: int, length: int = 100, key: bytes = KEY, identity: Identity = ONE) -> Landed:
    """Say that *length* bytes from *start* on have landed."""
    return Landed(identity, key, start, Extent(b"\xb0" * 16, start, length), b"%16d" % start, None)


class UnfinishedTests(FilesTestCase):
    """Lists in a folder, and programs that come one after the other."""

    def note(self, *groups: list[Landed]) -> None:
        """Let a program note some blobs, one by one, and end without a word."""
        one = self.unfinished()
        for group in groups:
            one.note(group)
        one.close()

    def prior(self, identity: Identity = ONE) -> Prior | None:
        """Ask as the next program does."""
        following = self.unfinished()
        prior = following.prior(identity)
        following.close()
        return prior

    def length(self) -> int:
        prior = self.prior()
        return prior.length if prior else 0

    def list_files(self) -> list[Path]:
        return sorted(self.lists.iterdir()) if self.lists.exists() else []

    def test_carried_on(self) -> None:
        """What one program noted the next one knows: key, extents, marks, length."""
        self.note([landed(0)], [landed(100), landed(0, 50, b"o" * 32, OTHER)])
        prior = self.prior()
        extents = [Extent(b"\xb0" * 16, 0, 100), Extent(b"\xb0" * 16, 100, 100)]
        expected = Prior(KEY, None, extents, b"%16d" % 0 + b"%16d" % 100, 200)
        self.assertEqual(prior, expected)

    def test_still(self) -> None:
        """A file that was written to just now may change again and show it nowhere."""
        lists = Unfinished(self.lists, KEYRING, counting(b"l"), lambda: 5_000_000)
        for nanoseconds, expected in (
            (5_000_000_000 - 10, False),
            (4_950_000_000, False),
            (4_899_999_999, True),
            (4_000_000_000, False),  # a clock of whole seconds, or of two
            (3_000_000_000, False),
            (2_000_000_000, True),
        ):
            identity = ONE._replace(changed=nanoseconds)
            self.assertIs(lists.is_still(identity), expected, nanoseconds)

    def test_another_state(self) -> None:
        """A file that differs in anything is another file."""
        self.note([landed(0)])
        for field in Identity._fields:
            changed = ONE._replace(**{field: 99})
            self.assertIsNone(self.prior(changed), field)

    @given(st.permutations(range(5)))
    def test_any_order(self, order: list[int]) -> None:
        """Blobs may land in any order."""
        self.setUp()
        self.note(*([landed(number * 100)] for number in order))
        self.assertEqual(self.length(), 500)

    @given(st.sets(st.integers(0, 7)))
    def test_gaps(self, numbers: set[int]) -> None:
        """Only what lies before the first gap counts."""
        self.setUp()
        self.note(*([landed(number * 100)] for number in numbers))
        before = next(number for number in range(9) if number not in numbers)
        self.assertEqual(self.length(), before * 100)

    def test_two_programs_one_after_the_other(self) -> None:
        """The lists of several programs that were cut off are put together."""
        self.note([landed(0)])
        self.note([landed(100, 30)])
        self.note([landed(130)])
        self.assertEqual(self.length(), 230)

    def test_overlapping(self) -> None:
        """What was sent twice counts once."""
        self.note([landed(0)], [landed(200)])
        self.note([landed(100, 150)], [landed(250)])
        self.assertEqual(self.length(), 350)

    def test_another_key(self) -> None:
        """Bytes under another key never carry on; those of one key do."""
        self.note([landed(0)], [landed(0, 100, b"n" * 32)], [landed(100, 100, b"n" * 32)])
        prior = self.prior()
        self.assertEqual((prior.key, prior.length), (b"n" * 32, 200))
        self.note([landed(200, 100, b"x" * 32)])
        prior = self.prior()
        keys = {b"n" * 32: 200, b"x" * 32: 0}
        self.assertEqual(prior.length, keys[prior.key])

    def test_two_at_once(self) -> None:
        """A list whose program still runs is not taken, and neither disturbs the other."""
        running = self.unfinished()
        running.note([landed(0)])
        self.assertIsNone(self.prior())
        second = self.unfinished()
        second.note([landed(0, 50, b"2" * 32, OTHER)])
        second.clear()
        running.close()
        self.assertEqual(self.length(), 100)

    def test_taken_once(self) -> None:
        """An abandoned list is taken by one program alone."""
        self.note([landed(0)])
        first, second = self.unfinished(), self.unfinished()
        self.assertIsNotNone(first.prior(ONE))
        self.assertIsNone(second.prior(ONE))
        first.close()
        second.close()
        self.assertEqual(self.length(), 100)

    def test_too_old(self) -> None:
        """What the server may have collected by now is not believed."""
        self.note([landed(0)])
        self.clock.now += (KEPT - 10) * 1_000_000
        self.note([landed(100)])
        self.assertEqual(self.length(), 200)
        self.clock.now += 11 * 1_000_000
        self.assertEqual(self.length(), 0)

    def test_distrusted(self) -> None:
        """What is distrusted is forgotten, for this program."""
        self.note([landed(0), landed(0, 10, KEY, OTHER)])
        unfinished = self.unfinished()
        unfinished.distrust(ONE)
        unfinished.distrust(ONE)
        self.assertIsNone(unfinished.prior(ONE))
        self.assertIsNotNone(unfinished.prior(OTHER))
        unfinished.close()

    def test_cleared(self) -> None:
        """After a commit nothing is left on disk, of this program or of those before it."""
        self.note([landed(0)])
        unfinished = self.unfinished()
        unfinished.note([landed(100)])
        self.assertEqual(len(self.list_files()), 2)
        unfinished.clear()
        self.assertEqual(self.list_files(), [])
        self.assertIsNone(unfinished.prior(ONE))
        unfinished.note([landed(0)])
        unfinished.close()
        self.assertEqual(self.length(), 100)

    def test_private(self) -> None:
        """Nobody else may read a list, and nothing in it can be read without the key."""
        self.note([landed(0)])
        (path,) = self.list_files()
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.lists.stat().st_mode & 0o777, 0o700)
        self.assertNotIn(KEY, path.read_bytes())
        other = new_keyring(counting(b"another drive"))
        stranger = Unfinished(self.lists, other, counting(b"s"), self.clock)
        self.assertIsNone(stranger.prior(ONE))
        stranger.close()

    def test_cannot_be_written(self) -> None:
        """A list that can't be written stops nothing."""
        self.lists.write_bytes(b"no folder")
        unfinished = Unfinished(self.lists / "below", KEYRING, counting(b"x"), self.clock)
        unfinished.note([landed(0)])
        unfinished.close()
        self.assertEqual(self.lists.read_bytes(), b"no folder")

    def test_unreadable(self) -> None:
        """A list that can't be opened counts for nothing, and stays where it is."""
        self.note([landed(0)])
        with patch.object(Path, "open", side_effect=PermissionError(13, "Permission denied")):
            self.assertIsNone(self.prior())
        self.assertEqual(self.length(), 100)


class DamageTests(FilesTestCase):
    """Lists that a crash, a disk or somebody has changed."""

    def setUp(self) -> None:
        super().setUp()
        unfinished = self.unfinished()
        self.ends: list[int] = []
        for start in (0, 100, 200):
            unfinished.note([landed(start)])
            (self.path,) = self.lists.iterdir()
            self.ends.append(self.path.stat().st_size)
        unfinished.close()
        self.whole = self.path.read_bytes()

    def left(self, content: bytes) -> int:
        self.path.write_bytes(content)
        following = self.unfinished()
        prior = following.prior(ONE)
        following.close()
        return prior.length if prior else 0

    def before(self, place: int) -> int:
        """Tell how much the entries say that end at or before a byte."""
        return 100 * sum(end <= place for end in self.ends)

    def test_cut(self) -> None:
        """Cut at any byte, the entries before it count."""
        for cut in cuts(self.whole):
            self.assertEqual(self.left(cut), self.before(len(cut)), len(cut))

    @settings(max_examples=200)
    @given(st.integers(0, 2**20))
    def test_flipped(self, bit: int) -> None:
        """Changed anywhere, what lies before the change counts, and nothing that was changed."""
        place = bit % (8 * len(self.whole))
        if 0 <= place // 8 - self.ends[1] < 4:
            return  # the last length: it only tells what there is anyway
        self.assertEqual(self.left(flip(self.whole, place)), self.before(place // 8))

    def test_strange_lengths(self) -> None:
        """Lengths that promise more than there is, or nothing, end the list."""
        for head in (b"\xff\xff\xff\xff", bytes(4), b"\x00\x00\x00\x01"):
            self.assertEqual(self.left(head + self.whole), 0)
            self.assertEqual(self.left(self.whole + head), 300)

    def test_strange_files(self) -> None:
        """Whatever else lies in the folder stops nobody."""
        (self.lists / "folder").mkdir()
        (self.lists / "empty").touch()
        self.assertEqual(self.left(self.whole), 300)
