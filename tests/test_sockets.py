"""The kernel's watch over connections: what is asked of it, and of which connections."""

import socket
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.limits import LINE_TIMEOUT
from anoncloud.sockets import push, watch
from tests.support.server_wire import Socket


@attrs.define
class Transport:
    """A transport over *socket*."""

    socket: Any
    no_delay: bool = False

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled


@attrs.define
class Wrapped:
    """A transport like Twisted's TLS: it passes on what it does not know itself."""

    transport: Transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)


class WatchTests(SynchronousTestCase):
    """Sockets that were never connected, which is enough to set them up."""

    def made(self, family: int) -> socket.socket:
        """Make a socket that the test closes."""
        made = socket.socket(family)
        self.addCleanup(made.close)
        return made

    def check_watched(self, line: socket.socket) -> None:
        """See that the kernel will notice within LINE_TIMEOUT seconds that nobody is there."""
        self.assertEqual(line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)
        idle, interval, count, unread = (
            line.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
        )
        self.assertEqual(idle + interval * count, LINE_TIMEOUT)
        self.assertEqual(unread, LINE_TIMEOUT * 1000)

    def test_tcp(self) -> None:
        """Both versions of the internet protocol are watched, and do not hold bytes back."""
        for family in (socket.AF_INET, socket.AF_INET6):
            transport = Transport(self.made(family))
            watch(transport)
            self.assertTrue(transport.no_delay)
            self.check_watched(transport.socket)

    def test_wrapped(self) -> None:
        """Under TLS, or behind a proxy's line, the socket is found all the same."""
        line = self.made(socket.AF_INET)
        watch(Wrapped(Transport(line)))
        self.check_watched(line)

    def test_unix(self) -> None:
        """A unix socket needs no watch: its far end can't vanish without the kernel's knowing."""
        line = self.made(socket.AF_UNIX)
        watch(Transport(line))
        self.assertEqual(line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 0)

    def test_no_socket(self) -> None:
        """A transport without one is let be."""
        transport = Transport(None)
        watch(transport)
        self.assertTrue(transport.no_delay)

    def test_lesser_systems(self) -> None:
        """What a system does not have is left out."""
        for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"):
            self.patch(socket, name, None)
        line = self.made(socket.AF_INET)
        watch(Transport(line))
        self.assertEqual(line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1)


class PushTests(SynchronousTestCase):
    """What is handed to the kernel at once."""

    def test_at_once(self) -> None:
        """What was written is gone before the reactor turns, and leaves nothing to do for it."""
        line = Socket(room=10)
        line.write(b"answer")
        push(line)
        self.assertEqual(line.written, b"answer")
        self.assertEqual(line.writers, set())

    def test_full(self) -> None:
        """What the kernel does not take waits for the reactor, as ever."""
        line = Socket(room=3)
        line.write(b"answer")
        push(line)
        self.assertEqual((line.written, line.writers), (b"ans", {line}))
        line.turn(10)
        self.assertEqual(line.written, b"answer")

    def test_no_such_transport(self) -> None:
        """A transport of another kind is let be."""
        push(Transport(None))
