"""What a file is, by its first bytes; names say nothing that can be relied on."""

from typing import Final

from anoncloud.ui.looking_effects import How
from anoncloud.ui.viewing.characters import guess

_PICTURES: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
)
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06")
_PACKED: Final = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_TAR_MAGIC: Final = 257
_RIFF_KIND: Final = 8


def best(first: bytes, size: int) -> How:
    """Tell as what a file is shown if nobody says."""
    if is_picture(first):
        return How.PICTURE
    if is_archive(first):
        return How.LIST
    return How.TEXT if not size or guess(first) is not None else How.HEX


def is_picture(first: bytes) -> bool:
    """Tell whether it is a picture of a kind that may be shown."""
    if first.startswith(b"RIFF"):
        return first[_RIFF_KIND:].startswith(b"WEBP")
    if first.startswith(b"BM"):
        return first[6:10] == bytes(4)  # two reserved fields
    return first.startswith(_PICTURES)


def is_archive(first: bytes) -> bool:
    """Tell whether it is an archive, or packed, and then mostly a tar archive."""
    is_tar = first[_TAR_MAGIC:].startswith(b"ustar")
    return is_tar or first.startswith((*_ARCHIVES, *_PACKED))
