"""Names and paths in a drive: bytes in, bytes out, and a safe way to show them.

A name is 1 to 255 bytes without NUL and slash, and not ``.`` or ``..``; it is kept byte for byte
(docs/formats.rst section 6.2). Whatever else it holds, control characters or half a character, it
is shown escaped, so that it can do nothing to a terminal.
"""

import re
import unicodedata
from typing import Final

from anoncloud.errors import UsageError
from anoncloud.limits import MAX_DEPTH, MAX_NAME

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are never shown as they are: controls, directions, halves."""

_NO_UTF8: Final = range(0xDC80, 0xDD00)
"""What bytes that are no UTF-8 become by surrogateescape (PEP 383)."""
_CONTINUED: Final = 0x80
"""The top bits of every byte of a UTF-8 character but the first."""
_LONG_EXTENSION: Final = 16

_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|.?)", re.DOTALL)
_UNESCAPED: Final = re.compile(rb"[\x00-\x1f\x7f]")

Path = tuple[bytes, ...]
"""The names from the root of a drive down; the root itself is ()."""


def check_name(name: bytes) -> bytes:
    """Give *name* back if a file or folder may be called so.

    :raises UsageError: it may not; says why.
    """
    if not name or name in {b".", b".."}:
        message = f"the name {show(name)!r} can't be used"
        raise UsageError(message, "give every part of a path a name of its own")
    if b"\x00" in name or b"/" in name:
        message = f"the name {show(name)!r} holds a NUL byte or a slash"
        raise UsageError(message, "rename it first")
    if len(name) > MAX_NAME:
        message = f"the name {show(name[:40])!r}... has {len(name)} bytes; {MAX_NAME} are allowed"
        raise UsageError(message, "rename it first")
    return name


def parse_path(text: bytes) -> Path:
    """Take a path as a person writes it: parts divided by slashes, from the root on.

    The slash at its beginning and one at its end may be left out or not.
    """
    body = text.removeprefix(b"/")
    if not body:
        return ()
    parts = tuple(check_name(part) for part in body.removesuffix(b"/").split(b"/"))
    if len(parts) > MAX_DEPTH:
        message = f"the path has {len(parts)} parts; {MAX_DEPTH} are allowed"
        raise UsageError(message)
    return parts


def show(name: bytes) -> str:
    """Give *name* as text that is safe on any screen; what can't be shown is escaped."""
    text = name.decode("utf-8", "surrogateescape")
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_shown(character) for character in text)


def read_shown(shown: bytes) -> bytes:
    """Give the name that :func:`show` writes so; what it would have escaped may stand as it is.

    :raises UsageError: a backslash in it begins nothing that is known, or a control character.
    """
    if _UNESCAPED.search(shown):
        message = f"there is a control character in {show(shown)!r}"
        raise UsageError(message, "write it as \\x and two digits, as in \\x09")
    return _ESCAPE.sub(_meant, shown)


def _meant(escape: "re.Match[bytes]") -> bytes:
    if escape.group() == b"\\\\":
        return b"\\"
    byte, point = escape.group(1, 2)
    try:
        return bytes((int(byte, 16),)) if byte else chr(int(point or b"", 16)).encode()
    except (ValueError, OverflowError, UnicodeEncodeError) as error:
        message = "a backslash in it begins nothing that is known"
        hint = "write \\\\ for one, \\x and two digits for a byte, \\u{...} for a character"
        raise UsageError(message, hint) from error


def show_path(path: Path) -> str:
    """Give *path* as safe text, from the root's slash on."""
    return "/" + "/".join(show(part) for part in path)


def _shown(character: str) -> str:
    point = ord(character)
    if point in _NO_UTF8:
        return f"\\x{point - 0xDC00:02x}"
    if character == "\\":
        return "\\\\"
    if unicodedata.category(character) in _HIDDEN:
        return f"\\x{point:02x}" if character.isascii() else f"\\u{{{point:x}}}"
    return character


def numbered(name: bytes, label: bytes) -> bytes:
    """Give *name* with *label* in parentheses before its extension, cut to fit MAX_NAME."""
    stem, dot, extension = name.rpartition(b".")
    if not stem or len(extension) > _LONG_EXTENSION:
        stem, dot, extension = name, b"", b""
    ending = b" (" + label + b")" + dot + extension
    room = MAX_NAME - len(ending)
    while room > 0 and len(stem) > room and stem[room] & 0xC0 == _CONTINUED:
        room -= 1  # do not cut a UTF-8 character in two
    return stem[:room] + ending
