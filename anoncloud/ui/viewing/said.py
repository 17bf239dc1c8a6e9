"""What the shell says to a layer that looks at something (Heard, of ``ui.events``)."""

from typing import Protocol

import attrs

from anoncloud.ui.layers import Answer


class Hearing(Protocol):
    """A layer that is told things."""

    def hear(self, number: int, said: object) -> Answer:
        """Take what is said to the layer of a number; any other layer stays as it is.

        *said* is one of the values below; a Room is for all layers.
        """


@attrs.frozen
class Room:
    """So many cells and rows are there for a layer that takes the whole screen."""

    columns: int = 80
    rows: int = 22


@attrs.frozen
class Bytes:
    """What was read at *offset*."""

    offset: int
    data: bytes = attrs.field(repr=False)


@attrs.frozen
class Unread:
    """What was asked for can't be had; safe text."""

    message: str
    hint: str = ""


@attrs.frozen
class Found:
    """What was searched for is at *offset*, and takes *length* bytes."""

    offset: int
    length: int


@attrs.frozen
class NotFound:
    """It is not there, from where the search began to the end that it went to."""


@attrs.frozen
class Searching:
    """The search has come to *offset*."""

    offset: int
