"""AnonymousCloud: the daemon by twistd, and the command as a device that stays logged in."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

import anoncloud
from benchmarks.measuring import Command, Server, run
from benchmarks.peers import Missing
from benchmarks.peers.background import LOOPBACK, free_port, running

_CHECKOUT: Final = Path(anoncloud.__file__).parents[1]


@attrs.frozen
class AnonCloud:
    """An account on a server of its own."""

    server: Server
    _state: Path
    name: str = "anoncloud"

    def put(self, local: Path, name: str) -> Command:
        recursive = ("-r",) if local.is_dir() else ()
        return self.command("put", *recursive, local, f"/{name}")

    def get(self, name: str, local: Path) -> Command:
        return self.command("get", "-r", f"/{name}", local)

    def listing(self, name: str) -> Command:
        return self.command("ls", f"/{name}")

    def command(self, *arguments: str | Path) -> Command:
        """Make a call of the ``anoncloud`` command."""
        program = (sys.executable, "-m", "anoncloud.cli.main", "-q", "--state", self._state)
        return Command((*program, *arguments), environment=_environment(self._state.parent))


@contextmanager
def anoncloud_peer(folder: Path) -> Iterator[AnonCloud]:
    """Start a server in *folder*, and register."""
    twistd = Path(sys.executable).with_name("twistd")
    if not twistd.exists():
        message = "twistd is not beside this Python; install this project's requirements"
        raise Missing(message)
    port, store = free_port(), folder / "server"
    arguments = (
        *(twistd, "-n", "--pidfile=", "anoncloud", "--state-dir", store),
        *("--listen", f"tcp:{port}:interface={LOOPBACK}", "--registration", "open"),
        *("--public-host", LOOPBACK),
    )
    environment = {**os.environ, **_environment(folder)}
    address_file = store / "address"
    with running(arguments, port, folder / "server.log", environment, address_file) as pid:
        peer = AnonCloud(Server(pid, store), folder / "client")
        passphrase = folder / "passphrase"
        passphrase.write_text("correct horse battery staple\n")
        address = address_file.read_text().strip()
        run(
            peer.command(
                *("register", address, "bench", "--passphrase-file", passphrase),
                *("--kit", folder / "kit", "--argon2-memory", "64", "--argon2-passes", "2"),
            )
        )
        yield peer


def _environment(folder: Path) -> dict[str, str]:
    """Let both programs find this checkout, installed or not, and keep their bytecode.

    An installed program has its bytecode; without it each start would compile the sources.
    """
    paths = (str(_CHECKOUT), os.environ.get("PYTHONPATH", ""))
    return {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
