"""One blob on its way in: order, size, credit, and giving up."""

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import BULK_BLOB, INITIAL_CREDIT, MAX_PACKET, MIN_PACKET
from anoncloud.server.uploads import Upload
from tests.support.server import ServerTestCase

HALF = INITIAL_CREDIT // 2
A, B, C, D, E = (letter * MIN_PACKET for letter in (b"a", b"b", b"c", b"d", b"e"))
"""The shortest parts that a blob may come in."""


class SlowDisk:
    """Fulfils ``Incoming``: each write waits for :meth:`go`."""

    def __init__(self) -> None:
        self.content = b""
        self.writing: Deferred[None] | None = None
        self.writes = 0

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        self.writes += 1
        self.writing = Deferred()
        await self.writing
        self.content += b"".join(pieces)

    async def discard(self) -> None:
        self.content = b""

    def go(self, fault: Exception | None = None) -> None:
        """Let the write that is under way end."""
        writing, self.writing = self.writing, None
        if fault is None:
            writing.callback(None)
        else:
            writing.errback(fault)


class UploadTests(ServerTestCase):
    """Uploads onto a disk that takes its time."""

    def setUp(self) -> None:
        self.granted: list[int] = []
        self.disk = SlowDisk()

    def upload(self, size: int) -> Upload:
        """Make an upload."""
        return Upload(size, self.granted.append)

    def arrive(self, upload: Upload, *pieces: bytes) -> None:
        """Let bytes arrive."""
        for piece in pieces:
            upload.arrive(memoryview(piece))

    def accept(self, upload: Upload) -> "Deferred[Any]":
        """Say where the bytes go."""
        return Deferred.fromCoroutine(upload.accept(self.disk))

    def test_before_and_after(self) -> None:
        """Bytes that arrive before it is known where they go wait; order is kept."""
        upload = self.upload(5 * MIN_PACKET + 1)
        self.arrive(upload, A, B)
        accepted = self.accept(upload)
        self.arrive(upload, C, D)
        self.disk.go()
        self.arrive(upload, E)
        self.disk.go()
        self.disk.go()
        self.assertNoResult(accepted)
        self.arrive(upload, b"f")
        self.assertNoResult(accepted)
        self.disk.go()
        self.successResultOf(accepted)
        self.assertEqual((self.disk.content, self.disk.writes), (A + B + C + D + E + b"f", 4))

    def test_one_write_at_a_time(self) -> None:
        """Bytes that arrive during a write are written together, after it."""
        upload = self.upload(100 * MIN_PACKET)
        accepted = self.accept(upload)
        for _ in range(99):
            self.arrive(upload, A)
        self.assertEqual(self.disk.writes, 1)
        self.disk.go()
        self.assertEqual(self.disk.writes, 2)
        self.disk.go()
        self.assertEqual(self.disk.content, A * 99)
        self.assertNoResult(accepted)

    def test_few_writes(self) -> None:
        """Short parts are written some at a time, also if the disk has nothing else to do."""
        upload = self.upload(INITIAL_CREDIT)
        accepted = self.accept(upload)
        for _ in range(INITIAL_CREDIT // MIN_PACKET):
            self.arrive(upload, A)
            while self.disk.writing is not None:
                self.disk.go()
        self.successResultOf(accepted)
        self.assertEqual(self.disk.content, A * (INITIAL_CREDIT // MIN_PACKET))
        self.assertLess(self.disk.writes, INITIAL_CREDIT // MIN_PACKET // 2)

    def test_credit_by_writing(self) -> None:
        """Credit is granted for what was written, in halves; a slow disk slows its sender."""
        upload = self.upload(BULK_BLOB)
        accepted = self.accept(upload)
        self.arrive(upload, bytes(HALF - 1))
        self.disk.go()
        self.assertEqual(self.granted, [])
        self.arrive(upload, bytes(HALF + 1))
        self.assertEqual(self.granted, [])
        self.disk.go()
        self.assertEqual(self.granted, [INITIAL_CREDIT])
        self.arrive(upload, bytes(INITIAL_CREDIT))
        self.assertRaises(ProtocolBroken, self.arrive, upload, A)
        self.assertNoResult(accepted)
        upload.cancel()
        self.failureResultOf(accepted, Refused)

    def test_no_sender_starves(self) -> None:
        """However long frames are, up to the longest, there comes credit for one more."""
        for first in (MIN_PACKET, HALF // 2, HALF - 2 * MIN_PACKET):
            for second in (MIN_PACKET, HALF // 4, HALF // 2 - MIN_PACKET):
                self.granted.clear()
                upload = self.upload(BULK_BLOB)
                accepted = self.accept(upload)
                for length in (first, second, MAX_PACKET):
                    self.arrive(upload, bytes(length))
                    while self.disk.writing is not None:
                        self.disk.go()
                left = INITIAL_CREDIT + sum(self.granted) - first - second - MAX_PACKET
                self.assertGreaterEqual(left, 0)
                upload.cancel()
                self.failureResultOf(accepted, Refused)

    def test_no_credit_at_the_end(self) -> None:
        """Nothing is granted when nothing is missing any more."""
        upload = self.upload(INITIAL_CREDIT)
        accepted = self.accept(upload)
        self.arrive(upload, bytes(INITIAL_CREDIT))
        self.disk.go()
        self.successResultOf(accepted)
        self.assertEqual(self.granted, [])

    def test_too_much(self) -> None:
        """More than was announced breaks the protocol; exactly as much does not."""
        upload = self.upload(3)
        self.arrive(upload, b"abc")
        self.assertRaises(ProtocolBroken, self.arrive, upload, b"d")

    def test_short_parts(self) -> None:
        """Parts that are too short break the protocol, but for the one that ends the blob."""
        for length in (1, MIN_PACKET - 1):
            self.arrive(self.upload(length), bytes(length))
            upload = self.upload(MIN_PACKET + length + 1)
            self.arrive(upload, A)
            self.assertRaises(ProtocolBroken, self.arrive, upload, bytes(length))
            self.assertEqual(self.disk.writes, 0)

    def test_disk_fails(self) -> None:
        """The disk's word ends the upload; what comes later is let fall, unwritten."""
        upload = self.upload(BULK_BLOB)
        accepted = self.accept(upload)
        self.arrive(upload, bytes(HALF), B)
        self.disk.go(Refused(Code.DISK_FULL, "full"))
        self.assertEqual(self.failureResultOf(accepted, Refused).value.code, Code.DISK_FULL)
        self.arrive(upload, b"ghi", b"many more than were announced")
        self.assertEqual(self.disk.writes, 1)

    def test_cancelled_during_a_write(self) -> None:
        """After giving up nothing more is written, not even what had arrived."""
        upload = self.upload(BULK_BLOB)
        accepted = self.accept(upload)
        self.arrive(upload, bytes(HALF), B)
        upload.cancel()
        self.assertEqual(self.failureResultOf(accepted, Refused).value.code, Code.CANCELLED)
        self.disk.go()
        self.assertEqual((self.disk.writes, self.granted), (1, []))

    def test_write_fails_after_the_end(self) -> None:
        """A write that fails after giving up changes nothing, and is no unseen error."""
        upload = self.upload(BULK_BLOB)
        accepted = self.accept(upload)
        self.arrive(upload, bytes(HALF))
        upload.cancel()
        self.failureResultOf(accepted, Refused)
        self.disk.go(Refused(Code.DISK_FULL, "full"))
        upload.cancel()
        self.assertEqual(self.disk.content, b"")

    def test_cancelled_before(self) -> None:
        """One that was given up before it was accepted ends at once, with nothing written."""
        upload = self.upload(BULK_BLOB)
        self.arrive(upload, A)
        upload.cancel()
        accepted = self.accept(upload)
        self.assertEqual(self.failureResultOf(accepted, Refused).value.code, Code.CANCELLED)
        self.assertEqual(self.disk.writes, 0)

    def test_closed(self) -> None:
        """One that is answered takes no more bytes, also if it was given up and not accepted."""
        upload = self.upload(3)
        upload.cancel()
        upload.close()
        self.arrive(upload, A, B)
        self.assertEqual(self.disk.writes, 0)
