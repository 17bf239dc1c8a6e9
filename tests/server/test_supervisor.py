"""What systemd is told, and when."""

import errno
import socket
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.logger import formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.server.supervisor import GRACE, MICRO, Supervisor, send_datagram

PID = 77


class SupervisorTests(SynchronousTestCase):
    """Words to a supervisor that only listens."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.said: list[tuple[str, str]] = []
        self.fault: OSError | None = None

    def send(self, address: str, content: bytes) -> None:
        """Stand for a socket."""
        if self.fault is not None:
            raise self.fault
        self.said.append((address, content.decode()))

    def make(self, **environment: str) -> Supervisor:
        """Make a supervisor for the process PID."""
        return Supervisor(self.clock, environment, PID, self.send)

    def words(self) -> list[str]:
        """Give what was said, and forget it."""
        said, self.said = [content for _, content in self.said], []
        return said

    def test_life(self) -> None:
        """Ready, reloading with a time and ready again, stopping with the time that it may take."""
        one = self.make(NOTIFY_SOCKET="/run/notify")
        one.ready()
        self.assertEqual(self.said, [("/run/notify", "READY=1")])
        self.words()
        one.reloading()
        one.ready()
        one.stopping(10)
        one.stopped()
        reloading, ready, stopping = self.words()
        self.assertRegex(reloading, r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.assertEqual(ready, "READY=1")
        self.assertEqual(stopping, f"STOPPING=1\nEXTEND_TIMEOUT_USEC={(10 + GRACE) * MICRO}")
        self.clock.advance(1000)
        self.assertEqual(self.words(), [])

    def test_watchdog(self) -> None:
        """A sign of life comes twice in the time that is set, from the start to the end."""
        one = self.make(NOTIFY_SOCKET="/n", WATCHDOG_USEC="30000000", WATCHDOG_PID=str(PID))
        self.clock.advance(100)
        self.assertEqual(self.words(), [])
        one.ready()
        one.ready()
        self.clock.pump([15] * 3)
        self.assertEqual(self.words().count("WATCHDOG=1"), 4)
        one.stopping(0)
        self.clock.pump([15] * 2)
        self.assertEqual(self.words().count("WATCHDOG=1"), 2)
        one.stopped()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_not_watched(self) -> None:
        """Without a time, with nonsense, or where another process is waited for, there is none."""
        for environment in (
            {},
            {"WATCHDOG_USEC": "x"},
            {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"},
        ):
            self.make(NOTIFY_SOCKET="/n", **environment).ready()
            self.assertEqual(self.words(), ["READY=1"])
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nobody(self) -> None:
        """Where nobody waits nothing is said."""
        one = self.make(WATCHDOG_USEC="30000000")
        one.ready()
        one.stopping(1)
        one.stopped()
        self.assertEqual(self.said, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_fault(self) -> None:
        """A supervisor that can't be told is logged, and nothing else."""
        found: list[str] = []

        def observe(event: dict[str, Any]) -> None:
            found.append(formatEvent(event))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)
        self.fault = OSError(errno.ECONNREFUSED, "Connection refused")
        self.make(NOTIFY_SOCKET="/n").ready()
        self.assertEqual(found, ["telling systemd: Connection refused"])

    def test_socket(self) -> None:
        """A datagram goes to a file or to an abstract name; nobody there is an OSError."""
        name = str(Path(self.mktemp()))
        self.assertRaises(OSError, send_datagram, name, b"x")
        for address, bound in ((name, name), (f"@{name}", f"\0{name}")):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
                listener.bind(bound)
                send_datagram(address, b"READY=1")
                self.assertEqual(listener.recv(100), b"READY=1")
