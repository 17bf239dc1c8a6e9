"""A client that costs next to nothing: it asks for parts of a blob, and lets fall what comes.

Started by ``benchmarks.modes``; opening what comes would cost as much as sealing it costs the
server, and the two share the processor cores.
"""

import os
import socket
import sys
import time
from typing import Final

from anoncloud.client.address import Invitation
from anoncloud.client.link import Credentials
from anoncloud.crypto.keys import SigningKey
from anoncloud.limits import SMALL_BLOB
from anoncloud.wire import messages
from anoncloud.wire.connection import Connection, Established, Received
from anoncloud.wire.handshake import Role

AHEAD: Final = 4
"""Parts that are asked for at once; each fits the credit that a transfer begins with."""
PACKET: Final = 64 * 1024
_PIECE: Final = 1024 * 1024
DRIVE, BLOB = b"d" * 16, b"b" * 16


class Reader:
    """A connection to *address* that has logged in with *key*."""

    def __init__(self, address: str, key: SigningKey) -> None:
        place = Invitation.parse(address).address
        self._begun = time.perf_counter()
        self._socket = socket.create_connection((place.host, place.port))
        self._connection = Connection(Role.CLIENT, entropy=os.urandom, server_public=place.key)
        self._connection.begin()
        self._number = 0
        self.first_byte = 0.0
        self._hash = b""
        while not self._hash:
            self.hear()
        self.agreed = time.perf_counter() - self._begun
        credentials = Credentials("bench", key)
        self._log_in = lambda number: credentials.message(number, self._hash)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def log_in(self) -> None:
        """Log in."""
        self.ask(self._log_in)

    def ask(self, make: "object") -> object:
        """Ask one thing, and wait for its answer."""
        number = self.begin(make)
        while True:
            for message in self.hear():
                if getattr(message, "request", None) == number:
                    return message

    def begin(self, make: "object") -> int:
        """Ask one thing."""
        self._number += 1
        self._connection.send(make(self._number))  # type: ignore[operator]
        self.flush()
        return self._number

    def stage(self, content: bytes) -> None:
        """Send a blob that fits the credit that a transfer begins with."""
        number = self.begin(lambda n: messages.StageBlob(n, DRIVE, BLOB, len(content)))
        for begin in range(0, len(content), PACKET):
            self._connection.send_bulk(number, content[begin : begin + PACKET])
        self.flush()
        while not any(isinstance(one, messages.Done) for one in self.hear()):
            pass

    def flush(self) -> None:
        """Send what waits."""
        self._socket.sendall(b"".join(self._connection.take()))

    def hear(self) -> list[object]:
        """Hear the server once, and understand it."""
        self.flush()
        data = self._socket.recv(_PIECE)
        self.first_byte = self.first_byte or time.perf_counter() - self._begun
        found = []
        for event in self._connection.receive(data):
            if isinstance(event, Established):
                self._hash = event.handshake_hash
            elif isinstance(event, Received):
                found.append(event.message)
        return found

    def read_for(self, seconds: float) -> int:
        """Ask for the blob again and again; give the bytes that came, which nobody opens."""
        came, asked, deadline = 0, 0, time.perf_counter() + seconds
        piece = memoryview(bytearray(_PIECE))
        while time.perf_counter() < deadline:
            while asked - came < AHEAD * SMALL_BLOB:
                self.begin(lambda n: messages.ReadBlob(n, DRIVE, BLOB, 0, SMALL_BLOB, PACKET))
                asked += SMALL_BLOB
            came += self._socket.recv_into(piece)
        return came


def main() -> None:
    """Read for so many seconds, and print how many bytes came."""
    address, key, seconds = sys.argv[1], bytes.fromhex(sys.argv[2]), float(sys.argv[3])
    reader = Reader(address, SigningKey(key))
    reader.log_in()
    print("ready", flush=True)
    sys.stdin.readline()
    print(reader.read_for(seconds), flush=True)


if __name__ == "__main__":
    main()
