"""One content of a file, as the journal says it: sealed streams, and the pieces of them that it is.

A *stream* is plaintext that was stored in one go, sealed under a key of its own and laid in
extents. An ordinary version is one whole stream. A version that was made by changing an earlier one
is put together from *pieces* of the earlier streams and of a new one, which holds only what is new
(docs/formats.rst section 6.4).
"""

from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

from anoncloud.crypto.packing import Extent
from anoncloud.crypto.segments import sealed_length
from anoncloud.errors import Tampered
from anoncloud.limits import BULK_BLOB, MAX_PIECES, MAX_STREAMS

StreamKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
Digest = Annotated[bytes, Meta(min_length=16, max_length=16)]
Size = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Time = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Mode = Annotated[int, Meta(ge=0, le=0o7777)]


class Stream(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """*size* bytes of plaintext, sealed under *key* and laid in *extents*.

    *fingerprints* are the extents of its sealed list of fingerprints, which a short stream has not
    (``client.transfers.fingerprints``).
    """

    key: StreamKey
    size: Size
    extents: tuple[Extent, ...]
    fingerprints: tuple[Extent, ...] = ()

    def __repr__(self) -> str:
        return f"<Stream of {self.size} bytes>"


class Piece(NamedTuple):
    """*length* bytes of plaintext at *offset* of the version's stream number *stream*."""

    stream: int
    offset: int
    length: int


class Version(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A file's content: its *pieces* in order, or, if there are none, its one stream whole.

    *modified* is in nanoseconds since 1970, *mode* the permission bits of the file it came from,
    *digest* the keyed hash of the whole content (``crypto.fingerprints``). If *expanded* is not 0,
    the one stream is a Zstandard frame, and the content is the so many bytes that are in it.
    """

    modified: Time
    mode: Mode
    digest: Digest
    streams: Annotated[tuple[Stream, ...], Meta(min_length=1, max_length=MAX_STREAMS)]
    pieces: Annotated[tuple[Piece, ...], Meta(max_length=MAX_PIECES)] = ()
    expanded: Size = 0

    @property
    def size(self) -> int:
        """Bytes of the content."""
        if self.expanded:
            return self.expanded
        if self.pieces:
            return sum(piece.length for piece in self.pieces)
        return self.streams[0].size

    def parts(self) -> tuple[Piece, ...]:
        """Give the pieces of its streams, for a version that is one whole stream too."""
        return self.pieces or (Piece(0, 0, self.streams[0].size),)

    def __repr__(self) -> str:
        return f"<Version of {self.size} bytes>"


def check_version(version: Version) -> None:
    """See that streams and pieces fit each other.

    :raises Tampered: they don't; a client with a bug, or worse, has written the record.
    """
    whole = all(
        sum(extent.length for extent in stream.extents) == sealed_length(stream.size)
        and all(map(_lies_in_a_blob, (*stream.extents, *stream.fingerprints)))
        for stream in version.streams
    )
    inside = all(
        0 <= piece.stream < len(version.streams)
        and piece.offset >= 0
        and 0 <= piece.length <= version.streams[piece.stream].size - piece.offset
        for piece in version.pieces
    )
    several = len(version.streams) > 1 and not version.pieces
    if not whole or not inside or several or (version.expanded and version.pieces):
        message = "the journal's record of this file contradicts itself"
        raise Tampered(message, _UPDATE)


def _lies_in_a_blob(extent: Extent) -> bool:
    return 0 <= extent.offset < extent.offset + extent.length <= BULK_BLOB


_UPDATE: Final = "store the file again from a good copy"
