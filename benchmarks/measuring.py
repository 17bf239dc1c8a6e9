"""One command, run and measured: time, CPU, memory and stored bytes, on both sides."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import attrs

from benchmarks.processes import Cpu, MemoryWatch, cpu_of, family, loopback_bytes

_SETTLE: Final = 2.0
"""Seconds that a server gets to wait for the processes that it made for one client."""


class Failed(Exception):
    """A command did not do what it was to do; the message says which, and what it said."""


@attrs.frozen
class Command:
    """A program to run: its arguments, its standard input, additions to its environment, where."""

    arguments: tuple[str | Path, ...]
    input: str = ""
    environment: Mapping[str, str] = attrs.Factory(dict)
    folder: Path | None = None


@attrs.frozen
class Server:
    """The far end of a peer: its process and the folder that it stores in."""

    pid: int
    store: Path


@attrs.frozen
class Measured:
    """What one run cost; bytes and seconds, None where it does not apply."""

    seconds: float
    client_cpu: Cpu | None = None
    server_cpu: Cpu | None = None
    client_memory: int | None = None
    server_memory: int | None = None
    stored: int | None = None
    wire: int | None = None
    lines: int = 0
    """How many lines the client wrote."""


def run(command: Command) -> None:
    """Run *command* without measuring it.

    :raises Failed: it ended with another exit code than 0.
    """
    with tempfile.TemporaryFile() as said:
        client = _start(command, said)
        client.wait()
        _check(command, client.returncode, said)


def measure(command: Command, server: Server | None) -> Measured:
    """Run *command* to its end, and measure it and the server that it talks to.

    :raises Failed: it ended with another exit code than 0.
    """
    os.sync()
    stored = stored_bytes(server.store) if server else 0
    members = len(family(server.pid)) if server else 0
    cpu = cpu_of(server.pid) if server else Cpu()
    wire = loopback_bytes()
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        client = _start(command, said)
        with MemoryWatch(client.pid, *([server.pid] if server else [])) as memory:
            _, status, usage = os.wait4(client.pid, 0)
            seconds = time.perf_counter() - begun
        client.returncode = os.waitstatus_to_exitcode(status)
        _check(command, client.returncode, said)
        said.seek(0)
        lines = sum(1 for _ in said)
    client_cpu = Cpu(usage.ru_utime, usage.ru_stime)
    if server is None:
        return Measured(seconds, client_cpu, client_memory=memory.peaks[0], lines=lines)
    _settle(server, members)
    return Measured(
        seconds,
        client_cpu,
        cpu_of(server.pid) - cpu,
        memory.peaks[0],
        memory.peaks[1],
        stored_bytes(server.store) - stored,
        loopback_bytes() - wire,
        lines,
    )


def _start(command: Command, said: IO[bytes]) -> "subprocess.Popen[bytes]":
    with tempfile.TemporaryFile() as given:
        given.write(command.input.encode())
        given.seek(0)
        return subprocess.Popen(
            command.arguments,
            stdin=given,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **command.environment},
            cwd=command.folder,
        )


def _check(command: Command, code: int, said: IO[bytes]) -> None:
    if code:
        said.seek(0)
        tail = said.read()[-2000:].decode(errors="replace").strip()
        message = f"{_shown(command)} ended with exit code {code}: {tail}"
        raise Failed(message)


def stored_bytes(folder: Path) -> int:
    """Add up what the files below *folder* take on the disk; they may go while it is counted."""
    total = 0
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(above) / name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total


def _settle(server: Server, members: int) -> None:
    """Wait until the server has waited for its children, so that their CPU time is counted."""
    deadline = time.monotonic() + _SETTLE
    while len(family(server.pid)) > members and time.monotonic() < deadline:
        time.sleep(0.01)


def _shown(command: Command) -> str:
    return " ".join(map(str, command.arguments))
