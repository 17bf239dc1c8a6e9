"""Reading at a pace: bytes are handed on when they are due, over one connection or several."""

from typing import Any

from anoncloud.client.throttling import Pace
from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.limits import KIB, SMALL_BLOB
from tests.support.client_link import BLOB, LinkTestCase

CONTENT = bytes(range(256)) * 1024


class PaceTests(LinkTestCase):
    """A link that takes 64 KiB a second."""

    def setUp(self) -> None:
        super().setUp()
        self.link.pace = Pace(64 * KIB, self.clock)

    def test_reading(self) -> None:
        """A range takes as long as it should, and comes whole."""
        self.store.blobs[BLOB] = CONTENT

        async def read() -> tuple[float, bytes]:
            reading = await self.link.read(self.store.drive, Extent(BLOB, 0, SMALL_BLOB))
            begun = self.clock.seconds()
            pieces: list[Any] = []
            while (data := await reading.next()) is not None:
                pieces.append(data)
            return self.clock.seconds() - begun, b"".join(pieces)

        running = self.begin(read())
        self.wait(3)
        self.assertNoResult(running)
        self.wait(3)
        taken, content = self.successResultOf(running)
        self.assertEqual(content, CONTENT)
        self.assertGreaterEqual(taken, 3.8)

    def test_staging(self) -> None:
        """A blob takes as long as it should, and arrives whole."""
        blob = PackedBlob(BLOB, SMALL_BLOB, (CONTENT,), ())
        running = self.begin(self.link.stage(self.store.drive, blob))
        self.wait(3)
        self.assertNoResult(running)
        self.wait(3)
        self.successResultOf(running)
        self.assertEqual(self.store.staged, {BLOB: CONTENT})
