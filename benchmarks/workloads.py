"""The workloads: up and down again, and the first listing; run in rounds, peer after peer.

Peers take turns within a round, so what disturbs the machine for a while disturbs all of them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from anoncloud.limits import KIB, MIB
from benchmarks import limits, samples
from benchmarks.measuring import Failed, measure, run
from benchmarks.peers import Peer
from benchmarks.results import Table, Workload

_LISTED: Final = 100
"""Entries of the folder in W9: few, so that the start is measured and not the drawing of lines."""


@attrs.frozen
class Transfer:
    """A sample that goes up in one workload and comes down in another."""

    up: Workload
    down: Workload
    runs: int
    sample: Path
    up_limits: Mapping[str, limits.Limit]
    down_limits: Mapping[str, limits.Limit]

    def run(self, peers: list[Peer], folder: Path) -> list[Table]:
        """Let all *peers* do it; what comes down is compared, and removed again."""
        up, down = _table(self.up), _table(self.down)
        wanted = samples.digest(self.sample)
        able = list(peers)
        for number in range(self.runs):
            for peer in tuple(able):
                name, local = f"{self.up.code}-{number}", folder / "down"
                table = up
                try:
                    up.add(peer.name, measure(peer.put(self.sample, name), peer.server))
                    table = down
                    measured = measure(peer.get(name, local), peer.server)
                    _compare(samples.digest(local), wanted)
                    down.add(peer.name, measured)
                except Failed as error:
                    table.fail(peer.name, str(error))
                    able.remove(peer)
                samples.remove(local)
            _add_limits(up, self.up_limits)
            _add_limits(down, self.down_limits)
        return [up, down]


def large_file(folder: Path, size: int, runs: int) -> Transfer:
    """Make W1 and W2: one file of *size* random bytes."""
    sample, copy = folder / "large", folder / "copy"
    samples.make_file(sample, size)
    what, amount = f"{size / MIB:,.0f} MiB of random bytes", size / 1e6
    disk = {"disk write + fsync": lambda: limits.write_disk(sample, copy)}
    return Transfer(
        Workload("W1", f"upload {what}", amount, "MB"),
        Workload("W2", f"download {what}", amount, "MB"),
        runs,
        sample,
        {**disk, "crypto, one core": lambda: limits.seal_all(sample)},
        {**disk, "crypto, one core": lambda: limits.open_all(sample)},
    )


def small_files(folder: Path, count: int, runs: int) -> Transfer:
    """Make W3 and W4: *count* files of 4 KiB."""
    sample, copy = folder / "small", folder / "copies"
    samples.make_folder(sample, count)
    what = f"{count:,} files of {samples.SMALL_FILE // KIB} KiB"
    copied = {"copy, no fsync": lambda: limits.copy_files(sample, copy)}
    return Transfer(
        Workload("W3", f"upload {what}", count, "files"),
        Workload("W4", f"download {what}", count, "files"),
        runs,
        sample,
        copied,
        copied,
    )


def first_listing(peers: list[Peer], folder: Path, runs: int) -> list[Table]:
    """Run W9: from the start of a new process to the end of a listing."""
    table = _table(Workload("W9", f"start, list a folder of {_LISTED} entries, end"))
    sample = folder / "entries"
    samples.make_folder(sample, _LISTED)
    able = list(peers)
    for peer in peers:
        run(peer.put(sample / "0000", "W9"))
    for _ in range(runs):
        for peer in tuple(able):
            try:
                table.add(peer.name, measure(peer.listing("W9"), peer.server))
            except Failed as error:
                table.fail(peer.name, str(error))
                able.remove(peer)
        _add_limits(table, {"Python with a reactor": limits.start_python})
    return [table]


def _compare(came: str, wanted: str) -> None:
    if came != wanted:
        message = "what came down is not what went up"
        raise Failed(message)


def _add_limits(table: Table, measured: Mapping[str, limits.Limit]) -> None:
    for name, limit in measured.items():
        table.add(name, limit(), is_limit=True)


def _table(workload: Workload) -> Table:
    return Table(workload, os.getloadavg()[0])
