"""What has happened in a server since its start, counted; cheap enough to be always on."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from anoncloud.server.metrics.table import SQL_BOUNDS, Count
from anoncloud.server.stores.sql import SqlDatabase

Result = TypeVar("Result")
LET_IN: Final = "let_in"
REFUSED: Final = "refused"
DONE: Final = "done"
FAILED: Final = "failed"


class _Taken(msgspec.Struct, frozen=True, array_like=True):
    """What one process tells another."""

    counts: list[tuple[str, str, int]]
    buckets: list[int]
    seconds: float


_read: Final = msgspec.json.Decoder(_Taken).decode


class Tally:
    """All counts: by what is counted and the value of its label, "" if it has none."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Count, str]] = Counter()
        self.sql = Histogram()

    def count(self, what: Count, label: str = "", by: int = 1) -> None:
        """Count *by* more."""
        self.counts[what, label] += by

    def take(self) -> bytes:
        """Give all that was counted, for a process that adds it to its own; count from 0 again."""
        counts = [(what.name, label, number) for (what, label), number in self.counts.items()]
        taken = msgspec.json.encode(_Taken(counts, self.sql.buckets, self.sql.sum))
        self.counts.clear()
        self.sql.clear()
        return taken

    def add(self, taken: bytes) -> None:
        """Add what another process has counted."""
        told = _read(taken)
        for name, label, number in told.counts:
            self.counts[Count[name], label] += number
        for place, number in enumerate(told.buckets):
            self.sql.buckets[place] += number
        self.sql.sum += told.seconds


class Histogram:
    """How many seconds things took.

    :ivar buckets: how many took at most each of SQL_BOUNDS, and more than the one before; the last
        one counts all that took longer.
    """

    def __init__(self) -> None:
        self.buckets = [0] * (len(SQL_BOUNDS) + 1)
        self.sum = 0.0

    def note(self, seconds: float) -> None:
        """Count something that took so long."""
        self.buckets[bisect_left(SQL_BOUNDS, seconds)] += 1
        self.sum += seconds

    def clear(self) -> None:
        """Count from 0 again."""
        self.buckets = [0] * len(self.buckets)
        self.sum = 0.0


class TimedDatabase:
    """Fulfils :class:`~anoncloud.server.stores.sql.SqlDatabase` by another one, and times it."""

    def __init__(
        self, database: SqlDatabase, times: Histogram, seconds: Callable[[], float]
    ) -> None:
        self._database = database
        self._times = times
        self._seconds = seconds

    async def run(self, interaction: Callable[..., Result], *arguments: Any) -> Result:
        begun = self._seconds()
        try:
            return await self._database.run(interaction, *arguments)
        finally:
            self._times.note(self._seconds() - begun)

    def close(self) -> None:
        self._database.close()
