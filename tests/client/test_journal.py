"""The journal: what follows is folded, what does not is named, what was seen stays known."""

from pathlib import Path

from msgspec import msgpack

from anoncloud.client.cache import Head
from anoncloud.client.tree import changes
from anoncloud.client.tree.nodes import find
from anoncloud.errors import Forked, LocalFileError, NotFound, RolledBack, Tampered
from anoncloud.ids import ROOT
from tests.support.client_journal import NOW, JournalTestCase, Writer
from tests.support.client_model import held
from tests.support.client_samples import CHANGES
from tests.support.damage import flip


class FoldTests(JournalTestCase):
    """An honest server."""

    def test_fold(self) -> None:
        """Records are folded in order, however they are paged."""
        writer = Writer()
        for change in CHANGES:
            writer.write(*change.operations, time=change.time)
        whole = self.read(*writer.made)
        paged = self.journal(self.folder / "other")
        for record in writer.made:
            paged.absorb([record])
        for journal in (whole, paged):
            self.assertEqual((journal.head, journal.remembered), (writer.head, writer.head))
            self.assertEqual(journal.newest, CHANGES[-1].time)
            journal.check_reached(5)
        self.assertEqual(held(whole.tree), held(paged.tree))

    def test_starts_where_it_was(self) -> None:
        """A program that starts knows the drive without a server."""
        writer = Writer().folders(5)
        before = self.read(*writer.made)
        after = self.journal()
        self.assertEqual(held(after.tree), held(before.tree))
        self.assertEqual((after.head, after.newest), (writer.head, NOW + 4))

    def test_adopt(self) -> None:
        """A record that was made here is folded as if it had come."""
        writer = Writer().folders(2)
        journal = self.read(*writer.made)
        operations = (
            changes.Trash(1),
            changes.Purge(1),
            changes.EnrolDevice(b"k" * 32, b"a" * 32, b"me"),
        )
        draft = self.draft(journal, *operations)
        record = writer.write(*operations, time=draft.time)
        journal.adopt(record, draft)
        self.assertEqual((journal.head, journal.remembered), (writer.head, writer.head))
        self.assertEqual(journal.newest, draft.time)
        self.assertEqual(held(self.journal().tree), held(journal.tree))

    def test_newest_does_not_go_back(self) -> None:
        """The newest time is the latest that any maker's clock showed."""
        writer = Writer()
        writer.write(time=NOW + 9)
        writer.write(time=NOW + 2)
        self.assertEqual(self.read(*writer.made).newest, NOW + 9)

    def test_nothing(self) -> None:
        """A new journal has no records, and follows the drive's genesis."""
        journal = self.journal()
        self.assertEqual((journal.head, journal.remembered), (Writer().head, Writer().head))
        self.assertEqual(journal.newest, 0)


class EvilTests(JournalTestCase):
    """A server that does not show what it should."""

    def setUp(self) -> None:
        super().setUp()
        self.writer = Writer().folders(6)
        self.made = self.writer.made

    def refused(self, kind: type[Exception], *received: bytes, kept: int = 3) -> None:
        """See that the journal, which knows three records, takes *kept* and no more."""
        self.folder = Path(self.mktemp())
        journal = self.read(*self.made[:3])
        self.assertRaises(kind, journal.absorb, received)
        for each in (journal, self.journal()):
            self.assertEqual(each.head.number, kept)
            self.assertEqual(len(each.tree.nodes) - 1, kept)

    def test_gap(self) -> None:
        """A record that is left out is noticed; those before it are kept."""
        self.refused(Forked, self.made[4])
        self.refused(Forked, self.made[3], self.made[5], kept=4)

    def test_swapped_and_repeated(self) -> None:
        """So are records in another order, and one that comes twice."""
        self.refused(Forked, self.made[4], self.made[3])
        self.refused(Forked, self.made[3], self.made[3], kept=4)
        self.refused(Forked, self.made[0])

    def test_forked(self) -> None:
        """A record of another history is not taken."""
        fork = self.writer.fork(2)
        fork.folders(3)
        self.refused(Forked, fork.made[3])

    def test_another_drive(self) -> None:
        """Nor one of another drive."""
        other = Writer(self.made[:3])
        self.refused(Forked, other.write(drive=b"e" * 16))

    def test_tampered(self) -> None:
        """A changed body is refused wherever it is changed; so is what is no record."""
        good = self.made[3]
        body = int.from_bytes(good[:4], "big") + 4
        for at in range(body, len(good), 37):
            self.refused(Tampered, flip(good, at * 8))
        for garbage in (b"", b"garbage", good[:3], good[:body]):
            self.refused(Tampered, garbage)

    def test_header_changed(self) -> None:
        """A changed header is a fork, or does not open."""
        good = self.made[3]
        for at in range(int.from_bytes(good[:4], "big") + 4):
            self.refused((Forked, Tampered), flip(good, at * 8 + 1))  # type: ignore[arg-type]

    def test_record_that_breaks_the_rules(self) -> None:
        """Nothing of such a record is taken, also not what stands before the broken operation."""
        other = Writer(self.made[:3])
        for broken in (
            changes.Trash(77),
            changes.MakeFolder(50, ROOT, b"folder 2", 0, 0),
            changes.RevokeDevice(b"k" * 32),
            changes.MakeFolder(50, ROOT, b"..", 0, 0),
        ):
            writer = Writer(self.made[:3])
            record = writer.write(changes.Trash(1), changes.Purge(1), broken)
            self.refused(Tampered, record)
        good = other.write(changes.Trash(1))
        self.assertEqual(self.read(good).head.number, 4)

    def test_good_ones_before_a_broken_one_stay(self) -> None:
        """What was taken before a broken record in the same page is not lost."""
        writer = Writer(self.made[:4])
        broken = writer.write(changes.Trash(1), changes.Trash(1))
        self.refused(Tampered, self.made[3], broken, kept=4)


class HeadTests(JournalTestCase):
    """Heads that were seen, and heads that a server names."""

    def setUp(self) -> None:
        super().setUp()
        self.writer = Writer().folders(5)

    def test_rolled_back(self) -> None:
        """A server that names fewer records than were seen is named so, also later."""
        self.read(*self.writer.made)
        for _ in range(2):
            journal = self.journal()
            for number in range(5):
                head = Writer(self.writer.made[:number]).head
                self.assertRaises(RolledBack, journal.check_head, head.number, head.hash)
            journal.check_head(5, self.writer.head.hash)

    def test_forked(self) -> None:
        """A server that names another record at the number that was seen is named so."""
        journal = self.read(*self.writer.made)
        self.assertRaises(Forked, journal.check_head, 5, self.writer.fork(4).head.hash)
        journal.check_head(6, b"x" * 32)

    def test_named_head_binds(self) -> None:
        """What a server names at login it must show."""
        journal = self.journal()
        journal.check_head(3, b"x" * 32)
        self.assertRaises(Forked, journal.absorb, self.writer.made)
        self.assertEqual(journal.head.number, 2)

    def test_named_head_must_be_reached(self) -> None:
        """A server that names more than it shows holds something back."""
        journal = self.journal()
        journal.check_head(5, self.writer.head.hash)
        journal.absorb(self.writer.made[:4])
        for shown in (4, 5):
            self.assertRaises(RolledBack, journal.check_reached, shown)
        journal.absorb(self.writer.made[4:])
        self.assertRaises(RolledBack, journal.check_reached, 4)
        journal.check_reached(5)

    def test_two_names_for_one_record(self) -> None:
        """A server that names one head now and another then is forked."""
        journal = self.journal()
        journal.check_head(3, b"x" * 32)
        self.assertRaises(Forked, journal.check_head, 3, b"y" * 32)
        journal.check_head(2, b"z" * 32)

    def test_adopting_against_the_named_head(self) -> None:
        """A commit that succeeds where the server named another record shows a fork."""
        journal = self.read(*self.writer.made[:3])
        journal.check_head(4, b"x" * 32)
        draft = self.draft(journal, changes.Trash(1))
        record = Writer(self.writer.made[:3]).write(changes.Trash(1), time=draft.time)
        self.assertRaises(Forked, journal.adopt, record, draft)
        self.assertEqual(journal.tree.trash, set())

    def test_seen_head_survives_a_lost_cache(self) -> None:
        """With all records lost, the server must still show the history that was seen."""
        self.read(*self.writer.made)
        for name in ("records", "checkpoint"):
            (self.folder / name).unlink(missing_ok=True)
        journal = self.journal()
        self.assertEqual((journal.head.number, journal.remembered), (0, self.writer.head))
        self.assertRaises(RolledBack, journal.check_reached, 0)
        fork = self.writer.fork(2).folders(4)
        self.assertRaises(Forked, journal.absorb, fork.made)
        self.assertEqual(journal.head.number, 4)

    def test_damaged_head_stops(self) -> None:
        """A damaged head is not passed over; without its file, the cached records stand for it."""
        self.read(*self.writer.made)
        (self.folder / "head").write_bytes(b"\x92\x05")
        self.assertRaises(LocalFileError, self.journal)
        (self.folder / "head").unlink()
        journal = self.journal()
        self.assertEqual(journal.remembered, self.writer.head)
        self.assertRaises(RolledBack, journal.check_head, 4, bytes(32))

    def test_head_written_by_another_program(self) -> None:
        """A head that another program of this user has seen binds this one."""
        journal = self.read(*self.writer.made[:2])
        journal.absorb(self.writer.made[2:])
        (self.folder / "head").write_bytes(msgpack.encode((9, b"x" * 32)))
        later = self.journal()
        self.assertEqual(later.remembered, Head(9, b"x" * 32))
        self.assertRaises(RolledBack, later.check_head, 8, b"y" * 32)
        self.assertRaises(NotFound, find, later.tree, (b"folder 6",))
