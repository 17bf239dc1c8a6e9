"""The tree of services that is a server, made from its settings."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
from twisted.application.service import IService, MultiService
from twisted.application.strports import service as listening
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from anoncloud.crypto.entropy import Entropy, system_entropy
from anoncloud.disk.replacing import write_whole
from anoncloud.errors import LocalError, UsageError
from anoncloud.server import identity
from anoncloud.server.collector import Collector, CollectorService, Keep
from anoncloud.server.delays import Schedules
from anoncloud.server.doors import ProxiedFactory, ServerFactory
from anoncloud.server.house import House, Terms
from anoncloud.server.identity import Identity
from anoncloud.server.occupancy import occupy
from anoncloud.server.protocol import Front
from anoncloud.server.settings import Settings
from anoncloud.server.staging import Staging
from anoncloud.server.stores.accounts import SqlAccounts
from anoncloud.server.stores.database import Database
from anoncloud.server.stores.folder import FolderBlobs
from anoncloud.server.stores.journal import SqlJournal

DISK_THREADS: Final = 6
INVITATION_DAYS: Final = 7
FAREWELL: Final = 0.5
"""Seconds that peers have to take in that the server goes down."""
DATABASE: Final = "accounts.sqlite"
DEFAULT_PORT: Final = 9650


@attrs.frozen
class _Parts:
    """What a server is put together from."""

    settings: Settings
    reactor: Any
    identity: Identity
    database: Database
    disk: ThreadPool
    blobs: FolderBlobs
    house: House


class CannotStart(LocalError, SystemExit):
    """The server can't start: twistd ends with one sentence and exit code 1, not a traceback."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = f"twistd anoncloud: {self}"


class AnonymousCloud(MultiService):
    """A server: opened by its first start, closed by its stop."""

    _log = Logger()

    def __init__(
        self,
        settings: Settings,
        reactor: Any,
        entropy: Entropy = system_entropy,
        say: Callable[[str], None] = print,
        schedules: Schedules = Schedules(),  # noqa: B008 - a frozen value
    ) -> None:
        super().__init__()
        self._settings = settings
        self._reactor = reactor
        self._entropy = entropy
        self._say = say
        identity.make_state_dir(settings.state_dir)
        self._occupied = occupy(settings.state_dir)
        found, self._is_new = identity.load_or_make(settings.state_dir, entropy)
        self._parts = _parts(settings, reactor, found, schedules)
        front = Front(
            reactor,
            found.agreement_keys(),
            entropy,
            self._parts.house,
            settings.max_connections,
            settings.max_connections_per_address,
            settings.log_addresses,
        )
        self._factory = ServerFactory(front)
        for listen in settings.listen:
            _listening(listen, self._factory, reactor).setServiceParent(self)
        collector = Collector(self._parts.house, _keep(settings))
        CollectorService(collector, reactor).setServiceParent(self)

    def privilegedStartService(self) -> None:
        """Listen.

        :raises CannotStart: somebody else does so already, or this user may not.
        """
        try:
            super().privilegedStartService()
            self._parts.blobs.tidy()
        except LocalError as error:
            raise CannotStart(error.message, error.hint) from error
        except CannotListenError as error:
            reason = getattr(error.socketError, "strerror", None) or error.socketError
            is_path = error.interface is None
            place = error.port if is_path else f"{error.interface or '*'}:{error.port}"
            message = f"can't listen at {place}: {reason}"
            hint = "end what listens there, or give another --listen"
            raise CannotStart(message, hint) from error

    def startService(self) -> None:
        self._parts.disk.start()
        super().startService()
        introduction = Deferred.fromCoroutine(self._introduce())
        _ = introduction.addErrback(lambda failure: self._log.failure("starting", failure))

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        """Say goodbye, give transfers up, and close what is open, in this order."""
        self._factory.go_down()
        await deferLater(self._reactor, FAREWELL)
        await super().stopService()  # waits for all, and does not fail if one of them does
        self._parts.disk.stop()
        self._parts.database.close()
        self._occupied.close()

    async def _introduce(self) -> None:
        """Say where the server is; at the very first start, invite one person."""
        public = self._parts.identity.public
        where = public_place(self._settings)
        plain = identity.address(*where, public)
        path = self._settings.state_dir / "address"
        if self._is_new or not path.exists() or path.read_text() != plain + "\n":
            write_whole(path, f"{plain}\n".encode())
        self._say(f"AnonymousCloud is at {plain}")
        if self._is_new:
            code = self._entropy(identity.INVITATION_LENGTH)
            expires = int(time.time()) + INVITATION_DAYS * 24 * 3600
            await self._parts.house.accounts.invite(code, None, expires)
            link = identity.address(*where, public, code)
            self._say(f"the first invitation, for {INVITATION_DAYS} days and one person: {link}")


def _keep(settings: Settings) -> Keep:
    """Say how long garbage is kept: what its time was rounded down by is added."""
    return Keep(
        settings.keep_staged_hours * 3600 + settings.coarse_times,
        settings.keep_dropped_days * 24 * 3600 + settings.coarse_times,
    )


def _parts(settings: Settings, reactor: Any, found: Identity, schedules: Schedules) -> _Parts:
    database = Database(settings.state_dir / DATABASE)
    disk = ThreadPool(minthreads=1, maxthreads=DISK_THREADS, name="disk")

    def in_thread(function: Callable[..., Any], *arguments: Any) -> Deferred[Any]:
        return deferToThreadPool(reactor, disk, function, *arguments)

    async def wait(seconds: float) -> None:
        await deferLater(reactor, seconds)

    journal = SqlJournal(database, settings.coarse_times)
    blobs = FolderBlobs(settings.state_dir / "blobs", in_thread)
    house = House(
        SqlAccounts(database, settings.coarse_times, keep_addresses=settings.keep_addresses),
        journal,
        blobs,
        Staging(blobs, journal, time.time),
        time.time,
        wait,
        Terms(
            settings.registration,
            settings.max_accounts,
            settings.quota,
            settings.least_passphrase_score,
        ),
        found.statements,
        schedules,
    )
    return _Parts(settings, reactor, found, database, disk, blobs, house)


def _listening(endpoint: str, factory: ServerFactory, reactor: Any) -> IService:
    """Make the service that listens at *endpoint*; starting it fails if it can't."""
    is_proxied = endpoint.startswith("haproxy:")
    try:
        return listening(endpoint, ProxiedFactory(factory) if is_proxied else factory, reactor)
    except (ValueError, TypeError, LookupError, OSError) as error:
        message = f"listen is {endpoint!r}, where nobody can listen: {error}"
        raise UsageError(message, 'give an endpoint such as "tcp:9650"') from error


def public_place(settings: Settings) -> tuple[str, int]:
    """Give the host and port that peers are told to connect to."""
    host, port = settings.public_host or socket.getfqdn(), DEFAULT_PORT
    for listen in settings.listen:
        for part in listen.split(":")[1:]:
            if part.isdigit():
                return host, int(part)
    return host, port


def open_accounts(state_dir: Path) -> tuple[Database, SqlAccounts]:
    """Open the accounts of a server beside its process; the caller closes the database."""
    if not (state_dir / DATABASE).exists():
        message = f"there is no server in {state_dir}"
        raise UsageError(message, "start it once, or give another --state-dir")
    database = Database(state_dir / DATABASE)
    return database, SqlAccounts(database)
