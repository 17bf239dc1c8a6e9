"""A server copied into a backup folder while it runs, and back into an empty state folder."""

import os
import shutil
from pathlib import Path
from typing import Final

import attrs

from anoncloud.admin.vault import FILES, Manifest, Vault, digest, on_disk
from anoncloud.disk.replacing import sync_folder
from anoncloud.errors import Exists, LocalError, UsageError
from anoncloud.server import identity
from anoncloud.server.assembly import BLOBS, DATABASE
from anoncloud.server.identity import KEY_FILE
from anoncloud.server.stores import ledger
from anoncloud.server.stores.database import newest_step
from anoncloud.server.stores.ledger import Ledger, Row
from anoncloud.server.stores.shelf import Shelf, fault

TRIES: Final = 5
"""Snapshots that are taken anew because blobs went while others were copied."""


@attrs.define
class Copied:
    """What was copied: blobs, their bytes, and how many were there already.

    :ivar wrong: files of blobs that are damaged or missing where they were to be copied from.
    """

    copied: int = 0
    bytes: int = 0
    kept: int = 0
    wrong: list[str] = attrs.Factory(list)


class Stale(Exception):
    """The snapshot names a blob that the server has meanwhile let go."""


def back_up(state: Path, vault: Vault, now: int) -> tuple[str, Copied]:
    """Make a new generation; give its name. What is there of older ones is not touched.

    :raises LocalError: the state can't be read, or the backup not be written.
    """
    server = _server(state, vault)
    done = Copied()
    for _ in range(TRIES):
        new = vault.begin()
        snapshot = new / DATABASE
        snapshot.touch(mode=0o600)
        ledger.copy(state / DATABASE, snapshot)
        ledger.keep_stored(snapshot)
        try:
            manifest = _fill(state, vault, new, done, (now, server))
        except Stale:
            done = attrs.evolve(done, kept=0, wrong=[])
        else:
            return vault.publish(manifest), done
    message = "the server let blobs go faster than they could be copied"
    raise LocalError(message, "let keep_dropped_days in its settings be 1 at least")


def _fill(state: Path, vault: Vault, new: Path, done: Copied, made: tuple[int, str]) -> Manifest:
    """Copy what the snapshot names, and the keys."""
    with Ledger(new / DATABASE) as snapshot, Ledger(state / DATABASE) as live:
        _check(snapshot, state / DATABASE)
        source, after = Shelf(state / BLOBS), b""
        while rows := snapshot.page(after):
            for row in rows:
                _copy_live(row, live, source, vault.shelf, done)
            after = rows[-1].blob
        blobs, size = snapshot.totals()
    for name in FILES:
        if name != DATABASE and (state / name).exists():
            _copy_file(state / name, new / name)
    files = {name: digest(new / name) for name in FILES if (new / name).exists()}
    now, server = made
    return Manifest(now, server, blobs, size, files)


def _copy_live(row: Row, live: Ledger, source: Shelf, target: Shelf, done: Copied) -> None:
    """Copy one blob out of a server that runs, unless the backup has it.

    :raises Stale: the server has let it go.
    """
    if _is_there(target, row):
        done.kept += 1
        return
    content = _read(source, row)
    if fault(row, content):
        if live.row(row.blob) is None:
            raise Stale
        content = _read(source, row)  # it may have come in anew just then
    _put(row, content, source, target, done)


def put_back(vault: Vault, name: str, state: Path) -> Copied:
    """Put a generation into *state*, where no server is; key and database come last.

    :raises LocalError: the generation is damaged, or the state can't be written.
    """
    folder, manifest = vault.path(name), vault.manifest(name)
    for file, expected in manifest.files.items():
        if file not in FILES or digest(folder / file) != expected:
            message = f"{folder / file} is damaged"
            raise LocalError(message, "give another --generation")
    done, target = Copied(), Shelf(state / BLOBS)
    with Ledger(folder / DATABASE) as snapshot:
        _check(snapshot, folder / DATABASE)
        with on_disk(f"writing {state}"):
            target.folder.mkdir(mode=0o700, exist_ok=True)
            target.tidy()
        after = b""
        while rows := snapshot.page(after):
            for row in rows:
                if _is_there(target, row) and not fault(row, _read(target, row)):
                    done.kept += 1  # by a restore that was cut off
                else:
                    _put(row, _read(vault.shelf, row), vault.shelf, target, done)
            after = rows[-1].blob
    for file in FILES:
        if file in manifest.files and not (state / file).exists():
            _copy_file(folder / file, state / file)
    return done


def check_empty(state: Path, manifest: Manifest) -> None:
    """See that no server is in *state*, but at most what a restore of this has left in the middle.

    :raises Exists: there is one.
    """
    found = {name: digest(state / name) for name in FILES if (state / name).exists()}
    if not found.items() < manifest.files.items():
        message = f"there is a server in {state} already, or a part of another one"
        hint = "give an empty --state-dir, or the --generation that was being restored there"
        raise Exists(message, f"{hint}; nothing is ever overwritten")


def _server(state: Path, vault: Vault) -> str:
    """Give the server's key, and see that the backup is of this server, or of none yet."""
    if not (state / KEY_FILE).exists():
        message = f"there is no server in {state}"
        raise UsageError(message, "start it once, or give another --state-dir")
    found, _ = identity.load_or_make(state, os.urandom)
    server = found.secrets[0].public.hex()
    known = {server, *(statement.signer.hex() for statement in found.statements)}
    names = vault.names()
    if names and vault.manifest(names[-1]).server not in known:
        message = f"{vault.folder} holds the backup of another server"
        raise UsageError(message, "give this server a folder of its own")
    return server


def _check(snapshot: Ledger, path: Path) -> None:
    if snapshot.version() > newest_step():
        message = f"the database {path} was made by a newer release"
        raise LocalError(message, "update the server")
    if faults := snapshot.faults():
        message = f"the database {path} is damaged: {faults[0]}"
        raise LocalError(message, "keep the generations there are, and restore one of them")


def _is_there(shelf: Shelf, row: Row) -> bool:
    with on_disk(f"looking into {shelf.folder}"):
        return shelf.size(row.blob) == row.size


def _read(shelf: Shelf, row: Row) -> bytes | None:
    """Read a blob; one that the disk can't read is as good as none."""
    try:
        return shelf.read(row.blob)
    except OSError:
        return None


def _put(row: Row, content: bytes | None, source: Shelf, target: Shelf, done: Copied) -> None:
    if content is None or fault(row, content):
        done.wrong.append(str(source.path(row.blob).relative_to(source.folder)))
        return
    with on_disk(f"writing {target.folder}"):
        target.put(row.blob, content)
    done.copied += 1
    done.bytes += row.size


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file durably with mode 0600, so that it is there whole or not at all."""
    aside = target.with_name(f"{target.name}.copy")
    with on_disk(f"copying {source} to {target}"):
        aside.touch(mode=0o600)
        aside.chmod(0o600)
        with source.open("rb") as old, aside.open("wb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())
        aside.replace(target)
        sync_folder(target.parent)
