"""A little server in memory, with faults on demand, and drives that are open on it."""

import enum
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.accounts import OpenAccount, Surroundings
from anoncloud.client.address import Address
from anoncloud.client.cache import Cache
from anoncloud.client.drive import Drive
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import Keyring, new_keyring
from anoncloud.client.kit import Kit
from anoncloud.client.owning import own
from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.errors import Code, ConnectionCut, Refused
from anoncloud.wire import messages, records
from tests.support.entropy import counting

KEYRING = new_keyring(counting(b"keyring")).opened()
"""The keyring of every drive in these tests that needs no other."""


def in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> "Deferred[Any]":
    """Run *function* at once; give a Deferred that has fired."""
    return maybeDeferred(function, *args, **kwargs)


async def log_in(
    here: Surroundings, kit: Kit, passphrase: str, server: Address | None = None
) -> OpenAccount:
    """Log in with kit and passphrase, as the programs do; give the account without its owner."""
    return (await own(here, kit, passphrase, server)).opened


class Ticking:
    """A clock for microseconds since 1970 that goes on by one at every look."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


CUT = "the connection was cut"


class Fault(enum.Enum):
    """What can happen to a request on its way."""

    CUT_BEFORE = "the connection is cut, and nothing is carried out"
    CUT_AFTER = "it is carried out, and the connection is cut before the answer"
    LATE = "the connection is cut, and it is carried out just before the next commit"


Happening = Fault | Refused | Callable[[messages.Answers], messages.Answers]
"""A fault, a refusal, or what an evil server makes of the answer."""


class Store:
    """What a server keeps of one drive, and what it answers."""

    def __init__(self, drive: bytes = KEYRING.drive, page: int = 3) -> None:
        self.drive = drive
        self.page = page
        self.journal: list[bytes] = []
        self.blobs: dict[bytes, bytes] = {}
        self.staged: dict[bytes, bytes] = {}
        self.accounts: dict[str, tuple[bytes, bytes]] = {}
        self.devices: set[bytes] = set()
        self.quota = 0

    @property
    def head_hash(self) -> bytes:
        """The hash of the newest record."""
        if not self.journal:
            return records.genesis_hash(self.drive)
        return records.record_hash(self.journal[-1])

    def answer(self, message: Any) -> messages.Answers:
        """Carry out a request of somebody who is logged in.

        :raises Refused: as a server does.
        """
        number = message.request
        match message:
            case messages.Commit():
                self._commit(message.record)
                return messages.Committed(number, len(self.journal))
            case messages.ReadJournal():
                page = self.journal[message.after : message.after + self.page]
                return messages.JournalPage(number, tuple(page), len(self.journal))
            case messages.ReadUsage():
                stored = sum(map(len, self.blobs.values()))
                return messages.Usage(number, stored, self.quota)
            case messages.Unstage():
                for blob in message.blobs:
                    self.staged.pop(blob, None)
            case messages.EnrolDevice():
                self.devices.add(message.key)
            case messages.ListDevices():
                return messages.Devices(number, tuple(sorted(self.devices)), 0)
            case messages.ReadTerms():
                return messages.Terms(number, 1, 3)
            case messages.ForgetDevice():
                self.devices.discard(message.key)
        return messages.Done(number)

    def _commit(self, record: bytes) -> None:
        header = records.take_apart(record).header
        if (header.number, header.previous) != (len(self.journal) + 1, self.head_hash):
            raise Refused(Code.HEAD_MOVED, "the drive has moved on")
        if any(blob not in self.staged for blob in header.adds):
            raise Refused(Code.BLOB_UNKNOWN, "a blob was not staged")
        if any(blob not in self.blobs for blob in header.drops):
            raise Refused(Code.BLOB_UNKNOWN, "a blob is not the drive's")
        self.blobs.update((blob, self.staged.pop(blob)) for blob in header.adds)
        for blob in header.drops:
            del self.blobs[blob]
        self.journal.append(record)


class MemoryPeer:
    """Fulfils ``client.peer.Peer`` over a :class:`Store`; *faults* waits per kind of request."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.asked: list[messages.Message] = []
        self.faults: dict[type[messages.Message], list[Happening]] = {}
        self.before_commit: list[Callable[[], Awaitable[None]]] = []
        self.one_each = False
        """Whether only one of them comes before each commit, and not all before the first."""
        self.damage: Callable[[Extent, bytes], bytes] = lambda _, content: content
        self.chunk = 65_000
        self.readings: list[MemoryReading] = []
        self._late: list[messages.Message] = []

    async def ask(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        for _ in range(20):
            try:
                return await self.ask_once(make)
            except ConnectionCut:
                continue
        message = "this test cuts for ever"
        raise AssertionError(message)

    async def ask_once(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        encoded = messages.encode(make(len(self.asked) + 1))
        request: Any = messages.decode(messages.request_decoder, memoryview(encoded))
        self.asked.append(request)
        if isinstance(request, messages.Commit):
            while self.before_commit:
                await self.before_commit.pop(0)()
                if self.one_each:
                    break
            while self._late:
                self.store.answer(self._late.pop(0))
        happening = self._next(type(request))
        if happening is Fault.LATE:
            self._late.append(request)
        if happening in {Fault.LATE, Fault.CUT_BEFORE}:
            raise ConnectionCut(CUT)
        if isinstance(happening, Refused):
            raise happening
        answer = self.store.answer(request)
        if happening is Fault.CUT_AFTER:
            raise ConnectionCut(CUT)
        return happening(answer) if callable(happening) else answer

    async def stage(
        self, drive: bytes, blob: PackedBlob, sent: Callable[[int], None] | None = None
    ) -> None:
        happening = self._next(messages.StageBlob)
        if isinstance(happening, Refused):
            raise happening
        content = b"".join(blob.pieces)
        if drive != self.store.drive or len(content) != blob.size:
            raise Refused(Code.BLOB_SIZE, "a blob of another size was announced")
        self.store.staged[blob.blob] = content

    async def unstage(self, drive: bytes, blobs: tuple[bytes, ...]) -> None:
        await self.ask(lambda number: messages.Unstage(number, drive, blobs))

    async def read(self, drive: bytes, extent: Extent) -> "MemoryReading":
        happening = self._next(messages.ReadBlob)
        if isinstance(happening, Refused):
            raise happening
        if drive != self.store.drive or extent.blob not in self.store.blobs:
            raise Refused(Code.BLOB_UNKNOWN, "there is no such blob")
        content = self.store.blobs[extent.blob][extent.offset : extent.offset + extent.length]
        reading = MemoryReading(self.damage(extent, content), self.chunk)
        self.readings.append(reading)
        return reading

    def commits(self) -> int:
        """Count the records that were sent to be committed."""
        return sum(isinstance(request, messages.Commit) for request in self.asked)

    def _next(self, kind: type[messages.Message]) -> Happening | None:
        waiting = self.faults.get(kind)
        return waiting.pop(0) if waiting else None


class MemoryReading:
    """Bytes that come in pieces of *chunk*."""

    def __init__(self, content: bytes, chunk: int) -> None:
        self.closed = False
        self.length = len(content)
        self._pieces = [content[at : at + chunk] for at in range(0, len(content), chunk)]

    @property
    def is_read(self) -> bool:
        """Whether all of it was asked for."""
        return not self._pieces

    async def next(self) -> memoryview | None:
        return memoryview(self._pieces.pop(0)) if self._pieces else None

    def close(self) -> None:
        self.closed = True


class DriveTestCase(SynchronousTestCase):
    """A test with a store, and drives that are open on it."""

    def setUp(self) -> None:
        self.store = Store()
        self.clock = Ticking()

    def open(
        self, seed: bytes = b"one", folder: str | None = None, keyring: Keyring = KEYRING
    ) -> tuple[Drive, MemoryPeer]:
        """Open a drive as the device *seed* with its cache in *folder*, and catch up."""
        peer = MemoryPeer(self.store)
        cache = Cache(Path(folder or self.mktemp()))
        drive = Drive(
            Journal(keyring, cache, counting(b"journal" + seed)), peer, counting(seed), self.clock
        )
        self.run_now(drive.catch_up())
        return drive, peer

    def run_now(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give what a coroutine gives that waits for nothing outside."""
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def fails(self, kind: type[Exception], coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Give the exception of *kind* that a coroutine ends with."""
        return self.failureResultOf(Deferred.fromCoroutine(coroutine), kind).value
