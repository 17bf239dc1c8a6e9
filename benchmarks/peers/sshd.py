"""A private OpenSSH server on loopback: keys, configuration and files in a folder of its own.

SFTP is served without a shell. What runs a command there (rsync, borg) gets the user's shell in an
empty home folder, so nobody's shell start-up files are measured.
"""

import getpass
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from benchmarks.measuring import Server
from benchmarks.peers import Missing
from benchmarks.peers.background import LOOPBACK, free_port, running

_PRIVILEGE_SEPARATION: Final = Path("/run/sshd")
"""An empty folder that sshd insists on when root runs it."""
_CONFIGURATION: Final = """\
Port {port}
ListenAddress {host}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
PidFile none
LogLevel ERROR
Subsystem sftp internal-sftp
PermitUserRC no
SetEnv HOME={folder}/home
"""


@attrs.frozen
class Sshd:
    """The server, and what a client needs to get in."""

    pid: int
    port: int
    folder: Path
    user: str

    def serve(self, store: Path) -> Server:
        """Give the server as one that keeps a peer's files in *store*."""
        store.mkdir()
        return Server(self.pid, store)

    @property
    def key(self) -> Path:
        """The file of the client's private key."""
        return self.folder / "user"

    @property
    def options(self) -> tuple[str, ...]:
        """What ssh and sftp must be told to get in, and to look at nothing of the user's."""
        known = f"UserKnownHostsFile={self.known_hosts}"
        settings = (f"Port={self.port}", known, "IdentitiesOnly=yes", "BatchMode=yes")
        every = (part for setting in settings for part in ("-o", setting))
        return ("-F", "none", "-i", str(self.key), *every)

    @property
    def shell(self) -> str:
        """The ssh command for programs that want one line; they add the host."""
        return shlex.join(("ssh", *self.options))

    @property
    def known_hosts(self) -> Path:
        """The file that names the server's key."""
        return self.folder / "known_hosts"


@contextmanager
def private_sshd(folder: Path) -> Iterator[Sshd]:
    """Run sshd until the block ends.

    :raises Missing: OpenSSH's server or client is not installed.
    """
    system = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    sshd = shutil.which("sshd", path=system)
    if not (sshd and shutil.which("sftp") and shutil.which("ssh-keygen")):
        message = "OpenSSH is not complete; install openssh-server and openssh-client"
        raise Missing(message)
    port = free_port()
    (folder / "home").mkdir(parents=True)
    for name in ("host", "user"):
        make = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
        subprocess.run(make, check=True)
    public = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[{LOOPBACK}]:{port} {public}")
    (folder / "sshd_config").write_text(
        _CONFIGURATION.format(port=port, host=LOOPBACK, folder=folder)
    )
    arguments = (sshd, "-D", "-e", "-f", folder / "sshd_config")
    with _privilege_separation(), running(arguments, port, folder / "log", os.environ) as pid:
        yield Sshd(pid, port, folder, getpass.getuser())


@contextmanager
def _privilege_separation() -> Iterator[None]:
    """Make sshd's empty folder if root needs it and no system service has made it; remove it."""
    if os.geteuid() or _PRIVILEGE_SEPARATION.exists():
        yield
        return
    _PRIVILEGE_SEPARATION.mkdir(mode=0o755)
    try:
        yield
    finally:
        _PRIVILEGE_SEPARATION.rmdir()
