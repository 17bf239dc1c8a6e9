"""A stream's list of fingerprints: what each of its segments is known by, and begins with.

An entry is 32 bytes: the segment's keyed hash (16) and its *anchor*, the first 16 bytes of its
plaintext, padded with zeros. The list is sealed like a file, under a key of its own, and lies
beside the stream in the drive's blobs (docs/formats.rst section 6.5).
"""

from typing import Final, NamedTuple

from anoncloud.client.tree.versions import Stream
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.fingerprints import FINGERPRINT
from anoncloud.crypto.keys import FileKey
from anoncloud.crypto.segments import segment_count
from anoncloud.errors import Tampered
from anoncloud.limits import GIB, SEGMENT

ANCHOR: Final = 16
ENTRY: Final = FINGERPRINT + ANCHOR
WORTHWHILE: Final = 16 * SEGMENT
"""Streams shorter than this have no list: sending one again costs less than keeping it."""
MOST: Final = 16 * GIB
"""Streams longer than this are not compared: their lists would take too much memory."""


class Entry(NamedTuple):
    """What one segment is known by."""

    fingerprint: bytes
    anchor: bytes


def list_key(stream_key: FileKey) -> FileKey:
    """Give the key that seals a stream's list."""
    return derive(stream_key, Purpose.FINGERPRINT_LIST, FileKey)


def entry(fingerprint: bytes, segment: bytes) -> bytes:
    """Write the entry of a segment."""
    return fingerprint + segment[:ANCHOR].ljust(ANCHOR, b"\x00")


def list_length(stream: Stream) -> int:
    """Tell how long the list of *stream* is before sealing."""
    return segment_count(stream.size) * ENTRY


def read_list(stream: Stream, written: bytes) -> list[Entry]:
    """Take a list apart.

    :raises Tampered: it is not as long as *stream* needs it.
    """
    if len(written) != list_length(stream):
        message = "the list of a file's fingerprints has another length than its content"
        raise Tampered(message)
    return [
        Entry(written[at : at + FINGERPRINT], written[at + FINGERPRINT : at + ENTRY])
        for at in range(0, len(written), ENTRY)
    ]
