"""W1, W2, W6, W6b: one large file, up, down, and up again after a change.

Every round has another file, so a peer that knows what it has stored before gains nothing by it.
"""

from collections.abc import Collection
from pathlib import Path

from anoncloud.limits import MIB
from benchmarks import limits, samples
from benchmarks.measuring import Measured, run
from benchmarks.peers import Peer
from benchmarks.results import Table, Workload
from benchmarks.turns import (
    Turns,
    add_limits,
    attempt,
    fresh_folders,
    same_content,
)


def large_file(
    peers: list[Peer], folder: Path, size: int, runs: int, codes: Collection[str]
) -> list[Table]:
    """Measure with a file of *size* random bytes; no change unless *codes* ask for one."""
    scene = _Large(peers, folder, size)
    for number in range(runs):
        sample = folder / f"large-{number}"
        scene.first(sample)
        if "W6" in codes:
            scene.changed(sample)
        if "W6b" in codes:
            scene.inserted(sample)
        sample.unlink()
    return scene.tables


class _Large:
    """The tables, and one round after the other."""

    def __init__(self, peers: list[Peer], folder: Path, size: int) -> None:
        amount, unit = size / 1e6, "MB"
        changed = min(MIB, size // 4)
        what = f"{size / MIB:,.4g} MiB of random bytes"
        self._turns = Turns(list(peers))
        self._folders = fresh_folders(folder)
        self._copy = folder / "copy"
        self._size, self._changed = size, changed
        self._up = Table(Workload("W1", f"upload {what}", amount, unit))
        self._down = Table(Workload("W2", f"download {what}", amount, unit))
        again = f"{changed / MIB:,.4g} MiB changed in the middle of {what}, stored again"
        self._changing = Table(Workload("W6", again, amount, unit))
        again = f"one byte inserted in the middle of {what}, stored again"
        self._inserting = Table(Workload("W6b", again, amount, unit))

    @property
    def tables(self) -> list[Table]:
        """All of them."""
        return [self._up, self._down, self._changing, self._inserting]

    def first(self, sample: Path) -> None:
        """Store a new file and bring it back."""
        samples.make_file(sample, self._size)
        self._turns.each(lambda peer: self._there_and_back(peer, sample))
        disk = {"disk write + fsync": lambda: limits.write_disk(sample, self._copy)}
        add_limits(self._up, {**disk, "crypto, one core": lambda: limits.seal_all(sample)})
        add_limits(self._down, {**disk, "crypto, one core": lambda: limits.open_all(sample)})

    def changed(self, sample: Path) -> None:
        """Change its middle, and store it again."""
        samples.change_middle(sample, self._changed)
        self._turns.each(lambda peer: self._again(self._changing, peer, sample))

    def inserted(self, sample: Path) -> None:
        """Let its second half move, and store it again."""
        samples.insert_byte(sample)
        self._turns.each(lambda peer: self._again(self._inserting, peer, sample))

    def _there_and_back(self, peer: Peer, sample: Path) -> None:
        into = next(self._folders)
        came, wanted = into / sample.name, samples.digest(sample)
        attempt(self._up, peer, lambda: peer.put(sample))
        attempt(self._down, peer, lambda: peer.get(sample.name, into), same_content(came, wanted))
        samples.remove(came)

    def _again(self, table: Table, peer: Peer, sample: Path) -> None:
        """Store the changed file, and look at what is stored then."""
        into = next(self._folders)
        came = into / sample.name
        look = same_content(came, samples.digest(sample))

        def check(measured: Measured) -> None:
            run(peer.get(sample.name, into))
            look(measured)

        attempt(table, peer, lambda: peer.put(sample), check)
        samples.remove(came)
