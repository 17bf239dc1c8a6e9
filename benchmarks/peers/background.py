"""Servers that run while their peer is measured: started, waited for, and ended."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.measuring import Failed

LOOPBACK: Final = "127.0.0.1"
_START: Final = 20.0
_STOP: Final = 10.0


def free_port() -> int:
    """Find a port on loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: tuple[str | Path, ...],
    port: int,
    log: Path,
    environment: Mapping[str, str],
    sign: Path | None = None,
) -> Iterator[int]:
    """Run a server until the block ends; give its process number once *port* answers.

    A server that writes the file *sign* when it is ready is waited for until that is there too.

    :raises Failed: it did not start; the message holds the end of its log.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        deadline = time.monotonic() + _START
        while not (_answers(port) and (sign is None or sign.exists())):
            if server.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:].strip()
                message = f"{arguments[0]} did not start: {tail}"
                raise Failed(message)
            time.sleep(0.05)
        yield server.pid
    finally:
        server.terminate()
        try:
            server.wait(_STOP)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
