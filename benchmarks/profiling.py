"""Where the CPU time of a large transfer goes, in the client and in the server.

What is measured of the processes is split into user and system time by the kernel. What the
primitives cost is measured here, on the same machine and right after, and multiplied by how often a
transfer needs them. What is left of the user time is Python, and all that is not named.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

import attrs

from anoncloud.crypto.fingerprints import Fingerprints
from anoncloud.crypto.keys import DriveKey, FileKey
from anoncloud.crypto.noise import CipherState
from anoncloud.crypto.segments import open_segment, seal_segment
from anoncloud.limits import DEFAULT_PACKET, MIB, SEGMENT
from benchmarks import samples
from benchmarks.limits import own_cpu
from benchmarks.measuring import Measured, measure
from benchmarks.peers.anoncloud import AnonCloud, anoncloud_peer
from benchmarks.processes import Cpu
from benchmarks.table import simple_table

_SAMPLE: Final = 32 * MIB
Cost = Callable[[], float]
"""CPU seconds that a primitive takes for a byte."""


@attrs.frozen
class Part:
    """A primitive that every byte of a transfer goes through, *times* times."""

    name: str
    cost: Cost
    times: int = 1


def _per_byte(step: Callable[[int, bytes], object], pieces: list[bytes]) -> float:
    begun = own_cpu()
    for number, piece in enumerate(pieces):
        step(number, piece)
    return (own_cpu() - begun).total / sum(map(len, pieces))


def _pieces(length: int = SEGMENT) -> list[bytes]:
    return [os.urandom(length) for _ in range(_SAMPLE // length)]


def _sealing() -> float:
    key = FileKey.generate(os.urandom)
    return _per_byte(lambda number, piece: seal_segment(key, number, piece, last=False), _pieces())


def _opening() -> float:
    key = FileKey.generate(os.urandom)
    sealed = [seal_segment(key, at, piece, last=False) for at, piece in enumerate(_pieces())]
    return _per_byte(lambda number, piece: open_segment(key, number, piece, last=False), sealed)


def _frames_out() -> float:
    cipher = CipherState(os.urandom(32))
    return _per_byte(lambda _, piece: cipher.seal(piece), _pieces(DEFAULT_PACKET))


def _frames_in() -> float:
    secret = os.urandom(32)
    there, here = CipherState(secret), CipherState(secret)
    sealed = [there.seal(piece) for piece in _pieces(DEFAULT_PACKET)]
    return _per_byte(lambda _, frame: here.open(frame), sealed)


def _fingerprints() -> float:
    prints = Fingerprints(DriveKey.generate(os.urandom), bytes(16))
    return _per_byte(lambda _, piece: prints.segment(piece), _pieces())


def _digest() -> float:
    digest = Fingerprints(DriveKey.generate(os.urandom), bytes(16)).content()
    return _per_byte(lambda _, piece: digest.update(piece), _pieces())


def _copying() -> float:
    return _per_byte(lambda _, piece: bytearray(piece), _pieces(DEFAULT_PACKET))


_SEND: Final = (Part("frame cipher, sealing", _frames_out), Part("copying, 2 passes", _copying, 2))
_RECEIVE: Final = Part("frame cipher, opening", _frames_in)


@attrs.frozen
class Direction:
    """A transfer: what its two ends do with each byte.

    Passes of copying are those that the code shows outside of the ciphers: a frame is joined with
    its header, and the transport joins what it sends; a frame that came in parts is joined, a
    segment is cut out of it, and a store or a file gathers what it writes.
    """

    title: str
    client: tuple[Part, ...]
    server: tuple[Part, ...]


DIRECTIONS: Final[Mapping[str, Direction]] = {
    "W1": Direction(
        "upload",
        (
            Part("segments, sealing", _sealing),
            Part("fingerprints", _fingerprints),
            Part("digest of the whole", _digest),
            *_SEND,
        ),
        (_RECEIVE, Part("copying, 2 passes", _copying, 2)),
    ),
    "W2": Direction(
        "download",
        (
            _RECEIVE,
            Part("segments, opening", _opening),
            Part("digest of the whole", _digest),
            Part("copying, 3 passes", _copying, 3),
        ),
        _SEND,
    ),
}


def profile(folder: Path, codes: list[str], size: int, runs: int) -> str:
    """Transfer a file of *size* bytes, and show where the time of both ends goes."""
    sample, empty = folder / "large", folder / "empty"
    samples.make_file(sample, size)
    empty.touch()
    shown: list[str] = []
    with ExitStack() as stack:
        place = folder / "anoncloud"
        place.mkdir()
        peer = stack.enter_context(anoncloud_peer(place))
        whole = _transfers(peer, sample, runs)
        nothing = _transfers(peer, empty, runs)
    for code in codes:
        direction = DIRECTIONS[code]
        seconds = median(run.seconds for run in whole[code])
        heading = f"{code}: {direction.title} {size / MIB:,.4g} MiB, {seconds:.2f} s"
        shown += ["", heading, "-" * len(heading), ""]
        for end, parts, of in (
            ("client", direction.client, lambda run: run.client_cpu),
            ("server", direction.server, lambda run: run.server_cpu),
        ):
            rows = _rows(parts, size, _median(whole[code], of), _median(nothing[code], of))
            shown += [*simple_table([(end, "CPU s", "share"), *rows]), ""]
    return "\n".join(shown)


def _transfers(peer: AnonCloud, sample: Path, runs: int) -> dict[str, list[Measured]]:
    """Store a file under a new name in each run, and bring it back."""
    measured: dict[str, list[Measured]] = {code: [] for code in DIRECTIONS}
    for number in range(runs):
        named = sample.rename(sample.with_name(f"{sample.name}-{number}"))
        into = sample.with_name(f"down-{sample.name}-{number}")
        into.mkdir()
        measured["W1"].append(measure(peer.put(named), peer.server))
        measured["W2"].append(measure(peer.get(named.name, into), peer.server))
        samples.remove(into)
        named.rename(sample)
    return measured


def _median(runs: list[Measured], of: Callable[[Measured], Cpu | None]) -> Cpu:
    every = [cpu for run in runs if (cpu := of(run)) is not None]
    return Cpu(median(cpu.user for cpu in every), median(cpu.system for cpu in every))


def _rows(parts: tuple[Part, ...], size: int, whole: Cpu, nothing: Cpu) -> list[tuple[str, ...]]:
    """Take the known parts off the user time; the rest may be below nothing if they are wrong."""
    start = min(nothing.user, whole.user)
    costs = [(part.name, part.cost() * part.times * size) for part in parts]
    rest = whole.user - start - sum(seconds for _, seconds in costs)
    lines = [
        *costs,
        ("kernel (system time)", whole.system),
        ("the same for an empty file (user)", start),
        ("Python, and what is not named", rest),
        ("all", whole.total),
    ]
    total = whole.total or 1.0
    return [(name, f"{seconds:.3f}", f"{seconds / total:.0%}") for name, seconds in lines]
