"""Many at once on one server: what it costs, and what it does to everybody else.

Run by ``python -m benchmarks crowd``. The crowds are processes of their own (``crowd_callers``,
``crowd_greedy``, ``crowd_users``); who lists and logs in meanwhile is in this one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

import attrs

from benchmarks.crowd_callers import allow_files
from benchmarks.crowd_probe import Probe, Times
from benchmarks.logins import shown_rows
from benchmarks.measuring import Failed
from benchmarks.peers.background import LOOPBACK, free_port, running
from benchmarks.processes import cpu_of, resident

IDLE: Final = 10_000
HALF: Final = 5_000
GREEDY: Final = (1, 4, 16)
_LIMITS: Final = ("--max-connections", "0", "--max-connections-per-address", "0")
_PROCESSES: Final = 4
"""That users are in; a machine has only so many cores."""
_NICE: Final = 10
"""Crowds stand for other machines: where cores are few, the server's work goes first."""
WATCH: Final = 20.0
"""Seconds that a crowd of callers, or of greedy ones, is watched for."""


@attrs.frozen
class Scale:
    """How many there are of each crowd; 0 leaves it out.

    Users work for *seconds*, the others are watched for *watch* seconds.
    """

    idle: int
    half: int
    greedy: tuple[int, ...]
    users: int
    seconds: float
    watch: float = WATCH


@attrs.frozen
class _House:
    """A server, and somebody who lists there."""

    pid: int
    link: str
    probe: Probe


def crowd(folder: Path, scale: Scale) -> Iterator[str]:
    """Measure every crowd of *scale*; give one table after the other."""
    allow_files(max(scale.idle, scale.half))
    if scale.idle:
        yield _shown(
            f"{scale.idle:,} connections that are logged in and idle", _idle(folder, scale)
        )
    if scale.half:
        yield _shown(f"{scale.half:,} half-done key agreements", _half(folder, scale))
    if scale.greedy:
        yield _shown("Greedy connections", _greedy(folder, scale))
    if scale.users:
        title = f"{scale.users} users for {scale.seconds / 60:g} minutes"
        yield _shown(title, _users(folder, scale))


_HEADING: Final = ("what", "usual", "p99", "meanwhile", "p99", "times", "samples")
Rows = list[tuple[str, ...]]


def _shown(title: str, tables: list[Rows]) -> str:
    first, *others = (shown_rows(title if not at else "", rows) for at, rows in enumerate(tables))
    return "\n".join([first, *others])


def _idle(folder: Path, scale: Scale) -> list[Rows]:
    with _house(folder / "idle") as house:
        usual, before = house.probe.watch(scale.watch / 2), resident(house.pid)
        with _callers(house, "idle", scale.idle) as said:
            grown = resident(house.pid) - before
            cpu = cpu_of(house.pid)
            beside = house.probe.watch(scale.watch)
            busy = (cpu_of(house.pid) - cpu).total / scale.watch
        pings = said[-1]
    figures: Rows = [
        ("what", "figure"),
        ("KiB of memory for each connection", f"{grown / scale.idle / 1024:.1f}"),
        ("share of a core, listings and logins included", f"{busy:.0%}"),
        ("pings meanwhile", pings.split()[0]),
    ]
    return [figures, _compared(usual, beside)]


def _half(folder: Path, scale: Scale) -> list[Rows]:
    with _house(folder / "half") as house:
        usual = house.probe.watch(scale.watch / 2)
        with _callers(house, "half", scale.half) as said:
            beside = house.probe.watch(scale.watch)
    figures: Rows = [("what", "figure"), ("key agreements begun", f"{int(said[-1].split()[0]):,}")]
    return [figures, _compared(usual, beside)]


def _greedy(folder: Path, scale: Scale) -> list[Rows]:
    rows: Rows = []
    moved: Rows = [("connections", "MB/s up", "MB/s down")]
    with _house(folder / "greedy") as house:
        usual = house.probe.watch(scale.watch / 2)
        for count in scale.greedy:
            with _process("crowd_greedy", house.link, count, scale.watch) as crowd:
                beside = house.probe.watch(scale.watch * 0.8)
                told = json.loads(_finish(crowd)[-1])
            rows += [(f"{row[0]}, beside {count}", *row[1:]) for row in _pairs(usual, beside)]
            moved.append((str(count), f"{told['up']:,.0f}", f"{told['down']:,.0f}"))
    return [moved, [_HEADING, *rows]]


def _users(folder: Path, scale: Scale) -> list[Rows]:
    (place := folder / "states").mkdir()
    each = -(-scale.users // _PROCESSES)
    with _house(folder / "users", "--keep-dropped-days", "0") as house:
        usual = house.probe.watch(scale.watch / 2)
        crowds: list[Any] = []
        for at in range(0, scale.users, each):
            count = min(each, scale.users - at)
            crowds.append(_start("crowd_users", house.link, place, count, scale.seconds))
        try:
            for crowd in crowds:
                _hear(crowd, "ready")
            for crowd in crowds:
                crowd.stdin.write("go\n")
                crowd.stdin.flush()
            beside = house.probe.watch(scale.seconds)
            told = [json.loads(_finish(crowd)[-1]) for crowd in crowds]
        finally:
            for crowd in crowds:
                crowd.kill()
    wrong = [one for each in told for one in each["wrong"]]
    sums = {name: sum(each[name] for each in told) for name in ("stored", "fetched", "up", "down")}
    figures: Rows = [
        ("what", "figure"),
        ("files stored", f"{sums['stored']:,}"),
        ("files fetched and compared", f"{sums['fetched']:,}"),
        ("GB up", f"{sums['up'] / 1e9:.1f}"),
        ("GB down", f"{sums['down'] / 1e9:.1f}"),
        ("wrong or lost", str(len(wrong))),
        *((f"wrong: {one}"[:200], "") for one in wrong[:20]),
    ]
    return [figures, _compared(usual, beside)]


def _compared(usual: Times, beside: Times) -> Rows:
    return [_HEADING, *_pairs(usual, beside)]


def _pairs(usual: Times, beside: Times) -> Iterator[tuple[str, ...]]:
    for what, before in usual.spreads().items():
        now = beside.spreads()[what]
        yield (
            what,
            *(f"{one * 1000:.1f}" for one in (*before, *now)),
            f"{now[0] / before[0]:.2f}",
            str(len(beside.of[what])),
        )


@contextmanager
def _house(folder: Path, *options: str) -> Iterator[_House]:
    """Run a server with no limit of connections, and somebody who lists there."""
    folder.mkdir()
    port, store = free_port(), folder / "server"
    arguments: tuple[str | Path, ...] = (
        *(Path(sys.executable).with_name("twistd"), "-n", "--pidfile=", "anoncloud"),
        *("--state-dir", store, "--listen", f"tcp:{port}:interface={LOOPBACK}:backlog=1000"),
        *("--registration", "open", "--public-host", LOOPBACK, *_LIMITS, *options),
    )
    sign = store / "address"
    with running(arguments, port, folder / "server.log", os.environ, sign) as pid:
        link = sign.read_text().strip()
        probe = Probe(link)
        yield _House(pid, link, probe)


@contextmanager
def _callers(house: _House, kind: str, count: int) -> Iterator[list[str]]:
    """Run callers until the block ends; then the list holds what they said."""
    said: list[str] = []
    with _process("crowd_callers", kind, house.link, count) as crowd:
        yield said
        said += _finish(crowd)


@contextmanager
def _process(module: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """Run a crowd's process, from when it is ready until the block ends."""
    crowd = _start(module, *arguments)
    try:
        _hear(crowd, "ready")
        yield crowd
    finally:
        crowd.kill()
        crowd.wait()


def _start(module: str, *arguments: object) -> "subprocess.Popen[str]":
    nice = ("nice", "-n", str(_NICE))
    command = (*nice, sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments))
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def _hear(crowd: "subprocess.Popen[str]", word: str) -> None:
    said = cast("IO[str]", crowd.stdout).readline().strip()
    if said != word:
        message = f"a crowd said {said!r} instead of {word!r}"
        raise Failed(message)


def _finish(crowd: "subprocess.Popen[str]") -> list[str]:
    """Close a crowd's standard input, and give the lines that it ends with."""
    said, _ = crowd.communicate()
    if crowd.returncode:
        message = f"a crowd ended with exit code {crowd.returncode}"
        raise Failed(message)
    return said.splitlines()
