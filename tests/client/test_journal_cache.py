"""The journal over a cache that is cut, damaged, stale or shared: less is known, nothing wrong."""

from pathlib import Path

from anoncloud.client import journal as journals
from anoncloud.client.cache import Cache
from anoncloud.client.journal import Journal
from anoncloud.client.tree import changes
from anoncloud.ids import ROOT
from tests.support.client_journal import JournalTestCase, Writer
from tests.support.client_model import held
from tests.support.client_samples import FIRST_KEYRING
from tests.support.damage import cuts, flip
from tests.support.entropy import counting


class CacheTestCase(JournalTestCase):
    """Nine records; a checkpoint after the fifth, the rest behind it."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(journals, "CHECKPOINT_TAIL", 0)
        self.writer = Writer().folders(5)
        self.read(*self.writer.made).close()
        self.writer.folders(4)
        self.whole = self.read(*self.writer.made[5:])
        self.files = {
            path.name: path.read_bytes() for path in self.folder.iterdir() if path.name != "lock"
        }
        self.assertEqual(set(self.files), {"head", "checkpoint", "records"})

    def lay(self, **changed: bytes | None) -> Path:
        """Lay the cache's files into a new folder, some of them *changed* or missing."""
        folder = Path(self.mktemp())
        folder.mkdir()
        for name, content in {**self.files, **changed}.items():
            if content is not None:
                (folder / name).write_bytes(content)
        return folder

    def check(self, folder: Path, *known: int) -> Journal:
        """See that so much of the history is known, and that the rest can be read behind it."""
        journal = self.journal(folder)
        self.assertIn(journal.head.number, known)
        expected = Writer(self.writer.made[: journal.head.number])
        self.assertEqual(journal.head, expected.head)
        self.assertEqual(len(journal.tree.nodes) - 1, journal.head.number)
        self.assertEqual(journal.remembered, self.writer.head)
        journal.absorb(self.writer.made[journal.head.number :])
        self.assertEqual(held(journal.tree), held(self.whole.tree))
        self.assertEqual(journal.newest, self.whole.newest)
        journal.check_reached(journal.head.number)
        return journal


class DamageTests(CacheTestCase):
    """Files that are not as they were written."""

    def test_whole(self) -> None:
        """The cache as it is gives all."""
        self.check(self.lay(), 9)

    def test_records_cut_anywhere(self) -> None:
        """Of records that were cut, those that are whole are known."""
        for cut in list(cuts(self.files["records"]))[::11]:
            self.check(self.lay(records=cut), 5, 6, 7, 8)

    def test_records_after_a_cut(self) -> None:
        """What is written behind a cut record does no harm to the next start."""
        for length in (3, 4, 100, 700, 1500):
            folder = self.lay(records=self.files["records"][:length])
            self.check(folder, 5, 6, 7)
            self.check(folder, 0, 5, 6, 7, 8, 9)
            self.check(folder, 9)

    def test_records_flipped_anywhere(self) -> None:
        """Records that are damaged are thrown away, or end the reading."""
        for at in range(0, len(self.files["records"]), 7):
            self.check(self.lay(records=flip(self.files["records"], at * 8 + 3)), *range(9))

    def test_checkpoint_damaged_anywhere(self) -> None:
        """A checkpoint with one changed bit is thrown away with all that follows it."""
        sealed = self.files["checkpoint"]
        for at in range(len(sealed)):
            folder = self.lay(checkpoint=flip(sealed, at * 8 + at % 8))
            self.assertEqual(self.journal(folder).head.number, 0)
            self.assertFalse((folder / "checkpoint").exists() or (folder / "records").exists())
            self.assertTrue((folder / "head").exists())
        self.check(self.lay(checkpoint=flip(sealed, 99)), 0)

    def test_checkpoint_cut_anywhere(self) -> None:
        """So is one that is cut."""
        for cut in list(cuts(self.files["checkpoint"]))[::13]:
            self.check(self.lay(checkpoint=cut), 0)

    def test_missing(self) -> None:
        """Without records the checkpoint stands; without it, records that follow nothing do not."""
        self.check(self.lay(records=None), 5)
        self.check(self.lay(checkpoint=None), 0)
        self.check(self.lay(checkpoint=None, records=None), 0)

    def test_of_another_history(self) -> None:
        """A cache whose records are not the ones that were seen is thrown away."""
        fork = self.writer.fork(8)
        other = self.folder / "other"
        Journal(FIRST_KEYRING, Cache(other), counting()).absorb(fork.made)
        forked = (other / "records").read_bytes()
        self.check(self.lay(checkpoint=None, records=forked), 0)


class CheckpointTests(CacheTestCase):
    """When a checkpoint is made, and that it is as good as the records."""

    def test_close(self) -> None:
        """After a checkpoint there are no records, and the same is known."""
        self.whole.close()
        self.assertFalse((self.folder / "records").exists())
        journal = self.check(self.folder, 9)
        self.assertEqual(held(journal.tree), held(self.whole.tree))

    def test_newest_is_kept(self) -> None:
        """When the newest record was made is known from a checkpoint alone."""
        self.whole.close()
        self.assertEqual(self.journal().newest, self.whole.newest)

    def test_only_when_worth_it(self) -> None:
        """A checkpoint is made when the tail is long, and not again before it has grown."""
        self.patch(journals, "CHECKPOINT_TAIL", 10**6)
        self.journal().close()
        self.assertEqual((self.folder / "checkpoint").read_bytes(), self.files["checkpoint"])
        self.patch(journals, "CHECKPOINT_TAIL", 100)
        journal = self.journal()
        journal.close()
        made = (self.folder / "checkpoint").read_bytes()
        self.assertNotEqual(made, self.files["checkpoint"])
        journal.close()
        self.assertEqual((self.folder / "checkpoint").read_bytes(), made)

    def test_crash_between_checkpoint_and_records(self) -> None:
        """Records from before the checkpoint are passed over."""
        self.whole.close()
        newer = (self.folder / "checkpoint").read_bytes()
        self.check(self.lay(checkpoint=newer), 9)

    def test_two_programs(self) -> None:
        """Two programs that share a cache write the same records twice, and one reads on."""
        one, other = self.journal(), self.journal()
        self.writer.folders(2)
        one.absorb(self.writer.made[9:])
        other.absorb(self.writer.made[9:10])
        third = self.writer.write(changes.MakeFolder(50, ROOT, b"last", 0, 0))
        other.absorb([self.writer.made[10], third])
        one.absorb([third])
        later = self.journal()
        self.assertEqual((later.head, later.remembered), (self.writer.head, self.writer.head))
        self.assertEqual(held(later.tree), held(one.tree))

    def test_checkpoint_by_another_program(self) -> None:
        """A checkpoint that another program has made leaves a gap, which is read again."""
        one, other = self.journal(), self.journal()
        self.writer.folders(2)
        other.absorb(self.writer.made[9:10])
        other.close()
        one.absorb(self.writer.made[9:10])
        one.absorb(self.writer.made[10:])
        self.whole = one
        self.check(self.folder, 10, 11)
