"""Files read past the page cache: whatever is asked for is what is there, on any file system."""

import errno
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from anoncloud.disk import direct
from anoncloud.disk.direct import CHUNK

BLOCK = 4096
SIZE = 5 * CHUNK + 5000
CONTENT = bytes(range(251)) * (SIZE // 251 + 1)
CONTENT = CONTENT[:SIZE]
places = st.one_of(
    st.sampled_from((0, 1, BLOCK - 1, BLOCK, CHUNK, 2 * CHUNK - 1, SIZE - 1, SIZE, SIZE + BLOCK)),
    st.integers(0, SIZE),
)
lengths = st.one_of(
    st.sampled_from((0, 1, 65536, CHUNK, 2 * CHUNK, 2 * CHUNK + 1, SIZE)), st.integers(0, SIZE)
)


class ReadingTestCase(SynchronousTestCase):
    """One file on a real file system."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.open_file(self.folder)

    def open_file(self, folder: Path) -> None:
        path = folder / "file"
        path.write_bytes(CONTENT)
        self.descriptor = os.open(path, os.O_RDONLY)
        self.addCleanup(os.close, self.descriptor)
        os.fsync(self.descriptor)

    def forget(self) -> None:
        """Ask the kernel to take the file out of the page cache."""
        os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def check(self, offset: int, length: int) -> None:
        found = direct.read(self.descriptor, length, offset)
        self.assertTrue(found == CONTENT[offset : offset + length], (offset, length))


class RealFileTests(ReadingTestCase):
    """Any part of a file."""

    @settings(max_examples=60, deadline=None)
    @given(places, lengths)
    def test_cold(self, offset: int, length: int) -> None:
        """What is not in the cache; past the end nothing is there."""
        self.forget()
        self.check(offset, length)

    @settings(max_examples=30, deadline=None)
    @given(places, lengths)
    def test_warm(self, offset: int, length: int) -> None:
        """What is in the cache."""
        os.pread(self.descriptor, SIZE, 0)
        self.check(offset, length)

    def test_memory(self) -> None:
        """A file system in memory, which may know neither cache nor O_DIRECT."""
        if not Path("/dev/shm").is_dir():
            raise SkipTest("there is no file system in memory")  # noqa: TRY003, EM101
        folder = tempfile.mkdtemp(dir="/dev/shm")
        self.addCleanup(shutil.rmtree, folder)
        self.open_file(Path(folder))
        self.check(BLOCK + 7, 2 * CHUNK)


class KernelTests(ReadingTestCase):
    """What the kernel answers, played."""

    def setUp(self) -> None:
        super().setUp()
        self.asked: list[tuple[int, int]] = []
        self.preadv = os.preadv
        self.patch(direct.os, "preadv", self.answer)
        self.most = SIZE
        self.refuses = False

    def answer(
        self, descriptor: int, buffers: Sequence[memoryview], offset: int, flags: int = 0
    ) -> int:
        """Say that nothing is in the cache; read at most so many bytes as *most* says."""
        if flags & os.RWF_NOWAIT:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        if self.refuses and direct.fcntl.fcntl(descriptor, direct.fcntl.F_GETFL) & os.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        (buffer,) = buffers
        self.asked.append((offset, len(buffer)))
        return self.preadv(descriptor, [buffer[: self.most]], offset)

    def test_whole_blocks(self) -> None:
        """Blocks around what is wanted are read, as many at once as a buffer holds."""
        self.check(BLOCK + 1, 2 * CHUNK)
        self.assertEqual(self.asked, [(BLOCK, 2 * CHUNK), (2 * CHUNK + BLOCK, BLOCK)])

    def test_short_reads(self) -> None:
        """A read that gives less than was asked for is gone on with."""
        self.most = 3 * BLOCK
        self.check(100, CHUNK)
        self.assertGreater(len(self.asked), 80)

    def test_refused(self) -> None:
        """Where O_DIRECT is taken but no read with it, files are read as usual."""
        self.refuses = True
        self.check(100, CHUNK)
        self.assertEqual(len(self.asked), 1)

    def test_short_part(self) -> None:
        """A few bytes are never read past the cache."""
        self.check(100, 1000)
        self.assertEqual(self.asked, [])

    def test_fault(self) -> None:
        """The disk's fault passes through, and the buffer is used again."""
        before = len(direct._free)

        def fail(*_: object) -> int:
            raise OSError(errno.EIO, "Input/output error")

        self.patch(direct, "_is_cached", lambda *_: False)
        self.patch(direct.os, "preadv", fail)
        raised = self.assertRaises(OSError, direct.read, self.descriptor, CHUNK, 0)
        self.assertEqual(raised.errno, errno.EIO)
        self.assertGreaterEqual(len(direct._free), max(before, 1))

    def test_elsewhere(self) -> None:
        """Where nobody can say what is in the cache, files are read as usual."""

        def unknown(*_: object) -> int:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

        self.patch(direct.os, "preadv", unknown)
        self.check(0, CHUNK)
        self.patch(direct.os, "RWF_NOWAIT", None)
        self.check(0, CHUNK)
