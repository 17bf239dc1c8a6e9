"""The keyring: an account's random keys, sealed under a key that never leaves the client.

It holds the drive keys by epoch, the account's X25519 pair and its Ed25519 signing key. The server
keeps it as bytes, sealed with a key commitment and bound to server, account and Argon2 cost
(docs/formats.rst section 2.3), so a server can neither alter it nor hand out another's.
"""

from typing import Annotated

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.client.kit import Kit
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import (
    AgreementKey,
    DeviceSecret,
    DriveKey,
    SigningKey,
    UnlockKey,
)
from anoncloud.errors import Tampered, WrongPassphrase
from anoncloud.limits import MAX_KEYRING

_Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
_FORMAT = 1


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, Meta(ge=_FORMAT, le=_FORMAT)]
    drive: Annotated[bytes, Meta(min_length=16, max_length=16)]
    epochs: Annotated[tuple[_Key, ...], Meta(min_length=1, max_length=128)]
    agreement: _Key
    signing: _Key


@attrs.frozen
class Keyring:
    """The open keyring of an account whose first drive is *drive*; epoch n is ``epochs[n]``."""

    drive: bytes
    epochs: tuple[DriveKey, ...]
    agreement: AgreementKey
    signing: SigningKey

    @property
    def epoch(self) -> int:
        """The newest epoch: the one to seal under."""
        return len(self.epochs) - 1


def new_keyring(entropy: Entropy) -> Keyring:
    """Draw the keys of a new account."""
    return Keyring(
        entropy(16),
        (DriveKey.generate(entropy),),
        AgreementKey.generate(entropy),
        SigningKey.generate(entropy),
    )


def account_place(kit: Kit) -> bytes:
    """Give what the keyring of the account of *kit* is bound to."""
    return _place("account", kit.address.key, kit.account, kit.cost.passes, kit.cost.memory // 1024)


def device_place(server_key: bytes, account: str) -> bytes:
    """Give what the keyring of a device that stays logged in is bound to."""
    return _place("device", server_key, account)


def _place(*parts: str | bytes | int) -> bytes:
    return msgpack.encode(("anoncloud 1 keyring", *parts))


def device_keys(secret: DeviceSecret) -> tuple[SigningKey, UnlockKey]:
    """Give the two keys of a device: one to log in with, one to unlock its keyring."""
    return (
        derive(secret, Purpose.DEVICE_SIGN, SigningKey),
        derive(secret, Purpose.DEVICE_UNLOCK, UnlockKey),
    )


def seal_keyring(keyring: Keyring, unlock: UnlockKey, place: bytes, entropy: Entropy) -> bytes:
    """Seal *keyring* under *unlock* at *place*."""
    content = _Content(
        _FORMAT,
        keyring.drive,
        tuple(key.expose() for key in keyring.epochs),
        keyring.agreement.expose(),
        keyring.signing.expose(),
    )
    return boxes.seal_committed(unlock, msgpack.encode(content), place, entropy)


def open_keyring(sealed: bytes, unlock: UnlockKey, place: bytes) -> Keyring:
    """Open what :func:`seal_keyring` made.

    :raises WrongPassphrase: it does not open; whether the passphrase, the kit or the server is at
        fault can't be told, and is not told.
    """
    try:
        if len(sealed) > MAX_KEYRING:
            message = "the keyring is longer than any"
            raise Tampered(message)
        opened = boxes.open_committed(unlock, sealed, place, "the keyring")
        content = msgpack.decode(opened, type=_Content)
    except (Tampered, ValueError) as error:
        message = "the keyring does not open: the passphrase is wrong, or the keyring is not yours"
        raise WrongPassphrase(message, "type the passphrase again, and check the kit") from error
    return Keyring(
        content.drive,
        tuple(DriveKey(key) for key in content.epochs),
        AgreementKey(content.agreement),
        SigningKey(content.signing),
    )
