"""Local files and streams as they are read: whole, in order, and never two states in one."""

import io
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from anoncloud.client.transfers.reading import open_whole
from anoncloud.client.transfers.sealer import SealedFile, seal_short
from anoncloud.client.transfers.sources import PIECE, SMALL, FileSource, StreamSource, read_short
from anoncloud.errors import LocalFileError
from anoncloud.limits import MIB, SEGMENT
from tests.support.client_files import PRINTS, FilesTestCase, noise, olds_of
from tests.support.entropy import counting


class SourcesTestCase(FilesTestCase):
    """Files, read in both ways."""

    def small(self, path: Path, **options: Any) -> SealedFile:
        return seal_short(read_short(path, **options), PRINTS, counting(b"keys"))

    def opened(self, sealed: SealedFile) -> bytes:
        return open_whole(sealed.key, sealed.size, b"".join(sealed.segments))

    def source(self, path: Path, **options: Any) -> FileSource:
        source = FileSource(path, **options)
        self.addCleanup(source.close)
        return source

    @contextmanager
    def meanwhile(self, happen: Callable[[], object]) -> Iterator[None]:
        """Let something happen between the opening of a small file and its reading."""
        read = os.read

        def later(*arguments: Any) -> bytes:
            happen()
            return read(*arguments)

        with patch("os.read", later):
            yield


class FileSourceTests(SourcesTestCase):
    """Long files."""

    def test_pieces(self) -> None:
        """A file comes in large pieces, none of them empty."""
        for size in (0, 1, PIECE, 2 * PIECE + 7):
            source = self.source(self.write("f", noise(size), 0o640, 1234))
            pieces = list(source.pieces())
            self.assertEqual(b"".join(pieces), noise(size))
            self.assertTrue(all(0 < len(piece) <= PIECE for piece in pieces))
            self.assertEqual((source.size, source.mode), (size, 0o640))
            source.check()

    def test_sparse(self) -> None:
        """Holes are read as zeros."""
        path = self.top / "sparse"
        with path.open("wb") as file:
            file.truncate(5 * SEGMENT)
        source = self.source(path)
        self.assertEqual(b"".join(source.pieces()), bytes(5 * SEGMENT))
        source.check()

    def test_growing(self) -> None:
        """What is appended meanwhile is not read, and the file is refused: it is being written."""
        path = self.write("f", noise(PIECE + 3))
        source = self.source(path)
        pieces = source.pieces()
        begun = next(pieces)
        with path.open("ab") as file:
            file.write(b"more")
        self.assertEqual(begun + b"".join(pieces), noise(PIECE + 3))
        self.assertRaises(LocalFileError, source.check)

    def test_shrinking(self) -> None:
        """Of a file that is cut meanwhile what is there is read, and then it is refused."""
        path = self.write("f", noise(2 * PIECE))
        source = self.source(path)
        pieces = source.pieces()
        next(pieces)
        os.truncate(path, PIECE + 5)
        self.assertEqual(len(b"".join(pieces)), 5)
        with path.open("ab") as file:
            file.write(noise(2 * PIECE)[PIECE + 5 :])
        os.utime(path, ns=(source.modified, source.modified))
        self.assertRaises(LocalFileError, source.check)  # though it looks as it did before

    def test_written_to(self) -> None:
        """A file of the same length but another time is refused."""
        path = self.write("f", noise(SEGMENT), modified=1)
        source = self.source(path)
        list(source.pieces())
        path.write_bytes(noise(SEGMENT, 1))
        error = self.assertRaises(LocalFileError, source.check)
        self.assertIn("changed", error.message)

    def test_vanishing(self) -> None:
        """A file that loses its name, or gets a successor, while it is read is read to its end."""
        path = self.write("f", noise(2 * SEGMENT))
        source = self.source(path)
        path.unlink()
        self.write("f", b"another")
        self.assertEqual(b"".join(source.pieces()), noise(2 * SEGMENT))
        source.check()

    def test_runs(self) -> None:
        """What is known of it is found in it."""
        content = noise(4 * SEGMENT)
        source = self.source(self.write("f", content))
        found = list(source.runs(olds_of(content), PRINTS))
        self.assertEqual([run.old is not None for run in found], [True] * 4)


class SmallTests(SourcesTestCase):
    """Short files, read in one go."""

    def test_sealed(self) -> None:
        """It opens to the content, with time, mode and digest."""
        for size in (0, 1, SEGMENT, SMALL):
            sealed = self.small(self.write("f", noise(size), 0o604, 77))
            self.assertEqual(self.opened(sealed), noise(size))
            self.assertEqual((sealed.size, sealed.mode, sealed.modified), (size, 0o604, 77))
            self.assertEqual(sealed.digest, PRINTS.whole(noise(size)))

    def test_keys(self) -> None:
        """Two files of the same content have nothing in common when sealed."""
        path, draw = self.write("f", b"content"), counting(b"keys")
        one, other = (seal_short(read_short(path), PRINTS, draw) for _ in range(2))
        self.assertNotEqual(one.segments, other.segments)

    def test_changing(self) -> None:
        """What grows, shrinks or is written to between opening and reading is refused."""
        path = self.top / "f"
        for change in (
            lambda: path.write_bytes(b"content, and more"),
            lambda: path.write_bytes(b"short"),
            lambda: path.write_bytes(bytes(MIB + 1)),
            lambda: os.utime(path, ns=(5, 5)),
        ):
            self.write("f", b"content")
            with self.meanwhile(change):
                error = self.assertRaises(LocalFileError, self.small, path)
            self.assertIn("changed", error.message)

    def test_fault(self) -> None:
        """A fault of the disk while it is read is told with the file's name."""
        path = self.write("f", b"content")

        def fail() -> None:
            raise OSError(5, "Input/output error")

        with self.meanwhile(fail):
            error = self.assertRaises(LocalFileError, self.small, path)
        self.assertIn("/f: Input/output error", error.message)


class KindTests(SourcesTestCase):
    """What is no regular file, and what can't be read."""

    def both(self, path: Path, said: str) -> None:
        """See that *path* is refused in both ways, at once, with its name."""
        for way in (self.small, FileSource):
            error = self.assertRaises(LocalFileError, way, path)
            self.assertIn(said, error.message)
            self.assertIn(path.name, error.message)
            self.assertTrue(error.hint)

    def test_fifo(self) -> None:
        """A fifo that nobody writes to does not make us wait."""
        os.mkfifo(self.top / "fifo")
        self.both(self.top / "fifo", "not a regular file")

    def test_socket(self) -> None:
        """A socket can't be opened."""
        with socket.socket(socket.AF_UNIX) as made:
            here = os.open(self.top, os.O_RDONLY)
            self.addCleanup(os.close, here)
            made.bind(f"/proc/self/fd/{here}/socket")
            self.both(self.top / "socket", "No such device or address")

    def test_device(self) -> None:
        """A device is refused, and not read."""
        self.both(Path("/dev/zero"), "not a regular file")

    def test_folder(self) -> None:
        """A folder is refused."""
        self.both(self.top, "not a regular file")

    def test_missing(self) -> None:
        """So is what is not there, and a link that leads nowhere."""
        self.both(self.top / "none", "No such file")
        (self.top / "link").symlink_to("none")
        self.both(self.top / "link", "No such file")

    def test_unreadable(self) -> None:
        """What may not be read is told as such."""
        with patch("os.open", side_effect=PermissionError(13, "Permission denied")):
            error = self.assertRaises(LocalFileError, self.small, self.top / "secret")
        self.assertIn("Permission denied", error.message)
        self.assertEqual(error.hint, "check the permissions")

    def test_links(self) -> None:
        """A link is followed only if it is to be."""
        self.write("f", b"content")
        (self.top / "link").symlink_to("f")
        self.assertEqual(self.opened(self.small(self.top / "link")), b"content")
        for way in (self.small, FileSource):
            self.assertRaises(LocalFileError, way, self.top / "link", follow=False)


class StreamSourceTests(SourcesTestCase):
    """Streams of unknown length."""

    def test_pieces(self) -> None:
        """All that comes is given, and then its size is known."""
        source = StreamSource(io.BytesIO(noise(2 * SEGMENT + 3)), "input", 5, 0o600)
        self.assertEqual(b"".join(source.pieces()), noise(2 * SEGMENT + 3))
        self.assertEqual((source.size, source.modified, source.mode), (2 * SEGMENT + 3, 5, 0o600))
        source.check()

    def test_fault(self) -> None:
        """A stream that breaks is told by the name that it is shown as."""
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            source = StreamSource(pipe, "standard input", 5, 0o600)
            with patch.object(source, "_file") as broken:
                broken.read.side_effect = OSError(5, "Input/output error")
                error = self.assertRaises(LocalFileError, next, source.pieces())
        self.assertIn("standard input", error.message)
