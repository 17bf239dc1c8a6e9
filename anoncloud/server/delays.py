"""How long no login is evaluated after wrong ones: the schedules, and what is remembered for them.

Times are milliseconds since 1970, in whole numbers. Knows no store; rows are handed in. What counts
for whom is in docs/protocol.rst section 5.10.
"""

import enum
from typing import Final, Protocol

import attrs

from anoncloud.crypto.derive import Purpose, digest

MOST_ROWS: Final = 65_536
"""Rows of a kind that are kept; beyond it those go first whose wait ends first."""
_MOST_FAILURES: Final = 2**31


class Kind(enum.IntEnum):
    """Of what wrong logins are remembered; the numbers are in the database."""

    ACCOUNT = 0
    NETWORK = 1
    ALL = 2
    SLOT = 3
    """Wrong pairing codes of a network."""

    @property
    def is_of_network(self) -> bool:
        """Whether what is counted stands for an address."""
        return self in {Kind.NETWORK, Kind.SLOT}


@attrs.frozen
class Delay:
    """What is remembered of one subject: how many failures, the newest, the end of the wait."""

    failures: int
    last: int
    until: int


class Rows(Protocol):
    """Where delays are remembered, by kind and subject; used inside one transaction."""

    def get(self, kind: Kind, subject: bytes) -> Delay | None:
        """Give what is remembered."""

    def put(self, kind: Kind, subject: bytes, delay: Delay) -> None:
        """Remember *delay* instead of what was; at most MOST_ROWS of a kind, or about so many."""

    def drop(self, kind: Kind, subject: bytes) -> None:
        """Forget one; harmless if there is none."""

    def forget(self, kind: Kind, before: int, after: int) -> None:
        """Forget those whose wait ended before *before*, or ends after *after*."""


@attrs.frozen
class Schedule:
    """A wait that doubles with each failure over *free*, from *first* up to *most*.

    A row that lies farther ahead than any wait was written by a clock that was wrong: forgotten.
    """

    free: int
    first: int
    most: int = 600_000
    forget: int = 24 * 3_600_000

    def wait(self, failures: int) -> int:
        """Give the wait after so many failures."""
        if failures <= self.free:
            return 0
        return min(self.first << min(failures - self.free - 1, 40), self.most)

    def held(self, delay: Delay | None, now: int) -> int:
        """Tell how long nothing is evaluated from *now* on; 0 if it may be."""
        known = self._remembered(delay, now)
        if known is None or not self.wait(known.failures):  # another's clock may be a bit ahead
            return 0
        return min(max(known.until - now, 0), self.most)

    def counted(self, delay: Delay | None, weight: int, now: int) -> Delay:
        """Count *weight* failures more."""
        known = self._remembered(delay, now)
        failures = min((known.failures if known else 0) + weight, _MOST_FAILURES)
        return Delay(failures, now, now + self.wait(failures))

    def bounds(self, now: int) -> tuple[int, int]:
        """Give the earliest and the latest end of a wait that still matters."""
        return now - self.forget, now + 2 * self.most

    def _remembered(self, delay: Delay | None, now: int) -> Delay | None:
        if delay is None or not -self.most <= now - delay.last < self.forget:
            return None
        return delay


@attrs.frozen
class Bucket:
    """No wait as long as no more than *count* failures come in *period*.

    ``Delay.until`` is the time at which all of them will have run out (ITU-T I.371's virtual
    scheduling, also known as the generic cell rate algorithm).
    """

    count: int
    period: int

    def held(self, delay: Delay | None, now: int) -> int:
        """Tell how long nothing is evaluated from *now* on; 0 if it may be."""
        return max(self._filled(delay, now) + self.period // self.count - self.period, 0)

    def counted(self, delay: Delay | None, weight: int, now: int) -> Delay:
        """Count *weight* failures more."""
        filled = self._filled(delay, now)
        failures = min((delay.failures if delay and filled else 0) + weight, _MOST_FAILURES)
        return Delay(failures, now, now + filled + weight * self.period // self.count)

    def bounds(self, now: int) -> tuple[int, int]:
        """Give the earliest and the latest end of a wait that still matters."""
        return now, now + 2 * self.period

    def _filled(self, delay: Delay | None, now: int) -> int:
        """Tell how long it takes until all failures have run out."""
        ahead = delay.until - now if delay else 0
        return ahead if 0 < ahead <= 2 * self.period else 0


@attrs.frozen
class Schedules:
    """The schedules of a server, one of a kind."""

    account: Schedule = Schedule(3, 5_000)
    network: Schedule = Schedule(2, 15_000)
    everyone: Bucket = Bucket(1_000, 300_000)

    def of(self, kind: Kind) -> Schedule | Bucket:
        """Give the schedule of a kind."""
        if kind is Kind.ALL:
            return self.everyone
        return self.account if kind is Kind.ACCOUNT else self.network


def subject(kind: Kind, name: str = "") -> bytes:
    """Name what is counted: an account's name, or a network, that need not exist; 32 bytes."""
    return digest(Purpose.ATTEMPT, bytes([kind]), name.encode())


def salted(subject: bytes, salt: bytes) -> bytes:
    """Name a subject so that nobody knows it again who does not have the *salt*; 32 bytes."""
    return digest(Purpose.ATTEMPT, salt, subject)


class MemoryRows:
    """Fulfils :class:`Rows` for one process."""

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._kept: dict[Kind, dict[bytes, Delay]] = {kind: {} for kind in Kind}

    def get(self, kind: Kind, subject: bytes) -> Delay | None:
        return self._kept[kind].get(subject)

    def put(self, kind: Kind, subject: bytes, delay: Delay) -> None:
        kept = self._kept[kind]
        kept[subject] = delay
        if len(kept) > self._most:  # some at a time, so that it is not looked through for each
            due = sorted(kept, key=lambda one: kept[one].until)
            for one in due[: len(kept) - self._most + self._most // 16]:
                del kept[one]

    def drop(self, kind: Kind, subject: bytes) -> None:
        self._kept[kind].pop(subject, None)

    def forget(self, kind: Kind, before: int, after: int) -> None:
        kept = self._kept[kind]
        for one in [one for one, delay in kept.items() if not before <= delay.until <= after]:
            del kept[one]
