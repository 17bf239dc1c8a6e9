"""The zygote of a listener started, and the lines to it and to workers taken by the reactor."""

import socket
import sys
from typing import Any, BinaryIO

from twisted.internet.protocol import Factory, ProcessProtocol

from anoncloud.server.processes import zygote
from anoncloud.server.processes.protocol import Births, ZygoteLine


class _Quiet(ProcessProtocol):
    """The zygote as a process: what matters of it is said by its line."""


def start_zygote(reactor: Any, lock: BinaryIO, births: Births) -> ZygoteLine:
    """Start a zygote, which tells *births* and holds the *lock*; give the line to it.

    :raises OSError: the system has no more of something; then there is none.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        reactor.spawnProcess(
            _Quiet(),
            sys.executable,
            (sys.executable, "-m", zygote.__name__),
            env=zygote.environment(),
            childFDs={
                0: "w",
                1: 1,
                2: 2,
                zygote.SOCKET: theirs.fileno(),
                zygote.LOCK: lock.fileno(),
            },
        )
        line = ZygoteLine(births)
        adopt(reactor, ours, line)  # if that fails the zygote finds that nobody is there
    return line


def adopt(reactor: Any, ours: socket.socket, protocol: Any) -> None:
    """Let *protocol* have a copy of the socket *ours*.

    :raises OSError: there can be none.
    """
    ours.settimeout(0)
    factory: Any = Factory.forProtocol(lambda: protocol)
    factory.noisy = False
    reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, factory)
