"""What layers look at: files that are open for it, work that is under way, each by its number."""

from collections.abc import Awaitable
from itertools import count
from typing import Protocol

import attrs


class Source(Protocol):
    """Bytes of a known number, any range of which can be read."""

    size: int

    def read(self, offset: int, length: int) -> Awaitable[bytes]:
        """Give *length* bytes at *offset*, or what is there of them."""

    def close(self) -> None:
        """Let go of it."""


@attrs.define
class Looked:
    """One of them.

    :ivar source: the file, if it is one.
    :ivar search: the token of the search that is under way.
    :ivar wanted: whether the layer is still there.
    """

    source: Source | None = None
    search: object = None
    wanted: bool = True

    def close(self) -> None:
        """Stop what is under way, and let go of the file."""
        self.wanted, self.search = False, None
        if self.source is not None:
            self.source.close()
            self.source = None


class Looks:
    """All of them."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._looked: dict[int, Looked] = {}

    def begin(self, source: Source | None = None) -> tuple[int, Looked]:
        """Give one more, and its number."""
        number, looked = next(self._numbers), Looked(source)
        self._looked[number] = looked
        return number, looked

    def get(self, number: int) -> Looked | None:
        """Give one, if it is still wanted."""
        return self._looked.get(number)

    def leave(self, number: int) -> None:
        """Let one go."""
        looked = self._looked.pop(number, None)
        if looked is not None:
            looked.close()
