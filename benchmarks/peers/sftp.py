"""OpenSSH's own sftp, with its defaults: encrypted on the way, readable on the server."""

import os
from pathlib import Path

import attrs

from benchmarks.measuring import Command, Server
from benchmarks.peers.background import LOOPBACK
from benchmarks.peers.sshd import Sshd


@attrs.frozen
class Sftp:
    """The ``sftp`` command in batch mode.

    It can list and delete one folder at a time, so the batch names every folder.
    """

    server: Server
    _sshd: Sshd
    name: str = "sftp"

    def put(self, local: Path) -> Command:
        recursive = "-r " if local.is_dir() else ""
        return self._batch(f'put {recursive}"{local}" "{self.server.store / local.name}"')

    def get(self, name: str, into: Path) -> Command:
        remote = self.server.store / name
        recursive = "-r " if remote.is_dir() else ""
        return self._batch(f'get {recursive}"{remote}" "{into / name}"')

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        folders = self._folders(name) if recursive else [self.server.store / name]
        return self._batch(*(f'ls -1 "{folder}"' for folder in folders))

    def rename(self, name: str, local: Path) -> Command:
        store = self.server.store
        return self._batch(f'rename "{store / name}" "{store / local.name}"')

    def remove(self, name: str) -> Command:
        folders = self._folders(name)
        with_files = [each for each in folders if any(path.is_file() for path in each.iterdir())]
        return self._batch(
            *(f'rm "{folder}"/*' for folder in with_files),
            *(f'rmdir "{folder}"' for folder in reversed(folders)),
        )

    def _folders(self, name: str) -> list[Path]:
        """Give the stored folder and all folders below it, each after the one that it is in."""
        return [Path(above) for above, _, _ in os.walk(self.server.store / name)]

    def _batch(self, *lines: str) -> Command:
        there = f"{self._sshd.user}@{LOOPBACK}"
        arguments = ("sftp", "-q", "-b", "-", *self._sshd.options, there)
        return Command(arguments, "".join(f"{line}\n" for line in lines))


def sftp_peer(folder: Path, sshd: Sshd) -> Sftp:
    """Give sftp a folder on the server."""
    return Sftp(sshd.serve(folder / "store"), sshd)
