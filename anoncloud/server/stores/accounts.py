"""Accounts, devices and invitations in SQL."""

from typing import Final

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
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
from anoncloud.server.delays import Kind, Schedules
from anoncloud.server.invitations import code_hash
from anoncloud.server.stores import owning
from anoncloud.server.stores.delays import SqlDelays
from anoncloud.server.stores.sql import Cursor, SqlDatabase, once
from anoncloud.server.times import DAY, coarse
from anoncloud.wire.records import genesis_hash

_FIND: Final = """
    SELECT name, drive FROM accounts JOIN drives USING (account)
    WHERE name = ? AND (login_key = ? OR recovery_key = ?
        OR EXISTS (SELECT 1 FROM devices WHERE devices.account = accounts.account AND key = ?))
"""
_KNOWN: Final = """
    SELECT account, drive, login_key, recovery_key, locked, seen
    FROM accounts JOIN drives USING (account) WHERE name = ?
"""


class SqlAccounts:
    """Fulfils :class:`~anoncloud.server.account_contract.AccountStore`.

    Times are kept to *coarse_times* seconds; without *keep_addresses* no network is written, or
    only in a form that nobody can read without the *salt*.
    """

    def __init__(
        self,
        database: SqlDatabase,
        coarse_times: int = 0,
        *,
        keep_addresses: bool = True,
        salt: bytes = b"",
    ) -> None:
        self._database = database
        self._coarse = coarse_times
        self._delays = SqlDelays(keep_addresses=keep_addresses, salt=salt)

    async def register(
        self, account: NewAccount, invitation: bytes | None, limit: int, now: int
    ) -> None:
        kept = coarse(now, self._coarse)
        await self._database.run(_register, account, invitation, limit, now, kept)

    async def invite(self, code: bytes, quota: int | None, expires: int) -> None:
        await self._database.run(_invite, code_hash(code), quota, expires)

    async def invitations(self) -> list[Invitation]:
        return await self._database.run(_invitations)

    async def withdraw(self, code_hash: bytes) -> bool:
        return await self._database.run(_withdraw, code_hash)

    async def find(self, name: str, key: bytes) -> Account | None:
        return await self._database.run(_find, name, key)

    async def enter(self, attempt: Attempt, schedules: Schedules) -> Entry:
        today = coarse(int(attempt.now), max(self._coarse, DAY))
        outcome = await self._database.run(_enter, self._delays, attempt, schedules, today)
        if isinstance(outcome, Refused):  # raised in the transaction it would undo the count
            raise outcome
        return outcome

    async def held_back(
        self, network: str, now: float, schedules: Schedules, kind: Kind = Kind.NETWORK
    ) -> int:
        def look(cursor: Cursor) -> int:
            return entering.held_back(self._delays.rows(cursor), schedules, network, now, kind)

        return await self._database.run(look)

    async def penalise(
        self,
        network: str,
        weight: int,
        now: float,
        schedules: Schedules,
        kind: Kind = Kind.NETWORK,
    ) -> int:
        def count(cursor: Cursor) -> int:
            rows = self._delays.rows(cursor)
            return entering.penalise(rows, schedules, network, weight, now, kind)

        return await self._database.run(count)

    async def forget_delays(self, now: float, schedules: Schedules) -> None:
        def forget(cursor: Cursor) -> None:
            entering.forget(self._delays.rows(cursor), schedules, now)

        await self._database.run(forget)

    async def enrol(self, name: str, key: bytes) -> None:
        await self._database.run(_enrol, name, key)

    async def forget(self, name: str, key: bytes) -> None:
        await self._database.run(_forget, name, key)

    async def list_devices(self, name: str) -> Enrolled:
        return await self._database.run(owning.list_devices, name)

    async def keyring(self, name: str, key: bytes) -> bytes:
        return await self._database.run(owning.keyring, name, key)

    async def replace_keyring(
        self, name: str, key: bytes, login_key: bytes, keyring: bytes
    ) -> bytes:
        return await self._database.run(owning.replace_keyring, name, key, login_key, keyring)

    async def set_recovery(
        self, name: str, key: bytes, recovery: bytes, keyring: bytes
    ) -> bytes | None:
        return await self._database.run(owning.set_recovery, name, key, recovery, keyring)

    async def drop_recovery(self, name: str, key: bytes) -> bytes | None:
        return await self._database.run(owning.set_recovery, name, key, None, None)

    async def close_account(self, name: str, key: bytes, now: int) -> None:
        await self._database.run(owning.close_account, name, key, coarse(now, self._coarse))


@once
def _register(  # noqa: PLR0913 - the contract's arguments, and the time as it is kept
    cursor: Cursor, account: NewAccount, invitation: bytes | None, limit: int, now: int, kept: int
) -> None:
    quota = account.quota
    if invitation is not None:
        cursor.execute(
            "SELECT quota FROM invitations WHERE code_hash = ? AND used = 0 AND expires > ?",
            (code_hash(invitation), now),
        )
        row = cursor.fetchone()
        if row is None:
            message = "this invitation is unknown, used or expired"
            raise Refused(Code.INVITATION, message, "ask the server's owner for a new one")
        quota = quota if row[0] is None else row[0]
    if limit and _count(cursor) >= limit:
        message = "this server has as many accounts as it takes"
        raise Refused(Code.TOO_MANY, message, "ask the server's owner")
    _check_new(cursor, account)
    cursor.execute(
        "INSERT INTO accounts (name, login_key, keyring, created) VALUES (?, ?, ?, ?)"
        " RETURNING account",
        (account.name, account.login_key, account.keyring, kept),
    )
    (number,) = cursor.fetchone()
    cursor.execute(
        "INSERT INTO drives (drive, account, head, head_hash, stored, dropped, quota)"
        " VALUES (?, ?, 0, ?, 0, 0, ?)",
        (account.drive, number, genesis_hash(account.drive), quota),
    )
    if invitation is not None:
        cursor.execute(
            "UPDATE invitations SET used = ?, used_by = ? WHERE code_hash = ?",
            (max(kept, 1), number, code_hash(invitation)),
        )


def _count(cursor: Cursor) -> int:
    found: int = cursor.execute("SELECT count(*) FROM accounts WHERE closed = 0").fetchone()[0]
    return found


def _check_new(cursor: Cursor, account: NewAccount) -> None:
    if cursor.execute("SELECT 1 FROM accounts WHERE name = ?", (account.name,)).fetchone():
        message = "there is an account of this name already"
        raise Refused(Code.NAME_TAKEN, message, "choose another name")
    if cursor.execute("SELECT 1 FROM drives WHERE drive = ?", (account.drive,)).fetchone():
        message = "this drive's identifier is taken"
        raise Refused(Code.NAME_TAKEN, message, "register again")


def _invite(cursor: Cursor, hashed: bytes, quota: int | None, expires: int) -> None:
    cursor.execute(
        "INSERT INTO invitations (code_hash, quota, expires) VALUES (?, ?, ?)",
        (hashed, quota, expires),
    )


def _invitations(cursor: Cursor) -> list[Invitation]:
    cursor.execute("SELECT code_hash, quota, expires, used FROM invitations ORDER BY expires")
    return [Invitation(*row) for row in cursor]


@once
def _withdraw(cursor: Cursor, hashed: bytes) -> bool:
    cursor.execute("DELETE FROM invitations WHERE code_hash = ? AND used = 0", (hashed,))
    return cursor.rowcount > 0


def _find(cursor: Cursor, name: str, key: bytes) -> Account | None:
    row = cursor.execute(_FIND, (name, key, key, key)).fetchone()
    return Account(row[0], DriveId(row[1])) if row else None


def _enter(
    cursor: Cursor, delays: SqlDelays, attempt: Attempt, schedules: Schedules, today: int
) -> Entry | Refused:
    row = cursor.execute(_KNOWN, (attempt.name,)).fetchone()
    known, number, seen = entering.Known(), 0, today
    if row:
        number, drive, login_key, recovery_key, is_locked, seen = row
        cursor.execute("SELECT key FROM devices WHERE account = ?", (number,))
        devices = frozenset(key for (key,) in cursor)
        account = Account(attempt.name, DriveId(drive))
        known = entering.Known(account, login_key, recovery_key, devices, is_locked > 0)
    outcome = entering.decide(delays.rows(cursor), schedules, attempt, known)
    if isinstance(outcome, Entry) and seen != today:  # at most one write a day
        cursor.execute("UPDATE accounts SET seen = ? WHERE account = ?", (today, number))
    return outcome


def _enrol(cursor: Cursor, name: str, key: bytes) -> None:
    cursor.execute(
        "INSERT INTO devices SELECT account, ? FROM accounts WHERE name = ? ON CONFLICT DO NOTHING",
        (key, name),
    )
    cursor.execute(
        "SELECT count(*) FROM devices JOIN accounts USING (account) WHERE name = ?", (name,)
    )
    if cursor.fetchone()[0] > MAX_DEVICES:
        message = f"this account has {MAX_DEVICES} devices logged in already"
        raise Refused(Code.TOO_MANY, message, "log out on one that is not used any more")


def _forget(cursor: Cursor, name: str, key: bytes) -> None:
    cursor.execute(
        "DELETE FROM devices WHERE key = ?"
        " AND account = (SELECT account FROM accounts WHERE name = ?)",
        (key, name),
    )
