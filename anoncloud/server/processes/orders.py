"""What a zygote is told, and says: lines of JSON, both ways, over a Unix socket.

A birth comes with one file descriptor, the worker's end of its channel.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from anoncloud.server.settings import Settings


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """Fork the worker *number*; what it is to be."""

    number: int
    settings: bytes
    holder: bytes
    """Its name in the database."""
    salt: bytes
    """A secret of this server's processes."""
    once: bool = False
    """It serves one connection, and ends."""


class Born(msgspec.Struct, frozen=True, tag="born"):
    """A worker has its process."""

    number: int
    pid: int


class Died(msgspec.Struct, frozen=True, tag="died"):
    """A worker has ended; *how* in words for the log, "" if as it should."""

    number: int
    how: str


Notice = Born | Died
read_birth: Final = msgspec.json.Decoder(Birth).decode
read_notice: Final = msgspec.json.Decoder(Notice).decode


def line(message: Birth | Notice) -> bytes:
    """Make the line that says *message*."""
    return msgspec.json.encode(message) + b"\n"


def pack_settings(settings: Settings) -> bytes:
    """Write settings down for another process of the same release."""
    return msgspec.json.encode(settings, enc_hook=str)


def unpack_settings(packed: bytes) -> Settings:
    """Undo :func:`pack_settings`."""

    def read(kind: type, value: Any) -> Any:
        return Path(value) if kind is Path else value

    return msgspec.json.decode(packed, type=Settings, dec_hook=read)
