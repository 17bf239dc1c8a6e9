"""Sessions: blobs up and down, their limits, and giving them up."""

from typing import Any

from anoncloud.errors import Code, ProtocolBroken, Refused
from anoncloud.limits import BULK_BLOB, INITIAL_CREDIT, KIB, MAX_TRANSFERS, MIN_PACKET, SMALL_BLOB
from anoncloud.server.conditions import Allowance
from anoncloud.wire import messages
from tests.support.server import (
    ADA,
    BOB,
    Held,
    Peer,
    Rooms,
    ServerTestCase,
    blob_name,
    failing,
    record,
)

BLOB = blob_name(1)
CONTENT = bytes(range(256)) * (SMALL_BLOB // 256)


class TransferTestCase(ServerTestCase):
    """A test with a peer who is logged in."""

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.peer(ADA)

    def stage(self, blob: bytes = BLOB, size: int = SMALL_BLOB, peer: Peer | None = None) -> int:
        """Announce a blob; give the request's number."""
        return (peer or self.ada).begin(messages.StageBlob, ADA.drive, blob, size)

    def send(self, number: int, content: bytes = CONTENT) -> None:
        """Send bulk bytes in frames of 64 KiB."""
        for at in range(0, len(content), 64 * KIB):
            self.ada.deliver(number, content[at : at + 64 * KIB])

    def read(self, *fields: Any) -> int:
        """Ask for a part of the blob; give the request's number."""
        return self.ada.begin(messages.ReadBlob, ADA.drive, BLOB, *fields)


class UploadTests(TransferTestCase):
    """Up."""

    def test_stage(self) -> None:
        """Done comes when all bytes are there; then the blob is staged, charged and readable."""
        number = self.stage()
        self.send(number, CONTENT[:-1])
        self.assertEqual(self.ada.answers(number), [])
        self.send(number, CONTENT[-1:])
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        usage = self.ada.ask(messages.ReadUsage, ADA.drive)
        self.assertEqual(usage.stored, SMALL_BLOB)
        self.assertEqual(self.now(self.rooms.blobs.read(BLOB, 0, SMALL_BLOB)), CONTENT)

    def test_large(self) -> None:
        """A large blob needs credit, which comes as its bytes are written, and not too much."""
        number = self.stage(size=BULK_BLOB)
        sent, allowed = 0, INITIAL_CREDIT
        while sent < BULK_BLOB:
            self.assertGreater(allowed, sent)
            self.send(number, bytes(allowed - sent))
            sent = allowed
            allowed = min(BULK_BLOB, INITIAL_CREDIT + self.ada.credit(number))
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        self.assertLessEqual(self.ada.credit(number), BULK_BLOB)

    def test_without_credit(self) -> None:
        """Bytes without credit break the connection."""
        held = Held(self.rooms.journal.may_stage)
        self.patch(self.rooms.journal, "may_stage", held)
        number = self.stage(size=BULK_BLOB)
        self.send(number, bytes(INITIAL_CREDIT))
        self.assertRaises(ProtocolBroken, self.send, number, bytes(MIN_PACKET))

    def test_short_frames(self) -> None:
        """A frame of few bytes that does not end its blob breaks the connection."""
        for size in (1, MIN_PACKET - 1):
            number = self.stage()
            self.send(number, CONTENT[: 2 * MIN_PACKET])
            self.assertRaises(ProtocolBroken, self.send, number, bytes(size))
            self.ada.ask(messages.Cancel, number)
            self.send(number, bytes(size))

    def test_more_than_announced(self) -> None:
        """So do more bytes than were announced."""
        held = Held(self.rooms.journal.may_stage)
        self.patch(self.rooms.journal, "may_stage", held)
        number = self.stage()
        self.send(number)
        self.assertRaises(ProtocolBroken, self.send, number, b"x")

    def test_not_announced(self) -> None:
        """Bytes for a number that was not used yet break; those of an answered one fall."""
        number = self.stage()
        self.send(number)
        self.send(number, b"late")
        self.assertRaises(ProtocolBroken, self.send, number + 1, b"early")
        ping = self.ada.begin(messages.Ping)
        self.send(ping, b"of no transfer")
        self.assertEqual(len(self.ada.answers(ping)), 1)

    def test_again(self) -> None:
        """A blob that the drive has is done at once; whatever is sent of it falls."""
        self.send(self.stage())
        number = self.stage()
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        self.send(number, bytes(SMALL_BLOB))
        self.assertEqual(self.now(self.rooms.blobs.read(BLOB, 0, 9)), CONTENT[:9])

    def test_size(self) -> None:
        """Blobs have one of two sizes."""
        for size in (1, SMALL_BLOB - 1, SMALL_BLOB + 1, BULK_BLOB - 1):
            number = self.stage(size=size)
            self.assert_refused(*self.ada.answers(number), Code.BLOB_SIZE)
            self.send(number, b"let fall")

    def test_in_flight(self) -> None:
        """With too much unwritten nothing is read until half is written; what waits is written."""
        self.rooms.house.allowance = Allowance(bytes_in_flight=4 * MIN_PACKET)
        may_stage = Held(self.rooms.journal.may_stage)
        self.patch(self.rooms.journal, "may_stage", may_stage)
        numbers = [self.stage(blob_name(number)) for number in (1, 2)]
        self.send(numbers[0], CONTENT[: 3 * MIN_PACKET])
        self.send(numbers[1], CONTENT[:MIN_PACKET])
        self.assertTrue(self.ada.is_read)
        self.send(numbers[1], CONTENT[MIN_PACKET : 2 * MIN_PACKET])
        self.assertFalse(self.ada.is_read)
        may_stage.go()
        self.assertTrue(self.ada.is_read)  # 2 packets are left of the second
        may_stage.go()
        for number, sent in zip(numbers, (3, 2), strict=True):
            self.send(number, CONTENT[sent * MIN_PACKET :])
            self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        self.assertTrue(self.ada.is_read)

    def test_in_flight_without_an_end(self) -> None:
        """Uploads that gather their bytes do not wait for more of them while nothing is read."""
        self.rooms.house.allowance = Allowance(bytes_in_flight=2 * MIN_PACKET)
        for number in (1, 2, 3):
            self.send(self.stage(blob_name(number)), CONTENT[:MIN_PACKET])
        self.assertTrue(self.ada.is_read)

    def test_in_flight_given_up(self) -> None:
        """An upload that is given up is in nobody's way."""
        self.rooms.house.allowance = Allowance(bytes_in_flight=MIN_PACKET)
        self.patch(self.rooms.journal, "may_stage", Held(self.rooms.journal.may_stage))
        number = self.stage()
        self.send(number, CONTENT[: 2 * MIN_PACKET])
        self.assertFalse(self.ada.is_read)
        self.ada.session.transfers.answered(number)
        self.assertTrue(self.ada.is_read)

    def test_quota(self) -> None:
        """A full drive is told before a byte is asked for."""
        self.rooms = Rooms(quota=2 * SMALL_BLOB - 1)
        self.peer().ask(messages.Register, *ADA.register())
        self.ada = self.peer(ADA)
        self.send(self.stage())
        self.assert_refused(*self.ada.answers(self.stage(blob_name(2))), Code.QUOTA)

    def test_anothers_name(self) -> None:
        """A name that is another drive's is refused."""
        self.peer(BOB)
        self.now(self.rooms.journal.stage([(BLOB, BOB.drive, SMALL_BLOB)], 0))
        self.assert_refused(*self.ada.answers(self.stage()), Code.NOT_ALLOWED)

    def test_disk(self) -> None:
        """The disk's word goes to the peer; nothing is staged, and the blob may be sent again."""
        for code in (Code.DISK_FULL, Code.UNAVAILABLE):
            incoming = self.rooms.blobs.begin(blob_name(9))
            self.now(incoming.discard())
            broken = self.patch(type(incoming), "write", failing(Refused(code, "the disk")))
            number = self.stage()
            self.send(number)
            self.assert_refused(*self.ada.answers(number), code)
            broken.restore()
        self.assertEqual(self.ada.ask(messages.ReadUsage, ADA.drive).stored, 0)
        number = self.stage()
        self.send(number)
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def test_transfers(self) -> None:
        """So many uploads may be under way; one more is refused, until one is answered."""
        numbers = [self.stage(blob_name(one)) for one in range(MAX_TRANSFERS)]
        surplus = self.stage(blob_name(99))
        self.assert_refused(*self.ada.answers(surplus), Code.TOO_MANY)
        self.send(surplus, b"let fall")
        self.send(numbers[3])
        self.assertEqual(self.ada.answers(numbers[3]), [messages.Done(numbers[3])])
        number = self.stage(blob_name(99))
        self.send(number)
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])


class DownloadTests(TransferTestCase):
    """Down."""

    def setUp(self) -> None:
        super().setUp()
        self.send(self.stage())

    def test_read(self) -> None:
        """A range comes in packets of the asked-for size, the last one shorter; then Done."""
        number = self.read(10, 20_000, 8192)
        self.assertEqual(self.ada.bulk[number], CONTENT[10:20_010])
        self.assertEqual(self.ada.frames, [8192, 8192, 3616])
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])

    def test_states(self) -> None:
        """What is staged, stored or dropped can be read."""
        for adds, drops in (((), ()), ((BLOB,), ()), ((), (BLOB,))):
            number = self.read(0, SMALL_BLOB, SMALL_BLOB)
            self.assertEqual(self.ada.bulk[number], CONTENT)
            journal = self.rooms.journal
            head = self.now(journal.head(ADA.drive))
            self.now(journal.append(ADA.drive, record(ADA.drive, head, adds, drops), 0))

    def test_unknown(self) -> None:
        """Another's blob and one that is not there are refused alike."""
        bob = self.peer(BOB)
        wrong = [
            bob.ask(messages.ReadBlob, BOB.drive, blob, 0, 1, 4096) for blob in (BLOB, bytes(16))
        ]
        for answer in wrong:
            self.assert_refused(answer, Code.BLOB_UNKNOWN)
        self.assertEqual(wrong[0].sentence, wrong[1].sentence)
        self.assertEqual(bob.bulk, {})

    def test_range(self) -> None:
        """A range must lie in the blob, to the byte."""
        for offset, length in ((SMALL_BLOB, 1), (1, SMALL_BLOB), (0, SMALL_BLOB + 1)):
            number = self.read(offset, length, 4096)
            self.assert_refused(*self.ada.answers(number), Code.RANGE_INVALID)
        number = self.read(SMALL_BLOB - 1, 1, 4096)
        self.assertEqual(self.ada.bulk, {number: CONTENT[-1:]})

    def test_credit(self) -> None:
        """A download stops at its credit, and goes on with more; too much of it breaks."""
        self.send(self.stage(blob_name(2), BULK_BLOB), bytes(INITIAL_CREDIT))
        self.now(self.rooms.journal.stage([(blob_name(3), ADA.drive, BULK_BLOB)], 0))
        self.rooms.blobs.bytes[blob_name(3)] = bytes(BULK_BLOB)
        number = self.ada.begin(messages.ReadBlob, ADA.drive, blob_name(3), 0, BULK_BLOB, 64 * KIB)
        self.assertEqual(len(self.ada.bulk[number]), INITIAL_CREDIT)
        self.ada.session.receive(messages.Credit(number, 64 * KIB))
        self.assertEqual(len(self.ada.bulk[number]), INITIAL_CREDIT + 64 * KIB)
        self.assertRaises(
            ProtocolBroken, self.ada.session.receive, messages.Credit(number, BULK_BLOB + 1)
        )
        self.ada.session.receive(messages.Credit(number, BULK_BLOB))
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        self.assertEqual(len(self.ada.bulk[number]), BULK_BLOB)

    def test_gone(self) -> None:
        """Bytes that the disk does not have are told as its fault."""
        self.now(self.rooms.blobs.remove([BLOB]))
        number = self.read(0, 9, 4096)
        self.assert_refused(*self.ada.answers(number), Code.UNAVAILABLE)

    def test_transfers(self) -> None:
        """So many downloads may be under way; one more is refused, until one is answered."""
        self.ada.fill()
        numbers = [self.read(0, 9, 4096) for _ in range(MAX_TRANSFERS)]
        self.assert_refused(*self.ada.answers(self.read(0, 9, 4096)), Code.TOO_MANY)
        self.ada.drain()
        for number in numbers:
            self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        number = self.read(0, 9, 4096)
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
