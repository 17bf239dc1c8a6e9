"""Many callers of a server from one process: ``python -m benchmarks.crowd_callers``.

*idle*: logged in, silent but for a Ping now and then. *half*: a key agreement that never ends, a
byte at a time, begun anew whenever the server has enough of it. They stay until their standard
input ends, and say "ready" when all of them are there.
"""

import errno
import os
import resource
import selectors
import socket
import sys
import time
from collections import Counter, deque
from functools import partial
from typing import Any, Final

from anoncloud.client.address import Address, Invitation
from anoncloud.limits import KEEPALIVE
from anoncloud.wire import messages
from anoncloud.wire.connection import Connection
from anoncloud.wire.handshake import Role
from benchmarks.guesses import Talk, random_key
from benchmarks.measuring import Failed

_NETWORK: Final = 200
"""Callers from one address; there are only so many ports, and servers have limits."""
_SPARE: Final = 100
"""Files that a process has open besides its connections."""
_TICK: Final = 0.02
"""Seconds between two looks at who is due for a Ping."""
_STEP: Final = 1.0
"""Seconds between two bytes of a half-done key agreement."""
_PARTS: Final = 20
"""That a crowd has, so that its bytes do not come all at once."""


def source_of(number: int) -> str:
    """Give the loopback address that a caller comes from; 127.0.0.1 is for others."""
    network = number // _NETWORK
    return f"127.1.{network >> 7}.{2 + (network & 127)}"


def allow_files(count: int) -> None:
    """Let this process have *count* connections.

    :raises Failed: the system does not.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= hard < count + _SPARE:
        message = f"{count} connections need a higher limit of open files than {hard}"
        raise Failed(message)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Flock:
    """Connections that are logged in, and the pings that keep them so."""

    def __init__(self) -> None:
        self.pings = 0
        self._talks: deque[tuple[float, Talk]] = deque()

    def add(self, talk: Talk) -> None:
        """Take one more."""
        self._talks.append((time.monotonic(), talk))

    def tend(self) -> None:
        """Send a Ping wherever one is due."""
        while self._talks and self._talks[0][0] + 2 * KEEPALIVE < time.monotonic():
            _, talk = self._talks.popleft()
            talk.ask(messages.Ping)
            self.pings += 1
            self.add(talk)


def idle(address: Address, count: int) -> None:
    """Register *count* accounts, log in to each, and stay."""
    flock = Flock()
    for number in range(count):
        talk, key, name = Talk(address, source_of(number)), random_key(), f"idle-{number}"
        fields = (name, b"", key.public, os.urandom(1000), os.urandom(16))
        talk.ask(partial(_register, fields))
        if not isinstance(talk.log_in(name, key), messages.LoggedIn):
            message = f"{name} could not log in"
            raise Failed(message)
        flock.add(talk)
        flock.tend()
    print("ready", flush=True)
    before = flock.pings
    while not _is_over(_TICK):
        flock.tend()
    print(f"{flock.pings - before} pings", flush=True)


def _register(fields: tuple[Any, ...], request: int) -> messages.Register:
    return messages.Register(request, *fields)


def half(address: Address, count: int) -> None:
    """Begin *count* key agreements, and go on with each of them a byte at a time."""
    connection = Connection(Role.CLIENT, entropy=os.urandom, server_public=address.key)
    connection.begin()
    said = b"".join(connection.take())
    lines: dict[int, socket.socket] = {}
    at: Counter[int] = Counter()
    begun = turn = 0
    while True:
        for number in range(turn % _PARTS, count, _PARTS):
            line = lines.get(number)
            if line is None or not _say(line, said[at[number] : at[number] + 1]):
                if line is not None:
                    line.close()
                lines[number], at[number] = _call(address, number), -1
                begun += 1
            at[number] += at[number] < len(said) - 2
        turn += 1
        if turn == _PARTS:
            print("ready", flush=True)
        if _is_over(_STEP / _PARTS):
            print(f"{begun} begun", flush=True)
            return


def _call(address: Address, number: int) -> socket.socket:
    line = socket.socket()
    line.bind((source_of(number), 0))
    line.settimeout(0)
    line.connect_ex((address.host, address.port))
    return line


def _say(line: socket.socket, said: bytes) -> bool:
    """Send a byte, and see whether the server is still there."""
    try:
        line.send(said)
        return line.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError as error:
        return error.errno in {errno.ENOTCONN, errno.EINPROGRESS}


def _is_over(seconds: float) -> bool:
    """Wait; whether the standard input has ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        end = time.monotonic() + seconds
        return bool(selector.select(max(end - time.monotonic(), 0)))


def main() -> None:
    """Call as the command line says: kind, address, count."""
    kind, address, count = sys.argv[1:]
    allow_files(int(count))
    {"idle": idle, "half": half}[kind](Invitation.parse(address).address, int(count))


if __name__ == "__main__":
    main()
