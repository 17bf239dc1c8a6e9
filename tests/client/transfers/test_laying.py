"""Streams into blobs: a few under way at once, and what is durable is noted, and nothing else."""

from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred

from anoncloud.client.transfers.laying import BLOBS_UNDER_WAY, Laid, Layer, Origin
from anoncloud.client.transfers.reading import open_whole
from anoncloud.client.transfers.sealer import Sealer
from anoncloud.client.transfers.sending import Sending
from anoncloud.client.transfers.unfinished import Identity
from anoncloud.crypto.fingerprints import FINGERPRINT
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.packing import PackedBlob
from anoncloud.crypto.segments import sealed_length
from anoncloud.errors import Code, Refused
from anoncloud.limits import BULK_BLOB, MIB, SEALED_SEGMENT, SEGMENT, SMALL_BLOB
from tests.support.client_files import PRINTS, FilesTestCase, noise

KEY = FileKey(b"\x07" * 32)
FULL = Refused(Code.QUOTA, "there is no more room")


class Held:
    """A peer's way of staging, which ends when it is told to."""

    def __init__(self, stage: Callable[..., object]) -> None:
        self.waiting: list[tuple[PackedBlob, Deferred[None]]] = []
        self.sent: dict[bytes, Callable[[int], None]] = {}
        self._stage = stage

    async def __call__(self, drive: bytes, blob: PackedBlob, sent: Callable[[int], None]) -> None:
        done: Deferred[None] = Deferred()
        self.waiting.append((blob, done))
        self.sent[blob.blob] = sent
        await done
        await self._stage(drive, blob)

    def land(self, number: int = 0) -> PackedBlob:
        """Let one of those that wait be durable."""
        blob, done = self.waiting.pop(number)
        done.callback(None)
        return blob

    def fail(self, error: Exception) -> None:
        """Let the first fail."""
        self.waiting.pop(0)[1].errback(error)


class LayingTestCase(FilesTestCase):
    """A layer, over a peer that is held."""

    def setUp(self) -> None:
        super().setUp()
        self.held = Held(self.peer.stage)
        self.peer.stage = self.held
        self.list = self.unfinished()
        self.layer = Layer(self.drive, self.list)

    def sealed(self, size: int) -> tuple[Sealer, list[bytes]]:
        sealer = Sealer(KEY, PRINTS)
        segments = sealer.feed(noise(size))
        return sealer, [*segments, sealer.finish()]

    def add(self, laid: Laid, segments: list[bytes]) -> "Deferred[None]":
        return Deferred.fromCoroutine(self.layer.add(laid, segments))

    def finish(self) -> "Deferred[None]":
        return Deferred.fromCoroutine(self.layer.finish())


class LayerTests(LayingTestCase):
    """What lies where."""

    def read_back(self, laid: Laid, size: int) -> bytes:
        staged = self.store.staged
        sealed = b"".join(
            staged[blob][offset : offset + length] for blob, offset, length in laid.extents
        )
        return open_whole(KEY, size, sealed)

    def test_extents(self) -> None:
        """Streams lie end to end, and each opens from its extents."""
        sizes = (0, 5, 2 * BULK_BLOB + 3, SEGMENT, MIB)
        laids = [Laid() for _ in sizes]
        for laid, size in zip(laids, sizes, strict=True):
            self.successResultOf(self.add(laid, self.sealed(size)[1]))
        finished = self.finish()
        while self.held.waiting:
            self.held.land()
        self.successResultOf(finished)
        for laid, size in zip(laids, sizes, strict=True):
            self.assertEqual(laid.length, sealed_length(size))
            self.assertEqual(self.read_back(laid, size), noise(size))
        lengths = {len(content) for content in self.store.staged.values()}
        self.assertEqual(lengths, {SMALL_BLOB, BULK_BLOB})

    def test_nothing(self) -> None:
        """Without a stream there is no blob."""
        self.successResultOf(self.finish())
        self.assertEqual(self.store.staged, {})

    def test_empty_segments(self) -> None:
        """Where nothing is left of a segment there is no extent: a version can't name one."""
        laid = Laid()
        self.successResultOf(self.add(laid, [b"", b"x" * 100, b""]))
        only = Laid()
        self.successResultOf(self.add(only, [b"", b""]))
        finished = self.finish()
        self.held.land()
        self.successResultOf(finished)
        self.assertEqual([extent.length for extent in laid.extents], [100])
        self.assertEqual(only.extents, [])

    def test_nothing_left_at_all(self) -> None:
        """Streams of which nothing is left make no blob."""
        self.successResultOf(self.add(Laid(), [b""]))
        self.successResultOf(self.finish())
        self.assertEqual(self.held.waiting, [])


class PressureTests(LayingTestCase):
    """Slow and failing servers."""

    def test_back_pressure(self) -> None:
        """No more than a few blobs are under way; whoever adds waits for room."""
        adding = self.add(Laid(), self.sealed((BLOBS_UNDER_WAY + 3) * BULK_BLOB)[1])
        for _ in range(3):
            self.assertEqual(len(self.held.waiting), BLOBS_UNDER_WAY)
            self.assertNoResult(adding)
            self.held.land()
        self.successResultOf(adding)

    def test_finish_waits(self) -> None:
        """It is finished when the last blob is durable, in whatever order they land."""
        self.successResultOf(self.add(Laid(), self.sealed(2 * BULK_BLOB + 9)[1]))
        finished = self.finish()
        while self.held.waiting:
            self.assertNoResult(finished)
            self.held.land(len(self.held.waiting) - 1)
        self.successResultOf(finished)

    def test_failure(self) -> None:
        """A blob that can't be stored ends the work: for whoever adds, and at the end again."""
        adding = self.add(Laid(), self.sealed((BLOBS_UNDER_WAY + 2) * BULK_BLOB)[1])
        self.held.fail(FULL)
        self.assertIs(self.failureResultOf(adding, Refused).value, FULL)
        finished = self.finish()
        while self.held.waiting:
            self.held.land()
        self.assertIs(self.failureResultOf(finished, Refused).value, FULL)

    def test_first_failure(self) -> None:
        """Of several failures the first one is told."""
        self.successResultOf(self.add(Laid(), self.sealed(2 * BULK_BLOB)[1]))
        finished = self.finish()
        self.held.fail(FULL)
        while self.held.waiting:
            self.held.fail(Refused(Code.UNAVAILABLE, "another reason"))
        self.assertIs(self.failureResultOf(finished, Refused).value, FULL)


class ProgressTests(LayingTestCase):
    """What was read counts once it is sent."""

    def setUp(self) -> None:
        super().setUp()
        self.told: list[int] = []
        self.sending = Sending(self.told.append)
        self.layer = Layer(self.drive, self.list, self.sending)

    def lay(self, size: int, read: int) -> None:
        """Lay *size* bytes, sealed out of so many that were read."""
        pieces = [noise(MIB)] * (size // MIB) + [noise(size % MIB)]
        self.successResultOf(Deferred.fromCoroutine(self.layer.add(Laid(), pieces, read)))

    def test_sent(self) -> None:
        """Nothing counts that only waits; of a blob that is half gone, half does."""
        self.lay(BULK_BLOB, BULK_BLOB)
        self.assertEqual(sum(self.told), 0)
        (blob, _), *_ = self.held.waiting
        self.held.sent[blob.blob](BULK_BLOB // 2)
        self.assertEqual(sum(self.told), BULK_BLOB // 2)
        self.held.land()
        self.assertEqual(sum(self.told), BULK_BLOB)

    def test_cut(self) -> None:
        """A blob that goes again after a cut counts once."""
        self.lay(BULK_BLOB, BULK_BLOB)
        (blob, _), *_ = self.held.waiting
        for gone in (MIB, 3 * MIB, MIB, 2 * MIB, BULK_BLOB):
            self.held.sent[blob.blob](gone)
        self.assertEqual(self.told, [MIB, 2 * MIB, MIB])

    def test_filled_up(self) -> None:
        """What fills a blob up is nobody's; of small blobs at the end each has its share."""
        self.lay(700_000, 700_000)
        finished = self.finish()
        shares = []
        while self.held.waiting:
            before = sum(self.told)
            self.held.land()
            shares.append(sum(self.told) - before)
        self.successResultOf(finished)
        self.assertEqual((len(shares), sum(shares)), (3, 700_000))
        self.assertGreater(min(shares), 200_000)

    def test_nothing_to_send(self) -> None:
        """What was read and is there already, or was made smaller, counts when it was read."""
        self.lay(0, 5 * MIB)
        self.assertEqual(sum(self.told), 5 * MIB)
        self.lay(MIB, 3 * MIB)
        self.assertEqual(sum(self.told), 7 * MIB)
        finished = self.finish()
        while self.held.waiting:
            self.held.land()
        self.successResultOf(finished)
        self.assertEqual(sum(self.told), 8 * MIB)


class NotingTests(LayingTestCase):
    """What is written down for the next program."""

    def setUp(self) -> None:
        super().setUp()
        path = self.write("f", noise(3 * BULK_BLOB))
        self.identity = Identity.of(path.stat())

    def begin(self) -> Sealer:
        """Lay a file of three bulk blobs and a bit."""
        sealer, segments = self.sealed(3 * BULK_BLOB)
        laid = Laid(Origin(self.identity, KEY, sealer.marks))
        self.successResultOf(self.add(laid, segments))
        return sealer

    def left(self) -> int:
        """Tell how much of the file the next program takes for durable."""
        self.list.close()
        prior = self.unfinished().prior(self.identity)
        return prior.length if prior else 0

    def test_landed(self) -> None:
        """Nothing is noted before it is durable, and what is has its extents and marks."""
        sealer = self.begin()
        self.assertFalse(Path(self.lists).exists())
        blob = self.held.land()
        self.list.close()
        prior = self.unfinished().prior(self.identity)
        self.assertEqual((prior.length, prior.key), (BULK_BLOB, KEY.expose()))
        self.assertEqual([extent.blob for extent in prior.extents], [blob.blob])
        known = -(-BULK_BLOB // SEALED_SEGMENT) * FINGERPRINT
        self.assertEqual(prior.prints, sealer.marks[:known])

    def test_out_of_order(self) -> None:
        """A later blob counts once those before it have landed."""
        self.begin()
        self.held.land(1)
        self.assertEqual(self.left(), 0)

    def test_out_of_order_then_whole(self) -> None:
        """Whatever the order was, all that landed from the beginning on counts."""
        self.begin()
        self.held.land(2)
        self.held.land(1)
        self.held.land(0)
        self.assertEqual(self.left(), 3 * BULK_BLOB)

    def test_failed(self) -> None:
        """What could not be stored is not noted."""
        self.begin()
        self.held.fail(FULL)
        self.held.land()
        self.assertEqual(self.left(), 0)

    def test_streams_without_origin(self) -> None:
        """Of what comes from no local file nothing is noted."""
        self.successResultOf(self.add(Laid(), self.sealed(BULK_BLOB)[1]))
        self.held.land()
        self.assertFalse(Path(self.lists).exists())
