"""Bytes of unknown files as characters that are safe to show, each with its place in the file.

What no screen may be sent, control characters, bytes that are no text, marks that would join what
is before them, is escaped as names are (``ui.shown``).
"""

import codecs
import enum
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from anoncloud.ui import shown
from anoncloud.ui.cells import cell, width

MOST_MARKS: Final = 4
"""Marks that may stand on one character; more are escaped."""
_HALF_PAIRS: Final = range(0xD800, 0xE000)
_NO_UTF8: Final = range(0xDC80, 0xDD00)
_PLANE: Final = 0x10000
_SOME: Final = 0.3
"""Share of bytes that are no UTF-8, or are control characters, in what is still called text."""
_LONGEST: Final = 4
_USUAL: Final = frozenset(b"\t\n\r\f\x1b\x08")
_CONTROLS: Final = bytes(set(range(32)) - _USUAL) + b"\x7f"


class Encoding(enum.Enum):
    """How text is written as bytes."""

    UTF_8 = "UTF-8"
    LATIN_1 = "Latin-1"
    UTF_16_LE = "UTF-16LE"
    UTF_16_BE = "UTF-16BE"

    @property
    def line_end(self) -> bytes:
        """What ends a line."""
        return {Encoding.UTF_16_LE: b"\n\0", Encoding.UTF_16_BE: b"\0\n"}.get(self, b"\n")

    @property
    def unit(self) -> int:
        """Bytes that every character takes a multiple of."""
        return 2 if self in {Encoding.UTF_16_LE, Encoding.UTF_16_BE} else 1

    @property
    def next(self) -> "Encoding":
        """The one after it, round and round."""
        every = list(Encoding)
        return every[(every.index(self) + 1) % len(every)]


class Glyph(NamedTuple):
    """Safe text for one character of a file, the cells it takes, and where it begins there."""

    text: str
    cells: int
    start: int
    escaped: bool = False


def guess(data: bytes) -> Encoding | None:
    """Guess from a file's first bytes how its text is written; None if it is no text."""
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
        (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
    ):
        if data.startswith(mark):
            return encoding
    if b"\0" in data:
        return None
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > len(data) * _SOME:
        return None
    text = data[: whole_length(data, Encoding.UTF_8)].decode("utf-8", "surrogateescape")
    broken = sum(ord(character) in _NO_UTF8 for character in text)
    if not broken or broken < len(text) * _SOME / 10:
        return Encoding.UTF_8
    return Encoding.LATIN_1 if broken < len(text) * _SOME else None


def whole_length(data: bytes, encoding: Encoding) -> int:
    """Tell how much of *data* is whole characters, if more of the file may follow."""
    if encoding.unit > 1:
        return len(data) - len(data) % encoding.unit
    if encoding is Encoding.UTF_8:
        for back in range(1, min(_LONGEST, len(data) + 1)):
            lead = data[-back]
            if lead >= 0xC0:  # noqa: PLR2004 - the first byte of a longer character
                needed = 2 + (lead >= 0xE0) + (lead >= 0xF0)  # noqa: PLR2004 - RFC 3629
                return len(data) - back if needed > back else len(data)
            if lead < 0x80:  # noqa: PLR2004 - ASCII
                break
    return len(data)


def characters(data: bytes, encoding: Encoding) -> Iterator[tuple[str, int]]:
    """Give the characters of *data*, each with the bytes it takes."""
    if encoding is Encoding.LATIN_1:
        for character in data.decode("latin-1"):
            yield character, 1
    elif encoding is Encoding.UTF_8:
        for character in data.decode("utf-8", "surrogateescape"):
            yield character, _utf_8_length(character)
    else:
        whole = data[: whole_length(data, encoding)]
        for character in whole.decode(encoding.value.lower(), "surrogatepass"):
            yield character, 4 if ord(character) >= _PLANE else 2
        if len(whole) < len(data):
            yield "\ufffd", 1


def encoded(text: str, encoding: Encoding) -> bytes:
    """Give the bytes that *text* is in a file; none if it can't be written so."""
    try:
        if encoding is Encoding.UTF_8:
            return text.encode("utf-8", "surrogateescape")
        return text.encode(encoding.value.lower())
    except UnicodeEncodeError:
        return b""


def glyphs(data: bytes, start: int, encoding: Encoding) -> Iterator[Glyph]:
    """Give what one line of a file shows, its end of line left out; *start* is where it begins.

    A tab is one glyph without cells: how many it takes depends on where it stands.
    """
    at, room = start, 0
    for character, length in characters(_without_end(data, encoding), encoding):
        text, cells, escaped, stands = _shown(character, room > 0)
        room = stands if stands >= 0 else room - 1
        if at == 0 and character == "\ufeff":
            text, cells, escaped = "", 0, False
        yield Glyph(text, cells, at, escaped)
        at += length


def _without_end(line: bytes, encoding: Encoding) -> bytes:
    for mark in "\n\r" if len(line) % encoding.unit == 0 else "":
        line = line.removesuffix(encoded(mark, encoding))
    return line


@cache
def _shown(character: str, plain: bool) -> tuple[str, int, bool, int]:  # noqa: FBT001 - for the cache
    """Give *character* as safe text, its cells, whether it is escaped, and what may stand on it.

    That is how many marks; -1 for one more mark, which takes no cell and joins what is before it if
    that is *plain*, and is escaped anywhere else.
    """
    if character == "\t":
        return character, 0, False, 0
    if ord(character) in _HALF_PAIRS and ord(character) not in _NO_UTF8:
        text = f"\\u{{{ord(character):x}}}"
    elif cell(character) == 0 and plain:
        text = shown.mark("a" + character)[1:]
    else:
        text = shown.mark(character)
    if text != character:
        return text, width(text), True, 0
    return text, width(text), False, MOST_MARKS if cell(character) else -1


def _utf_8_length(character: str) -> int:
    point = ord(character)
    if point < 0x80 or point in _NO_UTF8:  # noqa: PLR2004 - RFC 3629
        return 1
    return 2 if point < 0x800 else 3 if point < _PLANE else 4  # noqa: PLR2004 - RFC 3629
