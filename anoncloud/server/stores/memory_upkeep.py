"""What the server's owner asks and sets, in memory, beside accounts and a journal."""

from collections import Counter

from anoncloud.server.stores.memory import MemoryJournal
from anoncloud.server.stores.memory_accounts import MemoryAccounts
from anoncloud.server.times import DAY
from anoncloud.server.upkeep_contract import Day, Due, Errand, ErrandKind, Totals, User


class MemoryUpkeep:
    """Fulfils :class:`~anoncloud.server.upkeep_contract.UpkeepStore`."""

    def __init__(self, journal: MemoryJournal, accounts: MemoryAccounts) -> None:
        self._journal = journal
        self._accounts = accounts.kept
        self._errands: dict[int, tuple[ErrandKind, str | None]] = {}
        self._asked = 0

    async def users(self) -> list[User]:
        found = []
        for name, kept in sorted(self._accounts.items()):
            drive = kept.account.drive
            usage = self._journal.tally(drive)
            blobs = sum(blob.drive == drive for blob in self._journal.blobs.values())
            sizes = (usage.stored, usage.dropped, usage.quota)
            found.append(User(name, *sizes, blobs, len(kept.devices), kept.locked, kept.seen))
        return found

    async def lock(self, name: str, now: int) -> bool:
        kept = self._accounts.get(name)
        if kept is not None:
            kept.locked = kept.locked or max(now, 1)
            self._journal.drives[kept.account.drive].is_locked = True
        return kept is not None

    async def unlock(self, name: str) -> bool:
        kept = self._accounts.get(name)
        if kept is not None:
            kept.locked = 0
            self._journal.drives[kept.account.drive].is_locked = False
        return kept is not None

    async def set_quota(self, name: str, quota: int) -> bool:
        kept = self._accounts.get(name)
        if kept is not None:
            self._journal.drives[kept.account.drive].quota = quota
        return kept is not None

    async def delete(self, name: str, now: int) -> bool:
        del now
        kept = self._accounts.pop(name, None)
        if kept is not None:
            self._journal.close(kept.account.drive)
        return kept is not None

    async def totals(self, since: int) -> Totals:
        tallies = [self._journal.tally(drive) for drive in self._journal.drives]
        days: Counter[int] = Counter()
        for blob in self._journal.blobs.values():
            if not blob.is_dropped and blob.since >= since:
                days[blob.since // DAY * DAY] += blob.size
        return Totals(
            len(self._accounts),
            sum(kept.locked > 0 for kept in self._accounts.values()),
            sum(tally.stored for tally in tallies),
            sum(tally.dropped for tally in tallies),
            len(self._journal.blobs),
            tuple(Day(*day) for day in sorted(days.items())),
        )

    async def due(self) -> Due:
        drives = self._journal.drives.items()
        ended = tuple(drive for drive, kept in drives if kept.is_locked or kept.is_closed)
        waiting = [(number, one) for number, one in self._errands.items() if one[1] is None]
        return Due(ended, tuple(Errand(number, kind) for number, (kind, _) in waiting))

    async def ask(self, kind: ErrandKind) -> int:
        self._asked += 1
        self._errands[self._asked] = (kind, None)
        return self._asked

    async def answer(self, number: int, answer: str) -> None:
        if number in self._errands:
            self._errands[number] = (self._errands[number][0], answer)

    async def answered(self, number: int) -> str | None:
        return self._errands[number][1] if number in self._errands else None

    async def take_back(self, number: int) -> None:
        self._errands.pop(number, None)
