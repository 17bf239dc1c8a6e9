"""Blobs that are made durable in groups."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId
from anoncloud.server.contracts import Incoming
from tests.support.server import ADA, BOB, Held, ServerTestCase, blob_name, failing

SIZE = 4


class StagingTests(ServerTestCase):
    """The queue, over stores that wait to be told to go on."""

    def setUp(self) -> None:
        super().setUp()
        for person in (ADA, BOB):
            self.now(self.rooms.accounts.register(person.new_account(), None, 0, 0))
        self.groups: list[int] = []
        real = self.rooms.blobs.settle

        async def settle(incoming: Sequence[Incoming]) -> list[Refused | None]:
            self.groups.append(len(incoming))
            outcomes = await real(incoming)
            for number, one in enumerate(incoming):
                if one.blob in self.broken:  # type: ignore[attr-defined]
                    outcomes[number] = Refused(Code.DISK_FULL, "full")
            return outcomes

        self.broken: set[BlobId] = set()
        self.settle = Held(settle)
        self.patch(self.rooms.blobs, "settle", self.settle)

    def finish(self, number: int, drive: Any = ADA.drive) -> "Deferred[Any]":
        """Finish a blob."""
        blob = blob_name(number)
        incoming = self.rooms.blobs.begin(blob)
        self.now(incoming.write([b"blob"]))
        return Deferred.fromCoroutine(self.rooms.staging.finish(drive, blob, SIZE, incoming))

    def held(self, number: int) -> int:
        """Tell what the journal knows of a blob of Ada's."""
        return self.now(self.rooms.journal.holds(ADA.drive, blob_name(number)))

    def test_one(self) -> None:
        """A blob is staged when it is durable, and not before; a later one just as well."""
        for number in (1, 2):
            done = self.finish(number)
            self.assertNoResult(done)
            self.assertEqual(self.held(number), 0)
            self.settle.go()
            self.successResultOf(done)
            self.assertEqual(self.held(number), SIZE)
        self.assertEqual(self.groups, [1, 1])

    def test_groups(self) -> None:
        """What is finished while a group is settled forms the next group, of all drives."""
        done = [self.finish(1)]
        done += [self.finish(number, (ADA, BOB)[number % 2].drive) for number in range(2, 7)]
        self.settle.go()
        self.successResultOf(done[0])
        for one in done[1:]:
            self.assertNoResult(one)
        self.settle.go()
        for one in done[1:]:
            self.successResultOf(one)
        self.assertEqual(self.groups, [1, 5])
        usage = [self.now(self.rooms.journal.usage(who.drive)).stored for who in (ADA, BOB)]
        self.assertEqual(usage, [4 * SIZE, 2 * SIZE])

    def test_checksums(self) -> None:
        """The checksums of what came in are noted with it; of what came twice, the last one."""
        for content in (b"first", b"second"):
            blob = blob_name(1)
            incoming = self.rooms.blobs.begin(blob)
            self.now(incoming.write([content]))
            finish = self.rooms.staging.finish(ADA.drive, blob, SIZE, incoming)
            done = Deferred.fromCoroutine(finish)
            self.settle.go()
            self.successResultOf(done)
            self.assertEqual(self.rooms.journal.blobs[blob].checksum, crc32(content))

    def test_one_fails(self) -> None:
        """One blob that can't be settled is told so; the rest of its group is staged."""
        self.finish(1)
        self.broken = {blob_name(3)}
        done = [self.finish(number) for number in (2, 3, 4)]
        self.settle.go()
        self.settle.go()
        self.successResultOf(done[0])
        self.successResultOf(done[2])
        self.assertEqual(self.failureResultOf(done[1], Refused).value.code, Code.DISK_FULL)
        self.assertEqual([self.held(number) for number in (2, 3, 4)], [SIZE, 0, SIZE])

    def test_all_fail(self) -> None:
        """When all of a group fail nothing is staged, and the next group is settled."""
        self.broken = {blob_name(1)}
        first, second = self.finish(1), self.finish(2)
        self.settle.go()
        self.failureResultOf(first, Refused)
        self.settle.go()
        self.successResultOf(second)

    def test_database_fails(self) -> None:
        """Blobs that the database does not take are told its word, and are removed."""
        broken = self.patch(self.rooms.journal, "stage", failing(Refused(Code.DISK_FULL, "full")))
        done = self.finish(1)
        self.settle.go()
        self.assertEqual(self.failureResultOf(done, Refused).value.code, Code.DISK_FULL)
        self.assertEqual(self.rooms.blobs.bytes, {})
        broken.restore()
        done = self.finish(1)
        self.settle.go()
        self.successResultOf(done)
        self.assertEqual(self.held(1), SIZE)

    def test_database_in_doubt(self) -> None:
        """Blobs whose rows are there after all keep their bytes, though a refusal was told."""
        stage = self.rooms.journal.stage

        async def doubtful(*arguments: Any) -> None:
            await stage(*arguments)
            raise Refused(Code.UNAVAILABLE, "who knows")

        self.patch(self.rooms.journal, "stage", doubtful)
        done = self.finish(1)
        self.settle.go()
        self.failureResultOf(done, Refused)
        self.assertEqual(self.held(1), SIZE)
        self.assertEqual(self.rooms.blobs.bytes, {blob_name(1): b"blob"})

    def test_database_gone(self) -> None:
        """If not even that can be asked, the bytes are left for the collector."""
        for name in ("stage", "condemn"):
            error = RuntimeError("no database")
            self.patch(self.rooms.journal, name, failing(error))
        done = self.finish(1)
        self.settle.go()
        self.assertEqual(self.failureResultOf(done, Refused).value.code, Code.UNAVAILABLE)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 2)
        self.assertEqual(self.rooms.blobs.bytes, {blob_name(1): b"blob"})

    def test_fault(self) -> None:
        """A fault of ours is logged, told without its words, and does not stop the queue."""
        real = self.settle._method
        self.settle._method = failing(RuntimeError("a secret detail"))
        first, second = self.finish(1), self.finish(2)
        self.settle.go()
        refusal = self.failureResultOf(first, Refused).value
        self.assertEqual(refusal.code, Code.UNAVAILABLE)
        self.assertNotIn("secret", str(refusal))
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.settle._method = real
        self.settle.go()
        self.successResultOf(second)
