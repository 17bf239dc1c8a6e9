"""What every command of the server's owner works with: a state folder, its settings, its stores."""

import json
import os
import pwd
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import click
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from anoncloud.errors import LocalError, UsageError
from anoncloud.server.account_contract import AccountStore
from anoncloud.server.assembly import BLOBS, DATABASE
from anoncloud.server.contracts import BlobStore, JournalStore
from anoncloud.server.delays import Schedules
from anoncloud.server.occupancy import occupy
from anoncloud.server.settings import Settings
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database, newest_step
from anoncloud.server.stores.folder import FolderBlobs
from anoncloud.server.stores.journal import SqlJournal
from anoncloud.server.stores.ledger import Ledger
from anoncloud.server.stores.upkeep import SqlUpkeep
from anoncloud.server.upkeep_contract import ErrandKind, UpkeepStore

reactor: Any = _reactor
_Result = TypeVar("_Result")
PATIENCE: Final = 10.0
"""Seconds that a running server has to take an errand up; a round of collecting may take longer."""
LOOK: Final = 0.2


@attrs.frozen
class Stores:
    """The stores of a server, beside its process or without one."""

    accounts: AccountStore
    journal: JournalStore
    blobs: BlobStore
    upkeep: UpkeepStore
    clock: Callable[[], float]
    schedules: Schedules
    close: Callable[[], None]


@attrs.define
class Desk:
    """What a command is about, and how it speaks while it is at work.

    :ivar note: says something that is not the result.
    :ivar config: the file of the settings, if one was given.
    """

    settings: Settings
    note: Callable[[str], None]
    config: Path | None = None

    @property
    def state_dir(self) -> Path:
        """The server's state folder."""
        return self.settings.state_dir

    @property
    def database(self) -> Path:
        """The server's database."""
        return self.state_dir / DATABASE

    @property
    def blobs(self) -> Path:
        """The server's blob folder."""
        return self.state_dir / BLOBS

    def check_server(self) -> None:
        """See that there is a server.

        :raises UsageError: there is none.
        """
        if not self.database.exists():
            message = f"there is no server in {self.state_dir}"
            hint = "start it once, run 'anoncloud-admin init', or give another --state-dir"
            raise UsageError(message, hint)

    def check_current(self) -> None:
        """See that there is a server whose database this release has made or brought up.

        :raises LocalError: there is none such.
        """
        self.check_server()
        with Ledger(self.database) as ledger:
            version = ledger.version()
        if version > newest_step():
            message = f"the database {self.database} was made by a newer release"
            raise LocalError(message, "update this program")
        if version < newest_step():
            message = f"the database {self.database} was made by an older release"
            hint = "stop the server, run 'anoncloud-admin upgrade', and start it"
            raise LocalError(message, hint)

    def is_running(self) -> bool:
        """Whether a server uses the state folder now."""
        try:
            occupy(self.state_dir).close()
        except LocalError:
            return True
        return False

    def run(self, work: Callable[[Stores], Awaitable[_Result]]) -> _Result:
        """Do *work* on the server's stores."""
        outcome: list[Any] = []

        async def opened() -> _Result:
            stores = open_stores(self)
            try:
                return await work(stores)
            finally:
                stores.close()

        def begin() -> None:
            running = Deferred.fromCoroutine(opened())
            _ = running.addBoth(outcome.append).addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        reactor.run()
        if not outcome:  # a signal has ended the reactor
            raise click.Abort
        if isinstance(outcome[0], Failure):
            outcome[0].raiseException()
        result: _Result = outcome[0]
        return result


def check_user(folder: Path) -> None:
    """See that root does not write files into another user's state folder, who could not use them.

    :raises UsageError: it would.
    """
    if os.geteuid() != 0 or not folder.exists() or (owner := folder.stat().st_uid) == 0:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    message = f"{folder} belongs to the user {name}, and this command runs as root"
    raise UsageError(message, f"run it as that user: put sudo -u '{name}' before it")


def open_stores(desk: Desk) -> Stores:
    """Open a server's stores; their caller closes them.

    :raises LocalError: there is no server, or the database can't be opened.
    """
    desk.check_server()
    database = Database(desk.database)
    settings = desk.settings
    return Stores(
        SqlAccounts(database, settings.coarse_times, keep_addresses=settings.keep_addresses),
        SqlJournal(database, settings.coarse_times),
        FolderBlobs(desk.blobs, maybeDeferred),
        SqlUpkeep(database, settings.coarse_times),
        time.time,
        Schedules(),
        database.close,
    )


async def ask(upkeep: UpkeepStore, kind: ErrandKind, patience: float) -> dict[str, int] | None:
    """Let the running server do an errand; None if it does not within *patience* seconds."""
    number = await upkeep.ask(kind)
    try:
        for _ in range(int(patience / LOOK)):
            await deferLater(reactor, LOOK)
            answer = await upkeep.answered(number)
            if answer is not None:
                found: dict[str, int] = json.loads(answer)
                return found
    finally:
        await upkeep.take_back(number)
    return None
