"""W9 and W10: how long a command takes that has little to do, on small drives and on large ones."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import attrs

from benchmarks import limits, samples
from benchmarks.measuring import run
from benchmarks.peers import Peer
from benchmarks.peers.anoncloud import AnonCloud, anoncloud_peer
from benchmarks.results import Table, Workload
from benchmarks.turns import Check, Out, Turns, add_limits, attempt, listed, prepare

_LISTED: Final = 100
"""Entries of the folder in W9: few, so that the start is measured and not the drawing of lines."""
_PARTS: Final = 10
"""Folders that make up the large drive of W10."""
_TINY: Final = 64
"""Bytes of a file in W10, where only their number matters."""
_START: Final = {"Python with a reactor": limits.start_python}


def first_listing(peers: list[Peer], folder: Path, runs: int) -> list[Table]:
    """Run W9: from the start of a new process to the end of a listing."""
    table = Table(Workload("W9", f"start, list a folder of {_LISTED} entries, end"))
    samples.make_folder(folder, _LISTED)
    entries = (folder / "0000").rename(folder / "entries")
    turns = Turns(list(peers))
    turns.each(lambda peer: prepare(table, peer, lambda: peer.put(entries)))
    for _ in range(runs):
        turns.each(
            lambda peer: attempt(table, peer, lambda: peer.listing(entries.name), listed(_LISTED))
        )
        add_limits(table, _START)
    return [table]


def drive_sizes(folder: Path, few: int, many: int, runs: int, stack: ExitStack) -> list[Table]:
    """Run W10: a listing of a large drive, and one more change of a small and of a large one."""
    listing = Table(Workload("W10", f"ls of a drive of {many:,} files, from a warm cache"))
    changing = Table(Workload("W10", "mkdir, one more change, on drives of two sizes"))
    small = _filled(folder / "small", few, 1, stack)
    large = _filled(folder / "large", many, _PARTS, stack)

    flat, whole = attrs.evolve(large, name="ls /"), attrs.evolve(large, name="ls -r /")
    sizes = [
        attrs.evolve(drive, name=f"mkdir, {count:,} files")
        for drive, count in ((small, few), (large, many))
    ]
    for number in range(runs):
        _attempt(listing, flat, ("ls", "/"), listed(_PARTS))
        _attempt(listing, whole, ("ls", "-r", "/"), listed(many))
        for drive in sizes:
            _attempt(changing, drive, ("mkdir", f"/made-{number}"), listed(0))
        add_limits(listing, _START)
        add_limits(changing, _START)
    return [listing, changing]


def _attempt(table: Table, drive: AnonCloud, arguments: tuple[str, ...], check: Check) -> None:
    with suppress(Out):
        attempt(table, drive, lambda: drive.command(*arguments), check)


def _filled(place: Path, count: int, parts: int, stack: ExitStack) -> AnonCloud:
    """Open a drive and store *count* files, the same local ones under *parts* names; list it once.

    :raises Missing: AnonymousCloud's requirements are not there.
    :raises Failed: it did not take them.
    """
    place.mkdir()
    peer = stack.enter_context(anoncloud_peer(place))
    sample = place / "files"
    samples.make_folder(sample, count // parts, _TINY)
    for number in range(parts):
        sample = sample.rename(place / f"files-{number}")
        run(peer.put(sample))
    run(peer.command("ls", "/"))
    return peer
