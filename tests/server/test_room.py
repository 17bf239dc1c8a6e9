"""Room on the disk, and for all accounts together."""

from typing import Any

from anoncloud.errors import Code
from anoncloud.limits import BULK_BLOB, SMALL_BLOB
from anoncloud.server.conditions import Allowance
from anoncloud.server.contracts import Head
from anoncloud.server.room import FRESH
from anoncloud.wire import messages
from anoncloud.wire.records import genesis_hash, record_hash
from tests.support.server import ADA, BOB, Held, Peer, ServerTestCase, blob_name, record

GENESIS = Head(0, genesis_hash(ADA.drive))


class RoomTests(ServerTestCase):
    """Uploads while there is little room."""

    def setUp(self) -> None:
        super().setUp()
        self.ada = self.peer(ADA)
        self.free: int | None = 10 * SMALL_BLOB
        self.asked = 0

        async def free() -> int | None:
            self.asked += 1
            return self.free

        self.patch(self.rooms.blobs, "free", free)

    def allow(self, **allowance: Any) -> None:
        """Set limits."""
        self.rooms.house.allowance = Allowance(**allowance)

    def stage(self, number: int, peer: Peer | None = None, drive: bytes = ADA.drive) -> int:
        """Begin to stage a blob."""
        peer = peer or self.ada
        return peer.begin(messages.StageBlob, drive, blob_name(number), SMALL_BLOB)

    def store(self, number: int) -> Any:
        """Stage a blob; give the answer."""
        request = self.stage(number)
        if not self.ada.answers(request):
            self.ada.deliver(request, bytes(SMALL_BLOB))
        (answer,) = self.ada.answers(request)
        return answer

    def later(self) -> None:
        """Let what is known of the stores get old."""
        self.rooms.clock.advance(FRESH)

    def test_disk(self) -> None:
        """Below the least free space uploads are refused, with what to do; then they go on."""
        self.allow(lowest_free_disk=2 * SMALL_BLOB)
        self.free = 3 * SMALL_BLOB
        self.assertIsInstance(self.store(1), messages.Done)
        self.free = 3 * SMALL_BLOB - 1
        self.later()
        refusal = self.store(2)
        self.assert_refused(refusal, Code.DISK_FULL)
        self.assertIn("almost full", refusal.sentence)
        self.assertIn("removing still works", refusal.hint)
        self.free = 3 * SMALL_BLOB
        self.later()
        self.assertIsInstance(self.store(2), messages.Done)

    def test_removing(self) -> None:
        """On a full disk records are committed that add nothing, and blobs are read and dropped."""
        self.store(1)
        first = record(ADA.drive, GENESIS, adds=(blob_name(1),))
        self.ada.ask(messages.Commit, first)
        self.allow(lowest_free_disk=10**12)
        self.assert_refused(self.store(2), Code.DISK_FULL)
        number = self.ada.begin(messages.ReadBlob, ADA.drive, blob_name(1), 0, 9, 65552)
        self.assertEqual(self.ada.answers(number), [messages.Done(number)])
        drop = record(ADA.drive, Head(1, record_hash(first)), drops=(blob_name(1),))
        self.assertIsInstance(self.ada.ask(messages.Commit, drop), messages.Committed)

    def test_total(self) -> None:
        """All accounts together may store so much, and what one has counts for the other."""
        self.allow(quota_total=2 * SMALL_BLOB)
        bob = self.peer(BOB)
        self.assertIsInstance(self.store(1), messages.Done)
        held = Held(self.rooms.blobs.settle)
        self.patch(self.rooms.blobs, "settle", held)
        request = self.stage(2, bob, BOB.drive)
        bob.deliver(request, bytes(SMALL_BLOB))
        refusal = self.store(3)
        self.assert_refused(refusal, Code.DISK_FULL)
        self.assertIn("all its accounts", refusal.sentence)
        held.go()
        self.assertEqual(bob.answers(request), [messages.Done(request)])
        self.later()
        self.assert_refused(self.store(3), Code.DISK_FULL)
        self.ada.ask(messages.Unstage, ADA.drive, (blob_name(1),))
        self.later()
        self.assertNotIsInstance(self.ada.answers(self.stage(3))[-1:], messages.Refusal)

    def test_refused_is_not_counted(self) -> None:
        """What was refused takes no room from what is asked for just after it."""
        self.allow(quota_total=2 * SMALL_BLOB)
        self.assertIsInstance(self.store(1), messages.Done)
        large = self.ada.begin(messages.StageBlob, ADA.drive, blob_name(2), BULK_BLOB)
        (refusal,) = self.ada.answers(large)
        self.assertEqual(refusal.code, Code.DISK_FULL)
        self.assertIsInstance(self.store(3), messages.Done)

    def test_between(self) -> None:
        """What came in since the stores were asked is counted, whether it is through or not."""
        self.allow(lowest_free_disk=8 * SMALL_BLOB)
        self.assertIsInstance(self.store(1), messages.Done)
        self.assertIsInstance(self.store(2), messages.Done)
        self.assert_refused(self.store(3), Code.DISK_FULL)
        self.assertEqual(self.asked, 1)

    def test_unknown(self) -> None:
        """Where free space can't be told there is no limit of it."""
        self.allow(lowest_free_disk=10**12)
        self.free = None
        self.assertIsInstance(self.store(1), messages.Done)

    def test_no_limit(self) -> None:
        """Without limits nobody is asked."""
        self.allow()
        self.assertIsInstance(self.store(1), messages.Done)
        self.assertEqual(self.asked, 0)

    def test_clock_goes_back(self) -> None:
        """A clock that was put back does not keep an old answer."""
        self.allow(lowest_free_disk=1)
        self.store(1)
        self.rooms.house.room._clock = lambda: 5.0
        self.store(2)
        self.assertEqual(self.asked, 2)
