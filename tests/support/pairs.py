"""Two ends of one thing, joined back to back without a network."""

from anoncloud import limits
from anoncloud.crypto.keys import AgreementKey
from anoncloud.crypto.noise import CipherState, Encapsulate, encapsulate
from anoncloud.wire.connection import Bulk, Connection, Event, Received
from anoncloud.wire.frames import frame_header
from anoncloud.wire.handshake import NK_HFS, Handshake, Pattern, Role
from anoncloud.wire.messages import Message
from tests.support.entropy import counting

Talk = list[Message | tuple[int, bytes]]
"""What one end says in order: messages, and (request, bulk bytes)."""

STATIC = AgreementKey(bytes(range(32)))
"""The long-term key of every server in these tests."""


def fixed_encapsulate() -> Encapsulate:
    """Give an ``encapsulate`` whose first answer stands for all, so that a run can be replayed."""
    made: list[tuple[bytes, bytes]] = []

    def answer(public: bytes) -> tuple[bytes, bytes]:
        if not made:
            made.append(encapsulate(public))
        return made[0]

    return answer


def client_handshake(
    pattern: Pattern = NK_HFS, prologue: bytes = b"p", server_public: bytes = STATIC.public
) -> Handshake:
    """Give a client that always draws the same keys."""
    return Handshake(
        pattern,
        Role.CLIENT,
        prologue=prologue,
        entropy=counting(b"client"),
        server_public=server_public,
    )


def server_handshake(
    pattern: Pattern = NK_HFS,
    prologue: bytes = b"p",
    static: AgreementKey = STATIC,
    encapsulate: Encapsulate = encapsulate,
) -> Handshake:
    """Give a server that always draws the same keys."""
    return Handshake(
        pattern,
        Role.SERVER,
        prologue=prologue,
        entropy=counting(b"server"),
        static=static,
        encapsulate=encapsulate,
    )


def ciphers(key: bytes = b"k" * 32) -> tuple[CipherState, CipherState]:
    """Give two ciphers of the same key: one to seal with and one to open with."""
    return CipherState(key), CipherState(key)


def new_client(seed: bytes = b"client") -> Connection:
    """Give a client that has not begun."""
    return Connection(Role.CLIENT, entropy=counting(seed), server_public=STATIC.public)


def new_server(seed: bytes = b"server") -> Connection:
    """Give a server that has heard nothing."""
    return Connection(Role.SERVER, entropy=counting(seed), statics=(STATIC,))


def sent(connection: Connection) -> bytes:
    """Take everything that *connection* wants written."""
    return b"".join(connection.take())


def established() -> tuple[Connection, Connection]:
    """Give a client and a server that have agreed on their keys."""
    client, server = new_client(), new_server()
    client.begin()
    list(server.receive(sent(client)))
    list(client.receive(sent(server)))
    return client, server


def hear(receiver: Connection, stream: bytes | list[bytes]) -> list[Event]:
    """Feed *receiver* with *stream* and give a copy of every event."""
    parts = [stream] if isinstance(stream, bytes) else stream
    return [event for part in parts for event in receiver.receive(part)]


def speak(sender: Connection, talk: Talk, *, end: bool = True) -> bytes:
    """Let *sender* say all of *talk* and give the bytes."""
    for item in talk:
        if isinstance(item, tuple):
            sender.send_bulk(*item)
        else:
            sender.send(item)
    if end:
        sender.end()
    return sent(sender)


def events_of(talk: Talk) -> list[object]:
    """Give the events that *talk* makes at the other end."""
    return [
        Bulk(item[0], memoryview(item[1])) if isinstance(item, tuple) else Received(item)
        for item in talk
    ]


def raw_frame(sender: Connection, plaintext: bytes) -> bytes:
    """Seal *plaintext* as the next frame, whatever the rules for it are."""
    sealed = sender._sending.seal(plaintext)  # type: ignore[union-attr]
    return frame_header(len(sealed), limits.MAX_FRAME) + sealed
