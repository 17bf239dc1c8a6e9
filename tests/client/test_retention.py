"""What is kept, what goes, and that it goes in records of a bounded size."""

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from anoncloud.client import parts, retention
from anoncloud.client.retention import DAY, Retired, Rules, rehearse, retire
from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import File, Kept, pack
from anoncloud.ids import ROOT
from tests.support.client_keeping import KeepingTestCase
from tests.support.client_samples import SHORT

TRASHED = Rules(trash=2**62)
"""All of the trash is over."""


def file_of(stored: list[int]) -> File:
    """Give a file whose versions were stored at these times."""
    return File(1, ROOT, b"f", pack(tuple(Kept(time, SHORT) for time in stored)))


class RulesTests(KeepingTestCase):
    """How many of a file's oldest versions are let go."""

    def test_count(self) -> None:
        """So many of the newest stay, and never less than one."""
        file = file_of([1, 2, 3, 4])
        self.assertEqual([Rules(versions=n).forgotten(file) for n in (1, 3, 4, 9)], [3, 1, 0, 0])
        self.assertEqual(Rules().forgotten(file), 0)
        self.assertEqual(Rules(trash=9).forgotten(file), 0)

    def test_age(self) -> None:
        """A version is kept if it was the newest at any time since then."""
        file = file_of([10, 20, 30])
        found = {since: Rules(since=since).forgotten(file) for since in (5, 20, 21, 30, 31, 99)}
        self.assertEqual(found, {5: 0, 20: 0, 21: 1, 30: 1, 31: 2, 99: 2})

    def test_both(self) -> None:
        """What either keeps stays."""
        file = file_of([10, 20, 30, 40])
        self.assertEqual(Rules(versions=2, since=99).forgotten(file), 2)
        self.assertEqual(Rules(versions=1, since=25).forgotten(file), 1)

    @given(
        st.lists(st.integers(0, 50), min_size=1, max_size=9),
        st.none() | st.integers(1, 9),
        st.none() | st.integers(0, 60),
    )
    def test_against_the_words(
        self, stored: list[int], versions: int | None, since: int | None
    ) -> None:
        """Whatever clocks have said, what must stay does, and the oldest that need not goes."""
        gone = Rules(versions, since).forgotten(file_of(stored))
        last = len(stored) - 1

        def must_stay(number: int) -> bool:
            by_count = versions is not None and number > last - versions
            by_time = since is not None and number < last and stored[number + 1] >= since
            return number == last or by_count or by_time or (versions is None and since is None)

        self.assertFalse(any(must_stay(number) for number in range(gone)))
        self.assertTrue(must_stay(gone))


class RetireTests(KeepingTestCase):
    """A drive with versions and trash."""

    def fill(self) -> None:
        """Make a file of three versions, one of two in a folder, and something in the trash."""
        for content in (b"one", b"two", b"three"):
            self.put(f=content)
        self.run_now(self.drive.make_folder((b"d",)))
        for content in (b"x", b"y"):
            self.put(g=content)
        self.run_now(self.drive.move((b"g",), (b"d",)))
        self.put(gone=b"gone")
        self.run_now(self.drive.trash((b"gone",)))

    def retire(self, rules: Rules, path: tuple[bytes, ...] = ()) -> Retired:
        top = self.drive.stat(path).node
        would = rehearse(self.drive, top, rules, self.clock())
        did = self.run_now(retire(self.drive, top, rules))
        self.assertEqual(did, would)
        self.assert_counted()
        return did

    def test_versions(self) -> None:
        """Older versions go with their blobs; the newest is untouched."""
        self.fill()
        self.assertEqual(self.retire(Rules(versions=1)), Retired(3, 0, 3))
        self.assertEqual(len(self.file("f").versions), 1)
        self.assertEqual(self.read(self.file("f").version), b"three")
        self.assertEqual(len(self.drive.tree.trash), 1)
        self.assertEqual(self.retire(Rules(versions=1)), Retired())

    def test_trash(self) -> None:
        """What has been in the trash too long goes; what came later stays."""
        self.fill()
        moment = self.clock()
        self.put(later=b"later")
        self.run_now(self.drive.trash((b"later",)))
        self.assertEqual(self.retire(Rules(trash=moment)), Retired(0, 1, 1))
        (left,) = self.drive.trashed()
        self.assertEqual(left.name, b"later")
        self.assertEqual(len(self.file("f").versions), 3)

    def test_below_a_path(self) -> None:
        """Only what is, or was, at or below the path goes."""
        self.fill()
        self.put(h=b"h")
        self.run_now(self.drive.move((b"h",), (b"d",)))
        self.run_now(self.drive.trash((b"d", b"h")))
        self.assertEqual(self.retire(Rules(1, None, 2**62), (b"d",)), Retired(1, 1, 2))
        self.assertEqual(len(self.file("f").versions), 3)
        self.assertEqual([node.name for node in self.drive.trashed()], [b"gone"])

    def test_restored_meanwhile(self) -> None:
        """What another device takes out of the trash at the last moment stays."""
        self.fill()
        other, _ = self.open(b"other")
        (gone,) = self.drive.trashed()

        async def restore() -> None:
            await other.restore(gone.node)

        self.peer.before_commit.append(restore)
        done = self.run_now(retire(self.drive, ROOT, Rules(1, None, 2**62)))
        self.assertEqual(done, Retired(3, 0, 3))
        self.assertEqual(self.read(self.file("gone").version), b"gone")

    def test_bounded_records(self) -> None:
        """What drops many blobs goes in several records, a large folder piece by piece."""
        for number in range(6):
            self.put(f=bytes([number]))
            self.put(**{f"in{number}": bytes([number])})
        self.run_now(self.drive.make_folder((b"d",)))
        for number in range(6):
            self.run_now(self.drive.move((b"in%d" % number,), (b"d",)))
        self.run_now(self.drive.trash((b"d",)))
        records = len(self.store.journal)
        with patch.object(parts, "PART_BLOBS", 2), patch.object(retention, "PART_BLOBS", 2):
            done = self.run_now(retire(self.drive, ROOT, Rules(1, None, 2**62)))
        self.assertEqual((done.versions, done.blobs), (5, 11))
        self.assertGreaterEqual(len(self.store.journal) - records, 5)
        self.assertEqual([node.name for node in self.drive.entries(())], [b"f"])
        self.assertEqual(self.drive.trashed(), [])
        self.assert_counted()

    def test_nested_trash(self) -> None:
        """What was trashed by itself out of a folder that is purged is judged by its own time."""
        self.fill()
        self.run_now(self.drive.trash((b"d", b"g")))
        moment = self.clock()
        self.run_now(self.drive.trash((b"d",)))
        self.retire(Rules(trash=moment))
        self.assertEqual([node.name for node in self.drive.trashed()], [b"d"])
        self.retire(TRASHED)
        self.assertEqual(self.drive.trashed(), [])

    def test_a_day(self) -> None:
        """Days are counted in microseconds."""
        self.assertEqual(DAY, 86_400_000_000)
        self.fill()
        now = self.clock()
        self.assertEqual(self.retire(Rules(since=now - DAY)), Retired())
        self.run_now(self.drive.change(lambda draft: draft.add(changes.Trash(self.file("f").node))))
        self.assertEqual(self.retire(Rules(since=now + DAY)), Retired(1, 0, 1))
