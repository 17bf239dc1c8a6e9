"""Sizes and times as options of commands take them."""

import time
from typing import Any, Final

import click

from anoncloud.client.amounts import parse_moment, parse_size


class _Size(click.ParamType[int]):
    """A number of bytes."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read it."""
        del param, ctx
        return value if isinstance(value, int) else parse_size(value)


class _Moment(click.ParamType[int]):
    """A time, in microseconds since 1970."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read it."""
        del param, ctx
        return value if isinstance(value, int) else parse_moment(value, time.time_ns() // 1000)


SIZE: Final = _Size()
MOMENT: Final = _Moment()
