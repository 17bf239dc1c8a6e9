"""A lasting, logged-in connection: connects again after a cut, and what was under way carries on.

Fulfils :class:`~anoncloud.client.peer.Peer` by Twisted's ClientService; handshake and login run in
its ``prepareConnection``, so nobody gets a connection that is not logged in. What no new attempt
can mend (a refused login, a wrong key, a journal that went back) ends the link with that error.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar, cast

import attrs
from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.logger import Logger

from anoncloud.client.cache import Head
from anoncloud.client.peer import Sent
from anoncloud.client.protocol import ClientProtocol
from anoncloud.client.server_change import ServerWatch
from anoncloud.client.streams import Stream
from anoncloud.client.throttling import Pace
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import SigningKey
from anoncloud.crypto.packing import Extent, PackedBlob
from anoncloud.errors import (
    AnonymousCloudError,
    Code,
    ConnectionCut,
    HandshakeFailed,
    ProtocolBroken,
    Refused,
    Unreachable,
)
from anoncloud.limits import DEFAULT_PACKET
from anoncloud.wire import messages

Result = TypeVar("Result")

FIRST_ATTEMPTS: Final = 2
"""Attempts before a server is called unreachable when there was no connection yet."""
LATER_ATTEMPTS: Final = 12
"""The same after a connection was cut: about a minute, for a server that is restarted."""
_PASSING: Final = frozenset({Code.UNAVAILABLE, Code.TOO_MANY})
"""Refusals at login that another attempt may mend."""


@attrs.frozen
class Credentials:
    """Who logs in: the account's name, and its login key or a device's."""

    account: str
    key: SigningKey

    def message(self, request: int, handshake_hash: bytes) -> messages.LogIn:
        """Sign this very handshake."""
        signature = self.key.sign(messages.LOGIN_CONTEXT, handshake_hash + self.account.encode())
        return messages.LogIn(request, self.account, self.key.public, signature)


@attrs.frozen
class Terms:
    """How a link connects: the server's key, a source of randomness, bulk bytes in a frame."""

    server_public: bytes
    entropy: Entropy
    packet: int = DEFAULT_PACKET


class Link:
    """A connection to a server that outlives cuts.

    *log_in* is called with each new connection, before anything else uses it.

    :ivar pace: how fast blobs go and come at most; None for as fast as they can.
    :ivar server: what the server says of its keys.
    """

    _log = Logger()
    pace: Pace | None = None

    def __init__(
        self,
        reactor: IReactorTime,
        endpoint: IStreamClientEndpoint,
        terms: Terms,
        log_in: Callable[[ClientProtocol, bytes], Awaitable[None]],
        on_event: Callable[[messages.Answers], None] = lambda _: None,
    ) -> None:
        self._reactor = reactor
        self._log_in = log_in
        self.server = ServerWatch(terms.server_public)
        self._fatal: BaseException | None = None
        self._connection: ClientProtocol | None = None

        def hear(event: messages.Answers) -> None:
            if isinstance(event, messages.ServerKeys):
                self.server.hear(event.statements)
            on_event(event)

        def build() -> ClientProtocol:
            return ClientProtocol(reactor, terms.server_public, terms.entropy, terms.packet, hear)

        factory = Factory.forProtocol(build)
        factory.noisy = False
        self._service = ClientService(
            endpoint,
            factory,
            retryPolicy=backoffPolicy(initialDelay=0.25, maxDelay=10.0, factor=1.6),
            clock=reactor,
            prepareConnection=self._prepare,
        )

    def start(self) -> None:
        """Begin to connect; harmless when it has begun."""
        if not self._service.running:
            self._service.startService()

    async def stop(self) -> None:
        """End the connection properly, and make no new one."""
        if self._service.running:
            if self._connection is not None:
                await self._connection.leave()
            await self._service.stopService()

    async def connected(self) -> ClientProtocol:
        """Give a connection that is logged in, as soon as there is one.

        :raises Unreachable: several attempts failed.
        """
        attempts = FIRST_ATTEMPTS if self._connection is None else LATER_ATTEMPTS
        try:
            if self._fatal is None:
                return cast("ClientProtocol", await self._when_connected(attempts))
        except CancelledError:
            if self._fatal is None and self._service.running:  # not the link: who waits gave up
                raise
        except AnonymousCloudError:
            raise
        except Exception as error:
            message = f"connecting to the server: {_reason(error)}"
            hint = "check the address, the network, and that the server runs"
            raise Unreachable(message, hint) from error
        if self._fatal is not None:
            raise self._fatal
        message = "connecting to the server: the link was ended"
        raise Unreachable(message)

    def _when_connected(self, attempts: int) -> "Deferred[Any]":
        """Wait for ClientService, and then for the reactor's next turn.

        It tells those who wait from within a step of its own, in which it can't be asked again.
        """
        waiting: Deferred[Any] = self._service.whenConnected(failAfterFailures=attempts)
        if waiting.called:
            return waiting
        return waiting.addBoth(lambda outcome: deferLater(self._reactor, 0, lambda: outcome))

    async def ask(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        return await self._persist(lambda connection: connection.ask(make))

    async def ask_once(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        return await (await self.connected()).ask(make)

    async def stage(self, drive: bytes, blob: PackedBlob, sent: Sent | None = None) -> None:
        await self._persist(lambda connection: connection.stage(drive, blob, self.pace, sent))

    async def unstage(self, drive: bytes, blobs: tuple[bytes, ...]) -> None:
        await self.ask(lambda request: messages.Unstage(request, drive, blobs))

    async def read(self, drive: bytes, extent: Extent) -> "LastingReading":
        reading = LastingReading(self, drive, extent)
        await reading.begin()
        return reading

    async def _persist(self, attempt: Callable[[ClientProtocol], Awaitable[Result]]) -> Result:
        """Make *attempt*, and again on the next connection after each cut."""
        while True:
            connection = await self.connected()
            try:
                return await attempt(connection)
            except ConnectionCut:
                self._log.debug("the connection was cut; carrying on with the next one")

    async def _prepare(self, connection: Any) -> None:
        """Agree on keys and log in; ClientService hands the connection out after it.

        It leaves a connection open that is turned down here, and fails with an error of its own if
        one is lost meanwhile (Twisted 26.10); so that is hidden from it, and done here.
        """
        tell_loss, connection._lostNotification = connection._lostNotification, _nobody  # noqa: SLF001
        try:
            await self._enter(connection)
        except BaseException:
            connection.transport.abortConnection()
            raise
        connection._lostNotification = tell_loss  # noqa: SLF001
        self._connection = connection._protocol  # noqa: SLF001

    async def _enter(self, connection: ClientProtocol) -> None:
        try:
            handshake_hash = await connection.established
            await self._log_in(connection, handshake_hash)
        except (ConnectionCut, HandshakeFailed):
            raise  # the next attempt may reach a server that has started by then
        except Refused as error:
            if error.code not in _PASSING:
                self._end(error)
            raise
        except AnonymousCloudError as error:
            self._end(error)
            raise

    def _end(self, error: BaseException) -> None:
        self._fatal = error
        _ = self._service.stopService()


class LastingReading:
    """Bytes of one extent, in order, over as many connections as it takes."""

    def __init__(self, link: Link, drive: bytes, extent: Extent) -> None:
        self._link = link
        self._drive = drive
        self._extent = extent
        self._stream: Stream | None = None

    async def begin(self) -> None:
        """Ask for what has not come yet."""
        while self._stream is None:
            connection = await self._link.connected()
            try:
                self._stream = connection.read(self._drive, *self._extent)
            except ConnectionCut:
                continue

    async def next(self) -> memoryview | None:
        while self._extent.length:
            if self._stream is None:
                await self.begin()
                continue
            try:
                data = await self._stream.next()
            except ConnectionCut:
                self._stream = None
                continue
            if data is None:
                message = "the server ended a blob too early"
                raise ProtocolBroken(message)
            blob, offset, length = self._extent
            self._extent = Extent(blob, offset + len(data), length - len(data))
            if self._link.pace is not None:
                await self._link.pace.take(len(data))
            return data
        return None

    def close(self) -> None:
        if self._stream is not None and self._extent.length:
            self._stream.close()


def log_in_as(
    credentials: Credentials, on_head: Callable[[messages.LoggedIn], None]
) -> Callable[[ClientProtocol, bytes], Awaitable[None]]:
    """Make the login of a :class:`Link`; *on_head* judges what the server says of the journal."""

    async def log_in(connection: ClientProtocol, handshake_hash: bytes) -> None:
        answer = await connection.ask(lambda request: credentials.message(request, handshake_hash))
        if not isinstance(answer, messages.LoggedIn):
            message = "the server answered a login with something else"
            raise ProtocolBroken(message)
        on_head(answer)

    return log_in


def claimed_head(answer: messages.LoggedIn) -> Head:
    """Give the head that the server names at login."""
    return Head(answer.head, answer.head_hash)


def _nobody(reason: object) -> None:
    """Tell nobody."""


def _reason(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__
