"""PNG pictures as pixels, for machines without Pillow: not interlaced, of a moderate size.

Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", sections 5, 7 and 9.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

import attrs

MAGIC: Final = b"\x89PNG\r\n\x1a\n"
MOST_BYTES: Final = 24 * 1024 * 1024
"""Bytes of pixels that are unfiltered, which takes some seconds."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type."""
_GREY, _PALETTE, _GREY_ALPHA = 0, 3, 4
_DEEP: Final = 16
_BYTE: Final = 8

Pixel = tuple[int, int, int]


class NoPictureError(Exception):
    """It can't be shown; says why."""


@attrs.frozen
class Header:
    """What IHDR says."""

    width: int
    height: int
    depth: int
    colour: int

    @property
    def bits(self) -> int:
        """Bits of a pixel."""
        return self.depth * _CHANNELS[self.colour]

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return -(-self.width * self.bits // _BYTE)


def read(data: bytes, columns: int, rows: int) -> list[list[Pixel]]:
    """Give the picture in at most so many columns and rows of pixels.

    :raises NoPictureError: it is damaged, or of a kind that needs Pillow.
    """
    try:
        return _read(data, columns, rows)
    except (zlib.error, struct.error, IndexError, KeyError) as error:
        message = "the picture is damaged"
        raise NoPictureError(message) from error


def _read(data: bytes, columns: int, rows: int) -> list[list[Pixel]]:
    header, palette, packed = _parts(data)
    needed = (header.row + 1) * header.height
    if needed > MOST_BYTES or not needed:
        message = "the picture is too large to be shown without Pillow"
        raise NoPictureError(message)
    plain = zlib.decompressobj().decompress(packed, needed)
    xs, ys = _sampled(header.width, header.height, columns, rows)
    wanted = set(ys)
    kept = {
        at: [_pixel(header, palette, line, x) for x in xs]
        for at, line in enumerate(_lines(header, plain))
        if at in wanted
    }
    return [kept[y] for y in ys]


def _parts(data: bytes) -> tuple[Header, list[Pixel], bytes]:
    """Take the chunks apart; their checksums are left alone, as a picture is only looked at."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    if interlaced or colour not in _CHANNELS or depth not in {1, 2, 4, 8, 16}:
        message = "a PNG picture of this kind can't be shown without Pillow"
        raise NoPictureError(message)
    palette: list[Pixel] = []
    packed: list[bytes] = []
    at = len(MAGIC)
    while at + _BYTE <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        if kind == b"PLTE":
            palette = list(zip(content[0::3], content[1::3], content[2::3], strict=False))
        elif kind == b"IDAT":
            packed.append(content)
        at += 12 + length
    return Header(width, height, depth, colour), palette, b"".join(packed)


def _sampled(width: int, height: int, columns: int, rows: int) -> tuple[list[int], list[int]]:
    """Choose the columns and rows that are shown, the sides in their proportion."""
    scale = min(1.0, columns / width, rows / height)
    wide, high = max(1, int(width * scale)), max(1, int(height * scale))
    xs = [(2 * x + 1) * width // (2 * wide) for x in range(wide)]
    return xs, [(2 * y + 1) * height // (2 * high) for y in range(high)]


def _lines(header: Header, plain: bytes) -> Iterator[bytearray]:
    """Undo the filters, row by row (section 9)."""
    step, length = max(1, header.bits // _BYTE), header.row
    above = bytearray(length)
    for at in range(0, (length + 1) * header.height, length + 1):
        line = bytearray(plain[at + 1 : at + 1 + length])
        if len(line) < length:
            message = "the picture is cut off"
            raise NoPictureError(message)
        _unfilter(plain[at], line, above, step)
        yield line
        above = line


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    if kind == 1:
        for at in range(step, len(line)):
            line[at] = (line[at] + line[at - step]) & 0xFF
    elif kind == 2:  # noqa: PLR2004 - filter types of the specification
        line[:] = bytes((one + up) & 0xFF for one, up in zip(line, above, strict=True))
    elif kind == 3:  # noqa: PLR2004
        for at, up in enumerate(above):
            left = line[at - step] if at >= step else 0
            line[at] = (line[at] + (left + up) // 2) & 0xFF
    elif kind == 4:  # noqa: PLR2004
        for at, up in enumerate(above):
            left, corner = (line[at - step], above[at - step]) if at >= step else (0, 0)
            line[at] = (line[at] + _paeth(left, up, corner)) & 0xFF
    elif kind:
        message = "the picture is damaged"
        raise NoPictureError(message)


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    by_left, by_up, by_corner = abs(near - left), abs(near - up), abs(near - corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


def _pixel(header: Header, palette: list[Pixel], line: bytearray, x: int) -> Pixel:
    """Give one pixel, laid over black."""
    if header.depth < _BYTE:
        first = x * header.depth
        shift = _BYTE - header.depth - first % _BYTE
        value = line[first // _BYTE] >> shift & ((1 << header.depth) - 1)
        if header.colour == _PALETTE:
            return palette[value]
        return (value * 0xFF // ((1 << header.depth) - 1),) * 3
    size = 2 if header.depth == _DEEP else 1
    count = _CHANNELS[header.colour]
    start = x * size * count
    samples = line[start : start + size * count : size]
    if header.colour == _PALETTE:
        return palette[samples[0]]
    alpha = samples[-1] if count in {2, 4} else 0xFF
    colours = samples[:1] * 3 if header.colour in {_GREY, _GREY_ALPHA} else samples[:3]
    red, green, blue = (one * alpha // 0xFF for one in colours)
    return red, green, blue
