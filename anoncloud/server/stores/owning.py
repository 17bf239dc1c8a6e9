"""Keyrings, recovery keys, lists of devices and the end of accounts, in SQL."""

from typing import Final

from anoncloud.ids import BlobId
from anoncloud.server.account_contract import Enrolled
from anoncloud.server.contracts import Garbage
from anoncloud.server.entering import changed
from anoncloud.server.stores import going
from anoncloud.server.stores.sql import Cursor, once

_RECORDS: Final = 100
"""Records of a closed drive that one transaction removes; each may have 4 MiB."""


def keyring(cursor: Cursor, name: str, key: bytes) -> bytes:
    """Give the keyring, or the recovery key's copy."""
    cursor.execute(
        "SELECT CASE WHEN login_key = ? THEN keyring ELSE recovery_keyring END FROM accounts"
        " WHERE name = ? AND (login_key = ? OR recovery_key = ?)",
        (key, name, key, key),
    )
    row: tuple[bytes] | None = cursor.fetchone()
    if row is None:
        raise changed()
    return row[0]


@once
def replace_keyring(
    cursor: Cursor, name: str, key: bytes, login_key: bytes, sealed: bytes
) -> bytes:
    """Put a login key and a keyring in the place of the old ones; give the old login key."""
    cursor.execute(
        "SELECT account, login_key FROM accounts"
        " WHERE name = ? AND (login_key = ? OR recovery_key = ?)",
        (name, key, key),
    )
    row: tuple[int, bytes] | None = cursor.fetchone()
    if row is None:
        raise changed()
    cursor.execute(
        "UPDATE accounts SET login_key = ?, keyring = ? WHERE account = ?",
        (login_key, sealed, row[0]),
    )
    return row[1]


@once
def set_recovery(
    cursor: Cursor, name: str, key: bytes, recovery: bytes | None, sealed: bytes | None
) -> bytes | None:
    """Set a recovery key and its copy, or with None take them away; give the key before."""
    cursor.execute(
        "SELECT account, recovery_key FROM accounts WHERE name = ? AND login_key = ?", (name, key)
    )
    row: tuple[int, bytes | None] | None = cursor.fetchone()
    if row is None:
        raise changed()
    cursor.execute(
        "UPDATE accounts SET recovery_key = ?, recovery_keyring = ? WHERE account = ?",
        (recovery, sealed, row[0]),
    )
    return row[1]


def list_devices(cursor: Cursor, name: str) -> Enrolled:
    """Give the devices' keys, and whether there is a recovery key."""
    cursor.execute(
        "SELECT key FROM devices JOIN accounts USING (account) WHERE name = ? ORDER BY key", (name,)
    )
    devices = tuple(row[0] for row in cursor)
    cursor.execute("SELECT 1 FROM accounts WHERE name = ? AND recovery_key IS NOT NULL", (name,))
    return Enrolled(devices, cursor.fetchone() is not None)


@once
def close_account(cursor: Cursor, name: str, key: bytes, now: int) -> None:
    """Forget keys and keyrings, free the name; the row and the drive stay until the blobs go."""
    cursor.execute(
        "SELECT account, drive FROM accounts JOIN drives USING (account)"
        " WHERE name = ? AND login_key = ?",
        (name, key),
    )
    row: tuple[int, bytes] | None = cursor.fetchone()
    if row is None:
        raise changed()
    close(cursor, *row, now)


def close(cursor: Cursor, account: int, drive: bytes, now: int) -> None:
    """Close an account, whoever has asked for it."""
    cursor.execute("DELETE FROM devices WHERE account = ?", (account,))
    cursor.execute("UPDATE invitations SET used_by = NULL WHERE used_by = ?", (account,))
    cursor.execute(
        "UPDATE accounts SET name = ?, login_key = ?, keyring = ?, recovery_key = NULL,"
        " recovery_keyring = NULL, closed = ?, locked = 0, seen = 0 WHERE account = ?",
        (f"/{drive.hex()}", b"", b"", max(now, 1), account),
    )


@once
def collect_closed(cursor: Cursor, most: int, now: int) -> Garbage | None:
    """Forget some blobs of a closed account; or some records, or the account; None if none is."""
    cursor.execute(
        "SELECT account, drive FROM accounts JOIN drives USING (account) WHERE closed <> 0 LIMIT 1"
    )
    row: tuple[int, bytes] | None = cursor.fetchone()
    if row is None:
        return None
    account, drive = row
    cursor.execute("SELECT blob FROM blobs WHERE drive = ? LIMIT ?", (drive, most))
    if blobs := cursor.fetchall():
        cursor.executemany("DELETE FROM blobs WHERE blob = ?", blobs)
        going.let_go(cursor, (blob for (blob,) in blobs), now)
        return Garbage(tuple(BlobId(blob) for (blob,) in blobs))
    cursor.execute(
        "DELETE FROM records WHERE drive = ? AND number IN"
        " (SELECT number FROM records WHERE drive = ? ORDER BY number LIMIT ?)",
        (drive, drive, _RECORDS),
    )
    if not cursor.rowcount:
        cursor.execute("DELETE FROM drives WHERE drive = ?", (drive,))
        cursor.execute("DELETE FROM accounts WHERE account = ?", (account,))
    return Garbage(())
