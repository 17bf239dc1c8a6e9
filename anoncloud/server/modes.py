"""In how many processes a server serves, and how narrow those are."""

import enum
import os
from typing import Final

DEFAULT: Final = 0
"""As many workers as there are processor cores."""


class ProcessMode(enum.Enum):
    """Who serves connections."""

    AUTO = "auto"
    """SINGLE on one core, WORKERS on more."""
    SINGLE = "single"
    """The one process that also listens."""
    WORKERS = "workers"
    """A fixed number of worker processes, each with many connections."""
    PER_USER = "per-user"
    """A worker process of its own for each connection, which ends with it."""


class Wish(enum.Enum):
    """Whether workers are to be shut into a sandbox."""

    AUTO = "auto"
    """If the system can."""
    REQUIRED = "required"
    """A worker that can't be does not serve."""
    OFF = "off"


def mode_in_force(wanted: ProcessMode, cores: int) -> ProcessMode:
    """Give the mode that *wanted* means on a machine with so many *cores*."""
    if wanted is not ProcessMode.AUTO:
        return wanted
    return ProcessMode.SINGLE if cores == 1 else ProcessMode.WORKERS


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0))
