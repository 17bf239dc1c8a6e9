"""Accounts, devices and invitations in SQL."""

from typing import Final

from anoncloud.errors import Code, Refused
from anoncloud.ids import DriveId
from anoncloud.limits import MAX_DEVICES
from anoncloud.server.contracts import Account, NewAccount
from anoncloud.server.invitations import code_hash
from anoncloud.server.stores.database import Cursor, Database
from anoncloud.wire.records import genesis_hash

_FIND: Final = """
    SELECT name, drive, keyring FROM accounts JOIN drives USING (account)
    WHERE name = ? AND (login_key = ?
        OR EXISTS (SELECT 1 FROM devices WHERE devices.account = accounts.account AND key = ?))
"""


class SqlAccounts:
    """Fulfils :class:`~anoncloud.server.contracts.AccountStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(
        self, account: NewAccount, invitation: bytes | None, limit: int, now: int
    ) -> None:
        await self._database.run(_register, account, invitation, limit, now)

    async def invite(self, code: bytes, quota: int | None, expires: int) -> None:
        await self._database.run(_invite, code_hash(code), quota, expires)

    async def find(self, name: str, key: bytes) -> Account | None:
        return await self._database.run(_find, name, key)

    async def enrol(self, name: str, key: bytes) -> None:
        await self._database.run(_enrol, name, key)

    async def forget(self, name: str, key: bytes) -> None:
        await self._database.run(_forget, name, key)


def _register(
    cursor: Cursor, account: NewAccount, invitation: bytes | None, limit: int, now: int
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
    if limit and cursor.execute("SELECT count(*) FROM accounts").fetchone()[0] >= limit:
        message = "this server has as many accounts as it takes"
        raise Refused(Code.TOO_MANY, message, "ask the server's owner")
    _check_new(cursor, account)
    cursor.execute(
        "INSERT INTO accounts (name, login_key, keyring, created) VALUES (?, ?, ?, ?)",
        (account.name, account.login_key, account.keyring, now),
    )
    number = cursor.lastrowid
    cursor.execute(
        "INSERT INTO drives (drive, account, head, head_hash, stored, dropped, quota)"
        " VALUES (?, ?, 0, ?, 0, 0, ?)",
        (account.drive, number, genesis_hash(account.drive), quota),
    )
    if invitation is not None:
        cursor.execute(
            "UPDATE invitations SET used = ?, used_by = ? WHERE code_hash = ?",
            (now, number, code_hash(invitation)),
        )


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


def _find(cursor: Cursor, name: str, key: bytes) -> Account | None:
    row = cursor.execute(_FIND, (name, key, key)).fetchone()
    return Account(row[0], DriveId(row[1]), row[2]) if row else None


def _enrol(cursor: Cursor, name: str, key: bytes) -> None:
    cursor.execute(
        "INSERT OR IGNORE INTO devices SELECT account, ? FROM accounts WHERE name = ?",
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
