"""Sizes and times as people write them, into bytes and microseconds since 1970."""

import re
from datetime import UTC, datetime
from typing import Final

from anoncloud.errors import UsageError

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_SIZES: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.IGNORECASE)
_SPANS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST_DIGITS: Final = 18


def parse_size(text: str) -> int:
    """Read a number of bytes: ``4096``, ``10k``, ``1.5MiB``; units are powers of 1,024.

    :raises UsageError: it is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or len(found[1]) > _MOST_DIGITS:
        message = f"the size {text!r} makes no sense"
        raise UsageError(message, "write a number of bytes, or one with K, M, G or T behind it")
    return int(float(found[1]) * _SIZES[found[2].upper()])


def parse_span(text: str) -> int | None:
    """Read a length of time such as ``90s``, ``2h`` or ``1d12h``, in microseconds, if it is one."""
    parts = _SPAN.findall(text.strip())
    if not parts or "".join(map("".join, parts)) != text.strip() or len(text) > _MOST_DIGITS:
        return None
    return int(sum(float(number) * _SPANS[unit.lower()] for number, unit in parts) * 1e6)


def parse_moment(text: str, now: int) -> int:
    """Read a time: ISO 8601, in UTC unless it has an offset, or so long before *now*.

    :raises UsageError: it is none.
    """
    span = parse_span(text)
    if span is not None:
        return now - span
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        since = moment - datetime.fromtimestamp(0, UTC)
    except (ValueError, OverflowError) as error:
        message = f"the time {text!r} makes no sense"
        hint = "write it like 2026-01-31T18:30 (UTC), 2026-01-31T18:30+02:00, or 3d for 3 days ago"
        raise UsageError(message, hint) from error
    return (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds
