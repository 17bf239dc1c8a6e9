"""What systemd does for a server: a port that stays open, and a socket that hears how it is."""

import os
import selectors
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.processes import (
    LOOPBACK,
    PATIENCE,
    Stuck,
    SystemTestCase,
    environment,
    wait_until,
)

_START = (
    "import os, sys\n"
    "os.dup2(int(sys.argv[1]), 3)\n"
    "pid = str(os.getpid())\n"
    "os.environ.update(LISTEN_FDS='1', LISTEN_FDNAMES='x', LISTEN_PID=pid, WATCHDOG_PID=pid)\n"
    "os.execv(sys.argv[2], sys.argv[2:])\n"
)
"""Begins a program with a socket as its file 3, as systemd does."""


class Supervised:
    """A server that is started over a port which outlives it."""

    def __init__(self, test: SystemTestCase, *options: str) -> None:
        self.folder = test.folder / "supervised"
        self.folder.mkdir()
        self._options = options
        self._port = socket.create_server((LOOPBACK, 0), backlog=512)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(self.folder / "notify"))
        self._notices.settimeout(PATIENCE)
        self.port = int(self._port.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None
        test.addCleanup(self._close)

    @property
    def address(self) -> str:
        """The address that registrations are made with."""
        return (self.folder / "state" / "address").read_text().strip()

    @property
    def log(self) -> str:
        """All that it has said, over all its lives."""
        return (self.folder / "server.log").read_text(errors="replace")

    def start(self) -> "Supervised":
        """Start it, and return when it says that it is ready."""
        twistd = Path(sys.executable).with_name("twistd")
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                (
                    *(sys.executable, "-c", _START, str(self._port.fileno())),
                    *(twistd, "-n", "--pidfile=", "anoncloud", "--registration", "open"),
                    *("--state-dir", str(self.folder / "state")),
                    *("--listen", "systemd:domain=INET:index=0"),
                    *("--public-host", f"{LOOPBACK}:{self.port}", *self._options),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(self._port.fileno(),),
                env=environment(NOTIFY_SOCKET=str(self.folder / "notify"), WATCHDOG_USEC="400000"),
                cwd=self.folder,
            )
        self.wait_for("READY=1")
        return self

    def wait_for(self, word: str) -> list[str]:
        """Wait until the server says *word*; give all that it has said until then."""
        said: list[str] = []
        while word not in said:
            try:
                said += self._notices.recv(4096).decode().splitlines()
            except TimeoutError as error:
                message = f"the server did not say {word}: {self.log[-2000:]}"
                raise Stuck(message) from error
        return said

    def stop(self) -> int:
        """End it as systemd would; give its exit code."""
        process: Any = self.process
        process.terminate()
        return int(process.wait(PATIENCE))

    def _close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._port.close()
        self._notices.close()


class Callers:
    """Many who connect one after the other, say the greeting, and want it back."""

    def __init__(self, port: int, greeting: bytes) -> None:
        self._port = port
        self._greeting = greeting
        self._selector = selectors.DefaultSelector()
        self.faults: list[str] = []
        self.greeted = 0

    def call(self) -> None:
        """Connect once more; a refusal is noted."""
        try:
            caller = socket.create_connection((LOOPBACK, self._port), timeout=PATIENCE)
            caller.sendall(self._greeting)
        except OSError as error:
            self.faults.append(repr(error))
            return
        self._selector.register(caller, selectors.EVENT_READ)

    def hear(self) -> None:
        """Take all greetings that have come."""
        for key, _ in self._selector.select(0):
            caller: Any = key.fileobj
            self._selector.unregister(caller)
            with caller:
                try:
                    self.greeted += caller.recv(100) == self._greeting
                except OSError as error:
                    self.faults.append(repr(error))

    def wait(self, number: int) -> None:
        """Wait until so many were greeted."""

        def enough() -> bool:
            self.hear()
            return self.greeted >= number

        wait_until(enough, f"{number} greetings")


def pid_of(supervised: Supervised) -> int:
    """Give the process of a server that runs."""
    process: Any = supervised.process
    return int(process.pid)


def send(supervised: Supervised, number: int) -> None:
    """Send a signal to a server that runs."""
    os.kill(pid_of(supervised), number)
