"""A PostgreSQL server of the tests' own, started once for each process of the test run."""

import atexit
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
from twisted.trial.unittest import SkipTest

_MISSING: Final = (
    "NOT TESTED: there is no PostgreSQL on this machine; 'make test-postgres' installs it"
)
_OWNER: Final = "postgres"
_numbers = itertools.count()


def _programs() -> Path | None:
    """Find where initdb and the server are."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


class Cluster:
    """A server on a socket in a folder of its own, without a port."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="anoncloud-pg-"))
        self._user = None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = pwd.getpwnam(_OWNER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._user = _OWNER
        self._run("initdb", "-D", "data", "-U", "anon", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=100"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server, and cut all connections."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def end(self) -> None:
        """Stop the server for good, and remove its folder."""
        process = self.folder / "data/postmaster.pid"
        if process.exists():
            os.kill(int(process.read_text().split()[0]), signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def place(self, name: str = "postgres") -> str:
        """Give the way to one of its databases."""
        return f"host={self.folder} user=anon dbname={name}"

    def new_database(self) -> str:
        """Make an empty database; give the way to it."""
        name = f"test_{next(_numbers)}"
        with psycopg.connect(self.place(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.place(name)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            (str(self._programs / program), *arguments),
            cwd=self.folder,
            user=self._user,
            check=True,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )


@cache
def _cluster() -> Cluster | None:
    programs = _programs()
    if programs is None:
        return None
    made = Cluster(programs)
    atexit.register(made.end)
    return made


def cluster() -> Cluster:
    """Give the server.

    :raises SkipTest: there is none on this machine.
    """
    found = _cluster()
    if found is None:
        raise SkipTest(_MISSING)
    return found
