"""Secrets that people keep on paper: one line, a prefix and base32 in small letters.

White space and capitals do no harm to it. It ends with a checksum, which finds slips of the pen and
protects against nothing else (docs/formats.rst sections 2.1 and 2.5).
"""

import base64
import binascii
from typing import Final

from anoncloud.errors import UsageError

CHECKSUM: Final = 5
"""Bytes of a checksum."""


def write_line(prefix: str, content: bytes, checksum: bytes) -> str:
    """Write *content* and its *checksum*, 5 bytes, as a line that begins with *prefix*."""
    return prefix + base64.b32encode(content + checksum).decode().rstrip("=").lower()


def read_line(text: str, prefix: str, what: str) -> tuple[bytes, bytes]:
    """Give the content and the checksum of a line that begins with *prefix*.

    *what* names it for people.

    :raises UsageError: it is no such line.
    """
    line = "".join(text.split()).lower()
    if not line.startswith(prefix):
        message = f"this is not a {what}"
        raise UsageError(message, _hint(prefix))
    encoded = line.removeprefix(prefix).upper()
    try:
        checked = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except (binascii.Error, ValueError) as error:
        raise damaged(prefix, what) from error
    content, checksum = checked[:-CHECKSUM], checked[-CHECKSUM:]
    if len(checksum) < CHECKSUM or write_line(prefix, content, checksum) != line:
        raise damaged(prefix, what)  # too short, or with bits that no writer sets
    return content, checksum


def damaged(prefix: str, what: str) -> UsageError:
    """Say that a line is not as it was written."""
    message = f"the {what} is damaged"
    return UsageError(message, _hint(prefix))


def mistaken(prefix: str, what: str) -> UsageError:
    """Say that a line does not fit its checksum."""
    message = f"the {what}'s checksum is wrong: a letter is missing or mistaken"
    return UsageError(message, _hint(prefix))


def _hint(prefix: str) -> str:
    return f"it is one line that begins with {prefix}; copy it whole"
