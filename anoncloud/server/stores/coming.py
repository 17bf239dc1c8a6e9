"""Which blobs of a store are coming in, and which are going, as far as this process knows.

What other processes do is for SQL to say (``stores.going``).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from twisted.internet.defer import Deferred

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId
from anoncloud.server.appending import being_removed
from anoncloud.server.contracts import AsyncFilter

InThread = Callable[..., Deferred[Any]]
"""Run a blocking function in a thread of the store's own."""

_WALK: Final = 500


class Comings:
    """The names that are in use; *remove* takes the bytes of blobs away, and blocks."""

    def __init__(self, in_thread: InThread, remove: Callable[[Sequence[BlobId]], None]) -> None:
        self._in_thread = in_thread
        self._remove = remove
        self._coming: Counter[BlobId] = Counter()
        self._going: Counter[BlobId] = Counter()

    def begin(self, blob: BlobId) -> Callable[[], None]:
        """Take the name of a blob that comes in; gives the way to give it back, once.

        :raises Refused: UNAVAILABLE: a blob of that name is being removed.
        """
        if self._going[blob]:
            raise being_removed()
        self._coming[blob] += 1
        return lambda: _count_down(self._coming, blob)

    async def remove(self, blobs: Sequence[BlobId]) -> None:
        """Remove those of *blobs* that are not coming in again.

        :raises Refused: the store's word.
        """
        going = [blob for blob in blobs if blob not in self._coming]
        self._going.update(going)  # or one could be settled just before its bytes go
        try:
            await self._in_thread(self._remove, going)
        finally:
            for blob in going:
                _count_down(self._going, blob)

    async def orphans(self, walk: Iterator[BlobId], known: AsyncFilter) -> int:
        """Remove those of *walk*, which blocks, that *known* gives back; give their number."""
        removed = 0
        while some := await self._in_thread(lambda: list(islice(walk, _WALK))):
            unknown = [blob for blob in await known(some) if blob not in self._coming]
            await self.remove(unknown)
            removed += len(unknown)
        return removed


def absent() -> Refused:
    """Say that a store has not what it should have."""
    message = "the blob's bytes are not there"
    return Refused(Code.UNAVAILABLE, message, "tell the server's owner")


def _count_down(counter: Counter[BlobId], blob: BlobId) -> None:
    counter[blob] -= 1
    if not counter[blob]:
        del counter[blob]
