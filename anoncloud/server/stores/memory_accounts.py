"""Accounts in memory: a real store in all but that it ends with the process."""

import attrs

from anoncloud.errors import Code, Refused
from anoncloud.limits import MAX_DEVICES
from anoncloud.server import entering
from anoncloud.server.account_contract import (
    Account,
    Attempt,
    Enrolled,
    Entry,
    Invitation,
    NewAccount,
)
from anoncloud.server.delays import Kind, MemoryRows, Schedules
from anoncloud.server.invitations import code_hash
from anoncloud.server.stores.memory import MemoryJournal
from anoncloud.server.times import DAY, coarse


@attrs.define
class Registered:
    """An account and its keys."""

    account: Account
    login_key: bytes
    keyring: bytes
    devices: set[bytes] = attrs.Factory(set)
    recovery_key: bytes | None = None
    recovery_keyring: bytes = b""
    locked: int = 0
    seen: int = 0


class MemoryAccounts:
    """Fulfils :class:`~anoncloud.server.account_contract.AccountStore`, beside a journal."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self.kept: dict[str, Registered] = {}
        self._invitations: dict[bytes, Invitation] = {}
        self._rows = MemoryRows()

    async def register(
        self, account: NewAccount, invitation: bytes | None, limit: int, now: int
    ) -> None:
        quota = account.quota
        invited = None
        if invitation is not None:
            invited = self._invitations.get(code_hash(invitation))
            if invited is None or invited.used or invited.expires <= now:
                message = "this invitation is unknown, used or expired"
                raise Refused(Code.INVITATION, message, "ask the server's owner for a new one")
            quota = quota if invited.quota is None else invited.quota
        if limit and len(self.kept) >= limit:
            message = "this server has as many accounts as it takes"
            raise Refused(Code.TOO_MANY, message, "ask the server's owner")
        if account.name in self.kept or account.drive in self._journal.drives:
            message = "there is an account of this name already"
            raise Refused(Code.NAME_TAKEN, message, "choose another name")
        self._journal.make(account.drive, quota)
        kept = Account(account.name, account.drive)
        self.kept[account.name] = Registered(kept, account.login_key, account.keyring)
        if invited is not None:
            self._invitations[invited.code_hash] = attrs.evolve(invited, used=max(now, 1))

    async def invite(self, code: bytes, quota: int | None, expires: int) -> None:
        hashed = code_hash(code)
        self._invitations[hashed] = Invitation(hashed, quota, expires, 0)

    async def invitations(self) -> list[Invitation]:
        return sorted(self._invitations.values(), key=lambda one: one.expires)

    async def withdraw(self, code_hash: bytes) -> bool:
        known = self._invitations.get(code_hash)
        if known is None or known.used:
            return False
        del self._invitations[code_hash]
        return True

    async def find(self, name: str, key: bytes) -> Account | None:
        known = self.kept.get(name)
        if known is None or key not in {known.login_key, known.recovery_key, *known.devices}:
            return None
        return known.account

    async def enter(self, attempt: Attempt, schedules: Schedules) -> Entry:
        found = self.kept.get(attempt.name)
        known = entering.Known()
        if found is not None:
            keys = (found.login_key, found.recovery_key, frozenset(found.devices))
            known = entering.Known(found.account, *keys, is_locked=found.locked > 0)
        outcome = entering.decide(self._rows, schedules, attempt, known)
        if isinstance(outcome, Refused):
            raise outcome
        self.kept[attempt.name].seen = coarse(int(attempt.now), DAY)
        return outcome

    async def held_back(
        self, network: str, now: float, schedules: Schedules, kind: Kind = Kind.NETWORK
    ) -> int:
        return entering.held_back(self._rows, schedules, network, now, kind)

    async def penalise(
        self,
        network: str,
        weight: int,
        now: float,
        schedules: Schedules,
        kind: Kind = Kind.NETWORK,
    ) -> int:
        return entering.penalise(self._rows, schedules, network, weight, now, kind)

    async def forget_delays(self, now: float, schedules: Schedules) -> None:
        entering.forget(self._rows, schedules, now)

    async def enrol(self, name: str, key: bytes) -> None:
        known = self.kept.get(name)
        if known is None:
            return
        if len(known.devices | {key}) > MAX_DEVICES:
            message = f"this account has {MAX_DEVICES} devices logged in already"
            raise Refused(Code.TOO_MANY, message, "log out on one that is not used any more")
        known.devices.add(key)

    async def forget(self, name: str, key: bytes) -> None:
        if name in self.kept:
            self.kept[name].devices.discard(key)

    async def list_devices(self, name: str) -> Enrolled:
        known = self.kept.get(name)
        if known is None:
            return Enrolled((), recovery=False)
        return Enrolled(tuple(sorted(known.devices)), known.recovery_key is not None)

    async def keyring(self, name: str, key: bytes) -> bytes:
        known = self._standing(name, key, by_recovery=True)
        return known.keyring if key == known.login_key else known.recovery_keyring

    async def replace_keyring(
        self, name: str, key: bytes, login_key: bytes, keyring: bytes
    ) -> bytes:
        known = self._standing(name, key, by_recovery=True)
        before, known.login_key, known.keyring = known.login_key, login_key, keyring
        return before

    async def set_recovery(
        self, name: str, key: bytes, recovery: bytes, keyring: bytes
    ) -> bytes | None:
        known = self._standing(name, key)
        before, known.recovery_key, known.recovery_keyring = known.recovery_key, recovery, keyring
        return before

    async def drop_recovery(self, name: str, key: bytes) -> bytes | None:
        known = self._standing(name, key)
        before, known.recovery_key, known.recovery_keyring = known.recovery_key, None, b""
        return before

    async def close_account(self, name: str, key: bytes, now: int) -> None:
        del now
        self._journal.close(self._standing(name, key).account.drive)
        del self.kept[name]

    def _standing(self, name: str, key: bytes, *, by_recovery: bool = False) -> Registered:
        """Give the account whose login key *key* is, or its recovery key."""
        known = self.kept.get(name)
        if known is not None:
            is_recovery = by_recovery and key == known.recovery_key
            if is_recovery or key == known.login_key:
                return known
        raise entering.changed()
