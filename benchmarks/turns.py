"""Peers that take turns, and what happens when one can't or fails.

They take turns within a round, so what disturbs the machine for a while disturbs all of them.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs

from benchmarks import samples
from benchmarks.limits import Limit
from benchmarks.measuring import Command, Failed, Measured, measure, run
from benchmarks.peers import Peer, Unable
from benchmarks.results import Table

Check = Callable[[Measured], None]


class Out(Exception):
    """A peer has failed, which its table says; it takes no further part."""


@attrs.define
class Turns:
    """The peers of some workloads; who fails is taken off the list."""

    peers: list[Peer]

    def each(self, step: Callable[[Peer], None]) -> None:
        """Let one peer after the other do *step*."""
        for peer in tuple(self.peers):
            try:
                step(peer)
            except Out:
                self.peers.remove(peer)


def attempt(
    table: Table, peer: Peer, make: Callable[[], Command], check: Check | None = None
) -> None:
    """Measure a command of *peer*; *check* looks at what it has done, and raises Failed.

    :raises Out: it failed, now or in the check.
    """
    try:
        measured = measure(make(), peer.server)
        if check is not None:
            check(measured)
    except Unable as error:
        table.unable[peer.name] = str(error)
    except Failed as error:
        table.fail(peer.name, str(error))
        raise Out from error
    else:
        table.add(peer.name, measured)


def prepare(table: Table, peer: Peer, make: Callable[[], Command]) -> None:
    """Run a command of *peer* that *table* needs and does not measure.

    :raises Out: it failed.
    """
    try:
        run(make())
    except Failed as error:
        table.fail(peer.name, str(error))
        raise Out from error


def same_content(local: Path, wanted: str) -> Check:
    """Make a check that *local* has the digest *wanted*."""

    def check(measured: Measured) -> None:
        del measured
        if not local.exists() or samples.digest(local) != wanted:
            message = "what came down is not what went up"
            raise Failed(message)

    return check


def listed(count: int) -> Check:
    """Make a check that a listing told of at least *count* things."""

    def check(measured: Measured) -> None:
        if measured.lines < count:
            message = f"a listing of {count} things had {measured.lines} lines"
            raise Failed(message)

    return check


def gone(peer: Peer, name: str, count: int) -> Check:
    """Make a check that the folder *name* of *count* files is no longer listed."""

    def check(measured: Measured) -> None:
        del measured
        try:
            left = measure(peer.listing(name, recursive=True), None)
        except Failed:
            return
        if left.lines >= count:
            message = f"{name} was deleted and is still there"
            raise Failed(message)

    return check


def add_limits(table: Table, limits: Mapping[str, Limit]) -> None:
    """Measure what nobody can beat, once."""
    for name, limit in limits.items():
        table.add(name, limit(), is_limit=True)


def fresh_folders(folder: Path) -> Iterator[Path]:
    """Give one new folder after the other.

    A file system that has just lost many files is slow to make new ones, so none is used again.
    """
    number = 0
    while True:
        fresh = folder / f"down-{number}"
        fresh.mkdir()
        yield fresh
        number += 1
