"""A client on a real socket that says single messages, and hears what comes, one at a time."""

import os
import socket
import ssl
from types import TracebackType
from typing import Any, Self

from anoncloud.client.address import Invitation
from anoncloud.wire import messages
from anoncloud.wire.connection import Connection, Established, Received
from anoncloud.wire.handshake import Role
from tests.support.pairs import sent
from tests.support.server import Person

PATIENCE = 30.0
"""Seconds that a server may take for anything."""


class Cut(Exception):
    """The server has cut the line."""


class RawPeer:
    """One connection to the server at *address*, with its keys agreed on."""

    def __init__(
        self,
        address: str,
        source: str = "",
        *,
        port: int = 0,
        preamble: bytes = b"",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Come from *source*, to another *port*, after what a proxy says, or inside of TLS."""
        place = Invitation.parse(address).address
        self.heard: list[Any] = []
        self._number = 0
        self._socket = socket.create_connection(
            (place.host, port or place.port), PATIENCE, (source, 0) if source else None
        )
        self._socket.sendall(preamble)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket)
        self._connection = Connection(Role.CLIENT, entropy=os.urandom, server_public=place.key)
        self._hash = b""
        self._connection.begin()
        while not self._hash:
            self._turn()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    @property
    def port(self) -> int:
        """The port on our side."""
        port: int = self._socket.getsockname()[1]
        return port

    def begin(self, kind: Any, *fields: Any) -> int:
        """Ask, with whatever goes out next; give the request's number."""
        self._number += 1
        self._connection.send(kind(self._number, *fields))
        return self._number

    def answer(self, number: int) -> Any:
        """Wait for the answer to a request."""
        return self.wait(lambda one: getattr(one, "request", None) == number)

    def ask(self, kind: Any, *fields: Any) -> Any:
        """Ask, and wait for the answer."""
        return self.answer(self.begin(kind, *fields))

    def log_in(self, person: Person, device: str = "") -> Any:
        """Log in as *person*."""
        return self.ask(messages.LogIn, *person.log_in(device, self._hash))

    def done(self, number: int) -> Any:
        """Wait for the answer to an upload; credit is none."""
        return self.wait(
            lambda one: (
                getattr(one, "request", None) == number and not isinstance(one, messages.Credit)
            )
        )

    def send_bulk(self, number: int, content: bytes, packet: int = 65536) -> None:
        """Send bulk bytes; they fit the credit that every transfer begins with."""
        for begin in range(0, len(content), packet):
            self._connection.send_bulk(number, content[begin : begin + packet])
        self._flush()

    def wait(self, is_it: Any) -> Any:
        """Wait for a message, and take it out of what was heard.

        :raises Cut: the line is cut before it comes.
        """
        while True:
            for one in self.heard:
                if is_it(one):
                    self.heard.remove(one)
                    return one
            self._turn()

    def wait_for(self, kind: type[Any]) -> Any:
        """Wait for a message of *kind*."""
        return self.wait(lambda one: isinstance(one, kind))

    def wait_for_cut(self) -> None:
        """Wait until the server has ended the connection."""
        try:
            while True:
                self._turn()
        except Cut:
            pass

    def _flush(self) -> None:
        self._socket.sendall(sent(self._connection))

    def _turn(self) -> None:
        try:
            self._flush()
            data = self._socket.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if not data:
            raise Cut
        for event in self._connection.receive(data):
            if isinstance(event, Established):
                self._hash = event.handshake_hash
            elif isinstance(event, Received):
                self.heard.append(event.message)
