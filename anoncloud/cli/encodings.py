"""What a stream's encoding has no letters for is shown escaped, in the same way as in names."""

import codecs
from collections.abc import Callable
from typing import Final, TextIO

_ESCAPED: Final = "anoncloud.escaped"


def show_all(*streams: TextIO | None) -> None:
    """Let *streams* take any text; where they are closed, there is nothing to do."""
    for stream in streams:
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ESCAPED)


def fitting(encoding: str) -> Callable[[str], str]:
    """Make a function that changes text to what a stream of *encoding* would show of it."""
    return lambda text: text.encode(encoding, _ESCAPED).decode(encoding)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(f"\\u{{{ord(character):x}}}" for character in lost), error.end


codecs.register_error(_ESCAPED, _escape)
