"""What is at hand of a file of any size: a few pieces of it, and what was asked for.

A piece is CHUNK bytes at a multiple of CHUNK, so that one of a file in the drive is one segment.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from anoncloud.limits import SEGMENT

CHUNK: Final = SEGMENT
MOST_CHUNKS: Final = 24
"""Pieces that are kept: 1.5 MiB."""


@attrs.frozen
class Window:
    """Pieces of a file of *size* bytes.

    :ivar chunks: pieces by their number; what was used last stands last.
    :ivar asked: the numbers of those that are on their way.
    :ivar rows: what was laid out before, for whoever does that; it stays true.
    """

    size: int
    chunks: Mapping[int, bytes] = attrs.field(factory=dict, repr=False)
    asked: frozenset[int] = frozenset()
    rows: dict[Any, Any] = attrs.field(factory=dict, repr=False, eq=False)

    def with_bytes(self, offset: int, data: bytes) -> "Window":
        """Take in what has come; the oldest pieces are forgotten for it."""
        number = offset // CHUNK
        kept = {one: piece for one, piece in self.chunks.items() if one != number}
        kept[number] = data
        while len(kept) > MOST_CHUNKS:
            del kept[next(iter(kept))]
        return attrs.evolve(self, chunks=kept, asked=self.asked - {number})

    def wanting(self, start: int, end: int) -> "tuple[Window, tuple[int, ...]]":
        """Give the numbers of pieces between two offsets that must be asked for, and note them."""
        first, last = max(0, start) // CHUNK, -(-min(end, self.size) // CHUNK)
        used = {number: self.chunks[number] for number in range(first, last) if self.has(number)}
        missing = tuple(
            number
            for number in range(first, last)
            if number not in used and number not in self.asked
        )
        others = {number: piece for number, piece in self.chunks.items() if number not in used}
        kept = attrs.evolve(self, chunks={**others, **used}, asked=self.asked.union(missing))
        return kept, missing

    def has(self, number: int) -> bool:
        """Tell whether a piece is at hand."""
        return number in self.chunks

    def given_up(self) -> "Window":
        """Forget what was asked for: it does not come."""
        return attrs.evolve(self, asked=frozenset())

    def after(self, start: int, end: int) -> bytes:
        """Give what is at hand without a gap from *start* on, to *end* at the most."""
        return b"".join(self._forward(start, min(end, self.size)))

    def before(self, start: int, end: int) -> bytes:
        """Give what is at hand without a gap up to *end*, from *start* at the earliest."""
        return b"".join(reversed(list(self._backward(max(0, start), end))))

    def _forward(self, start: int, end: int) -> Iterator[bytes]:
        at = start
        while at < end:
            number, inside = divmod(at, CHUNK)
            piece = self.chunks.get(number, b"")[inside : inside + end - at]
            if not piece:
                return
            yield piece
            at += len(piece)

    def _backward(self, start: int, end: int) -> Iterator[bytes]:
        at = end
        while at > start:
            number = (at - 1) // CHUNK
            origin = number * CHUNK
            if number not in self.chunks:
                return
            piece = self.chunks[number][max(0, start - origin) : at - origin]
            yield piece
            at = max(start, origin)
