"""Compaction: what is named moves together, all of it, and nothing is lost on the way."""

from collections.abc import Awaitable, Callable
from random import Random
from unittest.mock import patch

from anoncloud.client.drive import Drive
from anoncloud.client.transfers import compacting
from anoncloud.client.transfers.compacting import Compacted, Compactor, packed_length
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.nodes import File
from anoncloud.client.tree.versions import Piece, Version
from anoncloud.crypto.packing import Packer
from anoncloud.errors import Code, Refused, Tampered
from anoncloud.ids import ROOT
from anoncloud.limits import BULK_BLOB, KIB, MIB, SEALED_SEGMENT, SMALL_BLOB
from anoncloud.wire import messages
from tests.support.client import Fault
from tests.support.client_keeping import KeepingTestCase, silent
from tests.support.entropy import counting


class CompactingTestCase(KeepingTestCase):
    """A drive that is filled, thinned out and compacted."""

    def compact(self, threshold: int = 50, *, dry_run: bool = False) -> Compacted:
        compactor = Compactor(self.drive, threshold, silent, self.complaints.append)
        self.run_now(compactor.run(dry_run=dry_run))
        return compactor.done

    def stored(self) -> int:
        return sum(map(len, self.store.blobs.values()))

    def contents(self, drive: Drive | None = None) -> dict[tuple[int, int], bytes]:
        """Read every version of every file, those in the trash too."""
        nodes = (drive or self.drive).tree.nodes
        return {
            (number, place): self.read(kept.version, drive)
            for number, node in sorted(nodes.items())
            if isinstance(node, File)
            for place, kept in enumerate(node.versions)
        }

    def thin(self, count: int = 12, keep: int = 3) -> None:
        """Store files side by side, and forget most of them."""
        drawn = Random(count)
        self.put(**{f"f{number}": drawn.randbytes(300 * KIB) for number in range(count)})
        self.purge(*(self.file(f"f{number}") for number in range(keep, count)))


class CompactorTests(CompactingTestCase):
    """What a compaction does, and what it leaves alone."""

    def test_it_frees_space(self) -> None:
        """A blob that is mostly unused goes, and what is left of it lies in smaller ones."""
        self.thin()
        before, contents = self.stored(), self.contents()
        would = self.compact(dry_run=True)
        self.assertEqual(self.stored(), before)
        did = self.compact()
        self.assertEqual(did, would)
        self.assertGreater(did.freed, 2 * MIB)
        self.assertEqual(before - self.stored(), did.freed)
        self.assertEqual(self.contents(), contents)
        self.assert_counted()
        self.assertEqual(self.compact().rewritten, 0)
        self.assertEqual(self.complaints, [])

    def test_full_blobs_stay(self) -> None:
        """A drive without gaps is left as it is, and asks nothing of the server but sizes."""
        self.put(one=bytes(5 * MIB))
        records = len(self.store.journal)
        self.assertEqual(self.compact().rewritten, 0)
        self.assertEqual(len(self.store.journal), records)

    def test_no_gain_no_work(self) -> None:
        """A sparse blob that would only become another one of its size is left alone."""
        self.put(one=b"x")
        self.assertEqual(self.compact(100), Compacted(1))

    def test_small_blobs_join(self) -> None:
        """Blobs that were each made for one short file become one."""
        for number in range(8):
            self.put(**{f"f{number}": bytes([number]) * 10_000})
        self.assertEqual(len(self.store.blobs), 8)
        self.assertEqual(self.compact().freed, 7 * SMALL_BLOB)
        self.assertEqual(len(self.store.blobs), 1)
        for number in range(8):
            self.assertEqual(self.read(self.file(f"f{number}").version)[0], number)

    def test_shared_streams(self) -> None:
        """Copies, older versions that share a stream, and the trash all follow."""
        self.thin()
        first = self.file("f0")
        shared = first.version.streams[0]
        pieces = (Piece(0, 0, 65536), Piece(0, 0, shared.size))
        digest = self.drive.prints.content()
        content = self.read(first.version)
        digest.update(content[:65536] + content)
        pieced = Version(1, 0o600, digest.digest(), (shared,), pieces)

        def plan(draft: Draft) -> None:
            draft.add(changes.PutVersion(first.node, pieced))
            draft.add(changes.PutFile(draft.new_node(), ROOT, b"copy", first.version))
            draft.add(changes.Trash(self.file("f1").node))

        self.run_now(self.drive.change(plan))
        before = self.contents()
        self.assertGreater(self.compact().rewritten, 0)
        self.assertEqual(self.contents(), before)
        self.assert_counted()
        moved = {kept.version.streams[0] for kept in self.file("f0").versions}
        self.assertEqual(moved, {self.file("copy").version.streams[0]})
        self.assertNotEqual(moved, {shared})

    def test_several_records(self) -> None:
        """What one record does not hold is moved by several, and old blobs go with the last."""
        self.thin(12, 3)
        version = self.file("f0").version

        def copy(draft: Draft) -> None:
            for number in range(20):
                draft.add(changes.PutFile(draft.new_node(), ROOT, b"%d" % number, version))

        self.run_now(self.drive.change(copy))
        before, records = self.contents(), len(self.store.journal)
        with patch.object(compacting, "RECORD_BYTES", 500):
            self.assertGreater(self.compact().rewritten, 0)
        self.assertGreater(len(self.store.journal), records + 2)
        self.assertEqual(self.contents(), before)
        self.assert_counted()

    def test_packed_length(self) -> None:
        """It is what the packer makes of so many bytes."""
        for length in (1, SMALL_BLOB, 3 * MIB, 3 * MIB + 1, BULK_BLOB - 1, BULK_BLOB, 9 * MIB + 7):
            packer = Packer(counting())
            blobs = []
            for start in range(0, length, SEALED_SEGMENT):
                blob = packer.add(1, bytes(min(SEALED_SEGMENT, length - start)))
                blobs += [blob] if blob else []
            blobs += packer.flush()
            self.assertEqual(sum(blob.size for blob in blobs), packed_length(length), length)


class InterruptedTests(CompactingTestCase):
    """Cuts, refusals, other devices and damage."""

    def setUp(self) -> None:
        super().setUp()
        self.thin()
        self.before = self.contents()

    def begin(self) -> Compactor:
        return Compactor(self.drive, 50, silent, self.complaints.append)

    def assert_nothing_lost(self) -> None:
        """See that this device and a new one read everything."""
        self.assertEqual(self.contents(), self.before)
        other, _ = self.open(b"other")
        self.assertEqual(self.contents(other), self.before)
        self.assert_counted(other)

    def test_ended_before_the_record(self) -> None:
        """Whatever was sent before an end that no record follows changes nothing."""
        for kind in (messages.ReadUsage, messages.ReadBlob, messages.StageBlob, messages.Commit):
            stop = Refused(Code.DISK_FULL, "the disk is full")
            self.peer.faults[kind] = [stop]
            self.assertIs(self.fails(Refused, self.begin().run()), stop)
            self.peer.faults.clear()
            self.assert_nothing_lost()
        self.assertGreater(self.compact().freed, 0)
        self.assert_nothing_lost()

    def test_cut_commits(self) -> None:
        """A connection that is cut while the record is sent ends in one record."""
        records = len(self.store.journal)
        self.peer.faults[messages.Commit] = [Fault.CUT_BEFORE, Fault.CUT_AFTER]
        self.run_now(self.begin().run())
        self.assertEqual(len(self.store.journal), records + 1)
        self.assert_nothing_lost()

    def while_moving(self, meanwhile: Callable[[Drive], Awaitable[None]]) -> None:
        """Let another device do something just before the record."""
        other, _ = self.open(b"meanwhile")

        async def step() -> None:
            await meanwhile(other)

        self.peer.before_commit.append(step)
        self.run_now(self.begin().run())

    def test_copied_meanwhile(self) -> None:
        """A copy that another device makes at the same time is moved, too."""
        version = self.file("f0").version

        async def copy(other: Drive) -> None:
            await other.change(
                lambda draft: draft.add(changes.PutFile(draft.new_node(), ROOT, b"c", version))
            )

        self.while_moving(copy)
        self.assertEqual(self.file("c").version.streams, self.file("f0").version.streams)
        self.before = self.contents()
        self.assertEqual(len(set(self.before.values())), 3)
        self.assert_nothing_lost()

    def test_purged_meanwhile(self) -> None:
        """A file that another device forgets at the same time is not brought back."""

        async def purge(other: Drive) -> None:
            node = other.stat((b"f0",)).node
            await other.trash((b"f0",))
            await other.purge([node])

        self.while_moving(purge)
        self.before = {key: value for key, value in self.before.items() if key in self.contents()}
        self.assertEqual(len(self.before), 2)
        self.assert_nothing_lost()

    def test_compacted_meanwhile(self) -> None:
        """Two devices that compact at once do it once."""

        async def compact(other: Drive) -> None:
            await Compactor(other, 50, silent, self.complaints.append).run()

        self.while_moving(compact)
        self.assert_nothing_lost()

    def test_lost_blob(self) -> None:
        """A blob that the server has lost is told, and keeps no other from being compacted."""
        drawn = Random(9)
        self.put(**{f"g{number}": drawn.randbytes(300 * KIB) for number in range(13)})
        self.purge(*(self.file(f"g{number}") for number in range(1, 13)))
        lost = self.file("g0").version.streams[0].extents[0].blob
        content = self.store.blobs.pop(lost)
        self.assertGreater(self.compact().rewritten, 0)
        self.assertIsInstance(self.complaints[0], Tampered)
        self.store.blobs[lost] = content
        self.before = self.contents()
        self.assert_nothing_lost()

    def test_short_answers(self) -> None:
        """A server that sends less than was asked for gets nothing dropped."""
        self.peer.damage = lambda _, content: content[:-1]
        self.assertEqual(self.compact().rewritten, 0)
        self.assertIsInstance(self.complaints[0], Tampered)
        self.peer.damage = lambda _, content: content
        self.assert_nothing_lost()
