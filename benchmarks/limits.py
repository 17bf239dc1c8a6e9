"""What no peer can beat on this machine: its disk, its cipher code, its file system, its Python.

Measured in the same run as the peers, by the plainest code that does the work.
"""

import os
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.noise import CipherState
from anoncloud.crypto.segments import open_segment, seal_segment
from anoncloud.limits import MIB, SEGMENT
from benchmarks.measuring import Command, Measured, measure
from benchmarks.processes import Cpu

Limit = Callable[[], Measured]
_SAMPLE: Final = 64 * MIB
"""Bytes that the crypto limit holds at once: more than any cache, and little memory."""


def write_disk(source: Path, target: Path) -> Measured:
    """Copy a file with a plain loop, to the end of its fsync."""
    os.sync()
    begun, cpu = time.perf_counter(), own_cpu()
    with source.open("rb", buffering=0) as given, target.open("wb", buffering=0) as copy:
        while piece := given.read(MIB):
            copy.write(piece)
        os.fsync(copy.fileno())
    measured = Measured(time.perf_counter() - begun, own_cpu() - cpu)
    target.unlink()
    return measured


def copy_files(source: Path, target: Path) -> Measured:
    """Copy a folder of files to a new one, which stays, without any fsync."""
    os.sync()
    begun, cpu = time.perf_counter(), own_cpu()
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    return Measured(time.perf_counter() - begun, own_cpu() - cpu)


def list_files(folder: Path) -> Measured:
    """List a folder and all below it with ``ls -lR``."""
    return measure(Command(("ls", "-lR", folder)), None)


def remove_files(folder: Path) -> Measured:
    """Remove a folder and all below it with ``rm -r``."""
    return measure(Command(("rm", "-r", folder)), None)


def seal_all(source: Path) -> Measured:
    """Seal a file's segments and each as a frame: the client's crypto for an upload."""
    key, channel = FileKey.generate(os.urandom), CipherState(os.urandom(32))

    def seal(number: int, segment: bytes) -> None:
        channel.seal(seal_segment(key, number, segment, last=False))

    with source.open("rb") as file:
        segments = _segments(file.read(_SAMPLE))
    return _timed(seal, segments, source.stat().st_size)


def open_all(source: Path) -> Measured:
    """Open as many frames, and the segment in each: the client's crypto for a download."""
    key, secret = FileKey.generate(os.urandom), os.urandom(32)
    sealing = CipherState(secret)
    with source.open("rb") as file:
        segments = _segments(file.read(_SAMPLE))
    frames = [
        sealing.seal(seal_segment(key, number, segment, last=False))
        for number, segment in enumerate(segments)
    ]
    channel = CipherState(secret)

    def unseal(number: int, frame: bytes) -> None:
        if number == 0:
            channel.counter = 0
        open_segment(key, number, channel.open(frame), last=False)

    return _timed(unseal, frames, source.stat().st_size)


def start_python() -> Measured:
    """Start Python, import Twisted's reactor, and end."""
    return measure(Command((sys.executable, "-c", "from twisted.internet import reactor")), None)


def own_cpu() -> Cpu:
    """Give the CPU time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Cpu(usage.ru_utime, usage.ru_stime)


def _segments(content: bytes) -> list[bytes]:
    whole = range(0, len(content) - SEGMENT + 1, SEGMENT)
    return [content[start : start + SEGMENT] for start in whole]


def _timed(step: Callable[[int, bytes], None], pieces: list[bytes], size: int) -> Measured:
    """Go round *pieces* until they make *size* bytes of plaintext."""
    begun, cpu = time.perf_counter(), own_cpu()
    for count in range(size // SEGMENT):
        number = count % len(pieces)
        step(number, pieces[number])
    return Measured(time.perf_counter() - begun, own_cpu() - cpu)
