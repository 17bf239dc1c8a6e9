"""The memory of both sides does not depend on a file's size, nor on how slow its reader is.

With ANONCLOUD_LARGE=1 (``make test-large``) the stream is 8 GiB long.
"""

import hashlib
import os
import random
import threading
import time
from typing import IO

from anoncloud.limits import GIB, MIB
from tests.support.processes import Device, Done, Server, SystemTestCase, peak

IS_LARGE = os.environ.get("ANONCLOUD_LARGE") == "1"
LENGTH = 8 * GIB if IS_LARGE else GIB
PATIENCE = LENGTH / (10 * MIB)
"""Seconds that a transfer may take: only a limit for what would never end."""
LIMIT = 120 * MIB


class Well(threading.Thread):
    """Writes *length* bytes into a pipe, in a block that is in step with no other, and hashes."""

    def __init__(self, length: int) -> None:
        super().__init__(daemon=True)
        read, self._write = os.pipe()
        self.mouth: IO[bytes] = os.fdopen(read, "rb", buffering=0)
        self.hash = hashlib.blake2b()
        self._left = length
        self.start()

    def run(self) -> None:
        block = random.Random(8).randbytes(MIB + 4099)
        with os.fdopen(self._write, "wb", buffering=0) as pipe:
            while self._left:
                piece = memoryview(block)[: self._left]
                written = pipe.write(piece)
                self.hash.update(piece[:written])
                self._left -= written


class Sink(threading.Thread):
    """Reads a pipe to its end, hashes and counts; may rest in the middle."""

    def __init__(self, rest: float = 0.0) -> None:
        super().__init__(daemon=True)
        read, self.mouth = os.pipe()
        self.hash = hashlib.blake2b()
        self.count = 0
        self._pipe: IO[bytes] = os.fdopen(read, "rb", buffering=0)
        self._rest = rest
        self.start()

    def run(self) -> None:
        with self._pipe:
            while piece := self._pipe.read(MIB):
                if not self.count:
                    time.sleep(self._rest)
                self.hash.update(piece)
                self.count += len(piece)


class MemoryTests(SystemTestCase):
    """A long stream up and down, and the peaks of the resident memory of client and server."""

    def setUp(self) -> None:
        super().setUp()
        self.house: Server = self.server()
        self.user: Device = self.ada(self.house)

    def put(self, length: int) -> bytes:
        """Store a stream as /f; give its hash."""
        well = Well(length)
        done = self.user.do("--json", "put", "-", "/f", feed=well.mouth, seconds=PATIENCE)
        well.join()
        self.assertEqual(done.value["stored"][0]["size"], length)
        self.assert_small(done)
        return well.hash.digest()

    def cat(self, rest: float = 0.0) -> Sink:
        """Read /f."""
        sink = Sink(rest)
        running = self.user.start("cat", "/f", out=sink.mouth)
        os.close(sink.mouth)
        done = running.wait(PATIENCE)
        sink.join()
        self.assertEqual(done.code, 0, done.err)
        self.assert_small(done)
        return sink

    def assert_small(self, done: Done) -> None:
        """See that neither side has ever taken more than it may."""
        self.assertGreater(done.peak, 20 * MIB)  # else nothing was measured
        self.assertLess(done.peak, LIMIT)
        self.assertGreater(peak(self.house.pid), 20 * MIB)
        self.assertLess(peak(self.house.pid), LIMIT)

    def test_stream(self) -> None:
        """A stream comes back byte for byte, and neither side has kept it in memory."""
        known = self.put(LENGTH)
        sink = self.cat()
        self.assertEqual((sink.count, sink.hash.digest()), (LENGTH, known))

    def test_slow_reader(self) -> None:
        """While nobody reads what comes down, neither side takes it in."""
        known = self.put(128 * MIB)
        self.assertEqual(self.cat(rest=2.0).hash.digest(), known)

    def test_local_files(self) -> None:
        """A large local file goes up and comes down beside its place, in as little memory."""
        source, target = self.folder / "source", self.folder / "target"
        with source.open("wb") as file:
            file.truncate(160 * MIB)
            file.write(b"begins")
            file.seek(100 * MIB)
            file.write(b"in the middle")
        self.assert_small(self.user.do("put", source, "/f", seconds=PATIENCE))
        self.assert_small(self.user.do("get", "/f", target, seconds=PATIENCE))
        with source.open("rb") as one, target.open("rb") as other:
            known, found = (hashlib.file_digest(file, "blake2b").digest() for file in (one, other))
        self.assertEqual(known, found)
