"""A server's rules over a real blob folder and a real database, in which the n-th call fails."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
from twisted.internet.defer import maybeDeferred
from twisted.internet.task import Clock

from anoncloud.server.collector import Collector, Keep
from anoncloud.server.house import House
from anoncloud.server.staging import Staging
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.folder import FolderBlobs
from anoncloud.server.stores.journal import SqlJournal
from tests.support.server import Rooms
from tests.support.server_folder import at_once

CALLS = (
    *("open", "pwrite", "fdatasync", "fsync", "replace", "mkdir", "unlink"),
    *("pread", "preadv"),
)
"""What the folder asks of the system and can be refused."""


@attrs.define
class Faults:
    """Which call fails: the *nth* of those that *picks* says, or all from it on, with *error*.

    An error of None is a write that takes only half of what it is given.
    """

    nth: int
    error: int | None = errno.EIO
    lasting: bool = False
    picks: tuple[str, ...] = CALLS
    struck: list[str] = attrs.Factory(list)
    """What has failed."""
    _count: int = 0

    def strikes(self, name: str) -> bool:
        """Count a call of *name*; whether it fails."""
        if name not in self.picks:
            return False
        self._count += 1
        if self._count == self.nth or (self.lasting and self._count > self.nth):
            self.struck.append(name)
            return True
        return False

    def system(self, name: str) -> Callable[..., Any]:
        """Give the function *name* of ``os`` with these faults; syncs are not carried out."""
        real = (lambda _: None) if name in {"fdatasync", "fsync"} else getattr(os, name)

        def function(*arguments: Any, **options: Any) -> Any:
            if not self.strikes(name):
                return real(*arguments, **options)
            if self.error is None:
                descriptor, given, offset = arguments
                return real(descriptor, given[: len(given) // 2], offset)
            raise OSError(self.error, os.strerror(self.error))

        return function

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let the system have these faults within the block."""
        with patch.multiple(os, **{name: self.system(name) for name in CALLS}):
            yield


class Disk:
    """A state folder, and the stores over it, opened once more after a crash."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.clock = clock
        self.faults: Faults | None = None
        self.open()

    def open(self) -> None:
        """Open database and folder."""
        self.database = Database(self.folder / "accounts.sqlite")
        pool: Any = self.database._pool
        pool.runInteraction = self._interact
        self.blobs = FolderBlobs(self.folder / "blobs", at_once)
        self.blobs.tidy()
        rooms = Rooms(clock=self.clock)
        journal = SqlJournal(self.database)
        self.house: House = attrs.evolve(
            rooms.house,
            accounts=SqlAccounts(self.database),
            journal=journal,
            blobs=self.blobs,
            staging=Staging(self.blobs, journal, self.clock.seconds),
        )
        self.collector = Collector(self.house, Keep(3600, 0))

    def reopen(self) -> None:
        """Open all of it as after a crash."""
        self.database.close()
        self.open()

    def files(self) -> list[Path]:
        """List the files of blobs, whole or not."""
        return [path for path in (self.folder / "blobs").rglob("*") if path.is_file()]

    def _interact(self, *arguments: Any) -> Any:
        """Run a transaction at once; it fails before it has begun, or after it has ended."""
        pool: Any = self.database._pool
        faults = self.faults
        if faults is not None and faults.strikes("begin"):
            raise _sqlite(faults.error)
        outcome = maybeDeferred(pool._runInteraction, *arguments)
        if faults is not None and faults.strikes("commit"):
            raise _sqlite(faults.error)
        return outcome


def _sqlite(error: int | None) -> sqlite3.Error:
    """Make SQLite's own error for an error of the system."""
    made: Any = sqlite3.OperationalError("disk I/O error")
    made.sqlite_errorname = "SQLITE_FULL" if error == errno.ENOSPC else "SQLITE_IOERR_FSYNC"
    return made
