"""Faults of the local disk, told as what was being done to which file and what can be done."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from anoncloud.client.transfers.policies import names_beside
from anoncloud.client.tree.names import show
from anoncloud.errors import LocalFileError


@contextmanager
def reported(doing: str, what: str | Path) -> Iterator[None]:
    """Turn a fault of the operating system into one that says what was done to which file."""
    try:
        yield
    except OSError as error:
        raise fault(doing, what, error) from error


def fault(doing: str, what: str | Path, error: OSError) -> LocalFileError:
    """Say that *doing* something to *what*, a path or a stream, failed; it is shown escaped."""
    message = f"{doing} {show_local(what)}: {error.strerror or error}"
    return LocalFileError(message, _advice(error, doing))


def show_local(path: str | Path) -> str:
    """Give a local path as text that is safe on any screen."""
    return show(os.fsencode(path))


def free_beside(place: Path) -> Path:
    """Give *place*, or a name beside it that nothing has."""
    free, others = place, names_beside(os.fsencode(place.name))
    while os.path.lexists(free):
        free = place.with_name(os.fsdecode(next(others)))
    return free


def _advice(error: OSError, doing: str) -> str:
    if isinstance(error, FileNotFoundError):
        return "check the name"
    if isinstance(error, PermissionError):
        return "check the permissions"
    if isinstance(error, BrokenPipeError):
        return "the reader of the pipe has gone"
    return "check the disk" if doing == "reading" else "check the space on the disk"


def look_at(place: str) -> os.stat_result | None:
    """Give what the file system says of *place*, None if nothing is there.

    :raises LocalFileError: it can't be looked at.
    """
    try:
        return os.lstat(place)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise fault("reading", place, error) from error
