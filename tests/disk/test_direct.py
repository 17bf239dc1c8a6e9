"""Files written past the page cache: whatever is given is what is there, on any file system."""

import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from anoncloud.disk import direct
from anoncloud.disk.direct import CHUNK, DirectFile

BLOCK = 4096
CONTENT = bytes(range(251)) * (4 * CHUNK // 251)
OFFSETS = (0, BLOCK, 100, BLOCK - 1, CHUNK - 1, 2 * CHUNK)
LENGTHS = (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5000)


class Kernel:
    """Stands for the kernel: as strict about O_DIRECT as a disk, or a file system without it.

    The first writes take only so many bytes as *takes* says.
    """

    def __init__(self, *takes: int, refuses: bool = False, fails: bool = False) -> None:
        self.takes = list(takes)
        self.fails = fails
        self.refuses = refuses
        self.flags = os.O_WRONLY
        self.content = bytearray()
        self.writes: list[tuple[int, int, bool]] = []

    def fcntl(self, descriptor: int, command: int, flags: int = 0) -> int:
        del descriptor
        if command == fcntl.F_SETFL:
            if self.refuses and flags & os.O_DIRECT:
                raise OSError(errno.EINVAL, "Invalid argument")
            self.flags = flags
        return self.flags

    def pwrite(self, descriptor: int, piece: Any, offset: int) -> int:
        del descriptor
        is_direct = bool(self.flags & os.O_DIRECT)
        address = ctypes.addressof(ctypes.c_char.from_buffer(piece))
        if is_direct and self.fails:
            raise OSError(errno.EINVAL, "Invalid argument")
        if is_direct and any(place % BLOCK for place in (address, offset, len(piece))):
            raise OSError(errno.EINVAL, "Invalid argument")
        taken = min(len(piece), self.takes.pop(0)) if self.takes else len(piece)
        self.writes.append((offset, taken, is_direct))
        self.content += bytes(offset + taken - len(self.content))
        self.content[offset : offset + taken] = piece[:taken]
        return taken


def write(descriptor: int, content: bytes, offset: int = 0) -> None:
    """Write *content* at *offset*, in pieces of a sealed segment."""
    file = DirectFile(offset)
    file.write(descriptor, [content[at : at + 65552] for at in range(0, len(content), 65552)])
    file.drain(descriptor)


class RealFileTests(SynchronousTestCase):
    """Files on file systems of this machine."""

    def check(self, folder: Path) -> None:
        """See that content of any length at any offset is there, and nothing else."""
        path = folder / "file"
        for offset in OFFSETS:
            for length in LENGTHS:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                try:
                    write(descriptor, CONTENT[:length], offset)
                finally:
                    os.close(descriptor)
                expected = bytes(offset if length else 0) + CONTENT[:length]
                self.assertTrue(path.read_bytes() == expected, (offset, length))

    def test_disk(self) -> None:
        """The file system that the tests run on."""
        folder = Path(self.mktemp())
        folder.mkdir()
        self.check(folder)

    def test_memory(self) -> None:
        """A file system in memory, which may refuse O_DIRECT."""
        if not Path("/dev/shm").is_dir():
            raise SkipTest("there is no file system in memory")  # noqa: TRY003, EM101
        folder = tempfile.mkdtemp(dir="/dev/shm")
        self.addCleanup(shutil.rmtree, folder)
        self.check(Path(folder))


class GatheredTests(SynchronousTestCase):
    """What waits to be written."""

    def test_gathered(self) -> None:
        """It is what was gathered and not drained yet; nothing before, and after the close."""
        file = DirectFile()
        self.assertEqual(bytes(file.gathered), b"")
        for piece in (b"one", b"two"):
            file.gather(memoryview(piece))
        self.assertEqual(bytes(file.gathered), b"onetwo")
        descriptor = os.open(self.mktemp(), os.O_WRONLY | os.O_CREAT, 0o600)
        self.addCleanup(os.close, descriptor)
        file.drain(descriptor)
        self.assertEqual(bytes(file.gathered), b"")
        file.gather(memoryview(b"three"))
        file.close()
        self.assertEqual(bytes(file.gathered), b"")


class KernelTests(SynchronousTestCase):
    """What the kernel is asked for."""

    def run_on(self, kernel: Kernel, content: bytes, offset: int = 0) -> Kernel:
        """Write *content* on such a kernel; see that it is there."""
        broken = [
            self.patch(direct.os, "pwrite", kernel.pwrite),
            self.patch(direct.fcntl, "fcntl", kernel.fcntl),
        ]
        try:
            write(0, content, offset)
        finally:
            for one in broken:
                one.restore()
        self.assertTrue(bytes(kernel.content[offset:]) == content)
        return kernel

    def test_aligned(self) -> None:
        """Whole chunks go past the page cache, each in one write."""
        kernel = self.run_on(Kernel(), CONTENT[: 2 * CHUNK])
        self.assertEqual(kernel.writes, [(0, CHUNK, True), (CHUNK, CHUNK, True)])

    def test_tail(self) -> None:
        """A tail that is no multiple of a block is written the usual way; a short file is, too."""
        kernel = self.run_on(Kernel(), CONTENT[: CHUNK + BLOCK + 1])
        self.assertEqual(kernel.writes, [(0, CHUNK, True), (CHUNK, BLOCK + 1, False)])
        self.assertEqual(self.run_on(Kernel(), b"short").writes, [(0, 5, False)])
        self.assertEqual(self.run_on(Kernel(), CONTENT[:BLOCK]).writes, [(0, BLOCK, True)])

    def test_unaligned_offset(self) -> None:
        """From an offset that is no multiple of a block, all is written the usual way."""
        kernel = self.run_on(Kernel(), CONTENT[: 2 * CHUNK], 100)
        self.assertEqual([is_direct for *_, is_direct in kernel.writes], [False, False])

    def test_refused(self) -> None:
        """Where O_DIRECT is refused, all is written the usual way."""
        kernel = self.run_on(Kernel(refuses=True), CONTENT[: 2 * CHUNK])
        self.assertEqual(kernel.writes, [(0, CHUNK, False), (CHUNK, CHUNK, False)])

    def test_refused_at_the_write(self) -> None:
        """Where O_DIRECT is taken but no write with it, all is written the usual way."""
        kernel = self.run_on(Kernel(fails=True), CONTENT[: 2 * CHUNK])
        self.assertEqual(kernel.writes, [(0, CHUNK, False), (CHUNK, CHUNK, False)])

    def test_unknown(self) -> None:
        """Where there is no O_DIRECT at all, too."""
        flag = os.O_DIRECT
        kernel = Kernel()
        missing = self.patch(direct, "os", WithoutDirect(kernel))
        self.patch(direct.fcntl, "fcntl", kernel.fcntl)
        write(0, CONTENT[:CHUNK])
        missing.restore()
        self.assertEqual((kernel.writes, kernel.flags & flag), ([(0, CHUNK, False)], 0))

    def test_partial_writes(self) -> None:
        """A write that takes a part is gone on with: past the page cache while that is aligned."""
        kernel = self.run_on(Kernel(2 * BLOCK, 10), CONTENT[: 4 * BLOCK])
        self.assertEqual(
            kernel.writes,
            [
                (0, 2 * BLOCK, True),
                (2 * BLOCK, 10, True),
                (2 * BLOCK + 10, 2 * BLOCK - 10, False),
            ],
        )

    def test_memory_is_aligned(self) -> None:
        """A part that ends on a block of the file, but not of the memory, is no reason to fail."""
        self.run_on(Kernel(BLOCK - 100), CONTENT[: 3 * BLOCK - 100], 100)

    @given(
        st.sampled_from((0, 100, BLOCK)),
        st.sampled_from((1, BLOCK - 100, 3 * BLOCK, 3 * BLOCK - 100, CHUNK, CHUNK + 2 * BLOCK)),
        st.lists(st.sampled_from((1, 100, BLOCK - 100, BLOCK, 2 * BLOCK)), max_size=6),
        st.booleans(),
    )
    def test_any_partial_writes(
        self, offset: int, length: int, takes: list[int], refuses: bool
    ) -> None:
        """Whatever part of each write is taken, the content is the same."""
        self.run_on(Kernel(*takes, refuses=refuses), CONTENT[:length], offset)

    def test_faults(self) -> None:
        """The disk's faults pass through, at the first write and at a later one."""
        for error in (errno.ENOSPC, errno.EIO):
            for before in (0, 1):
                kernel = Kernel(*(BLOCK,) * before)

                def pwrite(*arguments: Any, kernel: Kernel = kernel, error: int = error) -> int:
                    if kernel.takes:
                        return kernel.pwrite(*arguments)
                    raise OSError(error, os.strerror(error))

                self.patch(direct.os, "pwrite", pwrite)
                self.patch(direct.fcntl, "fcntl", kernel.fcntl)
                raised = self.assertRaises(OSError, write, 0, CONTENT[: 2 * BLOCK])
                self.assertEqual((raised.errno, len(kernel.writes)), (error, before))

    def test_read_only(self) -> None:
        """A descriptor that can't be written to is told as such."""
        descriptor = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        raised = self.assertRaises(OSError, write, descriptor, b"content")
        self.assertEqual(raised.errno, errno.EBADF)


class WithoutDirect:
    """Stands for ``os`` where there is no O_DIRECT."""

    def __init__(self, kernel: Kernel) -> None:
        self.pwrite = kernel.pwrite


class GatherTests(SynchronousTestCase):
    """Gathering bytes."""

    def test_full(self) -> None:
        """As much is taken as there is room for, and nothing when it is full."""
        file = DirectFile()
        self.assertFalse(file.is_full)
        self.assertEqual(file.gather(memoryview(CONTENT)[: CHUNK - 1]), CHUNK - 1)
        self.assertFalse(file.is_full)
        self.assertEqual(file.gather(memoryview(b"abc")), 1)
        self.assertTrue(file.is_full)
        self.assertEqual(file.gather(memoryview(b"abc")), 0)

    def test_used_again(self) -> None:
        """A buffer that is given back is taken again, and what was in it is written nowhere."""
        kernel = Kernel()
        self.patch(direct.os, "pwrite", kernel.pwrite)
        self.patch(direct.fcntl, "fcntl", kernel.fcntl)
        first = DirectFile()
        first.gather(memoryview(b"secret of another"))
        kept = first._buffer
        first.close()
        second = DirectFile()
        second.gather(memoryview(b"mine"))
        self.assertIs(second._buffer, kept)
        second.drain(0)
        self.assertEqual(bytes(kernel.content), b"mine")
        first.close()  # harmless

    def test_nothing(self) -> None:
        """Draining what is empty asks the kernel for nothing."""
        DirectFile().drain(-1)
        file = DirectFile()
        file.gather(memoryview(b""))
        file.drain(-1)
