"""What delays logins, in SQL."""

from typing import Final

from anoncloud.server.delays import MOST_ROWS, Delay, Kind, MemoryRows, Rows
from anoncloud.server.stores.sql import Cursor

_EVERY: Final = 256
"""New rows between two looks at how many there are; so many more there may be."""


class SqlDelays:
    """The delays of one database; used in its thread only.

    Without *keep_addresses* nothing that stands for an address is written: networks are remembered
    by the process alone.
    """

    def __init__(self, *, keep_addresses: bool, most: int = MOST_ROWS) -> None:
        self.networks = None if keep_addresses else MemoryRows(most)
        self.most = most
        self.inserted = 0

    def rows(self, cursor: Cursor) -> Rows:
        """Give the rows as one transaction sees them."""
        return _SqlRows(self, cursor)


class _SqlRows:
    """Fulfils :class:`~anoncloud.server.delays.Rows`."""

    def __init__(self, delays: SqlDelays, cursor: Cursor) -> None:
        self._delays = delays
        self._cursor = cursor

    def get(self, kind: Kind, subject: bytes) -> Delay | None:
        if kind is Kind.NETWORK and self._delays.networks is not None:
            return self._delays.networks.get(kind, subject)
        row = self._cursor.execute(
            "SELECT failures, last, until FROM delays WHERE kind = ? AND subject = ?",
            (kind, subject),
        ).fetchone()
        return Delay(*row) if row else None

    def put(self, kind: Kind, subject: bytes, delay: Delay) -> None:
        if kind is Kind.NETWORK and self._delays.networks is not None:
            self._delays.networks.put(kind, subject, delay)
            return
        self._cursor.execute(
            "UPDATE delays SET failures = ?, last = ?, until = ? WHERE kind = ? AND subject = ?",
            (delay.failures, delay.last, delay.until, kind, subject),
        )
        if not self._cursor.rowcount:
            self._cursor.execute(
                "INSERT INTO delays (kind, subject, failures, last, until) VALUES (?, ?, ?, ?, ?)",
                (kind, subject, delay.failures, delay.last, delay.until),
            )
            if self._delays.inserted % _EVERY == 0:
                for each in Kind:
                    self._make_room(each)
            self._delays.inserted += 1

    def drop(self, kind: Kind, subject: bytes) -> None:
        if kind is Kind.NETWORK and self._delays.networks is not None:
            self._delays.networks.drop(kind, subject)
        self._cursor.execute("DELETE FROM delays WHERE kind = ? AND subject = ?", (kind, subject))

    def forget(self, kind: Kind, before: int, after: int) -> None:
        if kind is Kind.NETWORK and self._delays.networks is not None:
            self._delays.networks.forget(kind, before, after)
            self._cursor.execute("DELETE FROM delays WHERE kind = ?", (kind,))
            return
        self._cursor.execute(
            "DELETE FROM delays WHERE kind = ? AND (until < ? OR until > ?)", (kind, before, after)
        )
        self._make_room(kind)

    def _make_room(self, kind: Kind) -> None:
        self._cursor.execute("SELECT count(*) FROM delays WHERE kind = ?", (kind,))
        surplus = self._cursor.fetchone()[0] - self._delays.most
        if surplus > 0:
            self._cursor.execute(
                "DELETE FROM delays WHERE kind = ? AND subject IN"
                " (SELECT subject FROM delays WHERE kind = ? ORDER BY until LIMIT ?)",
                (kind, kind, surplus),
            )
