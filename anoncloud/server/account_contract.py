"""What the server's rules need of its store of accounts, in a narrow contract.

What ``contracts`` says of its stores holds for this one too.
"""

import enum
from typing import Protocol

import attrs

from anoncloud.ids import DriveId
from anoncloud.server.delays import Kind, Schedules


class Access(enum.Enum):
    """By what a peer got in, and so what it may ask (docs/protocol.rst section 5.2)."""

    NOBODY = "nobody"
    """It has not logged in."""
    OWNER = "owner"
    """By the login key, which takes kit and passphrase."""
    DEVICE = "device"
    RECOVERY = "recovery"


@attrs.frozen
class Account:
    """An account as the server knows it: a name and a drive."""

    name: str
    drive: DriveId


@attrs.frozen
class NewAccount:
    """What a registration brings; *quota* in bytes, 0 for none."""

    name: str
    login_key: bytes
    keyring: bytes = attrs.field(repr=False)
    drive: DriveId
    quota: int


@attrs.frozen
class Attempt:
    """Somebody who holds the private half of *key* wants to log in to the account *name*.

    :ivar network: where from (``networks.network_of``); "" for no network.
    :ivar now: seconds since 1970.
    """

    name: str
    key: bytes
    network: str
    now: float


@attrs.frozen
class Entry:
    """Somebody may log in to *account*, with *access*."""

    account: Account
    access: Access


@attrs.frozen
class Enrolled:
    """The keys of an account's devices, in the order of their bytes; whether a recovery key is."""

    devices: tuple[bytes, ...]
    recovery: bool


@attrs.frozen
class Invitation:
    """An invitation: its code's hash, its quota in bytes, and until when it is good.

    :ivar used: when it was used, in seconds since 1970; 0 if it was not.
    """

    code_hash: bytes
    quota: int | None
    expires: int
    used: int


class AccountStore(Protocol):
    """Accounts, their keys, what delays logins to them, and invitations.

    *key*, where a method has it, is what the asking session logged in with. It is compared in the
    transaction that does the rest, so a key that was replaced meanwhile does nothing any more.
    """

    async def register(
        self, account: NewAccount, invitation: bytes | None, limit: int, now: int
    ) -> None:
        """Make an account with its drive, and use its *invitation* up; all or nothing.

        With None no invitation is needed; the invitation's quota, if it has one, replaces the
        account's. *limit* is the number of accounts in all, 0 for any; closed ones do not count.

        :raises Refused: NAME_TAKEN, INVITATION or TOO_MANY.
        """

    async def invite(self, code: bytes, quota: int | None, expires: int) -> None:
        """Remember an invitation by its code's hash, until *expires* (seconds since 1970)."""

    async def invitations(self) -> list[Invitation]:
        """Give all invitations, those that expire first in front."""

    async def withdraw(self, code_hash: bytes) -> bool:
        """Take an unused invitation back; False if there is none."""

    async def find(self, name: str, key: bytes) -> Account | None:
        """Give the account *name* if *key* is its login key, its recovery key or a device's."""

    async def enter(self, attempt: Attempt, schedules: Schedules) -> Entry:
        """Decide whether an attempt succeeds, and count it; atomic over all processes.

        A device's key and the recovery key pass. Any other is evaluated only if nothing that
        *schedules* holds back is remembered; then the login key passes, and clears what is
        remembered of the account, and every other key is counted, durably, before it is refused.

        :raises Refused: LOGIN, alike for unknown names and wrong keys; or TOO_SOON, which is an
            ``entering.TooSoon``.
        """

    async def held_back(
        self, network: str, now: float, schedules: Schedules, kind: Kind = Kind.NETWORK
    ) -> int:
        """Tell for how many milliseconds a network is held back, "" for none; 0 if it is not."""

    async def penalise(
        self,
        network: str,
        weight: int,
        now: float,
        schedules: Schedules,
        kind: Kind = Kind.NETWORK,
    ) -> int:
        """Count *weight* failures of a network, "" for none; give how long it is held back then.

        One that is held back already is not counted. *now* is in seconds since 1970, what is
        given in milliseconds.
        """

    async def forget_delays(self, now: float, schedules: Schedules) -> None:
        """Forget failures that do not matter any more."""

    async def enrol(self, name: str, key: bytes) -> None:
        """Let a device's key log in; harmless if it may already, or the account is gone.

        :raises Refused: TOO_MANY devices.
        """

    async def forget(self, name: str, key: bytes) -> None:
        """Let a device's key log in no more; harmless if it never could."""

    async def list_devices(self, name: str) -> Enrolled:
        """Give all keys that may log in but the login key."""

    async def keyring(self, name: str, key: bytes) -> bytes:
        """Give the sealed keyring to the login key, and to the recovery key its copy.

        :raises Refused: CHANGED: *key* is neither.
        """

    async def replace_keyring(
        self, name: str, key: bytes, login_key: bytes, keyring: bytes
    ) -> bytes:
        """Put *login_key* and *keyring* in the place of the old ones; give the old login key.

        :raises Refused: CHANGED: *key* is neither the login key nor the recovery key.
        """

    async def set_recovery(
        self, name: str, key: bytes, recovery: bytes, keyring: bytes
    ) -> bytes | None:
        """Let the key *recovery* log in and have its copy of the keyring; give the one before.

        :raises Refused: CHANGED: *key* is not the login key.
        """

    async def drop_recovery(self, name: str, key: bytes) -> bytes | None:
        """Let the recovery key log in no more, and give it; None if there is none.

        :raises Refused: CHANGED: *key* is not the login key.
        """

    async def close_account(self, name: str, key: bytes, now: int) -> None:
        """Forget the account's keys and keyrings, free its name, and mark its drive as closed.

        :raises Refused: CHANGED: *key* is not the login key.
        """
