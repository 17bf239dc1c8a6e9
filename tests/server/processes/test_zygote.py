"""The process that workers are forked from, where it can't fork."""

import errno
import os
import signal
import socket
from typing import Any

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.processes.orders import Birth, Born, Died, line, read_notice
from anoncloud.server.processes.protocol import ZygoteLine
from anoncloud.server.processes.zygote import Zygote

BIRTH = Birth(number=7, settings=b"{}", holder=b"holder", salt=b"salt")


class ForkTests(SynchronousTestCase):
    """A zygote on a line, whose system has no more processes."""

    def setUp(self) -> None:
        handler, woken = signal.getsignal(signal.SIGCHLD), signal.set_wakeup_fd(-1)
        self.listener, theirs = self.pair()
        self.zygote = Zygote(theirs)
        for end in (self.zygote._woken, signal.set_wakeup_fd(woken)):
            self.addCleanup(os.close, end)
        self.addCleanup(signal.signal, signal.SIGCHLD, handler)

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Make both ends of a line."""
        ends = socket.socketpair()
        for end in ends:
            self.addCleanup(end.close)
            end.settimeout(5)
        return ends

    def test_no_more_processes(self) -> None:
        """It says so, lets the worker's channel go, and goes on."""

        def fork() -> int:
            raise BlockingIOError(errno.EAGAIN, "there are no more")

        self.patch(os, "fork", fork)
        ours, theirs = self.pair()
        socket.send_fds(self.listener, [line(BIRTH)], [theirs.fileno()])
        theirs.close()
        self.assertTrue(self.zygote._take())
        notice = read_notice(self.listener.recv(1000))
        self.assertEqual(notice, Died(7, "before it began: there are no more"))
        self.assertEqual(ours.recv(1), b"")


class Wire(StringTransport):
    """A line on which descriptors may be sent, too."""

    def sendFileDescriptor(self, descriptor: int) -> None:
        """Send it; nobody takes it."""


class LineTests(SynchronousTestCase):
    """The listener's end of the line."""

    def born(self, number: int, pid: int) -> None:
        """Hear of a birth."""
        self.heard.append((number, pid))

    def died(self, number: int, how: str) -> None:
        """Hear of an end."""
        self.heard.append((number, how))

    def setUp(self) -> None:
        self.heard: list[Any] = []
        births: Any = self
        self.line = ZygoteLine(births)
        self.line.makeConnection(Wire())
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)
        self.addCleanup(self.theirs.close)
        self.line.give_birth(BIRTH, self.theirs)

    def test_channel(self) -> None:
        """A worker's end stays open until the worker has it, or never will have it."""
        for notice, heard in ((Born(7, 99), (7, 99)), (Died(7, "x"), (7, "x"))):
            self.assertEqual(len(self.line._sent), 1)
            self.line.dataReceived(line(notice))
            self.assertEqual(self.heard.pop(), heard)
            self.assertEqual((self.theirs.fileno(), self.line._sent), (-1, {}))
            self.theirs = socket.socket()
            self.addCleanup(self.theirs.close)
            self.line.give_birth(BIRTH, self.theirs)
