"""The command: ``python -m benchmarks [W1 ...]``."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from anoncloud.limits import MIB
from benchmarks.peers import Peer
from benchmarks.peers.opening import PEERS, open_peers
from benchmarks.results import Table
from benchmarks.table import shown
from benchmarks.workloads import first_listing, large_file, small_files

Scene = Callable[[list[Peer], Path, argparse.Namespace], list[Table]]


def _large(peers: list[Peer], folder: Path, options: argparse.Namespace) -> list[Table]:
    return large_file(folder, options.size * MIB, options.runs or 3).run(peers, folder)


def _small(peers: list[Peer], folder: Path, options: argparse.Namespace) -> list[Table]:
    return small_files(folder, options.files, options.runs or 1).run(peers, folder)


def _start(peers: list[Peer], folder: Path, options: argparse.Namespace) -> list[Table]:
    return first_listing(peers, folder, options.runs or 20)


SCENES: Final[dict[tuple[str, ...], Scene]] = {
    ("W1", "W2"): _large,
    ("W3", "W4"): _small,
    ("W9",): _start,
}
"""Workloads that are measured together, because one needs what the other leaves."""
WORKLOADS: Final = tuple(code for codes in SCENES for code in codes)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=", ".join(WORKLOADS))
    parser.add_argument("--runs", type=int, help="default: 3 for W1 W2, 1 for W3 W4, 20 for W9")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this one; repeatable")
    parser.add_argument("--size", type=int, default=1024, help="MiB in W1 and W2; default 1024")
    parser.add_argument("--files", type=int, default=10_000, help="in W3 and W4; default 10,000")
    parser.add_argument(
        "--folder", type=Path, help="on the disk to measure; default: the temporary"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.workloads) - set(WORKLOADS)
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for, and print each table as soon as it is known."""
    options = parse(arguments)
    wanted = set(options.workloads or WORKLOADS)
    print(_machine(), flush=True)
    failed = False
    for codes, scene in SCENES.items():
        if not wanted.intersection(codes):
            continue
        with tempfile.TemporaryDirectory(dir=options.folder) as made, ExitStack() as stack:
            folder = Path(made)
            peers = open_peers(folder, tuple(options.peer or PEERS), stack)
            tables = scene(peers, folder, options)
        for table in tables:
            failed |= any(row.failure for row in table.rows.values())
            if table.workload.code in wanted:
                print(f"\n{shown(table)}", flush=True)
    return int(failed)


def _machine() -> str:
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {system}. Medians; warm page cache; MB = 1,000,000 bytes."


if __name__ == "__main__":
    sys.exit(main())
