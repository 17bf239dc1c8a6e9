"""What of a file is new: the runs are the file, the old ones are proven, the search has an end."""

from collections.abc import Callable, Iterator
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers import matching
from anoncloud.client.transfers.matching import LOOK_AHEAD, Matcher, Run
from anoncloud.limits import MIB, SEGMENT
from tests.support.client_files import PRINTS, noise, olds_of

BLOCK = SEGMENT // 2
blocks = st.lists(st.integers(0, 6), max_size=12)
"""Numbers of blocks; number 0 is all zeros, and the others come again and again."""
lengths = st.one_of(st.integers(0, 3 * SEGMENT), st.sampled_from((0, 1, BLOCK, SEGMENT)))
edits = st.lists(
    st.tuples(
        st.sampled_from(("replace", "insert", "delete", "append", "move", "truncate", "zero")),
        st.integers(0, 2**20),
        lengths,
        st.integers(0, 2**20),
    ),
    max_size=4,
)


def laid_out(numbers: list[int], tail: int) -> bytes:
    """Give a content made of blocks, with a tail that fits nothing."""
    made = [noise(BLOCK, number) if number else bytes(BLOCK) for number in numbers]
    return b"".join(made) + noise(tail, "tail")


def edited(content: bytes, edit: tuple[str, int, int, int]) -> bytes:
    """Give *content* changed in one way."""
    kind, place, length, other = edit
    at = place % (len(content) + 1)
    to = other % (len(content) + 1)
    cut = content[at : at + length]
    rest = content[:at] + content[at + length :]
    return {
        "replace": content[:at] + noise(len(cut), other) + content[at + length :],
        "insert": content[:at] + noise(length, other) + content[at:],
        "delete": rest,
        "append": content + noise(length, other),
        "move": rest[:to] + cut + rest[to:],
        "truncate": content[:at],
        "zero": content[:at] + bytes(len(cut)) + content[at + length :],
    }[kind]


def reader(content: bytes) -> Callable[[int, int], bytes]:
    """Read from memory."""
    return lambda offset, length: content[offset : offset + length]


def runs(old: bytes, new: bytes) -> list[Run]:
    """Match *new* against *old*."""
    return list(Matcher(reader(new), len(new), olds_of(old), PRINTS).runs())


def length_of_new(old: bytes, new: bytes) -> int:
    """Tell how many bytes of *new* would be sent."""
    return sum(run.length for run in runs(old, new) if run.old is None)


class Counted(bytes):
    """Bytes that count how far they are searched."""

    searched = 0

    def find(self, wanted: bytes, start: int = 0) -> int:
        at = super().find(wanted, start)
        Counted.searched += (len(self) if at < 0 else at) - start
        return at


class RunsTests(SynchronousTestCase):
    """Old contents, edits, and what is made of them."""

    def check(self, old: bytes, new: bytes) -> None:
        position = 0
        for run in runs(old, new):
            self.assertEqual(run.offset, position)
            self.assertTrue(0 < run.length <= LOOK_AHEAD)
            if run.old is not None:
                self.assertEqual(run.length, run.old.length)
                same = old[run.old.offset : run.old.offset + run.length]
                self.assertEqual(new[position : position + run.length], same)
            position += run.length
        self.assertEqual(position, len(new))

    @settings(max_examples=60)
    @given(blocks, st.integers(0, SEGMENT), edits)
    def test_any_edits(self, numbers: list[int], tail: int, changes: list) -> None:
        """The runs laid end to end are the new file, and the old ones hold what they say."""
        old = new = laid_out(numbers, tail)
        for change in changes:
            new = edited(new, change)
        self.check(old, new)

    @settings(max_examples=30)
    @given(blocks, blocks)
    def test_nothing_in_common_but_blocks(self, old: list[int], new: list[int]) -> None:
        """Contents that share no history match all the same, where they are equal."""
        self.check(laid_out(old, 0), laid_out(new, 7))

    def test_unchanged(self) -> None:
        """Of an unchanged file nothing is new, whatever its length."""
        for length in (1, SEGMENT, 20 * SEGMENT, 20 * SEGMENT + 1):
            content = noise(length)
            self.assertEqual(length_of_new(content, content), 0)

    def test_all_zeros(self) -> None:
        """A file of zeros is found at its own places, however much longer it is now."""
        self.assertEqual(length_of_new(bytes(8 * SEGMENT), bytes(40 * SEGMENT)), 0)
        self.check(bytes(8 * SEGMENT + 5), b"x" + bytes(40 * SEGMENT))

    def test_empty(self) -> None:
        """An empty file has no runs."""
        self.assertEqual(runs(noise(SEGMENT), b""), [])
        self.assertEqual([run.old for run in runs(b"", b"new")], [None])


class FoundTests(SynchronousTestCase):
    """How much is found after one change."""

    def setUp(self) -> None:
        self.old = noise(2 * MIB)

    def test_insertion(self) -> None:
        """After an insertion up to LOOK_AHEAD long only it and the segment it hit are new."""
        for at in (0, 1, SEGMENT, 5 * SEGMENT, 5 * SEGMENT + 17, 2 * MIB - 1):
            for length in (1, 1000, SEGMENT, LOOK_AHEAD - SEGMENT):
                new = self.old[:at] + noise(length, "in") + self.old[at:]
                self.assertLessEqual(length_of_new(self.old, new), length + SEGMENT, (at, length))

    def test_deletion(self) -> None:
        """After a deletion at most two segments are new: those it has cut into."""
        for at in (0, 1, SEGMENT, 5 * SEGMENT + 17):
            for length in (1, 1000, SEGMENT, 3 * SEGMENT + 5):
                new = self.old[:at] + self.old[at + length :]
                self.assertLessEqual(length_of_new(self.old, new), 2 * SEGMENT, (at, length))

    def test_overwriting(self) -> None:
        """Only the segments that were written to are new."""
        at = 7 * SEGMENT + 100
        new = self.old[:at] + b"new" + self.old[at + 3 :]
        (run,) = (run for run in runs(self.old, new) if run.old is None)
        self.assertEqual((run.offset, run.length), (7 * SEGMENT, SEGMENT))

    def test_moved(self) -> None:
        """Whole segments that changed places are found where they are now."""
        new = self.old[MIB:] + self.old[:MIB]
        self.assertEqual(length_of_new(self.old, new), 0)


class BudgetTests(SynchronousTestCase):
    """The search has an end."""

    def searched(self, old: bytes, new: bytes) -> int:
        """Tell how many bytes are searched to match *new*."""
        Counted.searched = 0
        matcher = Matcher(
            lambda offset, length: Counted(new[offset : offset + length]),
            len(new),
            olds_of(old),
            PRINTS,
        )
        self.assertEqual(sum(run.length for run in matcher.runs()), len(new))
        return Counted.searched

    def test_bounded(self) -> None:
        """A file with nothing in common is not searched further than budget and length allow."""
        old, new = noise(3 * MIB, "old"), noise(8 * MIB, "new")
        budget = 24 * MIB
        with patch.object(matching, "BUDGET", budget):
            searched = self.searched(old, new)
        self.assertTrue(MIB < searched <= budget + len(new), searched)

    def test_false_anchors(self) -> None:
        """Anchors that stand everywhere are tried a few times, and not everywhere."""
        anchor = noise(16, "anchor")
        old = b"".join(anchor + noise(SEGMENT - 16, number) for number in range(30))
        new = anchor * (2 * MIB // 16)
        budget = 8 * MIB
        with patch.object(matching, "BUDGET", budget):
            self.assertLessEqual(self.searched(old, new), budget + len(new))


class ShrinkingTests(SynchronousTestCase):
    """A file that has become shorter since its size was told."""

    def test_ends(self) -> None:
        """The runs end where the file does, wherever that is."""
        old = noise(6 * SEGMENT)
        for left in (0, 1, SEGMENT, 2 * SEGMENT + 5):
            found: Iterator[Run] = Matcher(
                reader(noise(6 * SEGMENT, "new")[:left]), 6 * SEGMENT, olds_of(old), PRINTS
            ).runs()
            self.assertEqual(sum(run.length for run in found), left)
