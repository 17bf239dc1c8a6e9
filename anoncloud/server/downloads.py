"""One range of a blob on its way out: reads ahead a little, as credit and the line allow."""

from typing import Protocol

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId
from anoncloud.limits import MAX_PACKET, MIN_PACKET
from anoncloud.server.contracts import BlobStore
from anoncloud.wire.credit import Allowance

PACKETS_AHEAD = 4
"""Packets that are read from the disk in one go."""


class Line(Protocol):
    """Where bulk bytes go."""

    async def ready(self) -> None:
        """Wait until the line takes more."""

    def send_bulk(self, request: int, data: bytes | memoryview) -> None:
        """Send the next bytes of a transfer."""


class Download:
    """The bytes of one ReadBlob request."""

    def __init__(self, request: int, packet: int, line: Line) -> None:
        self._request = request
        self._packet = max(MIN_PACKET, min(packet, MAX_PACKET))
        self._line = line
        self._allowance = Allowance()
        self._waiting: Deferred[None] | None = None
        self._given_up = False

    def grant(self, length: int) -> None:
        """Take credit from the peer."""
        self._allowance.grant(length)
        self._wake()

    def cancel(self) -> None:
        """Give up."""
        self._given_up = True
        self._wake()

    async def run(self, blobs: BlobStore, blob: BlobId, offset: int, length: int) -> None:
        """Send *length* bytes at *offset* of *blob*.

        :raises Refused: the disk's word, or CANCELLED.
        """
        end = offset + length
        ahead = self._read_ahead(blobs, blob, offset, end)
        while offset < end:
            read = await ahead
            offset += len(read)
            if offset < end:
                ahead = self._read_ahead(blobs, blob, offset, end)
            view = memoryview(read)
            try:
                for start in range(0, len(view), self._packet):
                    await self._send(view[start : start + self._packet])
            except Refused:
                _ = ahead.addErrback(lambda _: b"")
                raise

    def _read_ahead(self, blobs: BlobStore, blob: BlobId, offset: int, end: int) -> Deferred[bytes]:
        length = min(self._packet * PACKETS_AHEAD, end - offset)
        return Deferred.fromCoroutine(blobs.read(blob, offset, length))

    async def _send(self, packet: memoryview) -> None:
        """Send one packet when line and credit allow the whole of it."""
        await self._line.ready()
        while self._allowance.available < len(packet) and not self._given_up:
            self._waiting = Deferred()
            await self._waiting
        if self._given_up:
            message = "the transfer was given up"
            raise Refused(Code.CANCELLED, message, "ask again if it is wanted")
        self._allowance.spend(len(packet))
        self._line.send_bulk(self._request, packet)

    def _wake(self) -> None:
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            waiting.callback(None)
