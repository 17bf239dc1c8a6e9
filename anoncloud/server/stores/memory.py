"""Journals and blobs in memory: real stores in all but that they end with the process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from zlib import crc32

import attrs

from anoncloud.errors import Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.server.appending import (
    being_removed,
    check_follows,
    check_quota,
    check_wanted,
    closed_drive,
    is_head,
    over_quota,
    read_header,
    unknown_blob,
)
from anoncloud.server.contracts import (
    NO_CHECKSUMS,
    AsyncFilter,
    Garbage,
    Head,
    Incoming,
    Usage,
)
from anoncloud.server.entering import locked
from anoncloud.server.stores.coming import absent
from anoncloud.wire.records import genesis_hash, record_hash

_STAGED: Final = "staged"
_STORED: Final = "stored"
_DROPPED: Final = "dropped"


@attrs.define
class _Blob:
    drive: DriveId
    size: int
    state: str
    since: int
    checksum: int | None = None

    @property
    def is_dropped(self) -> bool:
        """Whether its drive needs it no more."""
        return self.state == _DROPPED


@attrs.define
class _Drive:
    head: Head
    quota: int
    records: list[bytes] = attrs.Factory(list)
    is_closed: bool = False
    is_locked: bool = False


class MemoryJournal:
    """Fulfils :class:`~anoncloud.server.contracts.JournalStore`."""

    def __init__(self) -> None:
        self.drives: dict[DriveId, _Drive] = {}
        self.blobs: dict[BlobId, _Blob] = {}
        self.going: dict[BlobId, int] = {}

    def make(self, drive: DriveId, quota: int) -> None:
        """Make a drive, as a registration does."""
        self.drives[drive] = _Drive(Head(0, genesis_hash(drive)), quota)

    def close(self, drive: DriveId) -> None:
        """Close a drive, as the end of its account does."""
        self.drives[drive].is_closed = True

    def _open(self, drive: DriveId) -> _Drive:
        kept = self.drives.get(drive)
        if kept is None or kept.is_closed:
            raise closed_drive()
        if kept.is_locked:
            raise locked()
        return kept

    async def head(self, drive: DriveId) -> Head:
        return self._open(drive).head

    async def append(self, drive: DriveId, record: bytes, now: int) -> int:
        header = read_header(drive, record)
        kept = self._open(drive)
        if is_head(header, record, kept.head):
            return header.number
        check_follows(header, kept.head)
        check_quota(await self.usage(drive), header)
        adds = [self._blob(drive, BlobId(blob), _STAGED) for blob in header.adds]
        drops = [self._blob(drive, BlobId(blob), _STORED) for blob in header.drops]
        for blob in adds:
            blob.state, blob.since = _STORED, now
        for blob in drops:
            blob.state, blob.since = _DROPPED, now
        kept.records.append(record)
        kept.head = Head(header.number, record_hash(record))
        return header.number

    def _blob(self, drive: DriveId, name: BlobId, state: str) -> _Blob:
        blob = self.blobs.get(name)
        if blob is None or (blob.drive, blob.state) != (drive, state):
            raise unknown_blob()
        return blob

    async def read(self, drive: DriveId, after: int, length: int) -> tuple[list[bytes], int]:
        kept = self._open(drive)
        found: list[bytes] = []
        for record in kept.records[after:]:
            length -= len(record)
            if found and length < 0:
                break
            found.append(record)
        return found, kept.head.number

    async def may_stage(
        self, drive: DriveId, blob: BlobId, size: int, others: Sequence[tuple[BlobId, int]] = ()
    ) -> bool:
        if blob in self.going:
            raise being_removed()
        known = self.blobs.get(blob)
        owner = known.drive if known else None
        incoming = sum(length for other, length in others if other not in self.blobs)
        usage = (await self.usage(drive)).with_incoming(incoming)
        return check_wanted(owner, drive, usage, size)

    async def stage(
        self,
        blobs: Sequence[tuple[BlobId, DriveId, int]],
        now: int,
        checksums: Mapping[BlobId, int] = NO_CHECKSUMS,
    ) -> dict[BlobId, Refused]:
        refused: dict[BlobId, Refused] = {}
        for blob, drive, size in blobs:
            fault = self._fault(blob, drive, size)
            if fault is not None:
                refused[blob] = fault
            elif drive in self.drives:
                kept = self.blobs.setdefault(blob, _Blob(drive, size, _STAGED, now))
                kept.checksum = checksums.get(blob)
        return refused

    def _fault(self, blob: BlobId, drive: DriveId, size: int) -> Refused | None:
        if blob in self.going:
            return being_removed()
        if blob in self.blobs or drive not in self.drives:
            return None
        usage = self.tally(drive)
        return None if usage.has_room(size) else over_quota(usage, size)

    async def unstage(
        self, drive: DriveId, blobs: Sequence[BlobId], now: int
    ) -> tuple[BlobId, ...]:
        known = self.blobs
        removed = tuple(
            blob
            for blob in dict.fromkeys(blobs)
            if blob in known and (known[blob].drive, known[blob].state) == (drive, _STAGED)
        )
        self._let_go(removed, now)
        return removed

    def _let_go(self, blobs: Sequence[BlobId], now: int) -> None:
        for blob in blobs:
            self.blobs.pop(blob, None)
            self.going[blob] = now

    async def holds(self, drive: DriveId, blob: BlobId) -> int:
        kept = self.blobs.get(blob)
        return kept.size if kept and kept.drive == drive else 0

    async def usage(self, drive: DriveId) -> Usage:
        self._open(drive)
        return self.tally(drive)

    def tally(self, drive: DriveId) -> Usage:
        """Count what a drive takes, locked and closed ones too."""
        kept = [blob for blob in self.blobs.values() if blob.drive == drive]
        dropped = sum(blob.size for blob in kept if blob.is_dropped)
        stored = sum(blob.size for blob in kept) - dropped
        return Usage(stored, dropped, self.drives[drive].quota)

    async def stored_in_all(self) -> int:
        return sum(blob.size for blob in self.blobs.values())

    async def collect(
        self, staged_before: int, dropped_before: int, most: int, now: int
    ) -> Garbage:
        before = {_STAGED: staged_before, _DROPPED: dropped_before}
        garbage = [
            name
            for name, blob in self.blobs.items()
            if blob.state in before and blob.since < before[blob.state]
        ][:most]
        self._let_go(garbage, now)
        return Garbage(tuple(garbage))

    async def collect_closed(self, most: int, now: int) -> Garbage | None:
        closed = next((drive for drive, kept in self.drives.items() if kept.is_closed), None)
        if closed is None:
            return None
        garbage = [name for name, blob in self.blobs.items() if blob.drive == closed][:most]
        self._let_go(garbage, now)
        if not garbage:
            del self.drives[closed]
        return Garbage(tuple(garbage))

    async def condemn(self, blobs: Sequence[BlobId], now: int) -> list[BlobId]:
        names = dict.fromkeys(blobs)
        found = [blob for blob in names if blob not in self.blobs and blob not in self.going]
        self._let_go(found, now)
        return found

    async def removed(self, blobs: Sequence[BlobId]) -> None:
        for blob in blobs:
            self.going.pop(blob, None)

    async def still_going(self, before: int) -> list[BlobId]:
        return [blob for blob, since in self.going.items() if since < before]


class MemoryIncoming:
    """Fulfils :class:`~anoncloud.server.contracts.Incoming`."""

    def __init__(self, blob: BlobId, coming: list["MemoryIncoming"]) -> None:
        self.blob = blob
        self.pieces: list[bytes] = []
        self._coming = coming
        coming.append(self)

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        self.pieces += map(bytes, pieces)

    def checksum(self) -> int:
        return crc32(b"".join(self.pieces))

    async def discard(self) -> None:
        if self in self._coming:
            self._coming.remove(self)


class MemoryBlobs:
    """Fulfils :class:`~anoncloud.server.contracts.BlobStore`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.bytes: dict[BlobId, bytes] = {}
        self._clock = clock
        self._settled: dict[BlobId, float] = {}
        self._coming: list[MemoryIncoming] = []

    def begin(self, blob: BlobId) -> MemoryIncoming:
        return MemoryIncoming(blob, self._coming)

    async def settle(self, incoming: Sequence[Incoming]) -> list[Refused | None]:
        for one in incoming:
            if isinstance(one, MemoryIncoming):
                self.bytes[one.blob] = b"".join(one.pieces)
                self._settled[one.blob] = self._clock()
                await one.discard()
        return [None] * len(incoming)

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        kept = self.bytes.get(blob, b"")[offset : offset + length]
        if len(kept) != length:
            raise absent()
        return kept

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        for blob in set(blobs) - {one.blob for one in self._coming}:
            self.bytes.pop(blob, None)
            self._settled.pop(blob, None)

    async def free(self) -> int | None:
        return None

    async def orphans(self, known: AsyncFilter, before: float) -> int:
        old = [blob for blob, settled in self._settled.items() if settled < before]
        before_it = len(self.bytes)
        await self.remove(await known(old))
        return before_it - len(self.bytes)
