"""What logging in costs a server, how long it takes, and what its time tells of names.

Run by ``python -m benchmarks logins``; the guesses come from other processes (``flood``), or from
threads where they are measured themselves.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import attrs

from anoncloud.client.address import Address, Invitation
from anoncloud.crypto.keys import SigningKey
from anoncloud.server.session import MAX_FAILED_LOGINS
from anoncloud.wire import messages
from benchmarks.comparing import kolmogorov_smirnov, mann_whitney
from benchmarks.flood import ADDRESSES, sources
from benchmarks.guesses import Talk, login_seconds, random_key
from benchmarks.lenient import MODES
from benchmarks.login_costs import login_costs
from benchmarks.measuring import Command, Failed, run
from benchmarks.peers.anoncloud import AnonCloud, anoncloud_peer
from benchmarks.peers.background import LOOPBACK, free_port, running
from benchmarks.processes import cpu_of
from benchmarks.table import simple_table

_AT_ONCE: Final = 200
"""Guesses of a flood that wait for their answers at once."""
_SAMPLED_AT_ONCE: Final = 50
_GUESSED: Final = "guessed"
"""The account that is guessed at."""
Samples = dict[str, list[float]]


@attrs.frozen
class _House:
    """A server with three accounts: one for programs, and two whose keys are known here.

    :ivar other: the login key of the account "other".
    :ivar device: the key of a device of the account that is guessed at.
    """

    peer: AnonCloud
    address: Address
    folder: Path
    other: SigningKey
    device: SigningKey


def logins(folder: Path, count: int) -> Iterator[str]:
    """Measure everything with *count* guesses each; give one table after the other."""
    yield shown_rows("What a guess costs the server", _costs(folder, count))
    for title, rows in _attacked(folder, count):
        yield shown_rows(title, rows)
    yield shown_rows(f"Known and unknown names, {count:,} guesses each", _compared(folder, count))


def shown_rows(title: str, rows: list[tuple[str, ...]]) -> str:
    """Show a table under its heading, if it has one, and the load."""
    load = f"Load before it: {os.getloadavg()[0]:.2f}."
    heading = [title, "-" * len(title), "", load, ""] if title else []
    return "\n".join([*heading, *simple_table(rows), ""])


def _costs(folder: Path, count: int) -> list[tuple[str, ...]]:
    (place := folder / "costs").mkdir()
    costs = login_costs(place, count)
    share = f"the same, with its share of the keys: 1 of {MAX_FAILED_LOGINS}"
    steps = {
        "checking one signature": costs.verifying,
        "agreeing on keys": costs.agreeing,
        "a guess that is held back": costs.held,
        share: costs.held_whole,
        "a guess that is evaluated": costs.evaluated,
    }
    rows = [(name, f"{seconds * 1e6:.0f}") for name, seconds in steps.items()]
    return [("step", "CPU microseconds"), *rows]


def _attacked(folder: Path, count: int) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Measure a server that is flooded, and logins without and beside the flood."""
    (place := folder / "attacked").mkdir()
    with anoncloud_peer(place) as peer:
        house = _settled(peer, place)
        before, begun = cpu_of(peer.server.pid), time.monotonic()
        told = _finish(_flood(house, count))
        seconds = time.monotonic() - begun
        cpu = (cpu_of(peer.server.pid) - before).total
        yield (
            f"{count:,} guesses at one account from {ADDRESSES} addresses",
            [
                ("what", "figure"),
                ("seconds", f"{seconds:.1f}"),
                ("evaluated", f"{told.get('LOGIN', 0):,}"),
                ("let in", f"{told.get('', 0):,}"),
                (
                    "CPU microseconds of the server for each, kernel included",
                    f"{cpu / count * 1e6:.0f}",
                ),
                ("share of one core", f"{cpu / seconds:.0%}"),
            ],
        )
        usual, attacked = _timed(house, _rounds(10)), _timed(house, _beside(house, count))
        title = "Logging in meanwhile, in milliseconds"
        heading = ("who", "usual", "95 of 100", "attacked", "95 of 100", "times", "samples")
        yield title, [heading, *(_pair(who, usual[who], attacked[who]) for who in usual)]


def _settled(peer: AnonCloud, folder: Path) -> _House:
    """Register both accounts, and enrol the device."""
    link = (peer.server.store / "address").read_text().strip()
    house = _House(peer, Invitation.parse(link).address, folder, random_key(), random_key())
    _register(house.address, "other", house.other)
    owner = random_key()
    _register(house.address, _GUESSED, owner)
    with Talk(house.address, LOOPBACK) as talk:
        talk.log_in(_GUESSED, owner)
        talk.ask(lambda number: messages.EnrolDevice(number, house.device.public))
    return house


def _register(address: Address, name: str, key: SigningKey) -> None:
    fields = (b"", key.public, b"keyring", os.urandom(16))
    with Talk(address, LOOPBACK) as talk:
        talk.ask(lambda number: messages.Register(number, name, *fields))


def _flood(house: _House, count: int) -> "subprocess.Popen[str]":
    arguments = (str(house.address), _GUESSED, str(count), str(_AT_ONCE))
    return subprocess.Popen(
        (sys.executable, "-m", "benchmarks.flood", *arguments), stdout=subprocess.PIPE, text=True
    )


def _finish(flood: "subprocess.Popen[str]") -> Mapping[str, int]:
    """Wait for the end of a flood; give how often it was refused with which code."""
    said, _ = flood.communicate()
    if flood.returncode:
        message = f"the flood ended with exit code {flood.returncode}"
        raise Failed(message)
    told: dict[str, int] = json.loads(said)
    return told


def _rounds(count: int) -> Iterator[int]:
    yield from range(count)


def _beside(house: _House, count: int) -> Iterator[int]:
    """Give numbers as long as a flood lasts."""
    flood = _flood(house, count)
    number = 0
    while flood.poll() is None:
        yield number
        number += 1
    _finish(flood)


def _timed(house: _House, rounds: Iterator[int]) -> Samples:
    """Let everybody log in once a round, and those without a program ten times."""
    times: Samples = {}

    def measured(who: str, log_in: Callable[[], float]) -> None:
        times.setdefault(who, []).append(log_in())

    for _ in rounds:
        for _ in range(10):
            measured(
                "another account's login key",
                lambda: login_seconds(house.address, LOOPBACK, "other", house.other),
            )
            measured(
                "a device of the account",
                lambda: login_seconds(house.address, LOOPBACK, _GUESSED, house.device),
            )
        measured("anoncloud ls, by another's device", lambda: _ran(house.peer.command("ls", "/")))
        measured("anoncloud login, to another account", lambda: _logged_in(house))
    return times


def _logged_in(house: _House) -> float:
    """Log in by kit and passphrase on a new device, which logs out then."""
    new = attrs.evolve(house.peer, state=house.folder / "new")
    secrets = ("--kit", house.folder / "kit", "--passphrase-file", house.folder / "passphrase")
    seconds = _ran(new.command("login", *secrets))
    run(new.command("logout"))
    return seconds


def _ran(command: Command) -> float:
    """Give the seconds that a command takes."""
    begun = time.perf_counter()
    run(command)
    return time.perf_counter() - begun


def _pair(who: str, usual: list[float], attacked: list[float]) -> tuple[str, ...]:
    before, beside = median(usual), median(attacked)
    return (
        who,
        *_spread(usual),
        *_spread(attacked),
        f"{beside / before:.2f}",
        f"{len(usual)}, {len(attacked)}",
    )


def _spread(times: list[float]) -> tuple[str, str]:
    """Give the median and the time that 95 of 100 are below, in milliseconds."""
    high = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return f"{median(times) * 1000:.2f}", f"{high * 1000:.2f}"


def _compared(folder: Path, count: int) -> list[tuple[str, ...]]:
    heading = ("guesses", "known", "95 of 100", "unknown", "95 of 100", "p, U", "p, KS")
    rows: list[tuple[str, ...]] = [heading]
    for mode in MODES:
        known, unknown = _sampled(folder / mode, mode, count)
        tests = (mann_whitney(known, unknown), kolmogorov_smirnov(known, unknown))
        name = {"evaluating": "evaluated", "holding": "held back"}[mode]
        rows.append((name, *_spread(known), *_spread(unknown), *(f"{p:.3f}" for p in tests)))
    return rows


def _sampled(folder: Path, mode: str, count: int) -> tuple[list[float], list[float]]:
    """Time *count* guesses each at a known and at an unknown name, in an order drawn by lot."""
    names = ["known", "unknown"] * count
    random.Random(count).shuffle(names)
    with _lenient(folder, mode) as address:
        _register(address, "known", random_key())
        for name in ("known", "unknown"):  # the first ones, which alone are not held back
            with Talk(address, LOOPBACK) as talk:
                talk.log_in(name, random_key())
        parts = [
            names[at : at + MAX_FAILED_LOGINS] for at in range(0, len(names), MAX_FAILED_LOGINS)
        ]
        places = sources()
        with ThreadPoolExecutor(_SAMPLED_AT_ONCE) as pool:
            each = (places[number % ADDRESSES] for number in range(len(parts)))
            timed = [
                one
                for part in pool.map(_timed_guesses, [address] * len(parts), each, parts)
                for one in part
            ]
    known = [seconds for name, seconds in timed if name == "known"]
    return known, [seconds for name, seconds in timed if name == "unknown"]


def _timed_guesses(address: Address, source: str, names: list[str]) -> list[tuple[str, float]]:
    """Guess at each of the names once, on one connection."""
    timed = []
    with Talk(address, source) as talk:
        for name in names:
            key = random_key()
            begun = time.perf_counter()
            talk.log_in(name, key)
            timed.append((name, time.perf_counter() - begun))
    return timed


@contextmanager
def _lenient(folder: Path, mode: str) -> Iterator[Address]:
    """Run a server with other delays."""
    port, store = free_port(), folder / "server"
    folder.mkdir()
    arguments = (sys.executable, "-m", "benchmarks.lenient", str(store), str(port), mode)
    sign = store / "address"
    with running(arguments, port, folder / "server.log", os.environ, sign):
        yield Invitation.parse(sign.read_text().strip()).address
