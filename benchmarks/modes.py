"""One process, two workers, or a process for each connection: what each costs, and what it moves.

Run by ``python -m benchmarks modes``. Clients read one blob over and over and open nothing of it,
so the server's work is most of what the cores do.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import attrs

from anoncloud.crypto.keys import SigningKey
from anoncloud.limits import KIB, MIB, SMALL_BLOB
from anoncloud.wire import messages
from benchmarks.measuring import Failed
from benchmarks.modes_reader import DRIVE, Reader
from benchmarks.peers.anoncloud import environment
from benchmarks.peers.background import LOOPBACK, free_port, running
from benchmarks.processes import cpu_of, family
from benchmarks.table import simple_table

MODES: Final = (("single", ()), ("workers", ("--workers", "2")), ("per-user", ()))
IDLE: Final = 40
"""Connections that are opened to see what memory each takes."""
TRIES: Final = 30
CLIENTS: Final = (1, 2, 4)
_KEY: Final = bytes(range(32))
_SETTLE: Final = 1.0


@attrs.frozen
class _House:
    address: str
    pid: int


def modes(folder: Path, runs: int, seconds: float) -> str:
    """Give the section: medians of *runs* runs, of so many *seconds* each."""
    lines = [_line(folder / name, name, options, runs, seconds) for name, options in MODES]
    heads = ["first byte ms", "keys agreed ms", "KiB each", "MiB idle"]
    loads = [f"MiB/s {count}" for count in CLIENTS]
    table = simple_table([("mode", *heads, *loads, "CPU s per GiB"), *lines])
    load = f"Load before it: {os.getloadavg()[0]:.2f}."
    return "\n".join(("Modes", "-----", "", load, "", *table))


def _line(
    folder: Path, name: str, options: tuple[str, ...], runs: int, seconds: float
) -> tuple[str, ...]:
    folder.mkdir()
    with _house(folder, name, options) as house:
        _prepare(house)
        firsts, agreeds = zip(*(_open(house) for _ in range(TRIES)), strict=True)
        idle, each = _memory(house)
        moved = {count: [] for count in CLIENTS}
        cpu = []
        for _ in range(runs):
            for count in CLIENTS:
                before = cpu_of(house.pid).total
                came = _move(house, count, seconds)
                moved[count].append(came / seconds / MIB)
                cpu.append((cpu_of(house.pid).total - before) / (came / 1024 / MIB))
    return (
        name,
        f"{median(firsts) * 1000:.1f}",
        f"{median(agreeds) * 1000:.1f}",
        f"{each / KIB:,.0f}",
        f"{idle / MIB:,.0f}",
        *(f"{median(moved[count]):,.0f}" for count in CLIENTS),
        f"{median(cpu):.2f}",
    )


@contextmanager
def _house(folder: Path, mode: str, options: tuple[str, ...]) -> Iterator[_House]:
    port, state = free_port(), folder / "server"
    arguments = (
        *(Path(sys.executable).with_name("twistd"), "-n", "--pidfile=", "anoncloud"),
        *("--state-dir", state, "--listen", f"tcp:{port}:interface={LOOPBACK}"),
        *("--registration", "open", "--public-host", LOOPBACK, "--process-mode", mode, *options),
    )
    around, address = {**os.environ, **environment()}, state / "address"
    with running(arguments, port, folder / "server.log", around, address) as pid:
        time.sleep(_SETTLE)
        yield _House(address.read_text().strip(), pid)


def _prepare(house: _House) -> None:
    key = SigningKey(_KEY)
    reader = Reader(house.address, key)
    reader.ask(lambda n: messages.Register(n, "bench", b"", key.public, b"keyring", DRIVE))
    reader.log_in()
    reader.stage(os.urandom(SMALL_BLOB))
    reader.close()
    time.sleep(_SETTLE)


def _open(house: _House) -> tuple[float, float]:
    reader = Reader(house.address, SigningKey(_KEY))
    reader.close()
    time.sleep(0.1)  # so that a process is warm again
    return reader.first_byte, reader.agreed


def _memory(house: _House) -> tuple[int, float]:
    """Give what the server takes without anybody, and what each connection adds, as PSS."""
    idle = _pss(house)
    readers = []
    for _ in range(IDLE):
        readers.append(Reader(house.address, SigningKey(_KEY)))
        readers[-1].log_in()
    time.sleep(_SETTLE)
    each = (_pss(house) - idle) / IDLE
    for reader in readers:
        reader.close()
    time.sleep(_SETTLE)
    return idle, each


def _pss(house: _House) -> int:
    """Add up the proportional set sizes of all processes: what is shared is counted once."""
    total = 0
    for pid in family(house.pid):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * KIB


def _move(house: _House, count: int, seconds: float) -> int:
    """Let so many clients read at once; give the bytes that came to all of them."""
    command = (
        *(sys.executable, "-m", "benchmarks.modes_reader"),
        *(house.address, _KEY.hex(), str(seconds)),
    )
    readers = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment()},
        )
        for _ in range(count)
    ]
    for reader in readers:
        if _said(reader) != "ready":
            message = "a reader could not log in"
            raise Failed(message)
    for reader in readers:
        _tell(reader)
    came = [int(_said(reader)) for reader in readers]
    for reader in readers:
        reader.wait(10)
    return sum(came)


def _said(reader: "subprocess.Popen[bytes]") -> str:
    return reader.stdout.readline().decode().strip() if reader.stdout else ""


def _tell(reader: "subprocess.Popen[bytes]") -> None:
    if reader.stdin:
        reader.stdin.write(b"go\n")
        reader.stdin.flush()
