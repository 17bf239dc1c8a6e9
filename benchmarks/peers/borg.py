"""borg over ssh: snapshots, deduplicated, encrypted by the client; a borg serves them."""

import shlex
import shutil
from collections import Counter
from pathlib import Path
from typing import Final

import attrs

from benchmarks.measuring import Command, Server, run
from benchmarks.peers import Missing
from benchmarks.peers.background import LOOPBACK
from benchmarks.peers.sshd import Sshd

_ENCRYPTION: Final = "repokey-blake2"


@attrs.define
class Borg:
    """The ``borg`` command with a state folder of its own; each put is an archive."""

    server: Server
    _sshd: Sshd
    _program: str
    _state: Path
    name: str = "borg"
    _puts: Counter[str] = attrs.Factory(Counter)

    def initialise(self) -> Command:
        """Make the repository."""
        return self._borg("init", "--encryption", _ENCRYPTION)

    def put(self, local: Path) -> Command:
        self._puts[local.name] += 1
        return self._borg("create", self._archive(local.name), local.name, folder=local.parent)

    def get(self, name: str, into: Path) -> Command:
        return self._borg("extract", self._archive(name), folder=into)

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        only = () if recursive else (f"sh:{name}/*",)
        return self._borg("list", self._archive(name), *only)

    def rename(self, name: str, local: Path) -> Command:
        """Store it again: a backup follows what happens on the local disk."""
        del name
        return self.put(local)

    def remove(self, name: str) -> Command:
        steps = (("delete", self._archive(name)), ("compact",))
        line = " && ".join(shlex.join(map(str, self._arguments(*step))) for step in steps)
        return attrs.evolve(self._borg(), arguments=("sh", "-c", line))

    def _archive(self, name: str) -> str:
        """Name the newest archive of *name*."""
        return f"::{name}.{self._puts[name]}"

    def _arguments(self, *arguments: str) -> tuple[str, ...]:
        return (self._program, "--remote-path", self._program, *arguments)

    def _borg(self, *arguments: str, folder: Path | None = None) -> Command:
        there = f"ssh://{self._sshd.user}@{LOOPBACK}:{self._sshd.port}{self.server.store}"
        environment = {
            "BORG_REPO": there,
            "BORG_RSH": self._sshd.shell,
            "BORG_PASSPHRASE": "correct horse battery staple",
            "BORG_BASE_DIR": str(self._state),
        }
        return Command(self._arguments(*arguments), environment=environment, folder=folder)


def borg_peer(folder: Path, sshd: Sshd) -> Borg:
    """Give borg a repository on the server.

    :raises Missing: borg is not installed.
    """
    program = shutil.which("borg")
    if program is None:
        message = "borg is not installed; install borgbackup"
        raise Missing(message)
    state = folder / "state"
    state.mkdir()
    borg = Borg(sshd.serve(folder / "store"), sshd, program, state)
    run(borg.initialise())
    return borg
