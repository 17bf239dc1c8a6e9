"""What can be wrong with a server's state folder, machine and address: one check for each."""

import os
import re
import socket
import stat
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import attrs

from anoncloud.admin.outcome import moment, size
from anoncloud.limits import GIB
from anoncloud.server.assembly import BLOBS, DATABASE
from anoncloud.server.collector import ORPHAN_AGE
from anoncloud.server.identity import KEY_FILE, OLDER_FILE
from anoncloud.server.processes.handover import PASSABLE
from anoncloud.server.times import DAY

AHEAD: Final = DAY
"""Seconds that what is recorded may lie before the clock; times are kept by clocks, too."""
EARLIEST: Final = 1_767_225_600
"""The first second of 2026, before which no server of ours can have run."""
LEAST_FREE: Final = 1 * GIB
LEAST_SHARE: Final = 0.05
LEAST_INODES: Final = 0.05
PATIENCE: Final = 5.0
"""Seconds that a connection to the server's own address may take."""
_SHARED: Final = (DATABASE, BLOBS)
_SECRETS: Final = (KEY_FILE, OLDER_FILE, DATABASE)
_ADDRESS: Final = re.compile(r"anoncloud://(?:\[([^\]]+)\]|([^:/\[\]]+)):(\d+)/#.*")
_DISTRIBUTION: Final = "anonymouscloud"
_REQUIREMENT: Final = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?>=([\d.]+)(;.*)?")


@attrs.frozen
class Symptom:
    """Something that is wrong, or may be: its *kind* for programs, *what* it is, what to do."""

    kind: str
    what: str
    todo: str


def permissions(folder: Path, worker: int | None = None) -> Iterator[Symptom]:
    """See that nobody but its owner gets at the state folder, and that all in it is theirs.

    Workers of another user, *worker*, have the database and the blobs, and pass through the folder.
    """
    owner = folder.stat().st_uid
    for path in [folder, *sorted(folder.iterdir())]:
        try:
            status = path.lstat()
        except FileNotFoundError:  # a file of the database, which comes and goes
            continue
        mode = stat.S_IMODE(status.st_mode)
        is_shared = worker is not None and path.name.startswith(_SHARED)
        is_secret = path == folder or path.name.startswith(_SECRETS) or path.is_dir()
        wanted = PASSABLE if path == folder and worker is not None else 0o700
        if is_secret and mode & ~wanted & 0o077:
            what = f"{path} has mode {mode:o}: others may use it"
            todo = f"chmod {wanted if path.is_dir() else 0o600:o} {path}"
            yield Symptom("permissions", what, todo)
        expected = worker if is_shared else owner
        if status.st_uid != expected:
            what = f"{path} belongs to user {status.st_uid}, and should to {expected}"
            yield Symptom("owner", what, f"chown -R {expected} {path}")
    if os.geteuid() not in {owner, 0}:
        what = f"this command runs as user {os.geteuid()}, the state folder belongs to {owner}"
        yield Symptom("owner", what, "run this command as that user")


def clock(now: float, newest: int) -> Iterator[Symptom]:
    """See that the clock is not before what was recorded by it."""
    todo = "set the clock, and let it be kept right (timedatectl set-ntp true)"
    if now < EARLIEST:
        yield Symptom("clock", f"the clock says {moment(now)} (UTC), long ago", todo)
    elif newest > now + AHEAD:
        what = f"the clock says {moment(now)} (UTC), and something was stored {moment(newest)}"
        yield Symptom("clock", what, todo)


def disk(folder: Path) -> Iterator[Symptom]:
    """See that there is room."""
    found = os.statvfs(folder)
    free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    todo = "make room, lower quotas, or move the state folder to a larger disk"
    if free < LEAST_FREE or free < whole * LEAST_SHARE:
        what = f"only {size(free)} of {size(whole)} are free on the disk of {folder}"
        yield Symptom("disk", what, todo)
    if found.f_files and found.f_favail < found.f_files * LEAST_INODES:
        what = f"only {found.f_favail} more files can be made on the disk of {folder}"
        yield Symptom("disk", what, todo)


def versions() -> Iterator[Symptom]:
    """See that the packages that this program uses are there, as new as they must be."""
    for requirement in _requirements():
        found = _REQUIREMENT.fullmatch(requirement.replace(" ", ""))
        if found is None or (found[3] and "extra" in found[3]):
            continue
        name, least = found[1], found[2]
        todo = "install this program anew, with what its requirements.txt names"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Symptom("versions", f"the package {name} is not installed", todo)
            continue
        if _numbers(version) < _numbers(least):
            what = f"the package {name} is {version}, and must be {least} at least"
            yield Symptom("versions", what, todo)


def stale(aside: list[Path], now: float, *, is_running: bool) -> Iterator[Symptom]:
    """See that nothing lies among what is coming in that came in long ago."""
    old = [path for path in aside if _modified(path) < now - ORPHAN_AGE]
    if old:
        todo = "restart the server" if is_running else "start the server, which removes them"
        what = f"{len(old)} files in {old[0].parent} are left of uploads that were cut off"
        yield Symptom("stale", what, todo)


def address(folder: Path, *, is_running: bool) -> Iterator[Symptom]:
    """See that the server can be reached where its address says, if it runs."""
    try:
        said = (folder / "address").read_text().strip()
    except OSError:
        todo = "start the server, which writes it"
        yield Symptom("address", f"the server's address is not in {folder}", todo)
        return
    found = _ADDRESS.fullmatch(said)
    if found is None:
        yield Symptom("address", f"{folder / 'address'} is no address", "restart the server")
    elif is_running:
        host, port = found[1] or found[2], int(found[3])
        try:
            socket.create_connection((host, port), PATIENCE).close()
        except OSError as error:
            what = f"nothing answers at {host}:{port}, where the address leads: {error}"
            todo = "set public_host and listen right, and see to the firewall and the name's entry"
            yield Symptom("address", what, todo)


def _requirements() -> list[str]:
    """Give what this program says it needs; nothing if it runs without being installed."""
    try:
        return metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()  # it has just come in, or gone


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
