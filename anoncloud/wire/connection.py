"""The face of the core: bytes in, events out; messages in, bytes out. One class for both roles.

A connection lives through the states of :class:`State`; the table ``_STEPS`` is the whole of what
may follow what (docs/protocol.rst section 2). Anything unexpected breaks it for good, and every
call after that raises. It knows no sockets and no time; the adapters in ``server.protocol`` and
``client.protocol`` bring both.
"""

import enum
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

import attrs

from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey
from anoncloud.crypto.noise import TAG, Encapsulate, encapsulate
from anoncloud.errors import (
    ConnectionCut,
    HandshakeFailed,
    Misuse,
    ProtocolBroken,
    RemoteError,
)
from anoncloud.limits import MAX_FRAME, MAX_FRAME_ANONYMOUS, MAX_FRAME_HANDSHAKE, MAX_GREETING
from anoncloud.wire import messages
from anoncloud.wire.channel import Direction
from anoncloud.wire.frames import FrameCutter, frame_header
from anoncloud.wire.handshake import NK_HFS, Handshake, Role

GREETING: Final = b"anoncloud 1\n"
"""Both sides begin with it; it is the handshake's prologue, so nobody can change it on the way."""


class Kind(enum.IntEnum):
    """The first byte of every opened frame."""

    MESSAGE = 0
    BULK = 1
    END = 2


_BULK_HEADER: Final = Struct(">BI")
_MESSAGE_HEADER: Final = bytes([Kind.MESSAGE])


class State(enum.Enum):
    """Where a connection is in its life."""

    GREETING = "waiting for the peer's greeting"
    AGREEMENT = "waiting for the peer's handshake message"
    OPEN = "carrying messages"
    ENDED = "ended by the peer's end mark"
    BROKEN = "broken"


_STEPS: Final = {
    State.GREETING: {State.AGREEMENT, State.BROKEN},
    State.AGREEMENT: {State.OPEN, State.BROKEN},
    State.OPEN: {State.ENDED, State.BROKEN},
    State.ENDED: {State.BROKEN},
    State.BROKEN: {State.BROKEN},
}


@attrs.frozen
class Established:
    """The keys are agreed; *handshake_hash* (64 bytes) stands for this connection alone."""

    handshake_hash: bytes


@attrs.frozen
class Received:
    """A message came."""

    message: messages.Requests | messages.Answers


@attrs.frozen
class Bulk:
    """Bulk bytes of transfer *request* came."""

    request: int
    data: memoryview = attrs.field(repr=False)


@attrs.frozen
class Ended:
    """The peer's end mark came: nothing that it sent is missing."""


Event = Established | Received | Bulk | Ended


class Connection:
    """One end of a connection.

    A server brings its long-term keys, *statics*, and a client the one that it expects. Feed it
    with :meth:`receive`, write what :meth:`take` gives to the peer after every call, and tell it by
    :meth:`cut` when the stream is over.
    """

    def __init__(
        self,
        role: Role,
        *,
        entropy: Entropy,
        statics: Sequence[AgreementKey] = (),
        server_public: bytes = b"",
        encapsulate: Encapsulate = encapsulate,
    ) -> None:
        if (role is Role.SERVER) != bool(statics):
            message = "a server, and no client, brings static keys to a connection"
            raise Misuse(message)
        self.state = State.GREETING
        self._role = role

        def agreement() -> list[Handshake]:
            return [
                Handshake(
                    NK_HFS,
                    role,
                    prologue=GREETING,
                    entropy=entropy,
                    static=static,
                    server_public=server_public,
                    encapsulate=encapsulate,
                )
                for static in (statics or (None,))
            ]

        self._agreement = agreement
        """Called at the greeting: who calls and says nothing is to cost little."""
        self._handshakes: list[Handshake] = []
        self._cutter = FrameCutter(MAX_FRAME_HANDSHAKE)
        self._outgoing: list[bytes] = []
        self._sending: Direction | None = None
        self._receiving: Direction | None = None
        self._ended = False
        is_server = role is Role.SERVER
        self._decoder: messages.Decoder = (
            messages.request_decoder if is_server else messages.answer_decoder
        )

    def begin(self) -> None:
        """Speak first, which is the client's part: the greeting and its handshake message."""
        if self._role is not Role.CLIENT or self.state is not State.GREETING:
            message = "only a client begins, and only once"
            raise Misuse(message)
        self._outgoing.append(GREETING)
        self._handshakes = self._agreement()
        self._send_handshake()

    @property
    def can_send(self) -> bool:
        """Whether messages may be sent now."""
        return self._sending is not None and not self._ended and self.state is not State.BROKEN

    def take(self) -> list[bytes]:
        """Take the bytes that wait to be written to the peer."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def trust(self) -> None:
        """Allow frames of full length: the server's word to a peer who has logged in."""
        self._cutter.limit = MAX_FRAME

    def receive(self, received: bytes) -> Iterator[Event]:
        """Take bytes from the peer, and give the events in them one by one.

        :raises RemoteError: the peer broke the protocol; the connection is broken from then on.
        """
        if self.state is State.BROKEN:
            message = "this connection is broken"
            raise Misuse(message)
        self._cutter.feed(received)
        try:
            if self.state is State.GREETING and not self._read_greeting():
                return
            for body in self._cutter.frames():
                yield self._read_frame(body)
        except RemoteError:
            self._step(State.BROKEN)
            raise

    def cut(self) -> None:
        """Say that the stream is over; it may be so only after the peer's end mark.

        :raises ConnectionCut: the end mark is missing, so something may be.
        """
        if self.state not in {State.ENDED, State.BROKEN}:
            self._step(State.BROKEN)
            message = "the connection was cut"
            raise ConnectionCut(message, "try again; nothing that was confirmed is lost")

    def send(self, message: messages.Message) -> None:
        """Send *message*."""
        self._send_frame(_MESSAGE_HEADER + messages.encode(message))

    def send_bulk(self, request: int, *parts: bytes | memoryview) -> None:
        """Send *parts*, which are not all empty, as the next bulk bytes of transfer *request*."""
        if not any(parts):
            message = "a frame of bulk bytes has at least one"
            raise Misuse(message)
        self._send_frame(b"".join((_BULK_HEADER.pack(Kind.BULK, request), *parts)))

    def end(self) -> None:
        """Send the end mark; nothing may be sent after it."""
        self._send_frame(bytes([Kind.END]))
        self._ended = True

    def _send_frame(self, plaintext: bytes) -> None:
        if self._sending is None or not self.can_send:
            message = "this connection can't send now"
            raise Misuse(message)
        header = frame_header(len(plaintext) + TAG, MAX_FRAME)  # before it costs a nonce
        self._outgoing += (header, self._sending.seal(plaintext))

    def _send_handshake(self) -> None:
        written = self._handshakes[0].write()
        self._outgoing += (frame_header(len(written), MAX_FRAME_HANDSHAKE), written)

    def _read_greeting(self) -> bool:
        line = self._cutter.line(MAX_GREETING)
        if line is None:
            return False
        if self._role is Role.SERVER:
            self._outgoing.append(GREETING)
        if line != GREETING:
            message = "the peer does not speak this version of the protocol"
            hint = "check the address, and that both sides have the newest release"
            raise HandshakeFailed(message, hint)
        if self._role is Role.SERVER:
            self._handshakes = self._agreement()
        self._step(State.AGREEMENT)
        return True

    def _read_frame(self, body: memoryview) -> Event:
        if self.state is State.AGREEMENT:
            return self._read_handshake(bytes(body))
        if self.state is not State.OPEN or self._receiving is None:
            message = "the peer sent something after its end mark"
            raise ProtocolBroken(message)
        plaintext = memoryview(self._receiving.open(body))
        kind = plaintext[0] if plaintext else None
        if kind == Kind.MESSAGE:
            return Received(messages.decode(self._decoder, plaintext[1:]))
        if kind == Kind.BULK and len(plaintext) > _BULK_HEADER.size:
            return Bulk(_BULK_HEADER.unpack_from(plaintext)[1], plaintext[_BULK_HEADER.size :])
        if kind == Kind.END and len(plaintext) == 1:
            self._step(State.ENDED)
            return Ended()
        message = "the peer sent a frame of a kind that the protocol does not have"
        raise ProtocolBroken(message)

    def _read_handshake(self, body: bytes) -> Established:
        if self._heard(body):
            message = "the peer sent a handshake message with something in it"
            raise ProtocolBroken(message)
        if self._role is Role.SERVER:
            self._send_handshake()
        handshake = self._handshakes[0]
        self._handshakes = []  # its fresh keys have done their part, and are kept no longer
        sending, receiving = handshake.split()
        self._sending, self._receiving = Direction(sending), Direction(receiving)
        self._cutter.limit = MAX_FRAME_ANONYMOUS if self._role is Role.SERVER else MAX_FRAME
        self._step(State.OPEN)
        return Established(handshake.hash)

    def _heard(self, body: bytes) -> bytes:
        """Read the peer's handshake message; a peer of ours may have an older key of ours."""
        while True:
            try:
                return self._handshakes[0].read(body)
            except HandshakeFailed:
                if len(self._handshakes) == 1:
                    raise
                del self._handshakes[0]

    def _step(self, state: State) -> None:
        if state not in _STEPS[self.state]:
            message = f"a connection {self.state.value} can't be {state.value}"
            raise Misuse(message)
        self.state = state
