"""A kit as a person gives it: its line, however it was copied, or the name of a file with it."""

from pathlib import Path
from typing import Final

from anoncloud.client.kit import PREFIX, Kit, parse_kit
from anoncloud.errors import LocalFileError, UsageError

_LIKE_A_KIT: Final = "anoncloud-kit-"


def read_kit(given: str) -> Kit:
    """Read a kit from its line, or from the file that *given* names.

    :raises UsageError: it is none, or damaged.
    :raises LocalFileError: it is in no file that can be read.
    """
    text = given.strip()
    if PREFIX not in text.lower():
        try:
            text = Path(text).read_text()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            if _LIKE_A_KIT in text.lower():  # no such file: then it is a kit that is damaged
                return parse_kit(text)
            why = getattr(error, "strerror", None) or "it is not text"
            message = f"reading the kit from {given}: {why}"
            raise LocalFileError(message, "give the kit's line, or the name of its file") from error
    begin = text.lower().find(PREFIX)
    lines = text[max(begin, 0) :].splitlines()
    try:
        return parse_kit(lines[0] if lines else text)
    except UsageError:  # it may be broken over several lines, with nothing behind it
        return parse_kit(text[max(begin, 0) :])
