"""Many short files down: each with its own bytes, whatever they lie in, and whatever fails."""

import os
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from anoncloud.client.transfers import bulk
from anoncloud.client.transfers.bulk import SHORT, BulkDownload, Wish, groups, is_short
from anoncloud.client.transfers.targets import part_path
from anoncloud.client.tree.versions import Piece, Stream, Version
from anoncloud.errors import AnonymousCloudError, Code, Exists, LocalFileError, Refused, Tampered
from anoncloud.limits import BULK_BLOB, KIB, SEGMENT
from tests.support.client import in_thread
from tests.support.client_files import FilesTestCase, noise
from tests.support.client_keeping import silent
from tests.support.damage import flip

GONE = Refused(Code.NOT_LOGGED_IN, "this device was revoked")
Outcomes = dict[str, AnonymousCloudError | None]


class BulkTestCase(FilesTestCase):
    """Short files in the drive, and a folder that they come into."""

    def setUp(self) -> None:
        super().setUp()
        self.target = Path(self.mktemp())
        self.target.mkdir()
        self.contents: dict[str, bytes] = {}

    def stored(self, *lengths: int) -> None:
        """Store files of these lengths."""
        start = len(self.contents)
        made = {f"f{start + n}": noise(size, (start, n)) for n, size in enumerate(lengths)}
        self.contents |= made
        self.put_up(*(self.write(name, content, 0o640, 9) for name, content in made.items()))

    def wish(self, name: str, *, overwrite: bool = False) -> Wish:
        return Wish(self.version(name), f"{self.target}/{name}", overwrite)

    def bring(self, *wishes: Wish) -> Outcomes:
        """Bring files down, all of them in one group; give what went wrong with each."""
        download = BulkDownload(self.drive, in_thread, silent)
        outcomes = self.run_now(download.group(list(wishes)))
        return {Path(wish.path).name: error for wish, error in outcomes}

    def bring_all(self) -> Outcomes:
        return self.bring(*map(self.wish, self.contents))

    def assert_there(self, *names: str) -> None:
        """See that just these files are there, and right."""
        self.assertEqual({path.name for path in self.target.iterdir()}, set(names))
        for name in names:
            path = self.target / name
            self.assertEqual(path.read_bytes(), self.contents[name], name)
            status = path.stat()
            self.assertEqual((status.st_mtime_ns, status.st_mode & 0o777), (9, 0o640))

    def came(self) -> int:
        """Tell how many bytes have come so far."""
        return sum(reading.length for reading in self.peer.readings)


class GroupTests(BulkTestCase):
    """Which files come together."""

    def version_of(self, size: int) -> Version:
        return Version(1, 0o600, bytes(16), (Stream(bytes(32), size, ()),))

    def test_short(self) -> None:
        """Short is what is one stream and not too long."""
        self.assertTrue(is_short(self.version_of(0)))
        self.assertTrue(is_short(self.version_of(SHORT)))
        self.assertFalse(is_short(self.version_of(SHORT + 1)))
        stream = Stream(bytes(32), 10, ())
        pieced = Version(1, 0o600, bytes(16), (stream,), (Piece(0, 0, 5),))
        self.assertFalse(is_short(pieced))

    @given(st.lists(st.integers(0, SHORT), max_size=30))
    def test_groups(self, sizes: list[int]) -> None:
        """Nothing is lost between groups, and none is too large."""
        wishes = [
            Wish(self.version_of(size), f"{n}", overwrite=False) for n, size in enumerate(sizes)
        ]
        with patch.object(bulk, "GROUP_FILES", 4), patch.object(bulk, "GROUP_BYTES", SHORT):
            found = list(groups(wishes))
        self.assertEqual([wish for group in found for wish in group], wishes)
        for group in found:
            self.assertTrue(1 <= len(group) <= 4)
            self.assertLess(sum(wish.version.size for wish in group[:-1]), SHORT)


class BulkTests(BulkTestCase):
    """Files that come down."""

    @settings(max_examples=20)
    @given(
        st.lists(st.sampled_from((0, 1, 100, SEGMENT, 200 * KIB, SHORT - 1)), max_size=25),
        st.integers(1, 9),
        st.integers(1, 5),
    )
    def test_any_files(self, lengths: list[int], batch: int, step: int) -> None:
        """Files across blobs, neighbours, and some with gaps between them come as they are."""
        self.setUp()
        self.stored(*lengths)
        wanted = list(self.contents)[::step]
        with patch.object(bulk, "WRITE_FILES", batch), patch.object(bulk, "GAP", 1000):
            outcomes = self.bring(*map(self.wish, wanted))
        self.assertEqual(outcomes, dict.fromkeys(wanted))
        self.assert_there(*wanted)

    def test_many_blobs(self) -> None:
        """Files of many uploads, each in a blob of its own, come together."""
        for number in range(12):
            self.stored(1000 + number)
        self.assertEqual(len(self.store.blobs), 12)
        self.bring_all()
        self.assert_there(*self.contents)

    def test_across_blobs(self) -> None:
        """A file that begins in one blob and ends in another is one file."""
        self.stored(*[SHORT - 1] * 5)
        split = [name for name in self.contents if len(self.version(name).streams[0].extents) > 1]
        self.assertTrue(split)
        self.bring(*map(self.wish, split))
        self.assert_there(*split)

    def test_few_requests(self) -> None:
        """Neighbours are read together: a range for each MiB, not for each file."""
        self.stored(*[10 * KIB] * 400)
        before = len(self.peer.readings)
        self.bring_all()
        self.assertLessEqual(len(self.peer.readings) - before, 8)
        self.assert_there(*self.contents)

    def test_gaps(self) -> None:
        """What nobody wants is not read if it is long."""
        self.stored(100, BULK_BLOB // 8, 100)
        before = self.came()
        self.bring(self.wish("f0"), self.wish("f2"))
        self.assertLess(self.came() - before, 1000)
        self.assert_there("f0", "f2")

    def test_same_content(self) -> None:
        """Files of one content, under names that begin alike for long, are two files."""
        names = ["x" * 250 + end for end in "abc"]
        for name in names:
            self.contents[name] = b"same"
        self.put_up(*(self.write(name, b"same", 0o640, 9) for name in names))
        self.assertEqual(self.bring_all(), dict.fromkeys(names))
        self.assert_there(*names)


class FaultTests(BulkTestCase):
    """What goes wrong with one file, and with all of them."""

    def setUp(self) -> None:
        super().setUp()
        self.stored(10, 20_000, 0, 70_000, 5)

    def test_in_the_way(self) -> None:
        """What exists stays, and the others come."""
        (self.target / "f1").write_bytes(b"mine")
        outcomes = self.bring_all()
        self.assertIsInstance(outcomes.pop("f1"), Exists)
        self.assertEqual(set(outcomes.values()), {None})
        self.contents["f1"] = b"mine"
        self.assertEqual((self.target / "f1").read_bytes(), b"mine")
        self.assertEqual(len(list(self.target.iterdir())), 5)

    def test_replaced(self) -> None:
        """What is to be replaced is."""
        (self.target / "f1").write_bytes(b"old")
        self.bring(self.wish("f1", overwrite=True))
        self.assert_there("f1")

    def test_local_fault(self) -> None:
        """A file that can't be written is told by its name, and the others come."""
        write = bulk.write_all

        def write_all(descriptor: int, pieces: list[bytes]) -> None:
            if len(pieces[0]) == 20_000:
                raise OSError(28, "No space left on device")
            write(descriptor, pieces)

        with patch.object(bulk, "write_all", write_all):
            outcomes = self.bring_all()
        error = outcomes.pop("f1")
        self.assertIsInstance(error, LocalFileError)
        self.assertIn("/f1: No space left", error.message)
        self.assertEqual(set(outcomes.values()), {None})
        self.assert_there("f0", "f2", "f3", "f4")

    def test_folder_gone(self) -> None:
        """A folder that is not there is told for each of its files."""
        wish = Wish(self.version("f0"), f"{self.target}/none/f0", overwrite=False)
        outcomes = self.bring(wish, self.wish("f1"))
        self.assertIsInstance(outcomes["f0"], LocalFileError)
        self.assert_there("f1")

    def test_damage(self) -> None:
        """A file that was changed at the server is told, and is not there; the others are."""
        extent = self.version("f3").streams[0].extents[0]
        content = self.store.blobs[extent.blob]
        for place in (0, 15, 16, extent.length - 1):
            self.store.blobs[extent.blob] = flip(content, 8 * (extent.offset + place))
            outcomes = self.bring_all()
            self.assertIsInstance(outcomes.pop("f3"), Tampered)
            self.assertEqual(set(outcomes.values()), {None})
            self.assert_there("f0", "f1", "f2", "f4")
            for path in self.target.iterdir():
                path.unlink()

    def test_too_little(self) -> None:
        """A server that sends less than was asked for is found out, and nothing has its name."""
        self.peer.damage = lambda _, content: content[:-1]
        download = BulkDownload(self.drive, in_thread, silent)
        self.fails(Tampered, download.group([self.wish("f0")]))
        self.assert_there()

    def test_contradiction(self) -> None:
        """A record that contradicts itself is found before anything is read."""
        version = self.version("f0")
        (stream,) = version.streams
        wrong = Version(1, 0, bytes(16), (Stream(stream.key, 5, stream.extents),))
        before = self.came()
        wish = Wish(wrong, f"{self.target}/f0", overwrite=False)
        download = BulkDownload(self.drive, in_thread, silent)
        self.fails(Tampered, download.group([wish]))
        self.assertEqual(self.came(), before)


class LeftTests(BulkTestCase):
    """What a group that was cut short has left."""

    def setUp(self) -> None:
        super().setUp()
        self.stored(*[200 * KIB] * 12)

    def part(self, name: str) -> Path:
        return Path(part_path(f"{self.target}/{name}", self.version(name).digest))

    def cut_short(self) -> None:
        """Bring four of them down, without their names."""
        download = BulkDownload(self.drive, in_thread, silent)
        wishes = [self.wish(name) for name in list(self.contents)[2:6]]
        with patch.object(bulk, "_settle", side_effect=GONE):
            self.fails(Refused, download.group(wishes))
        self.assertEqual([path.suffix for path in self.target.iterdir()], [".part"] * 4)

    def test_carried_on(self) -> None:
        """What was written aside is not read again, and all of it gets its name."""
        self.cut_short()
        before = self.came()
        self.assertEqual(self.bring_all(), dict.fromkeys(self.contents))
        self.assertLess(self.came() - before, 9 * 200 * KIB)
        self.assert_there(*self.contents)

    def test_damaged(self) -> None:
        """A part that is not finished, or not what it should be, is read anew."""
        self.cut_short()
        parts = sorted(self.target.iterdir())
        os.utime(parts[0], ns=(5, 5))
        status = parts[1].stat()
        parts[1].write_bytes(flip(parts[1].read_bytes(), 12345))
        os.utime(parts[1], ns=(9, 9))
        os.truncate(parts[2], 100)
        parts[3].unlink()
        parts[3].mkdir()
        self.assertEqual(status.st_mtime_ns, 9)
        outcomes = self.bring_all()
        (bad,) = [name for name, error in outcomes.items() if error is not None]
        self.assertEqual(self.part(bad), parts[3])
        parts[3].rmdir()
        del self.contents[bad]
        self.assert_there(*self.contents)

    def test_link(self) -> None:
        """A link that lies where a part should is not taken for one, nor written through."""
        for content in (b"outside", self.contents["f0"]):
            outside = self.write("outside", content, 0o640, 9)
            self.part("f0").symlink_to(outside.resolve())
            self.bring(self.wish("f0", overwrite=True))
            self.assert_there("f0")
            self.assertFalse((self.target / "f0").is_symlink())
            self.assertEqual(outside.read_bytes(), content)
