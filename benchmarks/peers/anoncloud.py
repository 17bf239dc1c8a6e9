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
    state: Path
    name: str = "anoncloud"

    def put(self, local: Path) -> Command:
        recursive = ("-r",) if local.is_dir() else ()
        return self.command("put", *recursive, local, f"/{local.name}")

    def get(self, name: str, into: Path) -> Command:
        return self.command("get", "-r", f"/{name}", into / name)

    def listing(self, name: str, *, recursive: bool = False) -> Command:
        return self.command("ls", *(("-r",) if recursive else ()), f"/{name}")

    def rename(self, name: str, local: Path) -> Command:
        return self.command("mv", f"/{name}", f"/{local.name}")

    def remove(self, name: str) -> Command:
        return self.command("rm", "-r", f"/{name}")

    def command(self, *arguments: str | Path) -> Command:
        """Make a call of the ``anoncloud`` command."""
        program = (sys.executable, "-m", "anoncloud.cli.main", "-q", "--state", self.state)
        return Command((*program, *arguments), environment=environment())


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
    surroundings = {**os.environ, **environment()}
    address_file = store / "address"
    with running(arguments, port, folder / "server.log", surroundings, address_file) as pid:
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


def environment() -> dict[str, str]:
    """Let both programs find this checkout, installed or not."""
    paths = (str(_CHECKOUT), os.environ.get("PYTHONPATH", ""))
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
