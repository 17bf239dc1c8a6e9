"""What serves peers, put together from settings: alike in the one process and in each worker."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from anoncloud.crypto.entropy import Entropy
from anoncloud.server import in_force
from anoncloud.server.delays import Schedules
from anoncloud.server.events import Board
from anoncloud.server.house import House, alone
from anoncloud.server.identity import Identity
from anoncloud.server.metrics.tally import Tally, TimedDatabase
from anoncloud.server.pairings import Pairings
from anoncloud.server.protocol import Front
from anoncloud.server.settings import Settings
from anoncloud.server.staging import Staging
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.folder import FolderBlobs
from anoncloud.server.stores.journal import SqlJournal
from anoncloud.server.stores.pairings import SqlPairings
from anoncloud.wire import messages

DISK_THREADS: Final = 6
DATABASE: Final = "accounts.sqlite"
BLOBS: Final = "blobs"
ALONE: Final = b"alone"
"""The holder's name of a process that is the only one of its server."""


@attrs.frozen
class Company:
    """What a process has of the others of its server; by default it is the only one.

    :ivar holder: the process's own name in the database, which no other one ever has.
    :ivar salt: a secret of all of them, which is written nowhere.
    :ivar in_step: as the house's.
    """

    holder: bytes = ALONE
    salt: bytes = b""
    drives: Board[messages.JournalGrew] = attrs.Factory(Board)
    revoked: Board[None] = attrs.Factory(Board)
    pairings: Board[bytes] = attrs.Factory(Board)
    in_step: Callable[[], Awaitable[int]] = alone


@attrs.frozen
class Parts:
    """What a server is put together from."""

    settings: Settings
    reactor: Any
    identity: Identity
    database: Database
    disk: ThreadPool
    blobs: FolderBlobs
    house: House

    def start(self) -> None:
        """Begin to read and write blobs."""
        self.disk.start()

    def close(self) -> None:
        """Close what is open; whoever uses it has ended."""
        self.disk.stop()
        self.database.close()

    def front(self, entropy: Entropy) -> Front:
        """Make what protocols need."""
        return Front(self.reactor, self.identity.agreement_keys(), entropy, self.house)


def assemble(
    settings: Settings,
    reactor: Any,
    found: Identity,
    schedules: Schedules,
    company: Company | None = None,
) -> Parts:
    """Open the stores, and make the house over them.

    :raises LocalError: database or blob folder can't be used.
    """
    company = company or Company()
    database = Database(settings.state_dir / DATABASE)
    disk = ThreadPool(minthreads=1, maxthreads=DISK_THREADS, name="disk")

    def in_thread(function: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(reactor, disk, function, *arguments)

    async def wait(seconds: float) -> None:
        await deferLater(reactor, seconds)

    tally = Tally()
    timed = TimedDatabase(database, tally.sql, reactor.seconds)
    journal = SqlJournal(timed, settings.coarse_times)
    blobs = FolderBlobs(settings.state_dir / BLOBS, in_thread, company.holder)
    house = House(
        SqlAccounts(
            timed,
            settings.coarse_times,
            keep_addresses=settings.keep_addresses,
            salt=company.salt,
        ),
        journal,
        blobs,
        Staging(blobs, journal, time.time),
        time.time,
        wait,
        in_force.terms(settings),
        Pairings(SqlPairings(timed, company.holder), company.pairings, time.time, company.in_step),
        found.statements,
        schedules,
        in_force.allowance(settings),
        tally=tally,
        drives=company.drives,
        revoked=company.revoked,
        in_step=company.in_step,
    )
    return Parts(settings, reactor, found, database, disk, blobs, house)
