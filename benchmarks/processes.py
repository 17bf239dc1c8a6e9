"""What the kernel knows of running processes: descendants, CPU time, resident memory.

Linux only; it reads /proc. A process that ends while it is read counts as nothing.
"""

import os
import threading
from pathlib import Path
from typing import Final, Self

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


def cpu_seconds(pid: int) -> float:
    """Give the CPU seconds of *pid* and its descendants, those included that have ended."""
    return sum(map(_ticks, family(pid))) / _TICK


def _ticks(pid: int) -> int:
    """Read user and system time, of the process and of the children that it has waited for."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return sum(map(int, line.rpartition(")")[2].split()[11:15]))


def resident(pid: int) -> int:
    """Give the resident bytes of *pid* and its descendants together."""
    return sum(map(_resident, family(pid)))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class MemoryWatch:
    """The highest resident memory of some process families, while a ``with`` block runs."""

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
            for index, pid in enumerate(self._pids):
                self.peaks[index] = max(self.peaks[index], resident(pid))
            if self._over.wait(_INTERVAL):
                return
