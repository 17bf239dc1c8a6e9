"""A Twisted protocol that joins a transport, a wire connection and a session.

Time lives here: a peer must agree on keys, log in, and say something now and then, each within its
time. So does back-pressure: while the line is full, nothing is read from it and no transfer sends.
"""

from typing import Any, Final, cast
from typing import Protocol as Contract

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey
from anoncloud.errors import ConnectionCut, RemoteError
from anoncloud.limits import LOGIN_TIMEOUT
from anoncloud.server.conditions import Allowance
from anoncloud.server.house import House
from anoncloud.server.metrics.table import Count
from anoncloud.server.metrics.tally import Tally
from anoncloud.server.networks import network_of
from anoncloud.server.pace import Bucket, Reading, Reason
from anoncloud.server.penalties import BROKEN, SILENT
from anoncloud.server.session import Session
from anoncloud.server.shares import LEAST, MOST, Shares
from anoncloud.sockets import push, watch
from anoncloud.wire import messages
from anoncloud.wire.connection import Bulk, Connection, Ended, Established, Event, Received
from anoncloud.wire.handshake import Role

HELD_BACK: Final = 8
"""Who is not read can give no sign of life, and may be silent so many times as long."""


@attrs.frozen
class Front:
    """What the front of a server is made of; the house's allowance says how much it lets in."""

    reactor: IReactorTime
    keys: tuple[AgreementKey, ...]
    """The long-term keys that peers may come by, the newest first."""
    entropy: Entropy
    house: House
    shares: Shares = attrs.Factory(Shares)


class Doors(Contract):
    """Where peers come in and go out."""

    def let_in(self, protocol: "ServerProtocol") -> bool:
        """Whether a peer whose first bytes came may stay."""

    def agreed(self, protocol: "ServerProtocol") -> None:
        """Take note that a peer has agreed on keys."""

    def lost(self, protocol: "ServerProtocol") -> None:
        """Make room: a peer has gone."""


@implementer(IPushProducer)
class ServerProtocol(Protocol):
    """One connection from a client; fulfils :class:`~anoncloud.server.house.Channel`."""

    _log = Logger()

    def __init__(self, front: Front, doors: Doors) -> None:
        self._front = front
        self._doors = doors
        self._let_in = False
        self._connection = Connection(Role.SERVER, entropy=front.entropy, statics=front.keys)
        self._session: Session | None = None
        self._paused: Deferred[None] | None = None
        self._reading = Reading(self._change_reading)
        self._is_read = True
        self._bucket = Bucket(front.reactor.seconds)
        self._slowed: IDelayedCall | None = None
        self._gone = False
        self._may_wait = False
        self._timer = front.reactor.callLater(self._allowance.handshake_time, self._time_out)

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.bufferSize = transport.SEND_LIMIT = MOST
        transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        if not self._let_in and not self._is_over():
            self._let_in = self._doors.let_in(self)
            if not self._let_in:
                self._abort()
        if self._is_over():
            return
        self._tally.count(Count.RECEIVED, by=len(data))
        if len(data) >= LEAST:
            self._take_share()
        try:
            for event in self._connection.receive(data):
                self._take_event(event)
                if self._is_over():
                    return
        except RemoteError as error:
            self._break(error)
            return
        self._flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        del reason
        self._gone = True
        for timer in (self._timer, self._slowed):
            if timer is not None and timer.active():
                timer.cancel()
        try:
            self._connection.cut()
        except ConnectionCut:
            self._log.debug("a connection was cut")
        if self._session is not None:
            self._session.close()
        self.resumeProducing()
        self._doors.lost(self)

    def pauseProducing(self) -> None:
        """Hold transfers back, and read nothing: a peer who does not listen is not listened to."""
        if self._paused is None:
            self._paused = Deferred()
            self._reading.stop(Reason.LINE_FULL)

    def resumeProducing(self) -> None:
        if self._paused is not None:
            paused, self._paused = self._paused, None
            self._reading.go_on(Reason.LINE_FULL)
            paused.callback(None)

    def stopProducing(self) -> None:
        self.resumeProducing()

    def send(self, message: messages.Message) -> None:
        """Send a message, unless the peer has gone."""
        if self._can_send():
            self._connection.send(message)
            self._flush()
            push(self.transport)

    def send_bulk(self, request: int, data: bytes | memoryview) -> None:
        """Send bulk bytes, unless the peer has gone."""
        if self._can_send():
            self._take_share()
            self._connection.send_bulk(request, data)
            self._flush()

    async def ready(self) -> None:
        """Wait until the line takes more."""
        while self._paused is not None:
            await self._paused

    def trust(self) -> None:
        """Let the peer send frames of full length, and be silent for longer."""
        self._connection.trust()
        if self._timer.active():
            self._timer.reset(self._allowance.idle_time)

    def network(self) -> str:
        """Name the peer's network; behind a proxy it is known from the first bytes on."""
        peer = self.transport.getPeer() if self.transport is not None else None
        return network_of(str(getattr(peer, "host", "")))

    def give_time(self, seconds: float) -> None:
        """Let a peer who has not logged in stay so many seconds from now."""
        if self._timer.active() and self._session is not None and not self._session.logged_in:
            self._timer.reset(seconds)
            self._may_wait = True

    def stop_reading(self) -> None:
        """Read nothing from the peer: what it sent is not written yet."""
        self._reading.stop(Reason.UNWRITTEN)

    def go_on_reading(self) -> None:
        """Read again what the peer sends."""
        self._reading.go_on(Reason.UNWRITTEN)

    def turn_out(self) -> None:
        """End the connection at once, to make room for others."""
        self._abort()

    def hang_up(self) -> None:
        """End the connection when what was sent has gone out."""
        if self._can_send():
            self._connection.end()
            self._flush()
        self._close()

    def go_down(self) -> None:
        """Tell the peer that the server stops, and end when what is under way is answered."""
        if self._session is not None and self._session.logged_in:
            self.send(messages.GoingDown())
            self._session.retire()
        else:
            self.hang_up()

    @property
    def _allowance(self) -> Allowance:
        return self._front.house.allowance

    @property
    def _tally(self) -> Tally:
        return self._front.house.tally

    def _is_over(self) -> bool:
        """Whether nothing more is read: the peer has gone, or was hung up on."""
        return self._gone or (self._session is not None and not self._connection.can_send)

    def _can_send(self) -> bool:
        return not self._gone and self._connection.can_send

    def _take_event(self, event: Event) -> None:
        self._restart_timer()
        if isinstance(event, Bulk) and self._session is not None:
            self._session.receive_bulk(event.request, event.data)
        elif isinstance(event, Received) and self._session is not None:
            self._slow_down(event.message)
            self._session.receive(event.message)  # type: ignore[arg-type]
        elif isinstance(event, Established):
            self._session = Session(self._front.house, self, event.handshake_hash)
            self._doors.agreed(self)
            watch(self.transport)  # not before: who calls and says nothing is to cost little
            self._tally.count(Count.HANDSHAKES)
            self._timer.reset(LOGIN_TIMEOUT)
        elif isinstance(event, Ended):
            self.hang_up()

    def _take_share(self) -> None:
        """Move no more at once than others leave."""
        share = self._front.shares.take(self, self._front.reactor.seconds())
        cast("Any", self.transport).bufferSize = share

    def _flush(self) -> None:
        outgoing = self._connection.take()
        if outgoing and self.transport is not None and not self._gone:
            self.transport.writeSequence(outgoing)
            self._tally.count(Count.SENT, by=sum(map(len, outgoing)))

    def _close(self) -> None:
        if self.transport is not None and not self._gone:
            transport: Any = self.transport
            transport.unregisterProducer()  # or the transport would wait for more from it
            transport.loseConnection()

    def _slow_down(self, message: messages.Message) -> None:
        """Read nothing for a while from a peer who asks for more than it may."""
        rate = self._allowance.message_rate
        wait = self._bucket.take(rate) if rate and not isinstance(message, messages.Credit) else 0
        if wait and self._slowed is not None and self._slowed.active():
            self._slowed.reset(wait)
        elif wait:
            self._reading.stop(Reason.TOO_FAST)
            go_on = self._reading.go_on
            self._slowed = self._front.reactor.callLater(wait, go_on, Reason.TOO_FAST)

    def _change_reading(self, *, is_read: bool) -> None:
        transport: Any = self.transport
        self._is_read = is_read
        if not self._gone and transport is not None:
            (transport.resumeProducing if is_read else transport.pauseProducing)()
            self._restart_timer()

    def _restart_timer(self) -> None:
        if self._timer.active() and self._session is not None and self._session.logged_in:
            self._timer.reset(self._allowance.idle_time * (1 if self._is_read else HELD_BACK))

    def _time_out(self) -> None:
        self._log.debug("a peer took too long")
        if self._session is not None and not self._may_wait:
            self._session.blame(SILENT)
        self._abort()

    def _break(self, error: RemoteError) -> None:
        self._tally.count(Count.BROKEN)
        peer = (
            self.transport.getPeer()
            if self._allowance.log_addresses and self.transport
            else "a peer"
        )
        self._log.info("{peer} broke the protocol: {why}", peer=peer, why=error.message)
        self._flush()
        if self._session is None:  # our greeting is to go out; the timer aborts if it does not
            self._close()
            self._gone = True
        else:
            self._session.blame(BROKEN)
            self._abort()

    def _abort(self) -> None:
        self._gone = True
        transport: Any = self.transport
        transport.abortConnection()
