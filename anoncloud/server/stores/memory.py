"""The stores in memory: real ones in all but that they end with the process."""

from collections.abc import Callable, Sequence
from typing import Final

import attrs

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId, DriveId
from anoncloud.limits import MAX_DEVICES
from anoncloud.server.appending import (
    check_follows,
    check_quota,
    check_wanted,
    read_header,
    unknown_blob,
)
from anoncloud.server.contracts import (
    Account,
    AsyncFilter,
    Garbage,
    Head,
    Incoming,
    NewAccount,
    Usage,
)
from anoncloud.server.invitations import code_hash
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


@attrs.define
class _Drive:
    head: Head
    quota: int
    records: list[bytes] = attrs.Factory(list)


class MemoryJournal:
    """Fulfils :class:`~anoncloud.server.contracts.JournalStore`."""

    def __init__(self) -> None:
        self.drives: dict[DriveId, _Drive] = {}
        self.blobs: dict[BlobId, _Blob] = {}

    def make(self, drive: DriveId, quota: int) -> None:
        """Make a drive, as a registration does."""
        self.drives[drive] = _Drive(Head(0, genesis_hash(drive)), quota)

    async def head(self, drive: DriveId) -> Head:
        return self.drives[drive].head

    async def append(self, drive: DriveId, record: bytes, now: int) -> int:
        header = read_header(drive, record)
        kept = self.drives[drive]
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
        found: list[bytes] = []
        for record in self.drives[drive].records[after:]:
            length -= len(record)
            if found and length < 0:
                break
            found.append(record)
        return found, self.drives[drive].head.number

    async def may_stage(
        self, drive: DriveId, blob: BlobId, size: int, others: Sequence[tuple[BlobId, int]] = ()
    ) -> bool:
        known = self.blobs.get(blob)
        owner = known.drive if known else None
        incoming = sum(length for other, length in others if other not in self.blobs)
        usage = (await self.usage(drive)).with_incoming(incoming)
        return check_wanted(owner, drive, usage, size)

    async def stage(self, blobs: Sequence[tuple[BlobId, DriveId, int]], now: int) -> None:
        for blob, drive, size in blobs:
            self.blobs.setdefault(blob, _Blob(drive, size, _STAGED, now))

    async def unstage(self, drive: DriveId, blobs: Sequence[BlobId]) -> tuple[BlobId, ...]:
        known = self.blobs
        removed = tuple(
            blob
            for blob in dict.fromkeys(blobs)
            if blob in known and (known[blob].drive, known[blob].state) == (drive, _STAGED)
        )
        for blob in removed:
            del known[blob]
        return removed

    async def holds(self, drive: DriveId, blob: BlobId) -> int:
        kept = self.blobs.get(blob)
        return kept.size if kept and kept.drive == drive else 0

    async def usage(self, drive: DriveId) -> Usage:
        kept = [blob for blob in self.blobs.values() if blob.drive == drive]
        dropped = sum(blob.size for blob in kept if blob.state == _DROPPED)
        stored = sum(blob.size for blob in kept) - dropped
        return Usage(stored, dropped, self.drives[drive].quota)

    async def collect(self, staged_before: int, dropped_before: int, most: int) -> Garbage:
        before = {_STAGED: staged_before, _DROPPED: dropped_before}
        garbage = [
            name
            for name, blob in self.blobs.items()
            if blob.state in before and blob.since < before[blob.state]
        ][:most]
        for name in garbage:
            del self.blobs[name]
        return Garbage(tuple(garbage))

    async def unknown(self, blobs: Sequence[BlobId]) -> list[BlobId]:
        return [blob for blob in blobs if blob not in self.blobs]


@attrs.define
class _Registered:
    account: Account
    login_key: bytes
    devices: set[bytes] = attrs.Factory(set)


@attrs.define
class _Invitation:
    quota: int | None
    expires: int
    used: bool = False


class MemoryAccounts:
    """Fulfils :class:`~anoncloud.server.contracts.AccountStore`, beside a journal in memory."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self._accounts: dict[str, _Registered] = {}
        self._invitations: dict[bytes, _Invitation] = {}

    async def register(
        self, account: NewAccount, invitation: bytes | None, limit: int, now: int
    ) -> None:
        quota = account.quota
        invited = None
        if invitation is not None:
            invited = self._invitations.get(code_hash(invitation))
            if invited is None or invited.used or invited.expires <= now:
                message = "this invitation is unknown, used or expired"
                raise Refused(Code.INVITATION, message, "ask the server's owner for a new one")
            quota = quota if invited.quota is None else invited.quota
        if limit and len(self._accounts) >= limit:
            message = "this server has as many accounts as it takes"
            raise Refused(Code.TOO_MANY, message, "ask the server's owner")
        if account.name in self._accounts or account.drive in self._journal.drives:
            message = "there is an account of this name already"
            raise Refused(Code.NAME_TAKEN, message, "choose another name")
        self._journal.make(account.drive, quota)
        kept = Account(account.name, account.drive, account.keyring)
        self._accounts[account.name] = _Registered(kept, account.login_key)
        if invited is not None:
            invited.used = True

    async def invite(self, code: bytes, quota: int | None, expires: int) -> None:
        self._invitations[code_hash(code)] = _Invitation(quota, expires)

    async def find(self, name: str, key: bytes) -> Account | None:
        known = self._accounts.get(name)
        if known is None or key not in {known.login_key, *known.devices}:
            return None
        return known.account

    async def enrol(self, name: str, key: bytes) -> None:
        devices = self._accounts[name].devices
        if len(devices | {key}) > MAX_DEVICES:
            message = f"this account has {MAX_DEVICES} devices logged in already"
            raise Refused(Code.TOO_MANY, message, "log out on one that is not used any more")
        devices.add(key)

    async def forget(self, name: str, key: bytes) -> None:
        self._accounts[name].devices.discard(key)


class MemoryIncoming:
    """Fulfils :class:`~anoncloud.server.contracts.Incoming`."""

    def __init__(self, blob: BlobId, coming: list["MemoryIncoming"]) -> None:
        self.blob = blob
        self.pieces: list[bytes] = []
        self._coming = coming
        coming.append(self)

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        self.pieces += map(bytes, pieces)

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
            message = "the blob's bytes are not there"
            raise Refused(Code.UNAVAILABLE, message, "tell the server's owner")
        return kept

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        for blob in set(blobs) - {one.blob for one in self._coming}:
            self.bytes.pop(blob, None)
            self._settled.pop(blob, None)

    async def orphans(self, known: AsyncFilter, before: float) -> int:
        old = [blob for blob, settled in self._settled.items() if settled < before]
        before_it = len(self.bytes)
        await self.remove(await known(old))
        return before_it - len(self.bytes)
