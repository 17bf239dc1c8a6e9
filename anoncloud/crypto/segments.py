"""A stream as segments: 64 KiB of plaintext each, sealed with a key of the stream's own.

Source: NaCl SecretBox (XSalsa20-Poly1305), in the shape of STREAM (Hoang, Reyhanitabar, Rogaway,
Vizár, 2015) as age uses it; docs/formats.rst section 3. The nonce holds the segment's number and
a flag that is 1 on the last one, so that a reader notices a cut, an added, a swapped and a repeated
segment. A nonce never repeats under a key: each stream has a key of its own, drawn at random.

Segments of a file are laid end to end into its *sealed stream*; segment *n* begins at
``n * SEALED_SEGMENT``, so any of them can be read alone. An empty file has one empty segment.
"""

from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

from anoncloud.crypto.keys import FileKey
from anoncloud.errors import Misuse, Tampered
from anoncloud.limits import SEAL_OVERHEAD, SEALED_SEGMENT, SEGMENT

NONCE_CONTEXT: Final = b"anoncloud1 file"
"""15 bytes before the segment's number (8 bytes, big-endian) and the last flag (1 byte)."""


def segment_count(size: int) -> int:
    """Count the segments of a file of *size* bytes; at least one."""
    return max(1, -(-size // SEGMENT))


def sealed_length(size: int) -> int:
    """Tell how long the sealed stream of a file of *size* bytes is."""
    return size + segment_count(size) * SEAL_OVERHEAD


def sealed_span(size: int, number: int) -> tuple[int, int]:
    """Tell (offset, length) of segment *number* in the sealed stream of a file of *size* bytes."""
    if not 0 <= number < segment_count(size):
        message = "this file has no such segment"
        raise Misuse(message)
    offset = number * SEALED_SEGMENT
    return offset, min(SEALED_SEGMENT, sealed_length(size) - offset)


def seal_segment(key: FileKey, number: int, plaintext: bytes, *, last: bool) -> bytes:
    """Seal segment *number*; every segment but the last holds exactly SEGMENT bytes."""
    if len(plaintext) > SEGMENT or (len(plaintext) < SEGMENT and not last):
        message = "only the last segment of a file may be short, and none may be long"
        raise Misuse(message)
    return bindings.crypto_secretbox_easy(plaintext, _nonce(number, last=last), key.expose())


def open_segment(key: FileKey, number: int, sealed: bytes, *, last: bool) -> bytes:
    """Open what :func:`seal_segment` made with the same number and flag.

    :raises Tampered: it is anything else.
    """
    try:
        return bindings.crypto_secretbox_open_easy(sealed, _nonce(number, last=last), key.expose())
    except (CryptoError, ValueError) as error:
        message = f"opening segment {number} of a file: it is not what was sealed there"
        raise Tampered(message) from error


def _nonce(number: int, *, last: bool) -> bytes:
    return NONCE_CONTEXT + number.to_bytes(8, "big") + (b"\x01" if last else b"\x00")
