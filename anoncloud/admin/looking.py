"""Every blob read and held against what the database says of it, at a bounded rate."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from anoncloud.admin import progress as kept
from anoncloud.admin.progress import Finding, Progress
from anoncloud.ids import BlobId
from anoncloud.limits import MIB
from anoncloud.server.collector import ORPHAN_AGE
from anoncloud.server.stores.ledger import Ledger, Row
from anoncloud.server.stores.shelf import Shelf, fault

SAVE_EVERY: Final = 64 * MIB
"""Bytes after which it is kept how far the look has come."""


@attrs.define
class Pace:
    """Lets at most *rate* bytes a second pass, 0 for any number."""

    rate: int
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0

    def spend(self, length: int) -> None:
        """Wait until *length* bytes may have passed."""
        if not self.rate:
            return
        now = self.clock()
        self._next = max(self._next, now) + length / self.rate
        self.wait(max(self._next - now, 0.0))


@attrs.define
class Look:
    """One look through the blobs of *ledger* on *shelf*.

    :ivar save: keeps how far it has come.
    """

    ledger: Ledger
    shelf: Shelf
    progress: Progress
    pace: Pace
    save: Callable[[Progress], None]
    _unsaved: int = 0

    def blobs(self) -> None:
        """Read all blobs from where the look stands, in the order of their names.

        :raises LocalError: the database can't be read, or the position not be kept.
        """
        while rows := self.ledger.page(bytes.fromhex(self.progress.after)):
            for row in rows:
                self._look_at(row)
        self.save(self.progress)

    def _look_at(self, row: Row) -> None:
        progress = self.progress
        wrong = self._fault(row)
        # What the database has meanwhile let go, or a client sent anew, is looked at once more.
        if wrong and (now := self.ledger.row(row.blob)) is not None:
            wrong = self._fault(now)
        elif wrong:
            wrong = ""
        progress.after = row.blob.hex()
        progress.blobs += 1
        progress.bytes += row.size
        progress.unknown += row.checksum is None
        if wrong:
            user = self.ledger.user(row.blob)
            progress.add(Finding(wrong, row.blob.hex(), self._shown(row.blob), user))
        self._unsaved += row.size
        if self._unsaved >= SAVE_EVERY:
            self._unsaved = 0
            self.save(progress)

    def _fault(self, row: Row) -> str:
        self.pace.spend(row.size)
        try:
            return fault(row, self.shelf.read(row.blob))
        except OSError:
            return "damaged"

    def orphans(self, now: float) -> None:
        """Look for files that the database does not know, and that nothing can be about to name."""
        for blob in orphans(self.ledger, self.shelf, now):
            self.progress.add(Finding("orphan", blob.hex(), self._shown(blob), ""))

    def _shown(self, blob: BlobId) -> str:
        return str(self.shelf.path(blob).relative_to(self.shelf.folder))


def orphans(ledger: Ledger, shelf: Shelf, now: float) -> Iterator[BlobId]:
    """Give the blobs of old files that *ledger* does not know; what goes meanwhile is none.

    :raises OSError: the disk's word.
    """
    for blob, path in shelf.blobs():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < now - ORPHAN_AGE and ledger.row(blob) is None:
                yield blob


def resumed(folder: Path, now: float, *, again: bool) -> tuple[Progress, bool]:
    """Give the progress to go on with, and whether an earlier look has left it."""
    left = None if again else kept.load(folder)
    return (left, True) if left is not None else (Progress(int(now)), False)
