"""Room in drives that is kept for blobs while they come in; knows no store and no peer.

The journal counts what is staged and stored. Uploads that run side by side must not pass the quota
together, so each is counted from before the journal is asked about it until it is over.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from anoncloud.errors import Code, Refused
from anoncloud.ids import BlobId, DriveId


@attrs.define
class _Reserved:
    drive: DriveId
    size: int
    uploads: int = 0


class Reservations:
    """The blobs that are coming in, each counted once however often it comes in."""

    def __init__(self) -> None:
        self._blobs: dict[BlobId, _Reserved] = {}
        self._of_drive: defaultdict[DriveId, dict[BlobId, int]] = defaultdict(dict)
        self._coming = 0

    @contextmanager
    def reserve(
        self, drive: DriveId, blob: BlobId, size: int
    ) -> Iterator[tuple[tuple[BlobId, int], ...]]:
        """Keep room for *blob*; gives the drive's other blobs that room is kept for already.

        :raises Refused: NOT_ALLOWED: the name is coming in for another drive, or in another size.
        """
        reserved = self._blobs.get(blob)
        if reserved is None:
            reserved = self._blobs[blob] = _Reserved(drive, size)
            self._of_drive[drive][blob] = size
            self._coming += size
        elif (reserved.drive, reserved.size) != (drive, size):
            message = "a blob of this name is coming in as another one"
            raise Refused(Code.NOT_ALLOWED, message, "store the file again")
        reserved.uploads += 1
        try:
            yield tuple(one for one in self._of_drive[drive].items() if one[0] != blob)
        finally:
            reserved.uploads -= 1
            if not reserved.uploads:
                self._forget(drive, blob)

    @property
    def coming(self) -> int:
        """The bytes of all blobs that room is kept for."""
        return self._coming

    def is_coming(self, blob: BlobId) -> bool:
        """Whether room is kept for *blob*."""
        return blob in self._blobs

    def _forget(self, drive: DriveId, blob: BlobId) -> None:
        self._coming -= self._of_drive[drive].pop(blob)
        del self._blobs[blob]
        if not self._of_drive[drive]:
            del self._of_drive[drive]
