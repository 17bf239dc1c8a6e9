"""What the server's rules need of its stores, in narrow contracts; ``account_contract`` is another.

One conformance suite runs over all that fulfil them.

Every method may be called at any time from the reactor's thread, does its work elsewhere, and fails
with :class:`~anoncloud.errors.Refused` when the answer to the peer is no. What a method says to
have done is done for good: it outlives SIGKILL and power loss.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

import attrs

from anoncloud.errors import Refused
from anoncloud.ids import BlobId, DriveId

NO_CHECKSUMS: Final[Mapping[BlobId, int]] = MappingProxyType({})


@attrs.frozen
class Head:
    """The newest record of a drive: its number, 0 for none, and its hash."""

    number: int
    hash: bytes


@attrs.frozen
class Usage:
    """Bytes of a drive's blobs: staged and stored ones, dropped ones, and its quota (0: none).

    Dropped blobs are kept for a while, but do not stand in the way of new ones, or a full drive
    could not be emptied; a drive may have up to its quota of them, or dropping would fill the disk.
    """

    stored: int
    dropped: int
    quota: int

    def with_incoming(self, length: int) -> "Usage":
        """Count *length* bytes that are still coming in as stored."""
        return attrs.evolve(self, stored=self.stored + length)

    def has_room(self, length: int) -> bool:
        """Whether *length* bytes more may be staged."""
        if not self.quota:
            return True
        stored = self.stored + length
        return stored <= self.quota and stored + self.dropped <= 2 * self.quota


@attrs.frozen
class Garbage:
    """Blobs whose rows are gone; their bytes are to go next."""

    blobs: tuple[BlobId, ...]


class JournalStore(Protocol):
    """Drives: their records in order, their blobs' states, their usage.

    What a drive is asked whose account was closed is refused with NOT_LOGGED_IN, and with LOCKED
    while its account is locked.
    """

    async def head(self, drive: DriveId) -> Head:
        """Give the head of a drive."""

    async def append(self, drive: DriveId, record: bytes, now: int) -> int:
        """Append *record* if it follows the head; give its number.

        A record that is the head already is not appended again, and its number is given.

        In the same transaction the staged blobs that it adds become the drive's, and those that it
        drops become garbage.

        :raises Refused: RECORD_INVALID, HEAD_MOVED, BLOB_UNKNOWN or QUOTA; nothing is changed.
        """

    async def read(self, drive: DriveId, after: int, length: int) -> tuple[list[bytes], int]:
        """Give the records after *after*, of *length* bytes or at least one, and the head."""

    async def may_stage(
        self, drive: DriveId, blob: BlobId, size: int, others: Sequence[tuple[BlobId, int]] = ()
    ) -> bool:
        """Whether the bytes of a blob are wanted; False if the drive has it already.

        *others* are blobs, with their sizes, that are coming in for the drive; those that it does
        not have yet take room like those that it has.

        :raises Refused: QUOTA, NOT_ALLOWED if the name is another drive's, or UNAVAILABLE while a
            blob of that name is being removed.
        """

    async def stage(
        self,
        blobs: Sequence[tuple[BlobId, DriveId, int]],
        now: int,
        checksums: Mapping[BlobId, int] = NO_CHECKSUMS,
    ) -> dict[BlobId, Refused]:
        """Note blobs whose bytes are durable as staged by their drives; a group all at once.

        Gives those that were not, each with why: QUOTA, if another process's blobs have taken the
        room meanwhile, or UNAVAILABLE, if one of that name is being removed.
        Those of drives that are gone are passed over. *checksums* are CRC-32 of the bytes; of a
        blob that came twice the last one stands, as its bytes do.
        """

    async def unstage(
        self, drive: DriveId, blobs: Sequence[BlobId], now: int
    ) -> tuple[BlobId, ...]:
        """Forget those of *blobs* that *drive* has staged and not committed; give them, in order.

        All others are passed over. The bytes of those that are given are to go next; until
        :meth:`removed` is called with them no blob of their names is staged. So it is with all
        that this store lets go.
        """

    async def holds(self, drive: DriveId, blob: BlobId) -> int:
        """Give the size of a drive's blob, staged, stored or dropped; 0 if it has none such."""

    async def usage(self, drive: DriveId) -> Usage:
        """Tell what a drive takes and may take."""

    async def stored_in_all(self) -> int:
        """Give the bytes of all blobs of all drives: staged, stored and dropped ones."""

    async def collect(
        self, staged_before: int, dropped_before: int, most: int, now: int
    ) -> Garbage:
        """Forget at most so many blobs that were staged, or dropped, before those times."""

    async def collect_closed(self, most: int, now: int) -> Garbage | None:
        """Forget at most so many blobs of the drive of a closed account, whatever their state.

        If it has none, some of its records go, and then drive and account; None if there is no
        closed account any more.
        """

    async def condemn(self, blobs: Sequence[BlobId], now: int) -> list[BlobId]:
        """Let those of *blobs* go that have no row, and are not going yet; give them."""

    async def removed(self, blobs: Sequence[BlobId]) -> None:
        """Take note that the bytes of *blobs* are gone: their names are free again."""

    async def still_going(self, before: int) -> list[BlobId]:
        """Give blobs that were let go before *before*, whose bytes nobody said to have gone."""


class Incoming(Protocol):
    """One blob's bytes on their way in."""

    async def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Write pieces in order; not durable yet.

        :raises Refused: DISK_FULL or UNAVAILABLE.
        """

    def checksum(self) -> int:
        """Give CRC-32 of all that was written, once it is durable."""

    async def discard(self) -> None:
        """Leave no trace. Harmless after the blob was settled, and more than once."""


class BlobStore(Protocol):
    """Bytes of blobs, by their names alone."""

    def begin(self, blob: BlobId) -> Incoming:
        """Begin to take the bytes of *blob*; whatever has its name is replaced at the end.

        It may come in several times at once: a peer whose line was lost sends it again before the
        server knows of the loss. The last one that is settled stays.

        :raises Refused: UNAVAILABLE: a blob of that name is being removed.
        """

    async def settle(self, incoming: Sequence[Incoming]) -> list[Refused | None]:
        """Make whole blobs durable under their names, all at once; say for each what went wrong.

        Whoever reads a settled blob finds it whole. One that failed is discarded.
        """

    async def read(self, blob: BlobId, offset: int, length: int) -> bytes:
        """Read a range.

        :raises Refused: UNAVAILABLE if the bytes are not there.
        """

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        """Remove blobs; those that are not there are no fault, and one that comes in again stays.

        Until it is done, no blob of their names can begin to come in.
        """

    async def free(self) -> int | None:
        """Give the bytes that there is room for; None where that can't be told, or has no end."""

    async def orphans(self, known: "AsyncFilter", before: float) -> int:
        """Remove blobs older than *before* (seconds since 1970) that *known* does not hold back.

        *known* is given some names at a time and gives back those that nobody knows. Gives the
        number removed.
        """


AsyncFilter = Callable[[Sequence[BlobId]], Awaitable[list[BlobId]]]
