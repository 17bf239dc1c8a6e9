"""Real processes for the system tests: servers on loopback, devices that run the command.

Everything that waits has an end: a server that does not answer and a command that does not come
back fail the test that started them.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

import anoncloud

CHECKOUT = Path(anoncloud.__file__).parents[1]
LOOPBACK = "127.0.0.1"
PASSPHRASE = "correct horse battery staple"
FLOOR = ("--argon2-memory", "64", "--argon2-passes", "2")
"""The least work that a passphrase may take; tests need no more."""
MODE = ("--process-mode", os.environ.get("ANONCLOUD_TEST_MODE", "single"))
"""What all servers are started with, unless a test says otherwise: "make test-modes" sets it."""
PATIENCE = 60.0
"""Seconds that a command may take unless its test says otherwise."""


class Stuck(Exception):
    """A process did not do in time what it was to do."""


def environment(**changes: str) -> dict[str, str]:
    """Give the environment of our programs: this checkout, and nothing of the user's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ANONCLOUD_")}
    paths = (str(CHECKOUT), os.environ.get("PYTHONPATH", ""))
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    kept["PYTHONWARNINGS"] = "default::RuntimeWarning"  # a dropped coroutine shows in the output
    return {**kept, **changes}


def free_port() -> int:
    """Find a port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Any, what: str, seconds: float = 30.0) -> None:
    """Look at *condition* until it is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {seconds} s for {what}"
            raise Stuck(message)
        time.sleep(0.02)


def peak(pid: int) -> int:
    """Give the highest resident memory of a running process so far, in bytes; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else 0


@attrs.define
class Server:
    """A server process on a port of its own, with all that it writes below *folder*."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = attrs.Factory(free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def log(self) -> str:
        """All that it has said, over all its lives."""
        return (self.folder / "server.log").read_text(errors="replace")

    @property
    def address(self) -> str:
        """The address that registrations are made with."""
        return (self.state / "address").read_text().strip()

    @property
    def pid(self) -> int:
        """The process, which must be running."""
        if self._process is None or self._process.poll() is not None:
            message = f"the server is not running: {self.log[-2000:]}"
            raise Stuck(message)
        return self._process.pid

    def address_by(self, port: int) -> str:
        """Give the address as it is reached through *port*."""
        return self.address.replace(f":{self.port}/", f":{port}/")

    def start(self) -> "Server":
        """Start it, and return when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                (
                    Path(sys.executable).with_name("twistd"),
                    *("-n", "--pidfile=", "anoncloud", "--state-dir", str(self.state)),
                    *("--listen", f"tcp:{self.port}:interface={LOOPBACK}"),
                    *("--public-host", LOOPBACK, "--registration", "open", *MODE, *self.options),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(),
                cwd=self.folder,
            )
        wait_until(self._ready, "the server to answer")
        return self

    def _ready(self) -> bool:
        if not self.pid or not (self.state / "address").exists():
            return False
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def admin(self, *arguments: str) -> str:
        """Run the owner's command on the state folder; give what it prints."""
        command = (sys.executable, "-m", "anoncloud.admin.main", "--state-dir", str(self.state))
        return subprocess.run(
            (*command, *arguments),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
            timeout=PATIENCE,
        ).stdout.strip()

    def stop(self) -> None:
        """End it as its owner would; harmless if it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a warning, as a crash does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            message = f"the server did not stop: {self.log[-2000:]}"
            raise Stuck(message) from None


@attrs.frozen
class Done:
    """What a command left behind; *peak* is its highest resident memory in bytes."""

    code: int
    out: bytes
    err: str
    peak: int

    @property
    def value(self) -> Any:
        """The JSON that it wrote."""
        return json.loads(self.out)


class Running:
    """A command under way; what it writes is read by threads, so that it never waits for us.

    *under* is a command that runs ours, for example with fewer rights.
    """

    def __init__(
        self,
        arguments: "tuple[str | bytes | Path, ...]",
        *,
        feed: "bytes | IO[bytes] | None" = None,
        under: tuple[str, ...] = (),
        out: "IO[bytes] | int" = subprocess.PIPE,
        **changes: str,
    ) -> None:
        piped = isinstance(feed, bytes)
        self.process = subprocess.Popen(
            (*under, sys.executable, "-m", "anoncloud.cli.main", *arguments),
            stdin=subprocess.PIPE if piped else feed or subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment(**changes),
        )
        self.peak = 0
        self._read: dict[str, bytes] = {"out": b"", "err": b""}
        self._threads = [threading.Thread(target=self._watch, daemon=True)]
        for name, stream in (("out", self.process.stdout), ("err", self.process.stderr)):
            if stream is not None:
                self._begin(self._drain, name, stream)
        if piped:
            self._begin(self._feed, feed)
        self._threads[0].start()

    def wait(self, seconds: float = PATIENCE) -> Done:
        """Wait for its end."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            message = f"{self.process.args} took longer than {seconds} s: {self._read['err']!r}"
            raise Stuck(message) from None
        for thread in self._threads:
            thread.join(10)
        return Done(code, self._read["out"], self._read["err"].decode(errors="replace"), self.peak)

    def kill(self) -> None:
        """End it without a warning."""
        self.process.kill()
        self.process.wait()

    def _begin(self, work: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _drain(self, name: str, stream: IO[bytes]) -> None:
        with stream:
            self._read[name] = stream.read()

    def _feed(self, feed: bytes) -> None:
        try:
            with self.process.stdin as stream:
                stream.write(feed)
        except BrokenPipeError:
            pass  # it has ended; its exit code says why

    def _watch(self) -> None:
        while self.process.poll() is None:
            self.peak = max(self.peak, peak(self.process.pid))
            time.sleep(0.02)


@attrs.frozen
class Device:
    """One user's machine: a state folder, and the command that uses it."""

    state: Path

    def start(self, *arguments: "str | bytes | Path", **options: Any) -> Running:
        """Begin a command; see :class:`Running` for *options*."""
        return Running(("--state", self.state, *arguments), **options)

    def run(
        self, *arguments: "str | bytes | Path", seconds: float = PATIENCE, **options: Any
    ) -> Done:
        """Run a command to its end."""
        return self.start(*arguments, **options).wait(seconds)

    def do(self, *arguments: "str | bytes | Path", **options: Any) -> Done:
        """Run a command that must succeed."""
        done = self.run(*arguments, **options)
        if done.code:
            message = f"{arguments} ended with {done.code}: {done.err}"
            raise AssertionError(message)
        return done

    def register(self, address: str, account: str, kit: Path, passphrase: str = PASSPHRASE) -> Done:
        """Make an account, and stay logged in."""
        return self.do(
            *("register", address, account, "--kit", kit, *FLOOR), ANONCLOUD_PASSPHRASE=passphrase
        )

    def log_in(self, kit: Path, passphrase: str = PASSPHRASE, **options: Any) -> Done:
        """Try to log in."""
        return self.run("login", "--kit", kit, ANONCLOUD_PASSPHRASE=passphrase, **options)


class SystemTestCase(SynchronousTestCase):
    """A test with a folder of its own, servers that end with it, and devices."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anoncloud-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def server(self, *options: str, name: str = "server", folder: Path | None = None) -> Server:
        """Start a server."""
        server = Server((folder or self.folder) / name, options)
        self.addCleanup(self._end, server)
        return server.start()

    def _end(self, server: Server) -> None:
        """Stop a server, and see that nothing went wrong in it that nobody heard of."""
        server.stop()
        for sign in ("Traceback", "Unhandled", "#critical", "never awaited"):
            self.assertNotIn(sign, server.log)

    def device(self, name: str = "device") -> Device:
        """Give a device that is not logged in."""
        return Device(self.folder / name)

    def ada(self, server: Server, port: int = 0) -> Device:
        """Register Ada, through *port* if that is given; her kit is in the file "kit"."""
        device = self.device("ada")
        device.register(server.address_by(port or server.port), "ada", self.folder / "kit")
        return device

    def file(self, name: "str | bytes", content: bytes, mode: int = 0o644) -> Path:
        """Write a local file."""
        path = self.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
        return path
