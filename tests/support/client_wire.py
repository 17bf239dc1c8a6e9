"""A server's end of a connection, and an endpoint that leads to it, without sockets or time."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from anoncloud.crypto.keys import AgreementKey
from anoncloud.errors import Code, Refused, RemoteError
from anoncloud.limits import DEFAULT_PACKET
from anoncloud.wire import messages
from anoncloud.wire.connection import Bulk, Connection, Ended, Established, Received
from anoncloud.wire.credit import Window
from anoncloud.wire.handshake import Role
from tests.support.client import Store
from tests.support.entropy import counting
from tests.support.pairs import STATIC

Judge = Callable[["ServerEnd", Any], bool]
"""See a message before the server does; True if it is dealt with."""


class Pipe(StringTransport):
    """A client's transport: what is written goes to *server* by :meth:`ServerEnd.hear`.

    As with TCP, the loss of a connection is told on a later turn of the reactor.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.protocol: Any = None
        self.gone = False
        self.bufferSize = 0

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled

    def loseConnection(self) -> None:
        self.clock.callLater(0, self.lose, ConnectionDone())

    def abortConnection(self) -> None:
        self.clock.callLater(0, self.lose, ConnectionLost())

    def lose(self, reason: Exception) -> None:
        """Tell the client that the connection is over."""
        if not self.gone:
            self.gone = True
            self.protocol.connectionLost(Failure(reason))


class ServerEnd:
    """The server's side of one connection: a wire connection, and what came over it."""

    def __init__(self, pipe: Pipe, static: AgreementKey = STATIC) -> None:
        self.pipe = pipe
        self.connection = Connection(Role.SERVER, entropy=counting(b"server"), statics=(static,))
        self.heard: list[Any] = []
        self.handshake_hash = b""
        self.broken: RemoteError | None = None

    def hear(self) -> list[Any]:
        """Take what the client has written; give the new messages and bulk."""
        written = self.pipe.value()
        self.pipe.clear()
        new: list[Any] = []
        if self.broken:
            return new
        try:
            for event in self.connection.receive(written):
                if isinstance(event, Established):
                    self.handshake_hash = event.handshake_hash
                elif isinstance(event, Received):
                    new.append(event.message)
                elif isinstance(event, Bulk):
                    new.append((event.request, bytes(event.data)))
                elif isinstance(event, Ended):
                    new.append(event)
        except RemoteError as error:
            self.broken = error
            self.pipe.loseConnection()
        self.heard += new
        self.deliver()
        return new

    def say(self, *spoken: messages.Message) -> None:
        """Send messages."""
        for message in spoken:
            self.connection.send(message)
        self.deliver()

    def bulk(self, request: int, content: bytes) -> None:
        """Send bulk bytes."""
        self.connection.send_bulk(request, content)
        self.deliver()

    def end(self) -> None:
        """Send the end mark."""
        self.connection.end()
        self.deliver()

    def deliver(self) -> None:
        """Hand what waits to the client."""
        outgoing = b"".join(self.connection.take())
        if outgoing and not self.pipe.gone:
            self.pipe.protocol.dataReceived(outgoing)


@implementer(IStreamClientEndpoint)
class MemoryEndpoint:
    """Leads to a new :class:`ServerEnd` at every attempt, or nowhere while *closed*."""

    def __init__(self, clock: Clock, static: AgreementKey = STATIC) -> None:
        self.clock = clock
        self.closed = False
        self.attempts = 0
        self.ends: list[ServerEnd] = []
        self._static = static

    def connect(self, protocolFactory: Any) -> "Deferred[Any]":  # noqa: N803 - Twisted's name
        self.attempts += 1
        if self.closed:
            return fail(ConnectError())
        pipe = Pipe(self.clock)
        pipe.protocol = protocolFactory.buildProtocol(None)
        self.ends.append(ServerEnd(pipe, self._static))
        pipe.protocol.makeConnection(pipe)
        return succeed(pipe.protocol)


class LittleServer:
    """Serves a :class:`Store` behind a :class:`MemoryEndpoint`, as far as the client needs it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.endpoint = MemoryEndpoint(clock)
        self.judges: list[Judge] = []
        self._uploads: dict[tuple[int, int], tuple[bytes, int, bytearray, Window]] = {}

    def run(self, seconds: float = 0.0) -> None:
        """Let both sides talk until neither has anything left to say, then let time pass."""
        for _ in range(2000):
            end = self.endpoint.ends[-1] if self.endpoint.ends else None
            if end is not None and not end.pipe.gone:
                for spoken in end.hear():
                    self._serve(end, spoken)
            due = [c for c in self.clock.getDelayedCalls() if c.getTime() <= self.clock.seconds()]
            if due:
                self.clock.advance(0)
            elif end is None or end.pipe.gone or not end.pipe.value():
                break
        if seconds:
            self.clock.advance(seconds)
            self.run()

    def cut(self) -> None:
        """Cut the newest connection."""
        self.endpoint.ends[-1].pipe.lose(ConnectionLost())

    def _serve(self, end: ServerEnd, spoken: Any) -> None:
        if any(judge(end, spoken) for judge in self.judges):
            return
        if isinstance(spoken, Ended):
            end.end()
            end.pipe.loseConnection()
            return
        try:
            self._answer(end, spoken)
        except Refused as refusal:
            end.say(messages.Refusal(spoken.request, refusal.code, refusal.message, refusal.hint))

    def _answer(self, end: ServerEnd, spoken: Any) -> None:  # noqa: C901 - one case a message
        store = self.store
        match spoken:
            case messages.Register():
                if spoken.account in store.accounts:
                    raise Refused(Code.NAME_TAKEN, "the name is taken")
                store.accounts[spoken.account] = (spoken.login_key, spoken.keyring)
                store.drive = spoken.drive
                end.say(messages.Done(spoken.request))
            case messages.LogIn():
                known = store.accounts.get(spoken.account, (b"", b""))
                if spoken.key != known[0] and spoken.key not in store.devices:
                    raise Refused(Code.LOGIN, "no account opens with that", "check the kit")
                end.connection.trust()
                head = len(store.journal)
                end.say(messages.LoggedIn(spoken.request, store.drive, head, store.head_hash))
            case messages.FetchKeyring():
                end.say(messages.Keyring(spoken.request, next(iter(store.accounts.values()))[1]))
            case messages.StageBlob():
                upload = (spoken.blob, spoken.size, bytearray(), Window())
                self._uploads[id(end), spoken.request] = upload
            case (number, content):
                self._take_bulk(end, number, content)
            case messages.ReadBlob():
                blob = store.blobs[spoken.blob][spoken.offset : spoken.offset + spoken.length]
                for at in range(0, len(blob), DEFAULT_PACKET):
                    end.bulk(spoken.request, blob[at : at + DEFAULT_PACKET])
                end.say(messages.Done(spoken.request))
            case messages.Credit():
                pass
            case _:
                end.say(store.answer(spoken))

    def _take_bulk(self, end: ServerEnd, number: int, content: bytes) -> None:
        blob, size, received, window = self._uploads[id(end), number]
        window.receive(len(content))
        received += content
        granted = window.consume(len(content))
        if len(received) == size:
            self.store.staged[blob] = bytes(received)
            end.say(messages.Done(number))
        elif granted:
            end.say(messages.Credit(number, granted))
