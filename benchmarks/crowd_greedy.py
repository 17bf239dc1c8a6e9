"""Greedy connections: all they can carry, up and down: ``python -m benchmarks.crowd_greedy``.

They seal frames and nothing else: the blobs are noise, so the server has more to do than the
clients. Half of them upload, half download, each four blobs at once.
"""

import os
import sys
import time
from contextlib import suppress
from typing import Any, Final

from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint

from anoncloud.client.address import Address, Invitation
from anoncloud.client.link import Credentials, Link, Terms, log_in_as
from anoncloud.client.protocol import ClientProtocol
from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.disk.syscalls import keep_memory
from anoncloud.errors import Refused
from anoncloud.ids import BlobId
from anoncloud.limits import BULK_BLOB
from anoncloud.wire import messages
from benchmarks.guesses import random_key
from benchmarks.reporting import report

_AT_ONCE: Final = 4
_KEPT: Final = 8
"""Blobs that an uploader leaves behind before it takes them back."""


class Greedy:
    """One connection, and what it has moved, in bytes."""

    moved = 0

    def __init__(self, address: Address, name: str, content: bytes) -> None:
        self._name = name
        self._content = content
        self._key = random_key()
        self._drive = os.urandom(16)
        endpoint = HostnameEndpoint(reactor, address.host, address.port)
        self.link = Link(reactor, endpoint, Terms(address.key, os.urandom), self._enter)

    async def _enter(self, connection: ClientProtocol, handshake_hash: bytes) -> None:
        fields = (self._name, b"", self._key.public, b"keyring", self._drive)
        with suppress(Refused):  # it was there before
            await connection.ask(lambda request: messages.Register(request, *fields))
        log_in = log_in_as(Credentials(self._name, self._key), lambda _: None)
        await log_in(connection, handshake_hash)

    async def stage(self) -> BlobId:
        """Store one blob; give its name."""
        blob = BlobId(os.urandom(16))
        await self.link.stage(self._drive, PackedBlob(blob, BULK_BLOB, (self._content,), ()))
        self.moved += BULK_BLOB
        return blob

    async def upload(self, end: float) -> None:
        """Upload until *end*."""
        kept: list[BlobId] = []
        while time.monotonic() < end:
            kept.append(await self.stage())
            if len(kept) == _KEPT:
                await self.link.unstage(self._drive, tuple(kept))
                kept.clear()

    async def download(self, end: float) -> None:
        """Download until *end*."""
        blob = await self.stage()
        while time.monotonic() < end:
            reading = await self.link.read(self._drive, Extent(blob, 0, BULK_BLOB))
            while (piece := await reading.next()) is not None:
                self.moved += len(piece)


async def run(address: Address, count: int, seconds: float) -> dict[str, float]:
    """Let *count* connections be greedy; give the MB a second that they moved."""
    content = os.urandom(BULK_BLOB)
    every = [Greedy(address, f"greedy-{os.getpid()}-{one}", content) for one in range(count)]
    for one in every:
        one.link.start()
        await one.link.connected()
    print("ready", flush=True)
    end = time.monotonic() + seconds
    working: list[Deferred[Any]] = []
    for number, one in enumerate(every):
        work = one.download if number % 2 else one.upload
        working += [Deferred.fromCoroutine(work(end)) for _ in range(_AT_ONCE)]
    await gatherResults(working, consumeErrors=True)
    for one in every:
        await one.link.stop()
    up, down = (sum(one.moved for one in every[at::2]) for at in (0, 1))
    return {"up": up / seconds / 1e6, "down": down / seconds / 1e6}


def main() -> None:
    """Be greedy as the command line says: address, count, seconds."""
    address, count, seconds = sys.argv[1:]
    keep_memory()
    report(run(Invitation.parse(address).address, int(count), float(seconds)))


if __name__ == "__main__":
    main()
