"""Pairings in memory, for tests of one process."""

from collections.abc import Callable

import attrs

from anoncloud.limits import MAX_PAIRING_MESSAGES
from anoncloud.server.pairing_contract import (
    Joined,
    Opened,
    Opening,
    all_said,
    free_slot,
    no_such_slot,
    nobody_there,
)


@attrs.define
class Kept:
    """A slot that is in use."""

    opening: Opening
    opener: bytes
    joiner: bytes | None = None
    said: int = 1


class MemoryPairings:
    """Fulfils :class:`~anoncloud.server.pairing_contract.PairingStore`."""

    def __init__(self, holder: bytes = b"here", slots: dict[int, Kept] | None = None) -> None:
        """Keep what the process *holder* opens and joins in *slots*, which others may share."""
        self._holder = holder
        self._slots = {} if slots is None else slots

    async def open(self, opening: Opening, now: float) -> Opened:
        for slot, kept in tuple(self._slots.items()):
            if kept.opening.until <= now:
                del self._slots[slot]
        earlier = self._find(lambda kept: kept.opening.drive == opening.drive)
        others = set(self._slots) - set(earlier)
        free = free_slot(opening.start, others)
        closed = self._take(lambda kept: kept.opening.drive == opening.drive)
        self._slots[free] = Kept(opening, self._holder)
        return Opened(free, closed[0] if closed else None)

    async def join(self, slot: int, now: float) -> Joined:
        kept = self._slots.get(slot)
        if kept is None or kept.joiner is not None or kept.opening.until <= now:
            raise no_such_slot()
        kept.joiner = self._holder
        return Joined(kept.opening.pairing, kept.opening.first)

    async def count(self, pairing: bytes) -> None:
        for slot in self._find(lambda kept: kept.opening.pairing == pairing):
            kept = self._slots[slot]
            if kept.joiner is None:
                break
            if kept.said >= MAX_PAIRING_MESSAGES:
                raise all_said()
            kept.said += 1
            return
        raise nobody_there()

    async def close(self, pairing: bytes) -> bool:
        return bool(self._take(lambda kept: kept.opening.pairing == pairing))

    async def close_of(self, holder: bytes) -> list[bytes]:
        return self._take(lambda kept: holder in {kept.opener, kept.joiner})

    def _find(self, is_it: Callable[[Kept], bool]) -> list[int]:
        return [slot for slot, kept in self._slots.items() if is_it(kept)]

    def _take(self, is_it: Callable[[Kept], bool]) -> list[bytes]:
        return [self._slots.pop(slot).opening.pairing for slot in self._find(is_it)]
