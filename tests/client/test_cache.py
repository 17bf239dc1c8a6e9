"""The cache: whatever is cut or missing, a beginning of it is read, and the head stays."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.cache import Cache, Head, write_whole
from anoncloud.errors import LocalFileError
from anoncloud.limits import MAX_RECORD
from tests.support.damage import cuts

RECORDS = [b"first", b"second record", b"x" * 300]


class CacheTestCase(SynchronousTestCase):
    """An empty folder."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "cache"
        self.cache = Cache(self.folder)

    def files(self) -> set[str]:
        """Give the names of all files, but the lock's."""
        return {path.name for path in self.folder.iterdir()} - {"lock"}


class HeadTests(CacheTestCase):
    """The remembered head."""

    def test_remember(self) -> None:
        """The newest head is remembered, also by another process that knew an older one."""
        self.assertIsNone(self.cache.head())
        self.cache.remember(Head(5, b"h" * 32))
        Cache(self.folder).remember(Head(4, b"o" * 32))
        self.assertEqual(Cache(self.folder).head(), Head(5, b"h" * 32))
        self.cache.remember(Head(6, b"n" * 32))
        self.assertEqual(self.cache.head(), Head(6, b"n" * 32))
        self.assertEqual(self.files(), {"head"})

    def test_outlives_the_rest(self) -> None:
        """Forgetting the records, and keeping a checkpoint, leave the head."""
        self.cache.remember(Head(5, b"h" * 32))
        self.cache.append(RECORDS)
        self.cache.keep_checkpoint(b"sealed")
        self.cache.forget_records()
        self.assertEqual(self.files(), {"head"})

    def test_damaged(self) -> None:
        """A damaged head is never taken for none: a server could go back then."""
        whole = msgpack.encode((5, b"h" * 32))
        for damaged in (*cuts(whole), whole + b"\x00", msgpack.encode((-1, b"h" * 32)), b"\xc0"):
            (self.folder / "head").write_bytes(damaged)
            error = self.assertRaises(LocalFileError, self.cache.head)
            self.assertIn(str(self.folder), str(error))
            self.assertRaises(LocalFileError, self.cache.remember, Head(6, b"h" * 32))


class RecordTests(CacheTestCase):
    """Records in order."""

    def test_append(self) -> None:
        """Records come back as they were added."""
        self.assertEqual(list(self.cache.records()), [])
        self.cache.append(RECORDS[:1])
        self.cache.append(RECORDS[1:])
        self.assertEqual(list(self.cache.records()), RECORDS)

    def test_cut_anywhere(self) -> None:
        """After a crash in the middle of writing, the whole records before it are read."""
        self.cache.append(RECORDS)
        path = self.folder / "records"
        whole = path.read_bytes()
        for cut in cuts(whole):
            path.write_bytes(cut)
            read = list(self.cache.records())
            self.assertEqual(read, RECORDS[: len(read)])
            self.assertLessEqual(sum(len(record) + 4 for record in read), len(cut))

    @given(st.binary(max_size=60))
    def test_garbage(self, garbage: bytes) -> None:
        """Bytes that are no records end the reading; none is longer than a record may be."""
        (self.folder / "records").write_bytes(garbage)
        for record in self.cache.records():
            self.assertIn(record, garbage)
        (self.folder / "records").write_bytes((MAX_RECORD + 1).to_bytes(4, "big") + garbage)
        self.assertEqual(list(self.cache.records()), [])

    def test_checkpoint(self) -> None:
        """A checkpoint stands for the records before it, and is replaced whole."""
        self.assertIsNone(self.cache.checkpoint())
        self.cache.append(RECORDS)
        self.cache.keep_checkpoint(b"first")
        self.assertEqual((self.cache.checkpoint(), list(self.cache.records())), (b"first", []))
        self.cache.append(RECORDS[:1])
        self.cache.keep_checkpoint(b"second")
        self.assertEqual((self.cache.checkpoint(), self.files()), (b"second", {"checkpoint"}))


class FaultTests(CacheTestCase):
    """A disk that says no."""

    def check(self, *steps: object) -> None:
        """See that each step ends in words about this folder."""
        for step in steps:
            error = self.assertRaises(LocalFileError, step)
            self.assertIn(str(self.folder), str(error))

    def test_unreadable(self) -> None:
        """What can't be read is told, and not taken for missing."""
        for name in ("head", "checkpoint", "records"):
            (self.folder / name).mkdir()
        self.check(self.cache.head, self.cache.checkpoint, lambda: list(self.cache.records()))

    def test_unwritable(self) -> None:
        """So is what can't be written; nothing half is left behind."""
        for name in ("head", "checkpoint", "records"):
            (self.folder / name / "full").mkdir(parents=True)
        self.check(
            lambda: write_whole(self.folder / "checkpoint", b"x"),
            lambda: self.cache.keep_checkpoint(b"sealed"),
            lambda: self.cache.append(RECORDS),
            self.cache.forget_records,
        )
        self.assertEqual(self.files(), {"head", "checkpoint", "records"})

    def test_no_folder(self) -> None:
        """A folder that can't be made is told."""
        (self.folder / "file").write_bytes(b"")
        self.assertRaises(LocalFileError, Cache, self.folder / "file" / "below")

    def test_write_whole(self) -> None:
        """A file is replaced in one go, readable by its owner alone."""
        path = self.folder / "file"
        for durable in (False, True):
            write_whole(path, b"new", durable=durable)
            self.assertEqual((path.read_bytes(), path.stat().st_mode & 0o777), (b"new", 0o600))
        self.assertEqual(self.files(), {"file"})


class ShownTests(CacheTestCase):
    """Another history, taken over from the folder beside."""

    def setUp(self) -> None:
        super().setUp()
        self.old, self.new = Head(5, b"o" * 32), Head(3, b"n" * 32)
        self.cache.remember(self.old)
        self.cache.keep_checkpoint(b"sealed")
        self.cache.append(RECORDS)
        self.cache.shown.remember(self.new)
        self.cache.shown.append(RECORDS[:1])

    def take(self) -> Path:
        """Take it over; give where the old one lies."""
        return self.cache.take_shown()

    def test_taken(self) -> None:
        """Head and records are the other's, also if its head is older; the rest lies aside."""
        (self.folder / "undone").write_bytes(b"undone")
        (self.folder / "transfers").write_bytes(b"kept")
        aside = self.take()
        self.assertEqual(self.cache.head(), self.new)
        self.assertEqual(list(self.cache.records()), RECORDS[:1])
        self.assertIsNone(self.cache.checkpoint())
        self.assertEqual(self.files(), {"head", "records", "transfers", "shown", aside.name})
        kept = Cache(aside)
        self.assertEqual((kept.head(), list(kept.records())), (self.old, RECORDS))
        self.assertEqual(kept.checkpoint(), b"sealed")
        self.assertEqual((aside / "undone").read_bytes(), b"undone")

    def test_again(self) -> None:
        """Nothing that was put aside before is written over."""
        first = self.take()
        self.cache.shown.remember(self.old)
        self.cache.shown.append(RECORDS[1:])
        second = self.take()
        self.assertNotEqual(first, second)
        self.assertEqual((Cache(first).head(), Cache(second).head()), (self.old, self.new))

    def test_crash(self) -> None:
        """Cut short before its end, what was seen is still what it was; then it can be done."""
        (self.folder / "shown" / "head").unlink()
        self.assertRaises(LocalFileError, self.take)
        self.assertEqual(self.cache.head(), self.old)

    def test_begun_anew(self) -> None:
        """The folder beside is emptied; nothing else is."""
        self.cache.shown.begin_anew()
        self.assertIsNone(self.cache.shown.head())
        self.assertEqual(list(self.cache.shown.records()), [])
        self.assertEqual(self.cache.head(), self.old)
        self.assertEqual(list(self.cache.records()), RECORDS)
