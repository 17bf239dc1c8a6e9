"""What a drive knows beside its files: its devices, its epoch, its account's and server's keys.

All of it is public to whoever can open the journal, and nothing of it is secret to them: keys are
public halves. It stands in checkpoints as it is here (docs/formats.rst section 7).
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from anoncloud.client.tree.changes import (
    MAX_EPOCHS,
    KeyEvent,
    Name,
    PublicKey,
    RecordHash,
    RecordNumber,
    Signature,
)
from anoncloud.client.tree.versions import Time
from anoncloud.errors import NotFound

KEPT_NOTES: Final = 16
"""How many of the newest notes about keys are remembered, and of accepted histories."""


class Device(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A device that stays logged in: its public keys, its name, and since when (microseconds)."""

    key: PublicKey
    agreement: PublicKey
    name: Name
    enrolled: Time


class AccountKeys(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The public keys of an account that has changed them."""

    agreement: PublicKey
    signing: PublicKey


class ServerKey(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A server's newer key, and who signed it (``changes.NoteServer``)."""

    key: PublicKey
    signer: PublicKey
    signature: Signature


class Note(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What happened to the account's keys, and when (microseconds)."""

    what: KeyEvent
    time: Time


class Acceptance(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A history that somebody went on with (``changes.AcceptHistory``), and when (microseconds)."""

    key: PublicKey
    seen: RecordNumber
    seen_hash: RecordHash
    accepted: RecordNumber
    accepted_hash: RecordHash
    time: Time


class Affairs(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The options of a drive, and what concerns its keys.

    *epoch* counts the new drive keys so far; *passes* and *memory_kib* are the highest cost of
    Argon2id that was noted, or 0; *account* and *server* are None until the first change;
    *notes* are the newest ones about the account's keys, in order; *accepted* the newest histories
    that were gone on with after an alarm.
    """

    compress: bool = False
    epoch: Annotated[int, Meta(ge=0, lt=MAX_EPOCHS)] = 0
    passes: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    memory_kib: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    account: AccountKeys | None = None
    server: ServerKey | None = None
    notes: tuple[Note, ...] = ()
    accepted: tuple[Acceptance, ...] = ()

    @property
    def told(self) -> tuple[Note | Acceptance, ...]:
        """What the owner of another device is told once it is read."""
        return (*self.notes, *self.accepted)


def no_device() -> NotFound:
    """Say that a device is not there."""
    message = "this device is not one of the drive's"
    return NotFound(message, "run 'anoncloud devices' to see those that are")
