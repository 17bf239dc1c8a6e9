"""A file in memory that stands for the terminal while curses writes, so that nothing ever waits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_STREAMS = (1, 2)
"""Curses writes to the first, and takes the second for its terminal if the first is none."""


class Canvas:
    """What is written to the standard streams within :meth:`drawing`, to be taken afterwards."""

    def __init__(self) -> None:
        self._file = os.memfd_create("canvas")

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Let the standard streams lead here meanwhile."""
        kept = [os.dup(stream) for stream in _STREAMS]
        try:
            for stream in _STREAMS:
                os.dup2(self._file, stream)
            yield
        finally:
            for stream, was in zip(_STREAMS, kept, strict=True):
                os.dup2(was, stream)
                os.close(was)

    def take(self) -> bytes:
        """Give what was written since the last time."""
        length = os.lseek(self._file, 0, os.SEEK_CUR)
        written = os.pread(self._file, length, 0)
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        return written

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)
