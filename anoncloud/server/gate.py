"""What this process has just been told is held back, so that hammering costs the database nothing.

Knows only what the store's refusals told it, and for KEPT seconds; whatever it does not know, the
store decides. It speaks of an account only if it knows all of its keys that nothing holds back.
"""

from typing import Final

import attrs

from anoncloud.server.account_contract import Attempt
from anoncloud.server.delays import Kind
from anoncloud.server.entering import TooSoon, counted, milliseconds, too_soon

KEPT: Final = 1.0
"""Seconds that a refusal is remembered: so long may a key that another process has enrolled, while
its account is held back, be taken for a stranger's."""
MOST: Final = 4096
"""Names and networks that are remembered at once."""


@attrs.frozen
class _Held:
    """When something was told, in seconds, and until when it is held back, in milliseconds."""

    told: float
    until: int


@attrs.frozen
class _Passing:
    """When the keys of an account that pass were told, and which they are."""

    told: float
    keys: frozenset[bytes]


class Gate:
    """Answers for the store as long as it knows that the store would refuse."""

    def __init__(self) -> None:
        self._held: dict[tuple[Kind, str], _Held] = {}
        self._passing: dict[str, _Passing] = {}

    def held(self, attempt: Attempt) -> TooSoon | None:
        """Give what the store would say to the attempt, unless its key is one of ``passing``."""
        known, now = self._passing.get(attempt.name), attempt.now
        if known is None or not _is_fresh(known.told, now):
            return None
        waits = {one[0]: self._wait(one, now) for one in counted(attempt)}
        return too_soon(waits, known.keys) if any(waits.values()) else None

    def network(self, network: str, now: float) -> int:
        """Tell for how many milliseconds a network is known to be held back."""
        return self._wait((Kind.NETWORK, network), now)

    def note(self, attempt: Attempt, refusal: TooSoon) -> None:
        """Remember what the store has said to an attempt."""
        self._make_room()
        self._passing[attempt.name] = _Passing(attempt.now, refusal.passing)
        for one in counted(attempt):
            self._note(one, refusal.waits[one[0]], attempt.now)

    def note_network(self, network: str, wait: int, now: float) -> None:
        """Remember for how many milliseconds the store holds a network back."""
        self._make_room()
        self._note((Kind.NETWORK, network), wait, now)

    def forget(self, name: str) -> None:
        """Ask the store again of an account, for another key may pass now."""
        self._passing.pop(name, None)

    def _wait(self, one: tuple[Kind, str], now: float) -> int:
        held = self._held.get(one)
        if held is None or not _is_fresh(held.told, now):
            return 0
        return max(held.until - milliseconds(now), 0)

    def _note(self, one: tuple[Kind, str], wait: int, now: float) -> None:
        self._held[one] = _Held(now, milliseconds(now) + wait)

    def _make_room(self) -> None:
        for kept in (self._held, self._passing):
            if len(kept) >= MOST:
                kept.clear()


def _is_fresh(told: float, now: float) -> bool:
    return told <= now < told + KEPT
