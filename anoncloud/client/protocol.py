"""A Twisted protocol that joins a transport and a wire connection, for the client.

It gives requests their numbers, answers to whoever waits for them, and credit to transfers. It
knows one connection only; ``client.link`` makes new ones.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from anoncloud.client.peer import Sent
from anoncloud.client.refusals import refused
from anoncloud.client.streams import Stream, Upload, unheeded
from anoncloud.client.throttling import Pace
from anoncloud.client.vigil import Verdict, Vigil
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.packing import PackedBlob
from anoncloud.errors import ConnectionCut, HandshakeFailed, ProtocolBroken, RemoteError
from anoncloud.limits import HANDSHAKE_TIMEOUT, KEEPALIVE, KIB, LEAVE_TIMEOUT
from anoncloud.sockets import watch
from anoncloud.wire import messages
from anoncloud.wire.connection import Bulk, Connection, Established, Event, Received
from anoncloud.wire.handshake import Role

TRANSPORT_BUFFER: Final = 512 * KIB
"""Bytes that are read from the socket at once, and that may wait to be written to it."""


@implementer(IPushProducer)
class ClientProtocol(Protocol):
    """One connection to a server.

    :ivar established: fires with the handshake hash once the keys are agreed.
    :ivar over: fires with what ended the connection, once it has.
    """

    def __init__(
        self,
        reactor: IReactorTime,
        server_public: bytes,
        entropy: Entropy,
        packet: int,
        on_event: Callable[[messages.Answers], None],
    ) -> None:
        self.established: Deferred[bytes] = Deferred()
        self.over: Deferred[BaseException | None] = Deferred()
        self._reactor = reactor
        self._connection = Connection(Role.CLIENT, entropy=entropy, server_public=server_public)
        self._packet = packet
        self._on_event = on_event
        self._number = 0
        self._answers: dict[int, Deferred[messages.Answers]] = {}
        self._uploads: dict[int, Upload] = {}
        self._streams: dict[int, Stream] = {}
        self._paused: Deferred[None] | None = None
        self._lost: Failure | None = None
        self._ended: Deferred[None] | None = None
        self._vigil = Vigil()
        self._timer = reactor.callLater(HANDSHAKE_TIMEOUT, self._give_up_waiting)

    def connectionMade(self) -> None:
        transport: Any = self.transport
        watch(transport)
        transport.bufferSize = transport.SEND_LIMIT = TRANSPORT_BUFFER
        transport.registerProducer(self, True)
        self._connection.begin()
        self._flush()

    def dataReceived(self, data: bytes) -> None:
        is_part = True
        try:
            for event in self._connection.receive(data):
                is_part = False
                self._take_event(event)
        except RemoteError as error:
            self._break(Failure(error))
            return
        self._vigil.hear(is_part=is_part)
        self._flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._timer.active():
            self._timer.cancel()
        if self._lost is None:
            message = "the connection was cut"
            self._lost = Failure(ConnectionCut(message, "try again"))
        self.connected = 0
        # On a later turn, so that whoever asks for a connection then is not given this one again.
        self._reactor.callLater(0, self._fail_all, self._lost)
        if self._ended is not None:
            ended, self._ended = self._ended, None
            ended.callback(None)

    def pauseProducing(self) -> None:
        if self._paused is None:
            self._paused = Deferred()

    def resumeProducing(self) -> None:
        if self._paused is not None:
            self._vigil.progress()  # a peer that takes bytes, however slowly, is alive
            paused, self._paused = self._paused, None
            paused.callback(None)

    def stopProducing(self) -> None:
        self.resumeProducing()

    async def ask(self, make: Callable[[int], messages.Message]) -> messages.Answers:
        """Send the request that *make* gives for a number; give its answer.

        :raises Refused: the server said no.
        :raises ConnectionCut: the connection ended first.
        """
        number, answer = self._expect()
        self._say(make(number))
        return await answer

    async def stage(
        self, drive: bytes, blob: PackedBlob, pace: Pace | None = None, sent: Sent | None = None
    ) -> None:
        """Store *blob*, no faster than *pace*, and tell *sent*; durable when this returns."""
        number, answer = self._expect()
        upload = self._uploads[number] = Upload(sent)
        self._say(messages.StageBlob(number, drive, blob.blob, blob.size))
        try:
            for length, parts in blob.packets(self._packet):
                if pace is not None:
                    with self._vigil.holding():
                        await pace.take(length)
                if not await self._may_send(upload, number, length):
                    break
                self._connection.send_bulk(number, *parts)
                self._flush()
                upload.count(length)
            await answer
        finally:
            self._uploads.pop(number, None)
            unheeded(answer)

    def read(self, drive: bytes, blob: bytes, offset: int, length: int) -> Stream:
        """Begin to read part of a blob."""
        number, answer = self._expect()
        stream = Stream(
            length,
            lambda granted: self._say(messages.Credit(number, granted)),
            lambda: self._give_up(number),
        )
        self._streams[number] = stream
        _ = answer.addBoth(self._end_stream, number)
        self._say(messages.ReadBlob(number, drive, blob, offset, length, self._packet))
        if stream.head_start:
            self._say(messages.Credit(number, stream.head_start))
        return stream

    async def leave(self) -> None:
        """End the connection properly: our end mark, the server's, and the stream's end."""
        if self._lost is not None:
            return
        if self._ended is None:
            self._ended = Deferred()
            self._connection.end()
            self._flush()
            self._wait(LEAVE_TIMEOUT, self._give_up_waiting)
        await self._ended

    async def _may_send(self, upload: Upload, number: int, length: int) -> bool:
        """Wait until *length* bytes may be sent; False if there is no more use in it."""
        while number in self._answers and not self._over:
            if self._paused is not None:
                await self._paused
            elif upload.allowance.available < length:
                upload.waiting = Deferred()
                await upload.waiting
            else:
                return True
        return False

    def _expect(self) -> tuple[int, Deferred[messages.Answers]]:
        """Give a request its number; if the connection is broken, its end will answer it."""
        if self._lost is not None and not self.connected:
            self._lost.raiseException()
        self._number += 1
        answer: Deferred[messages.Answers] = Deferred()
        self._answers[self._number] = answer
        return self._number, answer

    @property
    def _over(self) -> bool:
        """Whether nothing is said any more; what is still owed fails when the stream ends."""
        return self._lost is not None or self._ended is not None

    def _say(self, message: messages.Message) -> None:
        if not self._over:
            self._connection.send(message)
            self._flush()

    def _give_up(self, number: int) -> None:
        if number in self._answers:
            self._number += 1
            answer: Deferred[messages.Answers] = Deferred()
            unheeded(answer)
            self._answers[self._number] = answer
            self._say(messages.Cancel(self._number, number))

    def _take_event(self, event: Event) -> None:
        if isinstance(event, Received):
            self._vigil.progress(getattr(event.message, "request", 0))
            self._take_message(event.message)
        elif isinstance(event, Bulk):
            stream = self._streams.get(event.request)
            if stream is None:
                message = "the server sent bulk bytes that nobody asked for"
                raise ProtocolBroken(message)
            self._vigil.progress()
            stream.arrive(event.data)
        elif isinstance(event, Established):
            self._wait(KEEPALIVE, self._look)
            self.established.callback(event.handshake_hash)
        elif self.transport is not None:  # Ended
            self.transport.loseConnection()

    def _take_message(self, message: Any) -> None:
        if isinstance(message, messages.Events):
            self._on_event(message)
        elif isinstance(message, messages.Credit):
            upload = self._uploads.get(message.request)
            if upload is not None:
                upload.allowance.grant(message.length)
                upload.wake()
        else:
            self._take_answer(message)

    def _take_answer(self, message: Any) -> None:
        answer = self._answers.pop(message.request, None)
        if answer is None:
            fault = "the server answered a request that was not made"
            raise ProtocolBroken(fault)
        upload = self._uploads.get(message.request)
        if isinstance(message, messages.Refusal):
            answer.errback(Failure(refused(message)))
        else:
            answer.callback(message)
        if upload is not None:
            upload.wake()

    def _end_stream(self, outcome: Any, number: int) -> None:
        self._streams.pop(number).end(outcome)

    def _flush(self) -> None:
        outgoing = self._connection.take()
        if outgoing and self.transport is not None:
            self._vigil.speak()
            self.transport.writeSequence(outgoing)

    def _wait(self, seconds: float, then: Callable[[], None]) -> None:
        """Let what comes *then* take the place of what was waited for."""
        if self._timer.active():
            self._timer.cancel()
            self._timer = self._reactor.callLater(seconds, then)

    def _look(self) -> None:
        """See whether the server is there; if need be, ask it for a sign of life."""
        self._timer = self._reactor.callLater(KEEPALIVE, self._look)
        verdict = self._vigil.look(owed=len(self._answers), is_uploading=bool(self._uploads))
        if verdict is Verdict.GONE:
            self._give_up_waiting()
        elif verdict is Verdict.ASK:
            number, answer = self._expect()
            unheeded(answer)
            self._vigil.ping(number)
            self._say(messages.Ping(number))

    def _give_up_waiting(self) -> None:
        message = "the server does not answer"
        self._break(Failure(ConnectionCut(message, "check the connection")))

    def _break(self, reason: Failure) -> None:
        self._lost = reason
        if self.transport is not None:
            cast("ITCPTransport", self.transport).abortConnection()

    def _fail_all(self, reason: Failure) -> None:
        if not self.established.called:
            error = reason.value
            if isinstance(error, ConnectionCut):
                message = "the server closed the connection before the keys were agreed"
                hint = "check the address and its key; the server may also be too busy"
                reason = Failure(HandshakeFailed(message, hint))
            self.established.errback(reason)
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            answer.errback(reason)
        for upload in list(self._uploads.values()):
            upload.wake()
        self.resumeProducing()
        self.over.callback(reason.value)
