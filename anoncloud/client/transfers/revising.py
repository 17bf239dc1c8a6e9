"""A new version of a file out of its earlier one: what is unchanged stays where it lies.

Blocking, called in a thread a step at a time. Whatever it is given, the new version's pieces laid
end to end are the file as it was read.
"""

from collections.abc import Iterator
from typing import Final

import attrs

from anoncloud.client.transfers.compressing import compressed
from anoncloud.client.transfers.fingerprints import Entry
from anoncloud.client.transfers.matching import Old
from anoncloud.client.transfers.sealer import Sealer
from anoncloud.client.transfers.sources import FileSource, Source
from anoncloud.client.tree.versions import Piece, Stream, Version
from anoncloud.crypto.fingerprints import ContentDigest, Fingerprints
from anoncloud.limits import MAX_PIECES, MAX_STREAMS, MIB, SEGMENT

READ_BATCH: Final = 2 * MIB
"""Plaintext that is dealt with in one go."""
MATCH_BATCH: Final = 32 * MIB
"""The same where most of it is only looked at."""


@attrs.frozen
class Batch:
    """Sealed segments in order, and how many bytes of plaintext were read for them."""

    segments: list[bytes]
    read: int


def seal_compressed(source: Source, sealer: Sealer, digest: ContentDigest) -> Iterator[Batch]:
    """Compress and seal all of *source*."""
    segments: list[bytes] = []
    told = 0
    for frame in compressed(_digested(source, digest)):
        segments += sealer.feed(frame)
        if source.given - told >= READ_BATCH:
            yield Batch(segments, source.given - told)
            segments, told = [], source.given
    segments.append(sealer.finish())
    yield Batch(segments, source.given - told)


def _digested(source: Source, digest: ContentDigest) -> Iterator[bytes]:
    for piece in source.pieces():
        digest.update(piece)
        yield piece


def old_segments(version: Version, lists: dict[bytes, list[Entry]]) -> list[Old]:
    """Lay out the segments of *version* whose streams' *lists* are known, by stream key, in order.

    Only whole segments count, and of very many streams the largest.
    """
    largest = sorted(version.streams, key=lambda stream: -stream.size)[: MAX_STREAMS - 1]
    usable = {number for number, stream in enumerate(version.streams) if stream in largest}
    olds: list[Old] = []
    for piece in version.parts():
        entries = lists.get(version.streams[piece.stream].key)
        if entries is None or piece.stream not in usable:
            continue
        size, end = version.streams[piece.stream].size, piece.offset + piece.length
        for number in range(-(-piece.offset // SEGMENT), -(-end // SEGMENT)):
            offset = number * SEGMENT
            length = min(SEGMENT, size - offset)
            if offset + length <= end:
                olds.append(Old(*entries[number], piece.stream, offset, length))
    return olds


class Revision:
    """Sorts a file into what its *earlier* version has and what is new."""

    def __init__(self, earlier: Version, olds: list[Old]) -> None:
        self._earlier = earlier
        self._olds = olds
        self._pieces: list[Piece] = []

    def seal_new(
        self, source: FileSource, sealer: Sealer, digest: ContentDigest, prints: Fingerprints
    ) -> Iterator[Batch]:
        """Seal what is new in *source*, and remember the rest."""
        new = len(self._earlier.streams)
        segments: list[bytes] = []
        read = 0
        for run in source.runs(self._olds, prints):
            plaintext = source.read(run.offset, run.length)
            digest.update(plaintext)
            read += run.length
            if run.old is not None:
                self._add(Piece(run.old.stream, run.old.offset, run.length))
            else:
                self._add(Piece(new, sealer.size, run.length))
                segments += sealer.feed(plaintext)
            if read >= MATCH_BATCH or len(segments) * SEGMENT >= READ_BATCH:
                yield Batch(segments, read)
                segments, read = [], 0
        if sealer.size:
            segments.append(sealer.finish())
        yield Batch(segments, read)

    def _add(self, piece: Piece) -> None:
        if self._pieces:
            last = self._pieces[-1]
            if last.stream == piece.stream and last.offset + last.length == piece.offset:
                self._pieces[-1] = last._replace(length=last.length + piece.length)
                return
        self._pieces.append(piece)

    @property
    def fits(self) -> bool:
        """Whether a version may have so many pieces."""
        return len(self._pieces) <= MAX_PIECES

    def version(self, modified: int, mode: int, digest: bytes, new: Stream | None) -> Version:
        """Make the version: the streams that are still used, the *new* one, and the pieces."""
        streams = [*self._earlier.streams, *([new] if new else [])]
        used = sorted({piece.stream for piece in self._pieces})
        places = {number: place for place, number in enumerate(used)}
        pieces = [piece._replace(stream=places[piece.stream]) for piece in self._pieces]
        kept = tuple(streams[number] for number in used)
        if len(pieces) == 1 and pieces[0] == Piece(0, 0, kept[0].size):
            pieces = []
        return Version(modified, mode, digest, kept, tuple(pieces))
