"""Programs that move the same files, behind one face each."""

from pathlib import Path
from typing import Protocol

from benchmarks.measuring import Command, Server


class Missing(Exception):
    """A peer can't take part; the message says what to install."""


class Unable(Exception):
    """A peer has no way to do one workload; the message says why."""


class Peer(Protocol):
    """A program under measurement, with its server running.

    What is stored has the name that it has on the local disk.
    """

    @property
    def name(self) -> str:
        """What the tables call it."""

    @property
    def server(self) -> Server:
        """Its far end."""

    def put(self, local: Path) -> Command:
        """Store a file or folder; what is stored under its name is replaced, or an older version.

        A folder is not there yet.
        """

    def get(self, name: str, into: Path) -> Command:
        """Bring the file or folder *name* down into the empty folder *into*."""

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        """List the folder *name*, or all that is below it."""

    def rename(self, name: str, local: Path) -> Command:
        """Let the folder *name* be called what *local*, from which it came, is called by now.

        :raises Unable: it can't.
        """

    def remove(self, name: str) -> Command:
        """Delete the folder *name* and all below it."""
