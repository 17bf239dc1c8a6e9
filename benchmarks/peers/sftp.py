"""OpenSSH's own sftp, with its defaults: encrypted on the way, readable on the server."""

from pathlib import Path

import attrs

from benchmarks.measuring import Command, Server
from benchmarks.peers.background import LOOPBACK
from benchmarks.peers.sshd import Sshd


@attrs.frozen
class Sftp:
    """The ``sftp`` command in batch mode."""

    server: Server
    _sshd: Sshd
    name: str = "sftp"

    def put(self, local: Path, name: str) -> Command:
        recursive = "-r " if local.is_dir() else ""
        return self._batch(f'put {recursive}"{local}" "{self.server.store / name}"')

    def get(self, name: str, local: Path) -> Command:
        remote = self.server.store / name
        recursive = "-r " if remote.is_dir() else ""
        return self._batch(f'get {recursive}"{remote}" "{local}"')

    def listing(self, name: str) -> Command:
        return self._batch(f'ls "{self.server.store / name}"')

    def _batch(self, line: str) -> Command:
        sshd = self._sshd
        options = (
            *("-F", "none", "-P", str(sshd.port), "-i", sshd.key),
            *("-o", f"UserKnownHostsFile={sshd.known_hosts}", "-o", "IdentitiesOnly=yes"),
        )
        return Command(("sftp", "-q", "-b", "-", *options, f"{sshd.user}@{LOOPBACK}"), line + "\n")


def sftp_peer(folder: Path, sshd: Sshd) -> Sftp:
    """Give sftp a folder on the server."""
    return Sftp(sshd.serve(folder / "store"), sshd)
