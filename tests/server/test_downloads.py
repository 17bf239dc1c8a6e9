"""One range of a blob on its way out: packets, credit, the line, and giving up."""

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB, INITIAL_CREDIT, MAX_CREDIT, MAX_PACKET, MIN_PACKET
from anoncloud.server.downloads import PACKETS_AHEAD, Download
from tests.support.server import Held, Peer, Rooms, ServerTestCase, blob_name

CONTENT = bytes(range(251)) * (BULK_BLOB // 251 + 1)
BLOB = blob_name(1)


class DownloadTests(ServerTestCase):
    """Downloads over a line that can be full."""

    def setUp(self) -> None:
        super().setUp()
        self.blobs = self.rooms.blobs
        self.blobs.bytes[BLOB] = CONTENT[:BULK_BLOB]
        self.line = Peer(Rooms().house)

    def begin(
        self, offset: int, length: int, packet: int = MAX_PACKET, blob: BlobId = BLOB
    ) -> "tuple[Download, Deferred[None]]":
        """Begin a download as request 1."""
        download = Download(1, packet, self.line)
        running = Deferred.fromCoroutine(download.run(self.blobs, blob, offset, length))
        return download, running

    def test_packets(self) -> None:
        """All bytes come in order, in packets of the size asked for, within its limits."""
        for asked, expected in (
            (1, MIN_PACKET),
            (MIN_PACKET, MIN_PACKET),
            (65552, 65552),
            (MAX_PACKET + 1, MAX_PACKET),
            (BULK_BLOB, MAX_PACKET),
        ):
            self.line = Peer(Rooms().house)
            _, running = self.begin(5, 1_000_003, asked)
            self.successResultOf(running)
            self.assertEqual(self.line.bulk[1], CONTENT[5:1_000_008])
            whole, rest = divmod(1_000_003, expected)
            self.assertEqual(self.line.frames, [expected] * whole + [rest])

    def test_credit(self) -> None:
        """No byte is sent without credit, and a packet is never cut to fit it."""
        download, running = self.begin(0, 3 * INITIAL_CREDIT, 400_000)
        self.assertEqual(self.line.frames, [400_000] * 2)
        download.grant(151_423)  # one too few for the third packet
        self.assertEqual(len(self.line.frames), 2)
        download.grant(1)
        self.assertEqual(len(self.line.frames), 3)
        self.assertRaises(ProtocolBroken, download.grant, MAX_CREDIT + 1)
        while not running.called:
            download.grant(400_000)
        self.successResultOf(running)
        self.assertEqual(self.line.bulk[1], CONTENT[: 3 * INITIAL_CREDIT])

    def test_full_line(self) -> None:
        """Nothing is sent while the line is full, whatever the credit."""
        self.line.fill()
        download, running = self.begin(0, 100_000, 50_000)
        download.grant(100_000)
        self.assertEqual(self.line.frames, [])
        self.line.drain()
        self.successResultOf(running)
        self.assertEqual(self.line.frames, [50_000, 50_000])

    def test_reads_ahead(self) -> None:
        """One piece is read while another is sent, and no more than that."""
        read = Held(self.blobs.read)
        self.patch(self.blobs, "read", read)
        self.line.fill()
        _, running = self.begin(0, 3 * PACKETS_AHEAD * MIN_PACKET, MIN_PACKET)
        self.assertEqual(len(read), 1)
        read.go()
        self.assertEqual(len(read), 1)
        read.go()
        self.assertEqual(len(read), 0)
        self.line.drain()
        self.assertEqual(len(self.line.frames), 2 * PACKETS_AHEAD)
        read.go()
        self.successResultOf(running)
        self.assertEqual(len(self.line.frames), 3 * PACKETS_AHEAD)

    def test_cancel(self) -> None:
        """One that is given up ends, whether it waits for credit, for the line or for the disk."""
        download, running = self.begin(0, BULK_BLOB)
        download.cancel()
        self.assertEqual(self.failureResultOf(running, Refused).value.code, Code.CANCELLED)
        sent = len(self.line.frames)
        download.grant(MAX_PACKET)
        self.assertEqual(len(self.line.frames), sent)
        self.line.fill()
        download, running = self.begin(0, 10)
        download.cancel()
        self.line.drain()
        self.failureResultOf(running, Refused)
        read = Held(self.blobs.read)
        self.patch(self.blobs, "read", read)
        download, running = self.begin(0, 10)
        download.cancel()
        self.assertNoResult(running)
        read.go()
        self.failureResultOf(running, Refused)
        self.assertEqual(len(self.line.frames), sent)

    def test_cancelled_while_reading_ahead_fails(self) -> None:
        """What was read ahead in vain is no unseen error."""
        read = Held(self.blobs.read)
        self.patch(self.blobs, "read", read)
        self.line.fill()
        download, running = self.begin(0, 2 * PACKETS_AHEAD * MIN_PACKET, MIN_PACKET)
        read.go()
        download.cancel()
        self.line.drain()
        self.failureResultOf(running, Refused)
        self.blobs.bytes.clear()
        read.go()
        self.assertEqual((len(read), self.line.frames), (0, []))

    def test_disk_fails(self) -> None:
        """The disk's word ends the download, at its beginning or in its middle."""
        _, running = self.begin(0, 10, blob=blob_name(2))
        self.assertEqual(self.failureResultOf(running, Refused).value.code, Code.UNAVAILABLE)
        self.blobs.bytes[BLOB] = CONTENT[: PACKETS_AHEAD * MIN_PACKET]
        _, running = self.begin(0, 2 * PACKETS_AHEAD * MIN_PACKET, MIN_PACKET)
        self.assertEqual(self.failureResultOf(running, Refused).value.code, Code.UNAVAILABLE)
        self.assertEqual(len(self.line.frames), PACKETS_AHEAD)
