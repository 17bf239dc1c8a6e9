"""rsync over ssh: encrypted on the way, readable on the server; sends what differs."""

import shutil
from pathlib import Path

import attrs

from benchmarks.measuring import Command, Server
from benchmarks.peers import Missing, Unable
from benchmarks.peers.background import LOOPBACK
from benchmarks.peers.sshd import Sshd


@attrs.frozen
class Rsync:
    """The ``rsync`` command in archive mode, at both ends."""

    server: Server
    _sshd: Sshd
    _program: str
    _empty: Path
    name: str = "rsync"

    def put(self, local: Path) -> Command:
        return self._rsync("-a", local, f"{self._there}/")

    def get(self, name: str, into: Path) -> Command:
        return self._rsync("-a", f"{self._there}/{name}", f"{into}/")

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        how = ("--list-only", *(("-r",) if recursive else ()))
        return self._rsync(*how, f"{self._there}/{name}/")

    def rename(self, name: str, local: Path) -> Command:
        del name, local
        message = "rsync cannot rename what is stored"
        raise Unable(message)

    def remove(self, name: str) -> Command:
        return self._rsync("-r", "--delete", f"{self._empty}/", f"{self._there}/{name}/")

    @property
    def _there(self) -> str:
        return f"{self._sshd.user}@{LOOPBACK}:{self.server.store}"

    def _rsync(self, *arguments: str | Path) -> Command:
        ends = (self._program, f"--rsync-path={self._program}", "-e", self._sshd.shell)
        return Command((*ends, *arguments))


def rsync_peer(folder: Path, sshd: Sshd) -> Rsync:
    """Give rsync a folder on the server.

    :raises Missing: rsync is not installed.
    """
    program = shutil.which("rsync")
    if program is None:
        message = "rsync is not installed; install rsync"
        raise Missing(message)
    empty = folder / "empty"
    empty.mkdir()
    return Rsync(sshd.serve(folder / "store"), sshd, program, empty)
