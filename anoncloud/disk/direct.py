"""A file written in order, or read, past the page cache where the file system can do that.

Bulk bytes that are synced at the end gain nothing from the page cache: each is copied into a fresh
page first, and that costs more than all the cryptography (docs/performance.rst). So they are
gathered in an aligned buffer and handed to the disk from there (``O_DIRECT``, open(2)). They are
read back the same way, unless they are in the cache already. Where that is refused, as on tmpfs,
files are written and read as usual.
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
_BUFFER: Final = 2 * CHUNK
_BLOCK: Final = 4 * KIB
"""What memory, offset and length must be multiples of."""
_WORTHWHILE: Final = 64 * KIB
"""A read of less than this gains nothing by going past the cache."""


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

    @property
    def gathered(self) -> memoryview:
        """What :meth:`drain` would write."""
        return self._buffer[: self._length] if self._buffer is not None else memoryview(b"")

    def gather(self, piece: memoryview) -> int:
        """Take as much of *piece* as there is room for; give its length."""
        if self._buffer is None:
            self._buffer = _take_buffer()
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
        if buffer is not None:
            _give_back(buffer)

    def write(self, descriptor: int, pieces: Iterable[bytes | memoryview]) -> None:
        """Gather and drain *pieces*; what does not fill a chunk stays gathered."""
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[self.gather(rest) :]
                if self.is_full:
                    self.drain(descriptor)


def read(descriptor: int, length: int, offset: int) -> bytes:
    """Read *length* bytes at *offset*, or what is there of them.

    :raises OSError: as pread(2) does.
    """
    if length < _WORTHWHILE or _is_cached(descriptor, offset):
        return os.pread(descriptor, length, offset)
    _set_direct(descriptor, wanted=True)
    try:
        return _read_past_cache(descriptor, offset, offset + length)
    finally:
        _set_direct(descriptor, wanted=False)


def _read_past_cache(descriptor: int, offset: int, end: int) -> bytes:
    pieces: list[bytes] = []
    while offset < end:
        begin = offset - offset % _BLOCK
        span = min(_BUFFER, -(-(end - begin) // _BLOCK) * _BLOCK)
        piece = _read_blocks(descriptor, begin, span, slice(offset - begin, end - begin))
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _read_blocks(descriptor: int, begin: int, span: int, wanted: slice) -> bytes:
    """Read whole blocks, and give what is *wanted* of them."""
    buffer = _take_buffer()
    try:
        try:
            taken = os.preadv(descriptor, [buffer[:span]], begin)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            _set_direct(descriptor, wanted=False)  # it took the flag, and not the read
            taken = os.preadv(descriptor, [buffer[:span]], begin)
        return bytes(buffer[:taken][wanted])
    finally:
        _give_back(buffer)


def _is_cached(descriptor: int, offset: int) -> bool:
    """Whether the byte at *offset* is in the page cache, as far as the system tells."""
    at_once = getattr(os, "RWF_NOWAIT", None)
    if at_once is None:
        return True
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, at_once) >= 0
    except BlockingIOError:
        return False
    except OSError:
        return True  # the file system can't say; then reading as usual is as good


def _take_buffer() -> memoryview:
    return _free.pop() if _free else memoryview(mmap(-1, _BUFFER))


def _give_back(buffer: memoryview) -> None:
    if len(_free) < _KEPT:
        _free.append(buffer)


def _set_direct(descriptor: int, *, wanted: bool) -> bool:
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    direct = getattr(os, "O_DIRECT", 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | direct if wanted else flags & ~direct)
    except OSError:
        return False
    return bool(direct)
