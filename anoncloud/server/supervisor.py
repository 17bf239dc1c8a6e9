"""What systemd is told of the server: ready, reloading, stopping, and signs of life.

The protocol is one datagram of a few words to a socket whose name is in the environment
(sd_notify(3)); the packages that offer it are a C extension or unkept, and longer than this file.
Where no systemd waits for anything, nothing is sent.
"""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

MICRO: Final = 1_000_000
GRACE: Final = 20
"""Seconds that closing takes at most, when peers have gone."""


def send_datagram(address: str, content: bytes) -> None:
    """Send *content* to the Unix socket *address*, which never waits.

    :raises OSError: nobody takes it.
    """
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    with socket.socket(socket.AF_UNIX, kind) as sender:
        sender.sendto(content, "\0" + address[1:] if address.startswith("@") else address)


class Supervisor:
    """Tells systemd, if it waits to be told."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        environment: Mapping[str, str],
        pid: int,
        send: Callable[[str, bytes], None] = send_datagram,
    ) -> None:
        """Read from *environment* whom to tell, and how often the process *pid* is waited for."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._send = send
        period = environment.get("WATCHDOG_USEC", "")
        is_ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
        self._period = int(period) / MICRO if is_ours and period.isdigit() else 0.0
        self._watched = LoopingCall(self._say, "WATCHDOG=1")
        self._watched.clock = reactor

    def ready(self) -> None:
        """Tell that peers are served, or that new settings hold; give signs of life from now on."""
        self._say("READY=1")
        if self._address and self._period and not self._watched.running:
            _ = self._watched.start(self._period / 2)

    def reloading(self) -> None:
        """Tell that settings are read again."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, seconds: float) -> None:
        """Tell that the server stops, which may take so many seconds."""
        allowed = int((seconds + GRACE) * MICRO)
        self._say(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={allowed}")

    def stopped(self) -> None:
        """Give no more signs of life."""
        if self._watched.running:
            self._watched.stop()

    def _say(self, words: str) -> None:
        if not self._address:
            return
        try:
            self._send(self._address, words.encode())
        except OSError as error:
            self._log.warn("telling systemd: {error}", error=error.strerror)
