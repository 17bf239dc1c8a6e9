"""restic with rclone's REST server: snapshots, deduplicated, encrypted by the client.

The connection is plain HTTP: what restic sends is sealed already.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from benchmarks.measuring import Command, Server, run
from benchmarks.peers import Missing
from benchmarks.peers.background import LOOPBACK, free_port, running
from benchmarks.peers.rclone import rclone_program


@attrs.frozen
class Restic:
    """The ``restic`` command with a cache of its own; each put is a snapshot."""

    server: Server
    _program: str
    _port: int
    _state: Path
    name: str = "restic"

    def initialise(self) -> Command:
        """Make the repository."""
        return self._restic("init")

    def put(self, local: Path) -> Command:
        return self._restic("backup", "--tag", local.name, local.name, folder=local.parent)

    def get(self, name: str, into: Path) -> Command:
        return self._restic("restore", "latest", "--tag", name, "--target", str(into))

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        only = () if recursive else (f"/{name}",)
        return self._restic("ls", "--tag", name, "latest", *only)

    def rename(self, name: str, local: Path) -> Command:
        """Store it again: a backup follows what happens on the local disk."""
        del name
        return self.put(local)

    def remove(self, name: str) -> Command:
        return self._restic("forget", "--prune", "--tag", name, "latest")

    def _restic(self, *arguments: str, folder: Path | None = None) -> Command:
        places = (
            *("--repo", f"rest:http://{LOOPBACK}:{self._port}/", "--cache-dir"),
            *(self._state / "cache", "--password-file", self._state / "password"),
        )
        return Command((self._program, "-q", *places, *arguments), folder=folder)


@contextmanager
def restic_peer(folder: Path) -> Iterator[Restic]:
    """Start a REST server in *folder*, and make a repository.

    :raises Missing: restic, or rclone, which serves it, is not installed.
    """
    program = shutil.which("restic")
    if program is None:
        message = "restic is not installed; install restic, and rclone, which serves it"
        raise Missing(message)
    port, store, state = free_port(), folder / "store", folder / "state"
    store.mkdir()
    state.mkdir()
    (state / "password").write_text("correct horse battery staple\n")
    (state / "rclone.conf").touch()
    arguments = (
        *(rclone_program(), "--config", state / "rclone.conf"),
        *("serve", "restic", "--addr", f"{LOOPBACK}:{port}", store),
    )
    with running(arguments, port, folder / "server.log", os.environ) as pid:
        restic = Restic(Server(pid, store), program, port, state)
        run(restic.initialise())
        yield restic
