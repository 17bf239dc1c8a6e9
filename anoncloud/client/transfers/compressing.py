"""Contents as Zstandard frames (RFC 8878), for drives whose owner has chosen so.

Each content is a frame of its own, so nothing is compressed against another file. Lengths still
tell how well a content compresses, which is why it is off unless asked for (docs/commands.rst).
"""

from collections.abc import Iterator
from typing import Any, Final

from anoncloud.errors import Tampered
from anoncloud.limits import KIB, MIB

LEVEL: Final = 3
_WINDOW: Final = 128 * MIB
"""The most memory that a frame may ask for."""
_SLICE: Final = 4 * KIB
"""Compressed bytes that are expanded in one go, so that a frame can't become very long unseen."""


def compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Compress *pieces* into one frame, piece by piece."""
    compressor = _library().ZstdCompressor(level=LEVEL).compressobj()
    for piece in pieces:
        if out := compressor.compress(piece):
            yield out
    yield compressor.flush()


class Expander:
    """Undoes :func:`compressed` for a content of *size* bytes, as its frame comes."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._decompressor = _library().ZstdDecompressor(max_window_size=_WINDOW).decompressobj()

    def expand(self, frame: bytes) -> bytes:
        """Take the next bytes of the frame; give those of the content.

        :raises Tampered: it is no frame, or holds more than it should.
        """
        out: list[bytes] = []
        for at in range(0, len(frame), _SLICE):
            try:
                piece: bytes = self._decompressor.decompress(frame[at : at + _SLICE])
            except (_library().ZstdError, EOFError) as error:
                raise _wrong() from error
            self._missing -= len(piece)
            if self._missing < 0:
                raise _wrong()
            out.append(piece)
        return b"".join(out)

    def finish(self) -> None:
        """See that the whole content came.

        :raises Tampered: it did not.
        """
        if self._missing:
            raise _wrong()


def _wrong() -> Tampered:
    message = "a compressed file does not expand to what was stored"
    return Tampered(message, "store the file again from a good copy")


def _library() -> Any:
    import zstandard  # noqa: PLC0415 - few drives need it

    return zstandard
