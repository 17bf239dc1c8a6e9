"""What the server's owner may set: one TOML file, and options of the same names that win over it.

Everything has a default that suits a box at home. All mistakes are told at once, each with what is
allowed; ``etc/anoncloud.toml`` shows every setting.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from anoncloud.errors import UsageError
from anoncloud.limits import GIB, KIB, MAX_SCORE, MIB
from anoncloud.server.house import Registration

_UNITS: Final = {"": 1, "KIB": KIB, "MIB": MIB, "GIB": GIB, "TIB": 1024 * GIB}
_MOST_COUNT: Final = 10**9
_MOST_SIZE: Final = 2**63 - 1
"""What fits an integer of the database and of the protocol."""
_SIZE: Final = re.compile(r"(\d+)\s*([A-Z]*)", re.IGNORECASE)


def default_state_dir() -> Path:
    """Where a server keeps its state: the system's place for root, else the user's own."""
    if os.geteuid() == 0:
        return Path("/var/lib/anoncloud")
    import platformdirs  # noqa: PLC0415 - only when nothing else is set

    return platformdirs.user_state_path("anoncloud-server")


@attrs.frozen
class Settings:
    """The settings of a server; sizes in bytes, 0 for no limit."""

    state_dir: Path = attrs.field(factory=default_state_dir)
    listen: tuple[str, ...] = ("tcp:9650",)
    public_host: str = ""
    registration: Registration = Registration.INVITATION
    max_accounts: int = 0
    quota: int = 0
    least_passphrase_score: int = 3
    max_connections: int = 1000
    max_connections_per_address: int = 100
    keep_dropped_days: int = 7
    keep_staged_hours: int = 24
    log_addresses: bool = False
    keep_addresses: bool = True
    coarse_times: int = 0


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text in quotes")  # noqa: TRY003, EM101 - what is allowed
    return value.strip()


def _folder(value: Any) -> Path:
    try:
        return Path(_text(value)).expanduser()
    except (ValueError, RuntimeError):
        raise ValueError("a folder's path in quotes") from None  # noqa: TRY003, EM101


def _texts(value: Any) -> tuple[str, ...]:
    try:
        texts = tuple(_text(one) for one in (value if isinstance(value, list) else [value]))
    except ValueError:
        texts = ()
    if not texts:
        raise ValueError('an endpoint such as "tcp:9650", or a list of them')  # noqa: TRY003, EM101
    return texts


def _count(value: Any) -> int:
    try:
        count = int(value) if not isinstance(value, bool | float) else -1
    except (TypeError, ValueError):
        count = -1
    if not 0 <= count <= _MOST_COUNT:
        raise ValueError("a whole number from 0 to 1000000000")  # noqa: TRY003, EM101
    return count


def _score(value: Any) -> int:
    try:
        score = _count(value)
    except ValueError:
        score = -1
    if not 0 <= score <= MAX_SCORE:
        raise ValueError("a whole number from 0 to 4")  # noqa: TRY003, EM101
    return score


def _size(value: Any) -> int:
    found = _SIZE.fullmatch(str(value).strip())
    unit = found[2].upper() if found else "?"
    size = int(found[1]) * _UNITS[unit] if found and unit in _UNITS else _MOST_SIZE + 1
    if size > _MOST_SIZE:
        raise ValueError("a number of bytes, or one with KiB, MiB, GiB or TiB behind it")  # noqa: TRY003, EM101
    return size


def _truth(value: Any) -> bool:
    if value is True or value in ("true", "yes"):
        return True
    if value is False or value in ("false", "no"):
        return False
    raise ValueError("true or false")  # noqa: TRY003, EM101


def _registration(value: Any) -> Registration:
    try:
        return Registration(value)
    except ValueError:
        allowed = ", ".join(f'"{one.value}"' for one in Registration)
        raise ValueError(f"one of {allowed}") from None  # noqa: TRY003, EM102


READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "state_dir": _folder,
    "listen": _texts,
    "public_host": _text,
    "registration": _registration,
    "max_accounts": _count,
    "quota": _size,
    "least_passphrase_score": _score,
    "max_connections": _count,
    "max_connections_per_address": _count,
    "keep_dropped_days": _count,
    "keep_staged_hours": _count,
    "log_addresses": _truth,
    "keep_addresses": _truth,
    "coarse_times": _count,
}
"""How each setting is read; raises ValueError with what would be allowed."""


def read_settings(file: Path | None, options: Mapping[str, Any]) -> Settings:
    """Read the settings of *file*, and of the command line's *options*, which win.

    :raises UsageError: lists every mistake.
    """
    mistakes: list[str] = []
    given = {**_read_file(file, mistakes), **options}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in READERS:
            mistakes.append(f"{name}: there is no such setting; there are {', '.join(READERS)}")
            continue
        try:
            values[name] = READERS[name](value)
        except ValueError as error:
            mistakes.append(f"{name} is {value!r}; allowed is {error}")
    if mistakes:
        message = "the settings have mistakes:\n  " + "\n  ".join(mistakes)
        raise UsageError(message, "see etc/anoncloud.toml for every setting")
    return Settings(**values)


def _read_file(file: Path | None, mistakes: list[str]) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        mistakes.append(f"{file} can't be read: {getattr(error, 'strerror', None) or error}")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{file} is not TOML: {error}")
    return {}
