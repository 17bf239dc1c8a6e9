"""The tree of services that is a server, made from its settings."""

import re
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, Final

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from anoncloud.crypto.entropy import Entropy, system_entropy
from anoncloud.disk.replacing import write_whole
from anoncloud.errors import LocalError
from anoncloud.server import identity, in_force
from anoncloud.server.assembly import Parts, assemble
from anoncloud.server.collector import Collector, CollectorService, Keep
from anoncloud.server.delays import Schedules
from anoncloud.server.errands import Errands, ErrandService
from anoncloud.server.logs import install
from anoncloud.server.metrics.figures import Figures
from anoncloud.server.modes import ProcessMode, cores, mode_in_force
from anoncloud.server.occupancy import PATIENCE, occupy
from anoncloud.server.processes.service import Workforce
from anoncloud.server.reloading import Reloading, reload_by_signals
from anoncloud.server.serving import Here
from anoncloud.server.settings import Settings
from anoncloud.server.stores.upkeep import SqlUpkeep
from anoncloud.server.surroundings import Surroundings, alone

INVITATION_DAYS: Final = 7
DEFAULT_PORT: Final = 9650
NOT_STARTED: Final = "the server has not started"
GOING_DOWN: Final = "the server goes down"
_WITH_PORT: Final = re.compile(r"([^:]+|\[.+\]):(\d+)")
"""A host and a port; an IPv6 address has brackets then."""


class CannotStart(LocalError, SystemExit):
    """The server can't start: twistd ends with one sentence and exit code 1, not a traceback."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = f"twistd anoncloud: {self}"


class AnonymousCloud(MultiService):
    """A server: opened by its first start, closed by its stop."""

    _log = Logger()

    def __init__(  # noqa: PLR0913 - tests and benchmarks give what a process has one of
        self,
        settings: Settings,
        reactor: Any,
        entropy: Entropy = system_entropy,
        say: Callable[[str], None] = print,
        schedules: Schedules = Schedules(),  # noqa: B008 - a frozen value
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__()
        self._surroundings = surroundings or alone(reactor)
        self._fault = NOT_STARTED
        self._settings = settings
        self._reactor = reactor
        self._entropy = entropy
        self._say = say
        identity.make_state_dir(settings.state_dir)
        mode = mode_in_force(settings.process_mode, cores())
        patience = 0.0 if mode is ProcessMode.SINGLE else PATIENCE
        self._occupied = occupy(settings.state_dir, patience)
        found, self._is_new = identity.load_or_make(settings.state_dir, entropy)
        self._parts, self._serving = _serving(
            settings, reactor, found, entropy, schedules, self._occupied
        )
        self._serving.setServiceParent(self)
        collector = Collector(self._parts.house, Keep.of(settings))
        CollectorService(collector, reactor, self._parts.house.tally).setServiceParent(self)
        upkeep = SqlUpkeep(self._parts.database, settings.coarse_times)
        revoked, count = self._parts.house.revoked, self._serving.__len__
        ErrandService(Errands(upkeep, revoked, collector, count), reactor).setServiceParent(self)
        if settings.metrics_listen:
            self._publish(settings.metrics_listen, upkeep)
        if self._surroundings.read_again is not None:
            obey = partial(in_force.obey, self._parts.house, collector)
            self._listen_for_signals(self._surroundings.read_again, obey)

    def setServiceParent(self, parent: Any) -> None:
        install(self._surroundings.log, parent)
        super().setServiceParent(parent)

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
        self._parts.start()
        super().startService()
        introduction = Deferred.fromCoroutine(self._introduce())
        _ = introduction.addErrback(lambda failure: self._log.failure("starting", failure))
        _ = introduction.addCallback(self._be_ready)

    def _be_ready(self, _: object) -> None:
        """Say so; unless the server was stopped meanwhile."""
        if self._fault == NOT_STARTED:
            self._fault = ""
            self._surroundings.supervisor.ready()

    def stopService(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        """Say goodbye, let transfers end, and close what is open, in this order."""
        supervisor = self._surroundings.supervisor
        supervisor.stopping(self._settings.stop_time)
        self._fault = GOING_DOWN
        await self._serving.go_down()
        await super().stopService()  # waits for all, and does not fail if one of them does
        self._parts.close()
        self._occupied.close()
        supervisor.stopped()

    def _listen_for_signals(
        self, read: Callable[[], Settings], obey: Callable[[Settings], None]
    ) -> None:
        def change(settings: Settings) -> None:
            self._settings = settings
            obey(settings)
            self._serving.change(settings)

        around = self._surroundings
        reloading = Reloading(self._settings, read, change, around.supervisor, around.log)
        reload_by_signals(reloading, self._reactor).setServiceParent(self)

    def _publish(self, endpoint: str, upkeep: SqlUpkeep) -> None:
        """Let the owner's tools read metrics and health."""
        # Imported here, because without it no server needs all of HTTP.
        from anoncloud.server.metrics.publishing import publish  # noqa: PLC0415

        house = self._parts.house
        serving = self._serving
        figures = Figures(house, upkeep, serving.__len__, serving.online)
        publish(endpoint, house.tally, figures, self._find_fault, self._reactor).setServiceParent(
            self
        )

    async def _find_fault(self) -> str:
        """Say why peers are not served, "" if they are.

        :raises Refused: the database's word.
        """
        if not self._fault:
            await self._parts.house.journal.stored_in_all()
        return self._fault or self._serving.fault()

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


def _serving(  # noqa: PLR0913 - what a process has one of
    settings: Settings,
    reactor: Any,
    found: identity.Identity,
    entropy: Entropy,
    schedules: Schedules,
    lock: BinaryIO,
) -> tuple[Parts, Here | Workforce]:
    """Make what serves connections, in the mode that is set."""
    mode = mode_in_force(settings.process_mode, cores())
    if mode is ProcessMode.SINGLE:
        parts = assemble(settings, reactor, found, schedules)
        return parts, Here(parts, entropy)
    workforce = Workforce(settings, reactor, entropy, lock, once=mode is ProcessMode.PER_USER)
    parts = assemble(settings, reactor, found, schedules, workforce.company())
    workforce.use(parts)
    return parts, workforce


def public_place(settings: Settings) -> tuple[str, int]:
    """Give the host and port that peers are told to connect to."""
    with_port = _WITH_PORT.fullmatch(settings.public_host)
    if with_port:
        return with_port[1].strip("[]"), int(with_port[2])
    host, port = settings.public_host or socket.getfqdn(), DEFAULT_PORT
    for listen in settings.listen:
        for part in listen.split(":")[1:]:
            if part.isdigit():
                return host, int(part)
    return host, port
