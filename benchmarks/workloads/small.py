"""W3, W4, W5, W7, W8: many small files, up, down, listed, renamed, deleted.

All rounds go up and come down before anything is deleted, and what has come down stays until the
end: a file system that has just lost many files is slow to make new ones.
"""

from collections.abc import Collection
from pathlib import Path

from anoncloud.limits import KIB
from benchmarks import limits, samples
from benchmarks.measuring import Measured, run
from benchmarks.peers import Peer
from benchmarks.results import Table, Workload
from benchmarks.turns import (
    Turns,
    add_limits,
    attempt,
    fresh_folders,
    gone,
    listed,
    prepare,
    same_content,
)


def small_files(
    peers: list[Peer], folder: Path, count: int, runs: int, codes: Collection[str]
) -> list[Table]:
    """Measure with *count* files of 4 KiB; rename and delete only if *codes* ask for it."""
    scene = _Small(peers, folder, count)
    for number in range(runs):
        scene.transfer(number)
    for number in range(runs if "W7" in codes else 0):
        scene.rename(number)
    for number in range(runs if "W8" in codes else 0):
        scene.delete(number)
    return scene.tables


class _Small:
    """The tables, and one step after the other."""

    def __init__(self, peers: list[Peer], folder: Path, count: int) -> None:
        what = f"{count:,} files of {samples.SMALL_FILE // KIB} KiB"
        self._turns = Turns(list(peers))
        self._folder = folder
        self._folders = fresh_folders(folder)
        self._count, self._few = count, max(1, count // 10)
        self._up = Table(Workload("W3", f"upload {what}", count, "files"))
        self._down = Table(Workload("W4", f"download {what}", count, "files"))
        self._listing = Table(Workload("W5", f"list {count:,} files recursively", count, "files"))
        renamed = f"rename a folder of {self._few:,} files"
        self._renaming = Table(Workload("W7", renamed, self._few, "files"))
        self._deleting = Table(Workload("W8", f"delete {count:,} files", count, "files"))

    @property
    def tables(self) -> list[Table]:
        """All of them."""
        return [self._up, self._down, self._listing, self._renaming, self._deleting]

    def transfer(self, number: int) -> None:
        """Store, bring back and list files that no round before had."""
        sample, copy = self._folder / f"small-{number}", self._copy(number)
        samples.make_folder(sample, self._count)
        wanted = samples.digest(sample)
        self._turns.each(lambda peer: self._there_and_back(peer, sample, wanted))
        copying = {"copy, no fsync": lambda: limits.copy_files(sample, copy)}
        add_limits(self._up, copying)
        add_limits(self._listing, {"ls -lR": lambda: limits.list_files(copy)})
        copying = {"copy, no fsync": lambda: limits.copy_files(sample, next(self._folders) / "c")}
        add_limits(self._down, copying)

    def rename(self, number: int) -> None:
        """Store a folder under one name, and give it another."""
        old, new = self._folder / f"old-{number}", self._folder / f"new-{number}"
        samples.make_folder(old, self._few)
        self._turns.each(lambda peer: prepare(self._renaming, peer, lambda: peer.put(old)))
        old.rename(new)
        self._turns.each(lambda peer: self._rename(peer, old.name, new))

    def delete(self, number: int) -> None:
        """Delete what :meth:`transfer` has stored."""
        name = f"small-{number}"
        self._turns.each(
            lambda peer: attempt(
                self._deleting,
                peer,
                lambda: peer.remove(name),
                gone(peer, name, self._count),
            )
        )
        add_limits(self._deleting, {"rm -r": lambda: limits.remove_files(self._copy(number))})

    def _copy(self, number: int) -> Path:
        return self._folder / f"copy-{number}"

    def _there_and_back(self, peer: Peer, sample: Path, wanted: str) -> None:
        name, into = sample.name, next(self._folders)
        same = same_content(into / name, wanted)
        attempt(self._up, peer, lambda: peer.put(sample))
        attempt(self._down, peer, lambda: peer.get(name, into), same)
        whole = listed(self._count)
        attempt(self._listing, peer, lambda: peer.listing(name, recursive=True), whole)

    def _rename(self, peer: Peer, old: str, new: Path) -> None:
        into = next(self._folders)
        look = same_content(into / new.name, samples.digest(new))

        def check(measured: Measured) -> None:
            run(peer.get(new.name, into))
            look(measured)

        attempt(self._renaming, peer, lambda: peer.rename(old, new), check)
