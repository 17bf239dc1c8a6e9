"""A journal record as it is stored: a header in clear for the server, a body only clients open.

Layout (docs/formats.rst section 5): the header's length (4 bytes, big-endian), the header (a
msgpack array), the sealed body. What is hashed, chained and bound to the body is always the bytes
that came, never a new encoding of them.
"""

from typing import Annotated, Final

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.crypto.derive import Purpose, digest
from anoncloud.errors import ProtocolBroken
from anoncloud.limits import MAX_BLOBS_PER_RECORD, MAX_RECORD
from anoncloud.wire.messages import Hash, Identifier, Number

FORMAT: Final = 1
_LENGTH: Final = 4

Blobs = Annotated[tuple[Identifier, ...], Meta(max_length=MAX_BLOBS_PER_RECORD)]


class Header(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the server must know of a record: its place in the journal, and its blobs."""

    format: Annotated[int, Meta(ge=FORMAT, le=FORMAT)]
    drive: Identifier
    epoch: Number
    number: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    previous: Hash
    adds: Blobs
    drops: Blobs


@attrs.frozen
class Record:
    """A record taken apart; *place* is the header's bytes, which the body is bound to."""

    header: Header
    place: bytes
    body: bytes = attrs.field(repr=False)


def encode_header(header: Header) -> bytes:
    """Encode *header*: the place that a body is sealed at."""
    return msgpack.encode(header)


def join(place: bytes, body: bytes) -> bytes:
    """Make the record of an encoded header and a sealed body."""
    return len(place).to_bytes(_LENGTH, "big") + place + body


def take_apart(record: bytes) -> Record:
    """Undo :func:`join`.

    :raises ProtocolBroken: the bytes are no record, or one of a format not known here.
    """
    length = int.from_bytes(record[:_LENGTH], "big")
    end = _LENGTH + length
    if len(record) > MAX_RECORD or end >= len(record):
        message = "a journal record has a wrong length"
        raise ProtocolBroken(message)
    place = record[_LENGTH:end]
    try:
        header = msgpack.decode(place, type=Header)
    except (ValueError, RecursionError) as error:
        message = "a journal record begins with a header that this version does not know"
        raise ProtocolBroken(message) from error
    return Record(header, place, record[end:])


def record_hash(record: bytes) -> bytes:
    """Hash a whole record: what the next one names as its *previous*. 32 bytes."""
    return digest(Purpose.RECORD_HASH, record)


def genesis_hash(drive: bytes) -> bytes:
    """Make what a drive's first record names as its *previous*. 32 bytes."""
    return digest(Purpose.GENESIS_HASH, drive)
