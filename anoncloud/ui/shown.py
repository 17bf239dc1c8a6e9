"""How names and messages are written in cells, so that they stay in them on every terminal.

On top of what ``client.tree.names`` escapes, this escapes what terminals disagree about: how many
cells it takes, or what it is drawn together with. What is left takes as many cells as its
characters take one by one, in curses and in the terminal.
"""

import unicodedata
from functools import cache
from typing import Final

from anoncloud.client.tree import names
from anoncloud.ui.cells import cell

_UNSTEADY: Final = (
    (0x115F, 0x1160),  # Hangul fillers: letters that are not seen
    (0x2630, 0x2637),  # wide since Unicode 16
    (0x268A, 0x268F),
    (0x302E, 0x302F),  # marks that are wide, narrow or nothing
    (0x3164, 0x3164),
    (0x3248, 0x324F),
    (0x4DC0, 0x4DFF),
    (0xFE00, 0xFE0F),  # variation selectors: they widen what stands before them, or not
    (0xFFA0, 0xFFA0),
    (0x16FF0, 0x16FF1),
    (0x1D300, 0x1D378),
    (0x1F1E6, 0x1F1FF),  # halves of flags
    (0x1F3FB, 0x1F3FF),  # tones of skin: joined with what stands before them, or not
    (0xE0100, 0xE01EF),
)
"""First and last of the ranges of characters that terminals disagree about."""

_MOST_MARKS: Final = 4
"""Marks that may stand on one character: curses takes no more, and a pile covers other rows."""


def name(raw: bytes, *, ascii_only: bool = False) -> str:
    """Give the name *raw* as text that is safe and keeps its cells."""
    text = names.show(raw)
    return text if text.isascii() else _steady(text, ascii_only=ascii_only)


def path(parts: names.Path) -> str:
    """Give a path of the drive likewise."""
    return "/" + "/".join(name(part) for part in parts)


def text(said: str) -> str:
    """Give a message likewise; a backslash in it stays single, a new line becomes a blank."""
    if said.isascii() and said.isprintable():
        return said
    kept = (
        " " if mark.isspace() else mark if mark.isprintable() else _escaped(mark) for mark in said
    )
    return _steady("".join(kept), ascii_only=False)


def mark(character: str) -> str:
    """Give one character of a text that is being typed; nothing of it joins what is before."""
    if character == "\\":
        return character
    return name(character.encode("utf-8", "surrogateescape"))


def _steady(safe: str, *, ascii_only: bool) -> str:
    """Escape what has no cells of its own to stand on, or has them only on some terminals."""
    made: list[str] = []
    room = 0
    for character in safe:
        stands = cell(character) > 0
        kept = (stands or room > 0) and not _unsteady(character)
        if kept and (character.isascii() or not ascii_only):
            made.append(character)
            room = _MOST_MARKS if stands else room - 1
        else:
            made.append(_escaped(character))
            room = _MOST_MARKS
    return "".join(made)


@cache
def _unsteady(character: str) -> bool:
    point = ord(character)
    return any(first <= point <= last for first, last in _UNSTEADY)


def _escaped(character: str) -> str:
    point = ord(character)
    if unicodedata.category(character) == "Cs":
        return f"\\x{point & 0xFF:02x}"
    return f"\\x{point:02x}" if character.isascii() else f"\\u{{{point:x}}}"
