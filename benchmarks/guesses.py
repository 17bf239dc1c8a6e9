"""Somebody who tries to log in, over blocking sockets, from any address of the loopback network.

Linux answers at all of 127.0.0.0/8, so one machine can be many networks.
"""

import os
import socket
import time
from collections.abc import Callable
from typing import Final, Self, TypeVar

from anoncloud.client.address import Address
from anoncloud.client.link import Credentials
from anoncloud.crypto.keys import SigningKey
from anoncloud.errors import Code, ConnectionCut
from anoncloud.server.session import MAX_FAILED_LOGINS
from anoncloud.wire import messages
from anoncloud.wire.connection import Connection, Established, Received
from anoncloud.wire.handshake import Role
from benchmarks.measuring import Failed

Heard = TypeVar("Heard", Established, Received)
PATIENCE: Final = 60.0
"""Seconds that an answer may take."""
_PIECE: Final = 64 * 1024


class Talk:
    """A connection from the address *source*, whose keys are agreed."""

    def __init__(self, address: Address, source: str) -> None:
        self._number = 0
        self._connection = Connection(Role.CLIENT, entropy=os.urandom, server_public=address.key)
        self._socket = socket.create_connection(
            (address.host, address.port), PATIENCE, source_address=(source, 0)
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.begin()
        self._hash = self._until(Established).handshake_hash

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ask(self, make: Callable[[int], messages.Message]) -> messages.Message:
        """Ask one thing, and wait for its answer."""
        self._number += 1
        self._connection.send(make(self._number))
        return self._until(Received).message

    def log_in(self, name: str, key: SigningKey) -> messages.Message:
        """Try to log in to the account *name*."""
        credentials = Credentials(name, key)
        return self.ask(lambda number: credentials.message(number, self._hash))

    def _until(self, kind: type[Heard]) -> Heard:
        """Send what waits, and hear the server until it has said something of that kind.

        :raises ConnectionCut: it hangs up instead.
        """
        self._socket.sendall(b"".join(self._connection.take()))
        while received := self._socket.recv(_PIECE):
            for event in self._connection.receive(received):
                if isinstance(event, kind):
                    return event
        message = "the server hung up without an answer"
        raise ConnectionCut(message)


class Guesser:
    """Somebody who tries keys from one address, on one connection after the other."""

    def __init__(self, address: Address, source: str) -> None:
        self._address = address
        self._source = source
        self._talk: Talk | None = None
        self._tried = 0

    def guess(self, name: str, key: SigningKey) -> Code | None:
        """Try a key; give the code of the refusal, or None for a key that is right."""
        if self._talk is None:
            self._talk, self._tried = Talk(self._address, self._source), 0
        answer = self._talk.log_in(name, key)
        self._tried += 1
        if self._tried == MAX_FAILED_LOGINS or isinstance(answer, messages.LoggedIn):
            self.leave()
        return Code(answer.code) if isinstance(answer, messages.Refusal) else None

    def leave(self) -> None:
        """Hang up; the next guess is on another connection."""
        if self._talk is not None:
            self._talk.close()
        self._talk = None


def random_key() -> SigningKey:
    """Make a key that is nobody's."""
    return SigningKey(os.urandom(SigningKey.LENGTH))


def login_seconds(address: Address, source: str, name: str, key: SigningKey) -> float:
    """Give the seconds from connecting to being logged in.

    :raises Failed: the server refuses.
    """
    begun = time.perf_counter()
    with Talk(address, source) as talk:
        answer = talk.log_in(name, key)
        seconds = time.perf_counter() - begun
    if not isinstance(answer, messages.LoggedIn):
        message = f"a right login was answered with {answer}"
        raise Failed(message)
    return seconds
