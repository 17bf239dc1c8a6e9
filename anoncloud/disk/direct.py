"""A new file written in order, past the page cache where the file system can do that.

Bulk bytes that are synced at the end gain nothing from the page cache: each is copied into a fresh
page first, and that costs more than all the cryptography (docs/performance.rst). So they are
gathered in an aligned buffer and handed to the disk from there (``O_DIRECT``, open(2)). Where that
is refused, as on tmpfs, they are written as usual.
"""

import errno
import fcntl
import os
from collections.abc import Iterable
from mmap import mmap
from typing import Final

from anoncloud.limits import KIB, MIB

CHUNK: Final = MIB
"""Bytes that are gathered before they are written."""
_free: Final[list[memoryview]] = []
"""Buffers that nobody uses: taking one again is ten times as fast as mapping a fresh one."""
_KEPT: Final = 16
_BLOCK: Final = 4 * KIB
"""What memory, offset and length must be multiples of."""


class DirectFile:
    """Bytes on their way into a file, from *offset* on.

    :meth:`gather` only copies memory; the other methods block.
    """

    def __init__(self, offset: int = 0) -> None:
        self._offset = offset
        self._length = 0
        self._buffer: memoryview | None = None
        self._direct: bool | None = None
        """Unknown until the first bytes are written."""
        self._may_be_direct = True

    @property
    def is_full(self) -> bool:
        """Whether :meth:`drain` must come before more is gathered."""
        return self._length == CHUNK

    def gather(self, piece: memoryview) -> int:
        """Take as much of *piece* as there is room for; give its length."""
        if self._buffer is None:
            self._buffer = _free.pop() if _free else memoryview(mmap(-1, CHUNK))
        taken = min(len(piece), CHUNK - self._length)
        self._buffer[self._length : self._length + taken] = piece[:taken]
        self._length += taken
        return taken

    def drain(self, descriptor: int) -> None:
        """Write what was gathered; whatever is no multiple of 4 KiB is written the usual way."""
        length, self._length = self._length, 0
        written = 0
        while self._buffer is not None and written < length:
            places = (self._offset + written, written, length - written)
            aligned = self._may_be_direct and not any(place % _BLOCK for place in places)
            if self._direct is not aligned:
                self._direct = _set_direct(descriptor, wanted=aligned) and aligned
            rest = self._buffer[written:length]
            try:
                written += os.pwrite(descriptor, rest, self._offset + written)
            except OSError as error:
                if error.errno != errno.EINVAL or not self._direct:
                    raise
                self._may_be_direct = False  # the file system took the flag, and not the write
        self._offset += length

    def close(self) -> None:
        """Let go of what was gathered; nothing is gathered after it."""
        buffer, self._buffer, self._length = self._buffer, None, 0
        if buffer is not None and len(_free) < _KEPT:
            _free.append(buffer)

    def write(self, descriptor: int, pieces: Iterable[bytes | memoryview]) -> None:
        """Gather and drain *pieces*; what does not fill a chunk stays gathered."""
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[self.gather(rest) :]
                if self.is_full:
                    self.drain(descriptor)


def _set_direct(descriptor: int, *, wanted: bool) -> bool:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    direct = getattr(os, "O_DIRECT", 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | direct if wanted else flags & ~direct)
    except OSError:
        return False
    return bool(direct)
