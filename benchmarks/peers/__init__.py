"""Programs that move the same files, behind one face each."""

from pathlib import Path
from typing import Protocol

from benchmarks.measuring import Command, Server


class Missing(Exception):
    """A peer can't take part; the message says what to install."""


class Peer(Protocol):
    """A program under measurement, with its server running."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    @property
    def server(self) -> Server:
        """Its far end."""

    def put(self, local: Path, name: str) -> Command:
        """Store the file or folder *local* as *name*, which is not there yet."""

    def get(self, name: str, local: Path) -> Command:
        """Bring the file or folder *name* down to *local*, which does not exist."""

    def listing(self, name: str) -> Command:
        """List the folder *name*."""
