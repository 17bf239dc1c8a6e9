"""The contract of ``BlobStore``, sentence by sentence; a store's test inherits it."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB, SMALL_BLOB
from anoncloud.server.contracts import BlobStore
from tests.support.server import blob_name

ONE, TWO, THREE = (blob_name(number) for number in (1, 2, 3))
DAY = 24 * 3600.0


class BlobCase:
    """A store of blobs, and a little knowledge of it."""

    async def open_blobs(self) -> BlobStore:
        """Open the store; the one of this test that was open before is closed."""
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        """Let all that is in the store get older."""
        raise NotImplementedError

    def seconds(self) -> float:
        """Tell the time by which the store's blobs age."""
        raise NotImplementedError

    async def store(self: Any, blobs: BlobStore, blob: BlobId, content: bytes) -> None:
        """Store a blob."""
        incoming = blobs.begin(blob)
        await incoming.write([content])
        self.assertEqual(await blobs.settle([incoming]), [None])

    async def unavailable(self: Any, blobs: BlobStore, *extent: Any) -> None:
        """See that there are no such bytes."""
        try:
            await blobs.read(*extent)
        except Refused as refusal:
            self.assertEqual(refusal.code, Code.UNAVAILABLE)
        else:
            self.fail("something was read")


class BlobContract(BlobCase):
    """The contract, for stores of every kind."""

    async def test_free(self: Any) -> None:
        """What is free is told, or that it can't be."""
        free = await (await self.open_blobs()).free()
        self.assertTrue(free is None or free > 0)

    async def test_pieces(self: Any) -> None:
        """Pieces of all sizes and both kinds are kept in order, and any range is read."""
        blobs = await self.open_blobs()
        incoming = blobs.begin(ONE)
        await incoming.write([b"one", memoryview(b"two")])
        await incoming.write([])
        await incoming.write([memoryview(b"threefour")[5:], b"", b"five"])
        await blobs.settle([incoming])
        content = b"onetwofourfive"
        for offset in range(len(content)):
            for length in range(1, len(content) - offset + 1):
                read = await blobs.read(ONE, offset, length)
                self.assertEqual(bytes(read), content[offset : offset + length])

    async def test_many_pieces(self: Any) -> None:
        """However small its pieces are, a blob is kept whole."""
        blobs = await self.open_blobs()
        content = bytes(number % 251 for number in range(5000))
        incoming = blobs.begin(ONE)
        await incoming.write([content[at : at + 1] for at in range(5000)])
        self.assertEqual(await blobs.settle([incoming]), [None])
        self.assertEqual(await blobs.read(ONE, 0, 5000), content)

    async def test_checksum(self: Any) -> None:
        """What came in has its checksum, however it came, when it is settled."""
        blobs = await self.open_blobs()
        content = bytes(range(251)) * (BULK_BLOB // 251)
        for length, step in ((0, 1), (7, 3), (SMALL_BLOB, SMALL_BLOB), (len(content), 65552)):
            incoming = blobs.begin(ONE)
            for at in range(0, length, step):
                await incoming.write([memoryview(content)[at : min(length, at + step)]])
            self.assertEqual(await blobs.settle([incoming]), [None])
            self.assertEqual(incoming.checksum(), crc32(content[:length]), length)

    async def test_long(self: Any) -> None:
        """Blobs of both sizes, and of sizes beside them, are kept whole, as one piece or many."""
        blobs = await self.open_blobs()
        for size in (SMALL_BLOB, BULK_BLOB - 1, BULK_BLOB, BULK_BLOB + 1):
            content = bytes(range(251)) * (size // 251 + 1)
            for step in (size, 65552):
                incoming = blobs.begin(ONE)
                for at in range(0, size, step):
                    await incoming.write([memoryview(content)[at : min(size, at + step)]])
                self.assertEqual(await blobs.settle([incoming]), [None])
                self.assertTrue(await blobs.read(ONE, 0, size) == content[:size], (size, step))
                await self.unavailable(blobs, ONE, size, 1)

    async def test_absent(self: Any) -> None:
        """What is not there, or not all there, is not read."""
        blobs = await self.open_blobs()
        await self.unavailable(blobs, ONE, 0, 1)
        await self.store(blobs, ONE, b"content")
        for offset, length in ((0, 8), (6, 2), (7, 1), (100, 1)):
            await self.unavailable(blobs, ONE, offset, length)
        await self.unavailable(blobs, TWO, 0, 1)

    async def test_not_before_settled(self: Any) -> None:
        """Until it is settled a blob can't be read, and what was there before can."""
        blobs = await self.open_blobs()
        incoming = blobs.begin(ONE)
        await incoming.write([b"new"])
        await self.unavailable(blobs, ONE, 0, 1)
        await blobs.settle([incoming])
        incoming = blobs.begin(ONE)
        await incoming.write([b"newer"])
        self.assertEqual(await blobs.read(ONE, 0, 3), b"new")
        await blobs.settle([incoming])
        self.assertEqual(await blobs.read(ONE, 0, 5), b"newer")

    async def test_replaced(self: Any) -> None:
        """A settled blob takes the place of all that had its name, also of a longer one."""
        blobs = await self.open_blobs()
        await self.store(blobs, ONE, b"long content")
        await self.store(blobs, ONE, b"short")
        self.assertEqual(await blobs.read(ONE, 0, 5), b"short")
        await self.unavailable(blobs, ONE, 0, 6)

    async def test_several_at_once(self: Any) -> None:
        """One name may come in several times at once; each is whole, and the last one stays."""
        blobs = await self.open_blobs()
        first, second, third = (blobs.begin(ONE) for _ in range(3))
        for half in (b"half", b"more"):
            for number, incoming in enumerate((first, second, third)):
                await incoming.write([half, b"%d" % number])
        self.assertEqual(await blobs.settle([second]), [None])
        self.assertEqual(await blobs.read(ONE, 0, 10), b"half1more1")
        await third.discard()
        self.assertEqual(await blobs.read(ONE, 0, 10), b"half1more1")
        self.assertEqual(await blobs.settle([first]), [None])
        self.assertEqual(await blobs.read(ONE, 0, 10), b"half0more0")

    async def test_several_in_a_group(self: Any) -> None:
        """Two of one name may be settled together; the later one stays."""
        blobs = await self.open_blobs()
        group = [blobs.begin(ONE), blobs.begin(TWO), blobs.begin(ONE)]
        for number, incoming in enumerate(group):
            await incoming.write([b"%d" % number])
        self.assertEqual(await blobs.settle(group), [None] * 3)
        self.assertEqual(await blobs.read(ONE, 0, 1), b"2")
        self.assertEqual(await blobs.read(TWO, 0, 1), b"1")

    async def test_discard(self: Any) -> None:
        """What is discarded leaves nothing, however often, and nothing can be added to it."""
        blobs = await self.open_blobs()
        incoming = blobs.begin(ONE)
        await incoming.write([b"content"])
        await incoming.discard()
        await incoming.discard()
        await incoming.write([b"more"])
        await self.unavailable(blobs, ONE, 0, 1)
        await self.store(blobs, ONE, b"new")
        await self.unavailable(blobs, ONE, 0, 4)

    async def test_discard_late(self: Any) -> None:
        """Discarding what was settled, or discarded, harms neither it nor a later one."""
        blobs = await self.open_blobs()
        first = blobs.begin(ONE)
        await first.write([b"first"])
        await blobs.settle([first])
        await first.discard()
        self.assertEqual(await blobs.read(ONE, 0, 5), b"first")
        second = blobs.begin(ONE)
        await second.write([b"sec"])
        await first.discard()
        await second.write([b"ond"])
        self.assertEqual(await blobs.settle([second]), [None])
        self.assertEqual(await blobs.read(ONE, 0, 6), b"second")

    async def test_groups(self: Any) -> None:
        """A group is settled at once, with an outcome for each; an empty group is none."""
        blobs = await self.open_blobs()
        self.assertEqual(await blobs.settle([]), [])
        names = [blob_name(number) for number in range(40)]
        group = []
        for name in names:
            incoming = blobs.begin(name)
            await incoming.write([name])
            group.append(incoming)
        self.assertEqual(await blobs.settle(group), [None] * 40)
        for name in names:
            self.assertEqual(await blobs.read(name, 0, 16), name)

    async def test_remove(self: Any) -> None:
        """Removed blobs are gone; one that is not there is no fault, and others stay."""
        blobs = await self.open_blobs()
        for blob in (ONE, TWO, THREE):
            await self.store(blobs, blob, b"content")
        await blobs.remove([])
        await blobs.remove([ONE, blob_name(9), TWO])
        await blobs.remove([ONE])
        await self.unavailable(blobs, ONE, 0, 1)
        await self.unavailable(blobs, TWO, 0, 1)
        self.assertEqual(await blobs.read(THREE, 0, 7), b"content")

    async def test_remove_what_comes_again(self: Any) -> None:
        """A blob that is coming in again stays when it is removed, until the last one is over."""
        blobs = await self.open_blobs()
        await self.store(blobs, ONE, b"old")
        incoming, other = blobs.begin(ONE), blobs.begin(ONE)
        await incoming.write([b"new"])
        for _ in range(2):
            await blobs.remove([ONE, TWO])
            self.assertEqual(await blobs.read(ONE, 0, 3), b"old")
            await other.discard()
        self.assertEqual(await blobs.settle([incoming]), [None])
        self.assertEqual(await blobs.read(ONE, 0, 3), b"new")
        await blobs.remove([ONE])
        await self.unavailable(blobs, ONE, 0, 1)

    async def test_orphans(self: Any) -> None:
        """Old blobs that nobody knows are removed; known, young and incoming ones are not."""
        blobs = await self.open_blobs()
        await self.store(blobs, ONE, b"known")
        await self.store(blobs, TWO, b"orphan")
        self.pass_time(DAY)
        await self.store(blobs, THREE, b"young")
        incoming = blobs.begin(blob_name(4))
        await incoming.write([b"incoming"])

        async def unknown(some: Sequence[BlobId]) -> list[BlobId]:
            return [blob for blob in some if blob != ONE]

        before = self.seconds() - DAY / 2
        self.assertEqual(await blobs.orphans(unknown, before), 1)
        self.assertEqual(await blobs.orphans(unknown, before), 0)
        await self.unavailable(blobs, TWO, 0, 1)
        self.assertEqual(await blobs.read(ONE, 0, 5), b"known")
        self.assertEqual(await blobs.read(THREE, 0, 5), b"young")
        self.assertEqual(await blobs.settle([incoming]), [None])
        self.assertEqual(await blobs.read(blob_name(4), 0, 8), b"incoming")

    async def test_orphan_comes_again(self: Any) -> None:
        """An orphan whose name is coming in again is left alone."""
        blobs = await self.open_blobs()
        await self.store(blobs, ONE, b"orphan")
        self.pass_time(DAY)
        incoming = blobs.begin(ONE)

        async def all_of_them(some: Sequence[BlobId]) -> list[BlobId]:
            return list(some)

        self.assertEqual(await blobs.orphans(all_of_them, self.seconds() - DAY / 2), 0)
        await incoming.discard()
        self.assertEqual(await blobs.orphans(all_of_them, self.seconds() - DAY / 2), 1)


class DurableBlobContract(BlobCase):
    """What a store on a disk keeps besides."""

    async def test_reopened(self: Any) -> None:
        """Settled blobs are there after the store was opened anew; begun ones are not."""
        blobs = await self.open_blobs()
        await self.store(blobs, ONE, b"content")
        await blobs.begin(TWO).write([b"half"])
        blobs = await self.open_blobs()
        self.assertEqual(await blobs.read(ONE, 0, 7), b"content")
        await self.unavailable(blobs, TWO, 0, 1)
        await self.store(blobs, TWO, b"whole")
        self.assertEqual(await blobs.read(TWO, 0, 5), b"whole")
