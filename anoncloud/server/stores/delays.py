"""What delays logins, in SQL."""

from typing import Final

from anoncloud.server.delays import MOST_ROWS, Delay, Kind, MemoryRows, Rows, salted
from anoncloud.server.stores.sql import Cursor

_EVERY: Final = 256
"""New rows between two looks at how many there are; so many more there may be."""


class SqlDelays:
    """The delays of one database; used in its thread only.

    Without *keep_addresses* nothing that stands for an address outlives the server. Networks are
    remembered by the process alone; or, where a server has several, under names that are hashed
    with a *salt* that is written nowhere.
    """

    def __init__(self, *, keep_addresses: bool, salt: bytes = b"", most: int = MOST_ROWS) -> None:
        self.networks = None if keep_addresses or salt else MemoryRows(most)
        self.salt = b"" if keep_addresses else salt
        self.most = most
        self.inserted = 0

    def kept_here(self, kind: Kind) -> MemoryRows | None:
        """Give what this process alone remembers of a kind; None if the database does."""
        return self.networks if kind.is_of_network else None

    def written(self, kind: Kind, subject: bytes) -> bytes:
        """Give the name under which a subject stands in the database."""
        return salted(subject, self.salt) if self.salt and kind.is_of_network else subject

    def rows(self, cursor: Cursor) -> Rows:
        """Give the rows as one transaction sees them."""
        return _SqlRows(self, cursor)


class _SqlRows:
    """Fulfils :class:`~anoncloud.server.delays.Rows`."""

    def __init__(self, delays: SqlDelays, cursor: Cursor) -> None:
        self._delays = delays
        self._cursor = cursor

    def get(self, kind: Kind, subject: bytes) -> Delay | None:
        kept = self._delays.kept_here(kind)
        if kept is not None:
            return kept.get(kind, subject)
        row = self._cursor.execute(
            "SELECT failures, last, until FROM delays WHERE kind = ? AND subject = ?",
            (kind, self._delays.written(kind, subject)),
        ).fetchone()
        return Delay(*row) if row else None

    def put(self, kind: Kind, subject: bytes, delay: Delay) -> None:
        kept = self._delays.kept_here(kind)
        if kept is not None:
            kept.put(kind, subject, delay)
            return
        subject = self._delays.written(kind, subject)
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
        kept = self._delays.kept_here(kind)
        if kept is not None:
            kept.drop(kind, subject)
        written = self._delays.written(kind, subject)
        self._cursor.execute("DELETE FROM delays WHERE kind = ? AND subject = ?", (kind, written))

    def forget(self, kind: Kind, before: int, after: int) -> None:
        kept = self._delays.kept_here(kind)
        if kept is not None:
            kept.forget(kind, before, after)
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
