"""How one setting's value is read, from TOML's types and from the command line's text.

Each reader gives the value, or raises ValueError with what is allowed, in words that go on after
"allowed is".
"""

import enum
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from anoncloud.limits import GIB, KIB, MIB

Reader = Callable[[Any], Any]
_Choice = TypeVar("_Choice", bound=enum.Enum)

MOST_COUNT: Final = 10**9
MOST_SIZE: Final = 2**63 - 1
"""What fits an integer of the database and of the protocol."""
_UNITS: Final = {"": 1, "KIB": KIB, "MIB": MIB, "GIB": GIB, "TIB": 1024 * GIB}
_SIZE: Final = re.compile(r"(\d+)\s*([A-Z]*)", re.IGNORECASE)
_LOOPBACK: Final = re.compile(r"tcp6?:.*\binterface=(127\.[\d.]+|localhost|\\:\\:1)(:.*)?")


def text(value: Any) -> str:
    """Read a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text in quotes")  # noqa: TRY003, EM101 - what is allowed
    return value.strip()


def path(value: Any) -> Path:
    """Read the path of a file or folder; a tilde is somebody's home."""
    try:
        return Path(text(value)).expanduser()
    except (ValueError, RuntimeError):
        raise ValueError("a path in quotes") from None  # noqa: TRY003, EM101


def texts(value: Any) -> tuple[str, ...]:
    """Read an endpoint, or a list of them."""
    try:
        read = tuple(text(one) for one in (value if isinstance(value, list) else [value]))
    except ValueError:
        read = ()
    if not read:
        raise ValueError('an endpoint such as "tcp:9650", or a list of them')  # noqa: TRY003, EM101
    return read


def private_endpoint(value: Any) -> str:
    """Read an endpoint that only this machine reaches; "" for none."""
    if value == "":
        return ""
    read = value.strip() if isinstance(value, str) else ""
    if not read.startswith("unix:") and not _LOOPBACK.fullmatch(read):
        message = 'an endpoint on this machine alone, such as "tcp:9651:interface=127.0.0.1", or ""'
        raise ValueError(message)
    return read


def name(value: Any) -> str:
    """Read a name without blanks; "" for none."""
    if not isinstance(value, str) or len(value.split()) > 1:
        raise ValueError('a name in quotes, or ""')  # noqa: TRY003, EM101
    return value.strip()


def truth(value: Any) -> bool:
    """Read true or false."""
    if value is True or value in ("true", "yes"):
        return True
    if value is False or value in ("false", "no"):
        return False
    raise ValueError("true or false")  # noqa: TRY003, EM101


def size(value: Any) -> int:
    """Read a number of bytes, alone or with a unit in any spelling."""
    found = _SIZE.fullmatch(str(value).strip())
    unit = found[2].upper() if found else "?"
    read = int(found[1]) * _UNITS[unit] if found and unit in _UNITS else MOST_SIZE + 1
    if read > MOST_SIZE:
        raise ValueError("a number of bytes, or one with KiB, MiB, GiB or TiB behind it")  # noqa: TRY003, EM101
    return read


def size_from(least: int) -> Reader:
    """Make the reader of sizes from *least* bytes on."""

    def read(value: Any) -> int:
        try:
            if (found := size(value)) >= least:
                return found
        except ValueError:
            pass
        allowed = f"a size from {least // MIB} MiB on, such as "
        raise ValueError(allowed + f'"{2 * least // MIB}MiB"')

    return read


def count(least: int = 0, most: int = MOST_COUNT) -> Reader:
    """Make the reader of whole numbers from *least* to *most*."""

    def read(value: Any) -> int:
        try:
            found = int(value) if not isinstance(value, bool | float) else least - 1
        except (TypeError, ValueError):
            found = least - 1
        if not least <= found <= most:
            message = f"a whole number from {least} to {most}"
            raise ValueError(message)
        return found

    return read


def choice(kind: type[_Choice]) -> Reader:
    """Make the reader of one word of *kind*."""

    def read(value: Any) -> _Choice:
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(f'"{one.value}"' for one in kind)
            raise ValueError(f"one of {allowed}") from None  # noqa: TRY003, EM102

    return read
