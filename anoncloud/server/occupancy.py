"""One server to a state folder: a lock that lasts as long as its process, and is left by no crash.

Two servers on one folder would count each other's uploads as nobody's, and each other's room as
free. The owner's command needs no lock: it only asks the database, which knows how to be shared.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import BinaryIO, Final

from anoncloud.errors import LocalError

LOCK: Final = "lock"
PATIENCE: Final = 3.0
"""Seconds that the workers of a server that was killed may take to end."""
PAUSE: Final = 0.1
"""Seconds between two tries."""


def occupy(folder: Path, patience: float = 0.0) -> BinaryIO:
    """Lock the state folder for this process, and those that it becomes by forking, until closed.

    Waits for *patience* seconds: of a server that was killed the workers end a moment later.

    :raises LocalError: another server uses it, or it can't be locked.
    """
    try:
        lock = open(folder / LOCK, "wb", buffering=0, opener=_private)  # noqa: SIM115 - held
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        _take(lock, patience)
    except BlockingIOError as error:
        lock.close()
        message = f"another server uses the state folder {folder}"
        raise LocalError(message, "end that one, or give another --state-dir") from error
    except OSError as error:
        lock.close()
        raise _unusable(folder, error) from error
    return lock


def _take(lock: BinaryIO, patience: float) -> None:
    """Take the lock.

    :raises BlockingIOError: somebody has it, and keeps it.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE)
        else:
            return


def _private(path: str, flags: int) -> int:
    """Open a file that nobody else may read."""
    return os.open(path, flags, 0o600)


def _unusable(folder: Path, error: OSError) -> LocalError:
    message = f"locking the state folder {folder}: {error.strerror}"
    return LocalError(message, "check the disk, and who owns the folder")
