"""Sizes, times and rates as they are written on the screen, each in a fixed number of cells."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from anoncloud.limits import KIB

Zone = Callable[[float], datetime]
"""Gives the time of a clock on the wall, of seconds since 1970."""

SIZE_CELLS: Final = 6
TIME_CELLS: Final = 16
SHORT_TIME_CELLS: Final = 6
_DAY: Final = 86_400
_HALF_YEAR: Final = 182 * _DAY
_UNITS: Final = "KMGTPE"
_LONGEST: Final = 999.95
"""From here on a number takes the next unit."""
_SPANS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def utc(seconds: float) -> datetime:
    """Give the time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def short_size(size: int) -> str:
    """Write a number of bytes in at most SIZE_CELLS, in powers of 1,024: ``999``, ``12.5M``."""
    if size < _LONGEST:
        return str(size)
    amount, at = size / KIB, 0
    while amount >= _LONGEST and at < len(_UNITS) - 1:
        amount, at = amount / KIB, at + 1
    return f"{amount:.1f}{_UNITS[at]}"


def counted(count: int, one: str, many: str) -> str:
    """Give *count* things, each called *one*, as in "1 entry" or "2,000 entries"."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}"


def size(count: int) -> str:
    """Write a number of bytes with its unit: ``12.5 MiB``."""
    short = short_size(count)
    return f"{short} B" if short[-1].isdigit() else f"{short[:-1]} {short[-1]}iB"


def rate(count: float) -> str:
    """Write bytes a second."""
    return f"{size(round(count))}/s"


def time(nanoseconds: int, zone: Zone) -> str:
    """Write a time in at most TIME_CELLS; "?" if no calendar has it."""
    try:
        moment = zone(nanoseconds / 1e9)
    except (OverflowError, OSError, ValueError):
        return "?"
    return f"{moment:%Y-%m-%d %H:%M}"


def short_time(nanoseconds: int, zone: Zone, now: int) -> str:
    """Write a time in at most SHORT_TIME_CELLS, as seen at *now* (seconds since 1970).

    That is the hour within a day, the day within half a year, and otherwise the year.
    """
    since = now - nanoseconds // 1_000_000_000
    try:
        moment = zone(nanoseconds / 1e9)
    except (OverflowError, OSError, ValueError):
        return "?"
    if 0 <= since < _DAY:
        return f"{moment:%H:%M}"
    return f"{moment:%d %b}" if 0 <= since < _HALF_YEAR else f"{moment:%Y}"


def age(seconds: int) -> str:
    """Write how long ago something was, by its largest unit."""
    for length, unit in _SPANS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return "now"


def left(seconds: float) -> str:
    """Write how long something will take: ``0:04``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
