"""Files that are known in parts, and files that are packed: what archives' lists are read from.

Both are files as the standard library wants them, and both end early rather than read or expand
more than is sensible.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from anoncloud.limits import KIB, MIB, SEGMENT

BLOCK: Final = SEGMENT
MOST_READ: Final = 8 * MIB
"""Bytes of an archive that are read for its list."""
MOST_EXPANDED: Final = 64 * MIB
"""Bytes that a packed archive is expanded to."""
_LONGEST_READ: Final = MIB
"""No header of a tar archive is longer."""
_HELD: Final = 4 * MIB
"""Expanded bytes that are held, so that a step back is possible."""
_XZ_MEMORY: Final = 64 * MIB
_SLICE: Final = 64 * KIB
_LONGEST_MAGIC: Final = 6


class Missing(Exception):
    """A range of the file must be read first."""

    def __init__(self, offset: int, length: int) -> None:
        super().__init__(offset, length)
        self.offset = offset
        self.length = length


class Enough(Exception):
    """More would have to be read or expanded than is sensible."""


class Sparse(io.RawIOBase):
    """A file that is known in some blocks; reading any other raises Missing and moves nothing."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.known = 0
        self._blocks: dict[int, bytes] = {}
        self._at = 0

    def add(self, offset: int, data: bytes) -> None:
        """Learn what is at *offset*, a multiple of BLOCK."""
        self.known += len(data)
        for at in range(0, len(data), BLOCK):
            self._blocks[(offset + at) // BLOCK] = data[at : at + BLOCK]

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            message = "before the beginning"
            raise OSError(message)
        self._at = base + offset
        return self._at

    def read(self, length: int = -1) -> bytes:
        end = self.size if length < 0 else min(self._at + length, self.size)
        if end <= self._at:
            return b""
        blocks = range(self._at // BLOCK, -(-end // BLOCK))
        missing = [number for number in blocks if number not in self._blocks]
        if missing:
            first, last = missing[0] * BLOCK, min((missing[-1] + 1) * BLOCK, self.size)
            if self.known + last - first > MOST_READ:
                raise Enough
            raise Missing(first, last - first)
        whole = b"".join(self._blocks[number] for number in blocks)
        begin = self._at - blocks.start * BLOCK
        data = whole[begin : begin + end - self._at]
        self._at = end
        return data


class _Decompressor(Protocol):
    """What the standard library's decompressors share; zlib's is made like them."""

    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Expand some."""


class _Gzip:
    """One member of a gzip file."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._left = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._left + data, max_length)
        self._left = self._inner.unconsumed_tail
        return out


def _decompressor(first: bytes) -> Callable[[], Any]:
    if first.startswith(b"\x1f\x8b"):
        return _Gzip
    if first.startswith(b"BZh"):
        return bz2.BZ2Decompressor
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


class Expanded(io.RawIOBase):
    """A packed file that is expanded as one goes forward in it; small steps back are possible."""

    def __init__(self, packed: Sparse) -> None:
        super().__init__()
        self._packed = packed
        self._make = _decompressor(packed.read(_LONGEST_MAGIC))
        packed.seek(0)
        self._inner: _Decompressor = self._make()
        self._begin = 0
        self._held = bytearray()
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset + (self._at if whence == io.SEEK_CUR else 0)
        if whence == io.SEEK_END or target < self._begin:
            message = "a packed file can only be read forward"
            raise OSError(message)
        self._at = target
        return target

    def read(self, length: int = -1) -> bytes:
        if length < 0 or length > _LONGEST_READ:
            raise Enough
        while self._begin + len(self._held) < self._at + length:
            more = self._more()
            if not more:
                break
            self._held += more
            if self._begin + len(self._held) > MOST_EXPANDED:
                raise Enough
            if len(self._held) > _HELD:
                spare = max(0, min(len(self._held), self._at - self._begin - _LONGEST_READ))
                del self._held[:spare]
                self._begin += spare
        begin = self._at - self._begin
        data = bytes(self._held[begin : begin + length])
        self._at += len(data)
        return data

    def _more(self) -> bytes:
        """Expand the next bytes; none at the end.

        :raises Missing: nothing was done.
        """
        while True:
            if self._inner.eof:
                rest = self._inner.unused_data or self._packed.read(_SLICE)
                if not rest.strip(b"\0"):
                    return b""
                self._inner = self._make()
                out = self._inner.decompress(rest, _SLICE)
            else:
                out = self._inner.decompress(b"", _SLICE)
            if not out and not self._inner.eof:
                data = self._packed.read(_SLICE)
                if not data:
                    return b""
                out = self._inner.decompress(data, _SLICE)
            if out:
                return out
