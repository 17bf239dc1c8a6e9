"""Sealed segments of many files into blobs of exact sizes.

Sealed streams are laid end to end and cut where a blob is full; what is left of the last blob is
filled with bytes that look the same (docs/formats.rst section 4). The packer knows no files: a
caller gives each stream a *token* and learns for each blob which extents belong to which token.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from typing import NamedTuple

import attrs

from anoncloud.crypto.entropy import Entropy, filler
from anoncloud.ids import ID_LENGTH, BlobId
from anoncloud.limits import BULK_BLOB, MIN_PACKET, SMALL_BLOB


class Extent(NamedTuple):
    """Where a run of a sealed stream lies: *length* bytes at *offset* of *blob*.

    A plain tuple, because a large drive holds millions of them.
    """

    blob: BlobId
    offset: int
    length: int


@attrs.frozen
class PackedBlob:
    """A full blob: its *pieces* laid end to end are exactly *size* bytes.

    *runs* tells, in order, which token's stream each extent of it carries on.
    """

    blob: BlobId
    size: int
    pieces: tuple[bytes | memoryview, ...] = attrs.field(repr=False)
    runs: tuple[tuple[Hashable, Extent], ...] = attrs.field(repr=False)

    def packets(self, size: int) -> Iterator[tuple[int, list[bytes | memoryview]]]:
        """Give the bytes in packets of about *size*: the length of each, and its parts.

        None but the last is shorter than *size* less a piece, or longer than *size*; none is
        shorter than MIN_PACKET but the last.
        """
        waiting: list[bytes | memoryview] = []
        length = 0
        for piece in self.pieces:
            rest = piece
            while rest:
                if length >= MIN_PACKET and length + len(rest) > size:
                    yield length, waiting
                    waiting, length = [], 0
                taken, rest = rest[: size - length], rest[size - length :]
                waiting.append(taken)
                length += len(taken)
                if length == size:
                    yield length, waiting
                    waiting, length = [], 0
        if waiting:
            yield length, waiting


class Packer:
    """Lay sealed segments end to end; give back each blob as it fills, and the rest on demand."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._waiting: deque[tuple[Hashable, bytes | memoryview]] = deque()
        self._length = 0

    @property
    def waiting(self) -> int:
        """Bytes that are not in a blob yet."""
        return self._length

    def add(self, token: Hashable, sealed: bytes) -> PackedBlob | None:
        """Carry on the stream of *token*; give the bulk blob that this fills, if it does.

        *sealed* is at most one sealed segment, so it never fills two.
        """
        self._waiting.append((token, sealed))
        self._length += len(sealed)
        return self._cut(BULK_BLOB) if self._length >= BULK_BLOB else None

    def flush(self) -> list[PackedBlob]:
        """Pack what is waiting: in small blobs, or in one bulk blob if it would nearly be full."""
        blobs = []
        if self._length > BULK_BLOB - 4 * SMALL_BLOB:
            blobs.append(self._cut(BULK_BLOB))
        while self._length:
            blobs.append(self._cut(SMALL_BLOB))
        return blobs

    def _cut(self, size: int) -> PackedBlob:
        blob = BlobId(self._entropy(ID_LENGTH))
        pieces: list[bytes | memoryview] = []
        runs: list[tuple[Hashable, Extent]] = []
        offset = 0
        while offset < size and self._waiting:
            token, piece = self._waiting.popleft()
            if len(piece) > size - offset:
                view = memoryview(piece)
                self._waiting.appendleft((token, view[size - offset :]))
                piece = view[: size - offset]
            if runs and runs[-1][0] == token:
                begun = runs[-1][1]
                runs[-1] = (token, begun._replace(length=begun.length + len(piece)))
            else:
                runs.append((token, Extent(blob, offset, len(piece))))
            pieces.append(piece)
            offset += len(piece)
        self._length -= offset
        if offset < size:
            pieces.append(filler(size - offset, self._entropy))
        return PackedBlob(blob, size, tuple(pieces), tuple(runs))
