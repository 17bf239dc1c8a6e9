"""What the kernel knows of running processes: descendants, CPU time, resident memory.

Linux only; it reads /proc. A process that ends while it is read counts as nothing.
"""

import os
import threading
from pathlib import Path
from typing import Final, NamedTuple, Self

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_INTERVAL: Final = 0.05
"""Seconds between two looks at the memory."""


def family(pid: int) -> list[int]:
    """Give *pid* and all that descend from it."""
    members = [pid]
    for member in members:
        try:
            for thread in Path(f"/proc/{member}/task").iterdir():
                members += map(int, (thread / "children").read_text().split())
        except OSError:
            continue
    return members


class Cpu(NamedTuple):
    """Seconds of CPU time, outside and inside of the kernel."""

    user: float = 0.0
    system: float = 0.0

    @property
    def total(self) -> float:
        """Both together."""
        return self.user + self.system

    def __sub__(self, earlier: "Cpu") -> "Cpu":
        return Cpu(self.user - earlier.user, self.system - earlier.system)


def cpu_of(pid: int) -> Cpu:
    """Give the CPU time of *pid* and its descendants, those included that have ended."""
    every = [_ticks(member) for member in family(pid)]
    return Cpu(sum(user for user, _ in every) / _TICK, sum(system for _, system in every) / _TICK)


def _ticks(pid: int) -> tuple[int, int]:
    """Read user and system time, of the process and of the children that it has waited for."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0, 0
    user, system, waited_user, waited_system = map(int, line.rpartition(")")[2].split()[11:15])
    return user + waited_user, system + waited_system


def loopback_bytes() -> int:
    """Give the bytes that have gone over the loopback interface, headers included."""
    for line in Path("/proc/self/net/dev").read_text().splitlines():
        name, _, counts = line.partition(":")
        if name.strip() == "lo":
            return int(counts.split()[0])
    return 0


def resident(pid: int) -> int:
    """Give the resident bytes of *pid* and its descendants together."""
    return sum(map(_resident, family(pid)))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def highest(pid: int) -> int:
    """Read the most memory that a process ever had resident."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else 0


class MemoryWatch:
    """The highest resident memory of some process families, while a ``with`` block runs.

    The first one begins with the block, so what its first process ever had counts as well.
    """

    def __init__(self, *pids: int) -> None:
        self.peaks = [0] * len(pids)
        self._pids = pids
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.peaks[0] = max(self.peaks[0], highest(self._pids[0]))
            for index, pid in enumerate(self._pids):
                self.peaks[index] = max(self.peaks[index], resident(pid))
            if self._over.wait(_INTERVAL):
                return
