"""The explorer: how soon it is there, how fast keys are answered, what it sends, what it takes.

Run by ``python -m benchmarks explorer``. A real explorer sits on a terminal of its own (``Seat``),
against a real server over loopback.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from anoncloud.limits import MIB
from benchmarks.explorer_seat import Answer, Kind, Seat, seated
from benchmarks.measuring import run
from benchmarks.peers.anoncloud import AnonCloud, anoncloud_peer, environment
from benchmarks.processes import highest, resident
from benchmarks.table import simple_table

TERMS: Final = ("xterm-256color", "tmux-256color", "screen", "linux", "vt100")
USUAL: Final = Kind()
SIZES: Final = ((80, 24), (200, 50))
_DOWN, _UP, _TAB, _ENTER = b"\x1b[B", b"\x1b[A", b"\t", b"\r"
_COPY: Final = b"c"
ENTRIES: Final = 100_000
BIG: Final = 10 * 1024
"""MiB of the file that goes up."""
_FOLDERS: Final = 10
_FEW: Final = 100
"""Files of the local folder."""
_WORDS: Final = (
    *("report", "holiday", "letter", "budget", "photo", "music", "video"),
    *("draft", "final", "copy", "notes", "invoice", "plan"),
)
_TINY: Final = 64
"""Bytes of a file where only their number matters."""
_TIMES: Final = 60
"""Keys that are pressed to know what one costs."""
_PAUSE: Final = 0.02
"""Seconds from one key to the next."""
Rows = list[tuple[str, ...]]


def explorer(folder: Path, entries: int, size: int, runs: int) -> Iterator[str]:
    """Measure everything; give one table after the other.

    :param entries: of the large folder; the largest drive has ten such.
    :param size: MiB of the file that goes up while keys are pressed.
    """
    local = _make_local(folder / "local")
    with anoncloud_peer(folder) as peer:
        yield _shown("Start to first usable screen", _starts(peer, local, runs))
        yield _shown("Bytes that keys send", _bytes(peer, local))
        yield _shown(f"Keys while {size:,} MiB go up", _transferring(peer, local, size))
        _fill(peer, folder, entries)
        yield _shown(f"A folder of {entries:,} files", _large(peer, local, entries, runs))
        for number in range(1, _FOLDERS):
            run(peer.command("cp", "-r", "/many", f"/many-{number}"))
        whole = entries * _FOLDERS
        yield _shown(f"A drive of {whole:,} files", _large(peer, local, entries, runs))


def _make_local(folder: Path) -> Path:
    """Make a folder of files whose names, sizes and times differ."""
    folder.mkdir()
    for number in range(_FEW):
        words = _WORDS[number % 7], _WORDS[number * 5 % 11], _WORDS[number * 3 % 13]
        file = folder / f"{number // 3:02} {' '.join(words)}.txt"
        file.write_bytes(bytes(number * 37 % 5000))
        os.utime(file, (1_500_000_000 + number * 1_234_567,) * 2)
    return folder


def _shown(title: str, rows: Rows) -> str:
    load = f"Load after it: {os.getloadavg()[0]:.2f}."
    return "\n".join([title, "-" * len(title), "", load, "", *simple_table(rows), ""])


def _sit(peer: AnonCloud, local: Path, kind: Kind = USUAL) -> AbstractContextManager[Seat]:
    return seated(peer.state, local, environment(), kind)


def _starts(peer: AnonCloud, local: Path, runs: int) -> Rows:
    """Start it again and again: the first time of all is not counted."""
    shown, ready = [], []
    for number in range(runs + 1):
        with _sit(peer, local) as seat:
            first, drive = seat.first(f"1/{_FEW}"), seat.first("online")
            if number:
                shown.append(first)
                ready.append(drive)
    rows: Rows = [("what", "ms, median", "worst", "runs")]
    for what, times in (("the local folder shows, and keys work", shown), ("online", ready)):
        rows.append((what, _ms(median(times)), _ms(max(times)), str(len(times))))
    return rows


def _bytes(peer: AnonCloud, local: Path) -> Rows:
    """Walk down a list on every kind of terminal."""
    heading = (
        "terminal",
        "step",
        "most",
        "scrolled line",
        "key that scrolls",
        "most",
        "rows a key",
    )
    rows: Rows = [heading]
    for columns, lines in SIZES:
        for term in TERMS:
            with _sit(peer, local, Kind(term, columns, lines)) as seat:
                seat.first("online")
                seat.settle()
                rows.append((f"{term}, {columns}x{lines}", *_walked(seat)))
    return rows


def _walked(seat: Seat) -> tuple[str, ...]:
    steps: list[int] = []
    scrolls: list[tuple[int, int]] = []
    top = seat.lines[2]
    rows = len(seat.lines)
    tops = [line[:20] for line in seat.lines]
    for at in range(2, _FEW):
        answer = _step(seat, _DOWN, at, _FEW)
        if seat.lines[2] == top:
            steps.append(answer.sent)
            tops = [line[:20] for line in seat.lines]
        else:
            by = next((n for n in range(1, rows) if seat.lines[2][:20] == tops[2 + n]), 1)
            scrolls.append((answer.sent, by))
            top, tops = seat.lines[2], [line[:20] for line in seat.lines]
    if not scrolls:
        return (str(round(median(steps))), str(max(steps)), "", "", "", "")
    lines = [sent / by for sent, by in scrolls]
    sent = [one for one, _ in scrolls]
    return (
        *(str(round(median(steps))), str(max(steps))),
        *(str(round(median(lines))), str(round(median(sent))), str(max(sent))),
        str(round(median(by for _, by in scrolls))),
    )


def _step(seat: Seat, key: bytes, at: int, count: int, quiet: float = 0.01) -> Answer:
    """Press a key that brings the cursor to entry *at* of *count*, and see it there."""
    sign = f" {at}/{count}"
    return seat.press(key, lambda lines: any(sign in line for line in lines), quiet=quiet)


def _keys(seat: Seat, count: int, going: Callable[[], bool] = lambda: False) -> list[float]:
    """Walk up and down a list of *count* entries from the first one, while *going* says so.

    Gives the seconds that each key took.
    """
    times: list[float] = []
    at, way = 1, 1
    while len(times) < _TIMES or going():
        way = 1 if at == 1 else -1 if at == min(count, _TIMES) else way
        at += way
        times.append(_step(seat, _DOWN if way > 0 else _UP, at, count, quiet=0.0).seconds)
        time.sleep(_PAUSE)
    return times


def _transferring(peer: AnonCloud, local: Path, size: int) -> Rows:
    """Press keys at rest, and while a file goes up."""
    big = local / "00 big"
    _write(big, size)
    rows: Rows = [("keys", "ms, median", "99 of 100", "worst", "keys")]
    with _sit(peer, local) as seat:
        seat.first("online")
        seat.settle()
        rows.append(("at rest", *_times(_keys(seat, _FEW + 1))))
        seat.press(_UP * _TIMES, f" 1/{_FEW + 1}")
        seat.press(_COPY, "Copy to")
        seat.press(_ENTER, "under way")
        times = _keys(seat, _FEW + 1, lambda: any("under way" in line for line in seat.lines))
        rows.append(("while it goes up", *_times(times)))
    big.unlink()
    return rows


def _write(path: Path, size: int) -> None:
    """Write a file of so many MiB, faster than randomness comes; it is sealed like any other."""
    piece = os.urandom(MIB)
    with path.open("wb") as file:
        for _ in range(size):
            file.write(piece)


def _fill(peer: AnonCloud, folder: Path, entries: int) -> None:
    """Store a folder of many files, and leave a checkpoint of it."""
    many = folder / "many"
    many.mkdir()
    for number in range(entries):
        (many / f"file {number} of the year {1970 + number % 55}.txt").write_bytes(b"x" * _TINY)
    run(peer.put(many))
    run(peer.command("ls", "/"))


def _large(peer: AnonCloud, local: Path, entries: int, runs: int) -> Rows:
    """Start on a large drive, open a large folder, walk in it, search; with the memory it takes."""
    run(peer.command("ls", "/"))
    figures: dict[str, list[float]] = {}
    for _ in range(max(1, runs // 3)):
        with _sit(peer, local) as seat:
            took = {"start: the local folder shows": seat.first(f"1/{_FEW}")}
            loading = _while_it_loads(seat)
            took["start: the drive shows"] = seat.first("many/")
            took["the slowest key until then"] = max(loading, default=0.0)
            seat.first("online")
            seat.settle()
            seat.press(_TAB, "many/")
            opened = seat.press(_ENTER, lambda lines: any(f" 1/{entries}" in one for one in lines))
            took["the folder opens"] = opened.seconds
            keys = _keys(seat, entries)
            took["a key in it, median"], took["a key in it, worst"] = median(keys), max(keys)
            for what, seconds in took.items():
                figures.setdefault(what, []).append(seconds * 1000)
            figures.setdefault("memory afterwards", []).append(resident(seat.pid) / MIB)
            figures.setdefault("memory at most", []).append(highest(seat.pid) / MIB)
    units = {what: "MiB" if what.startswith("memory") else "ms" for what in figures}
    rows = [
        (what, f"{median(values):,.1f}", f"{max(values):,.1f}", units[what], str(len(values)))
        for what, values in figures.items()
    ]
    return [("what", "median", "worst", "unit", "runs"), *rows]


def _while_it_loads(seat: Seat) -> list[float]:
    """Press keys in the local pane until the drive shows."""
    times: list[float] = []
    at, way = 1, 1
    while not any("many/" in line for line in seat.lines):
        way = 1 if at == 1 else -1 if at == _FEW else way
        at += way
        times.append(_step(seat, _DOWN if way > 0 else _UP, at, _FEW, quiet=0.0).seconds)
        time.sleep(_PAUSE)
    return times


def _times(times: list[float]) -> tuple[str, ...]:
    high = quantiles(times, n=100, method="inclusive")[-1]
    return _ms(median(times)), _ms(high), _ms(max(times)), f"{len(times):,}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
