"""``python -m benchmarks``, alone or with profile, logins, crowd, explorer or modes."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs

from anoncloud.limits import KIB, MIB
from benchmarks.crowd import GREEDY, HALF, IDLE, WATCH, Scale, crowd
from benchmarks.explorer import BIG, ENTRIES, explorer
from benchmarks.logins import logins
from benchmarks.measuring import Failed
from benchmarks.modes import modes
from benchmarks.peers import Missing, Peer
from benchmarks.peers.opening import PEERS, open_peers
from benchmarks.profiling import DIRECTIONS, profile
from benchmarks.results import Table
from benchmarks.table import shown
from benchmarks.workloads.drives import drive_sizes, first_listing
from benchmarks.workloads.large import large_file
from benchmarks.workloads.small import small_files

_SMALLEST: Final = 256 * KIB
_GUESSES: Final = 10_000
_OTHERS: Final = ("profile", "logins", "crowd", "explorer", "modes")
_FEWEST: Final = 60
"""Guesses, of which there must be enough for the two tests that compare them."""


@attrs.frozen
class Place:
    """Where a scene plays: a new folder, and a stack that ends what it starts."""

    folder: Path
    stack: ExitStack
    options: argparse.Namespace

    def peers(self) -> list[Peer]:
        """Start the peers that are wanted and there."""
        return open_peers(self.folder, tuple(self.options.peer or PEERS), self.stack)

    def runs(self, default: int) -> int:
        """How often, if the user does not say."""
        return int(self.options.runs or default)

    def count(self, full: int) -> int:
        """Scale a number of files; it stays a multiple of ten."""
        return max(1, int(full * self.options.scale / 10)) * 10


Scene = Callable[[Place], list[Table]]


def _large(place: Place) -> list[Table]:
    size, codes = _size(place.options), place.options.workloads
    return large_file(place.peers(), place.folder, size, place.runs(3), codes)


def _small(place: Place) -> list[Table]:
    count = place.count(place.options.files)
    codes = place.options.workloads
    return small_files(place.peers(), place.folder, count, place.runs(3), codes)


def _start(place: Place) -> list[Table]:
    return first_listing(place.peers(), place.folder, place.runs(20))


def _drives(place: Place) -> list[Table]:
    if "anoncloud" not in (place.options.peer or PEERS):
        return []
    few, many = place.count(place.options.files // 10), place.count(place.options.files * 10)
    return drive_sizes(place.folder, few, max(many, few * 10), place.runs(10), place.stack)


SCENES: Final[dict[tuple[str, ...], Scene]] = {
    ("W1", "W2", "W6", "W6b"): _large,
    ("W3", "W4", "W5", "W7", "W8"): _small,
    ("W9",): _start,
    ("W10",): _drives,
}
"""Workloads that are measured together, because one needs what the other leaves."""
WORKLOADS: Final = tuple(code for codes in SCENES for code in codes)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    other = arguments[0] if arguments and arguments[0] in _OTHERS else ""
    known = {"": WORKLOADS, "profile": tuple(DIRECTIONS)}.get(other, ())
    parser = argparse.ArgumentParser(f"python -m benchmarks {other}".rstrip(), description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="make it all smaller: 0.01 is a hundredth"
    )
    parser.add_argument(
        "--folder", type=Path, help="on the disk to measure; default: the temporary"
    )
    if other == "crowd":
        parser.add_argument("--clients", type=int, help="only users who store and fetch, so many")
        parser.add_argument("--minutes", type=float, default=10.0, help="how long; default 10")
    elif other == "explorer":
        parser.add_argument("--runs", type=int, default=9, help="starts; default 9")
        parser.add_argument("--size", type=int, default=BIG, help="MiB that go up; default 10240")
    elif other == "modes":
        parser.add_argument("--runs", type=int, default=5, help="of each load; default 5")
        parser.add_argument("--seconds", type=float, default=4.0, help="of each; default 4")
    elif other != "logins":
        parser.add_argument("workloads", nargs="*", metavar="workload", help=", ".join(known))
        parser.add_argument("--runs", type=int, help="default: 3; 20 for W9, 10 for W10")
        parser.add_argument("--size", type=int, default=1024, help="MiB in W1 W2 W6; default 1024")
    if not other:
        parser.add_argument("--peer", action="append", choices=PEERS, help="only it; repeatable")
        parser.add_argument(
            "--files", type=int, default=10_000, help="in W3 W4 W5 W8; default 10,000"
        )
    options = parser.parse_args(arguments[bool(other) :])
    options.other = other
    asked = getattr(options, "workloads", [])
    unknown = set(asked) - set(known)
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    options.workloads = [code for code in known if code in (asked or known)]
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for, and print each table as soon as it is known."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    print(_machine(), flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as made:
        _keep_bytecode(Path(made) / "bytecode")
        if options.other == "profile":
            size, runs = _size(options), options.runs or 3
            print(profile(Path(made), options.workloads, size, runs))
            return 0
        if options.other == "logins":
            for table in logins(Path(made), max(int(_GUESSES * options.scale), _FEWEST)):
                print(f"\n{table}", flush=True)
            return 0
        if options.other == "modes":
            print(f"\n{modes(Path(made), options.runs, options.seconds * options.scale)}")
            return 0
        if options.other == "explorer":
            entries = max(_FEWEST, int(ENTRIES * options.scale))
            size = max(1, int(options.size * options.scale))
            for table in explorer(Path(made), entries, size, options.runs):
                print(f"\n{table}", flush=True)
            return 0
        if options.other == "crowd":
            for table in crowd(Path(made), _scale(options)):
                print(f"\n{table}", flush=True)
            return 0
        failed = [_play(codes, Path(made), options) for codes in SCENES]
    return int(any(failed))


def _play(codes: tuple[str, ...], above: Path, options: argparse.Namespace) -> bool:
    """Play a scene if a workload of it is wanted; say whether a peer failed.

    Its folder stays until all is over: to delete much disturbs what is measured next.
    """
    if not set(codes).intersection(options.workloads):
        return False
    folder = above / codes[0]
    folder.mkdir()
    try:
        with ExitStack() as stack:
            tables = SCENES[codes](Place(folder, stack, options))
    except (Missing, Failed) as error:
        print(f"\nSKIPPED {' '.join(codes)}: {' '.join(str(error).split())}", flush=True)
        return isinstance(error, Failed)
    for table in tables:
        if table.workload.code in options.workloads:
            print(f"\n{shown(table)}", flush=True)
    return any(row.failure for table in tables for row in table.rows.values())


def _scale(options: argparse.Namespace) -> Scale:
    """Give the crowds that were asked for: users alone, or all but them."""
    if options.clients:
        return Scale(0, 0, (), options.clients, options.minutes * 60)
    idle, half = (max(1, int(count * options.scale)) for count in (IDLE, HALF))
    return Scale(idle, half, GREEDY, 0, 0, max(1.0, WATCH * min(options.scale, 1.0)))


def _size(options: argparse.Namespace) -> int:
    return max(_SMALLEST, int(options.size * options.scale * MIB))


def _keep_bytecode(folder: Path) -> None:
    """Let every Python that is started keep its bytecode in *folder*.

    An installed program has its bytecode; without it each start would compile the sources.
    """
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""


def _machine() -> str:
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}. Medians; warm page cache; MB = 1,000,000 bytes."


if __name__ == "__main__":
    sys.exit(main())
