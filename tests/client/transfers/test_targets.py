"""Where plaintext goes: a name appears when all is there, and nobody's file is lost for it."""

import io
import os
from pathlib import Path
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.transfers.targets import (
    PartFile,
    StreamTarget,
    name_part,
    part_path,
    write_all,
)
from anoncloud.errors import Exists, LocalFileError
from anoncloud.limits import MIB
from tests.support.client_files import noise

MARK = b"\xab\xcd\xef\x01" + bytes(12)
long_names = st.binary(min_size=1, max_size=255).filter(lambda name: not set(name) & {0, 47})


class TargetTestCase(SynchronousTestCase):
    """A folder, and a file that is to be in it."""

    def setUp(self) -> None:
        self.top = Path(self.mktemp())
        self.top.mkdir()
        self.path = self.top / "file"
        self.part = self.top / ".file.abcdef01.part"

    def begin(self, *, overwrite: bool = False) -> PartFile:
        return PartFile(self.path, MARK, overwrite=overwrite)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.top.iterdir())


class PartFileTests(TargetTestCase):
    """Files in the making."""

    def test_made(self) -> None:
        """It is hidden and private while it grows, and named at the end, with time and mode."""
        target = self.begin()
        target.write([noise(3 * MIB), b"", b"end"])
        self.assertEqual(self.names(), [self.part.name])
        self.assertEqual(self.part.stat().st_mode & 0o777, 0o600)
        target.finish(10**18 + 7, 0o100644)
        self.assertEqual(self.names(), ["file"])
        self.assertEqual(self.path.read_bytes(), noise(3 * MIB) + b"end")
        status = self.path.stat()
        self.assertEqual((status.st_mtime_ns, status.st_mode & 0o7777), (10**18 + 7, 0o644))

    def test_special_bits(self) -> None:
        """Set-user-ID and the like never come down."""
        target = self.begin()
        target.finish(1, 0o7755)
        self.assertEqual(self.path.stat().st_mode & 0o7777, 0o755)

    def test_abandoned(self) -> None:
        """Abandoned it leaves nothing, and nothing more after that."""
        target = self.begin()
        target.write([b"half"])
        target.abandon()
        target.abandon()
        target.leave()
        self.assertEqual(self.names(), [])

    def test_left(self) -> None:
        """Left, all that came is there for the next try, which reads and cuts it."""
        target = self.begin()
        target.write([noise(2 * MIB + 5)])
        target.leave()
        again = self.begin()
        self.assertEqual(again.kept(0, 3 * MIB), noise(2 * MIB + 5))
        self.assertEqual(again.kept(3 * MIB, 1), b"")
        again.cut(MIB + 3)
        again.write([b"other"])
        again.finish(1, 0o600)
        self.assertEqual(self.path.read_bytes(), noise(2 * MIB + 5)[: MIB + 3] + b"other")

    def test_in_the_way(self) -> None:
        """What exists is refused before anything is written, and stays."""
        self.path.write_bytes(b"mine")
        self.assertRaises(Exists, self.begin)
        self.path.unlink()
        self.path.symlink_to("nowhere")
        self.assertRaises(Exists, self.begin)
        self.assertEqual(self.names(), ["file"])

    def test_in_the_way_meanwhile(self) -> None:
        """What appears under the name meanwhile stays, and the part goes."""
        target = self.begin()
        target.write([b"ours"])
        self.path.write_bytes(b"theirs")
        self.assertRaises(Exists, target.finish, 1, 0o600)
        self.assertEqual(self.path.read_bytes(), b"theirs")
        self.assertEqual(self.names(), ["file"])

    def test_replaced(self) -> None:
        """A file that is to be replaced is there, whole, until the new one is."""
        self.path.write_bytes(b"old")
        target = self.begin(overwrite=True)
        target.write([b"new"])
        self.assertEqual(self.path.read_bytes(), b"old")
        target.finish(1, 0o600)
        self.assertEqual(self.path.read_bytes(), b"new")

    def test_link_replaced(self) -> None:
        """A link that is to be replaced goes itself; what it leads to is not touched."""
        other = self.top / "other"
        other.write_bytes(b"other")
        self.path.symlink_to("other")
        target = self.begin(overwrite=True)
        target.write([b"new"])
        target.finish(1, 0o600)
        self.assertFalse(self.path.is_symlink())
        self.assertEqual(other.read_bytes(), b"other")

    def test_part_is_a_link(self) -> None:
        """Nothing is written through a link that lies where the part should."""
        other = self.top / "other"
        other.write_bytes(b"other")
        self.part.symlink_to("other")
        self.assertRaises(LocalFileError, self.begin)
        self.assertEqual(other.read_bytes(), b"other")

    def test_two_at_once(self) -> None:
        """A part that another program writes is left to it."""
        target = self.begin()
        target.write([noise(2 * MIB)])
        error = self.assertRaises(Exists, self.begin)
        self.assertIn("another program", error.message)
        target.finish(1, 0o600)
        self.assertEqual(self.path.read_bytes(), noise(2 * MIB))

    def test_no_folder(self) -> None:
        """A folder that is not there is told with the path."""
        error = self.assertRaises(
            LocalFileError, PartFile, self.top / "none/file", MARK, overwrite=False
        )
        self.assertIn("none/file", error.message)

    def test_full_disk(self) -> None:
        """A write that fails is told with the file's own name."""
        target = self.begin()
        with patch("os.pwrite", side_effect=OSError(28, "No space left on device")):
            error = self.assertRaises(LocalFileError, target.write, [noise(2 * MIB)])
        self.assertIn("/file: No space left", error.message)
        self.assertEqual(error.hint, "check the space on the disk")
        target.abandon()


class PartPathTests(TargetTestCase):
    """Hidden names."""

    def test_names(self) -> None:
        """The hidden name stands beside the file, and the content's mark is in it."""
        self.assertEqual(part_path("a/b/file", MARK), "a/b/.file.abcdef01.part")
        self.assertEqual(part_path("file", MARK), ".file.abcdef01.part")

    @given(long_names, long_names)
    def test_lengths(self, one: bytes, other: bytes) -> None:
        """It is a name that a file system takes, and two files never share it."""
        parts = [os.fsencode(part_path(os.fsdecode(name), MARK)) for name in (one, other)]
        self.assertTrue(all(len(part) <= 255 for part in parts))
        self.assertEqual(parts[0] == parts[1], one == other)

    def test_long_names(self) -> None:
        """Long names that begin alike are told apart."""
        one, other = (part_path("x" * 254 + end, MARK) for end in "ab")
        self.assertNotEqual(one, other)


class NamingTests(TargetTestCase):
    """The last step."""

    def test_without_renameat2(self) -> None:
        """Where the system can't rename without replacing, nothing is replaced all the same."""
        for exists in (True, False):
            self.part.write_bytes(b"new")
            if exists:
                self.path.write_bytes(b"old")
            with patch("anoncloud.disk.syscalls._call", return_value=22):
                if exists:
                    self.assertRaises(Exists, name_part, self.part, self.path, overwrite=False)
                    self.assertEqual(self.path.read_bytes(), b"old")
                    self.path.unlink()
                else:
                    name_part(self.part, self.path, overwrite=False)
                    self.assertEqual(self.names(), ["file"])


class WriteAllTests(TargetTestCase):
    """Writing many pieces."""

    @given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 60))
    def test_partial_writes(self, pieces: list[bytes], most: int) -> None:
        """However little the system writes in one go, all of it is written, in order."""
        written = bytearray()

        def writev(descriptor: int, buffers: list) -> int:
            del descriptor
            some = b"".join(buffers)[:most]
            written.extend(some)
            return len(some)

        with patch("os.writev", writev):
            write_all(0, pieces)
        self.assertEqual(written, b"".join(pieces))


class StreamTargetTests(TargetTestCase):
    """Standard output."""

    def test_stream(self) -> None:
        """What is written goes there; nothing is taken back."""
        out = io.BytesIO()
        target = StreamTarget(out, "standard output")
        target.write([b"a", b"b"])
        target.finish(1, 2)
        target.abandon()
        self.assertEqual(out.getvalue(), b"ab")

    def test_broken_pipe(self) -> None:
        """A reader who has gone is told as such."""
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb", buffering=0) as pipe:
            target = StreamTarget(pipe, "standard output")
            error = self.assertRaises(LocalFileError, target.write, [b"x"])
        self.assertIn("the reader of the pipe has gone", error.hint)
