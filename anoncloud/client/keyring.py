"""Keyrings: what opens a drive, as the account's owner has it and as a device has it.

The account's keyring holds the account's private keys. The server keeps it as bytes, sealed with a
key commitment and bound to server, account and Argon2 cost (docs/formats.rst section 2.3), so a
server can neither alter it nor hand out another's. A device's keyring holds none of them: a thief
of it reads what was written until the device is revoked, and nothing later (section 2.4).
"""

from typing import Annotated, Final, TypeVar

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.client.kit import Kit
from anoncloud.client.tree.changes import MAX_EPOCHS, PublicKey, Signature
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey, DeviceSecret, DriveKey, SigningKey, UnlockKey
from anoncloud.errors import Tampered, WrongPassphrase
from anoncloud.limits import KIB, MAX_KEYRING

_Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
_Drive = Annotated[bytes, Meta(min_length=16, max_length=16)]
_Epochs = Annotated[tuple[_Key, ...], Meta(min_length=1, max_length=MAX_EPOCHS)]
_Kind = TypeVar("_Kind")
_ACCOUNT_FORMAT: Final = 1
_DEVICE_FORMAT: Final = 2
SUCCESSION: Final = b"anoncloud 1 account keys\0"
"""The context of the signature by which an account's signing key names its successors."""


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, Meta(ge=_ACCOUNT_FORMAT, le=_ACCOUNT_FORMAT)]
    drive: _Drive
    epochs: _Epochs
    agreement: _Key
    signing: _Key
    first_signing: PublicKey
    previous: _Key | None
    succession: Signature | None


class _DeviceContent(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    format: Annotated[int, Meta(ge=_DEVICE_FORMAT, le=_DEVICE_FORMAT)]
    drive: _Drive
    epochs: _Epochs
    agreement: PublicKey
    first_signing: PublicKey


@attrs.frozen
class Keyring:
    """What opens the drive *drive*; epoch n is ``epochs[n]``.

    New drive keys are delivered to one of *recipients*. *agreement* is the account's public key for
    that, unless the journal names a newer one; *first_signing* is the one that signed the first
    change of such keys. *device* is the public key of the device whose keyring it is; None if the
    account's own keys are at hand.
    """

    drive: bytes
    epochs: tuple[DriveKey, ...]
    recipients: tuple[AgreementKey, ...]
    agreement: bytes
    first_signing: bytes
    device: bytes | None = None

    @property
    def epoch(self) -> int:
        """The newest epoch that it opens."""
        return len(self.epochs) - 1


@attrs.frozen
class AccountKeyring:
    """The keyring of an account whose drive is *drive*, with its private keys.

    *first_signing* is the public half of its very first signing key. If the account has changed its
    keys, *previous* is the agreement key before, and *succession* the signature of the signing key
    before over the public halves of these: what NewAccountKeys says in the journal.
    """

    drive: bytes
    epochs: tuple[DriveKey, ...]
    agreement: AgreementKey
    signing: SigningKey
    first_signing: bytes
    previous: AgreementKey | None = None
    succession: bytes | None = None

    def opened(self) -> Keyring:
        """Give what opens the drive."""
        before = () if self.previous is None else (self.previous,)
        return Keyring(
            self.drive,
            self.epochs,
            (self.agreement, *before),
            self.agreement.public,
            self.first_signing,
        )

    def successor(self, epochs: tuple[DriveKey, ...], entropy: Entropy) -> "AccountKeyring":
        """Draw other private keys, which those of now sign; *epochs* are all that are known."""
        agreement, signing = AgreementKey.generate(entropy), SigningKey.generate(entropy)
        signed = self.drive + agreement.public + signing.public
        return AccountKeyring(
            self.drive,
            epochs,
            agreement,
            signing,
            self.first_signing,
            self.agreement,
            self.signing.sign(SUCCESSION, signed),
        )


def new_keyring(entropy: Entropy) -> AccountKeyring:
    """Draw the keys of a new account."""
    drive, first = entropy(16), DriveKey.generate(entropy)
    agreement, signing = AgreementKey.generate(entropy), SigningKey.generate(entropy)
    return AccountKeyring(drive, (first,), agreement, signing, signing.public)


@attrs.frozen
class DeviceKeys:
    """The keys of a device: to log in with, to unlock its keyring, to be sent drive keys by."""

    login: SigningKey
    unlock: UnlockKey
    agreement: AgreementKey


def device_keys(secret: DeviceSecret) -> DeviceKeys:
    """Give the keys of the device that keeps *secret*."""
    return DeviceKeys(
        derive(secret, Purpose.DEVICE_SIGN, SigningKey),
        derive(secret, Purpose.DEVICE_UNLOCK, UnlockKey),
        derive(secret, Purpose.DEVICE_AGREE, AgreementKey),
    )


def account_place(kit: Kit) -> bytes:
    """Give what the keyring of the account of *kit* is bound to."""
    return _place("account", kit.address.key, kit.account, kit.cost.passes, kit.cost.memory // KIB)


def recovery_place(server_key: bytes, account: str) -> bytes:
    """Give what the copy of an account's keyring is bound to that a recovery key opens."""
    return _place("recovery", server_key, account)


def device_place(server_key: bytes, account: str) -> bytes:
    """Give what the keyring of a device that stays logged in is bound to."""
    return _place("device", server_key, account)


def _place(*parts: str | bytes | int) -> bytes:
    return msgpack.encode(("anoncloud 1 keyring", *parts))


def encode_keyring(keyring: AccountKeyring) -> bytes:
    """Write an account's keyring as bytes, which are to be sealed."""
    content = _Content(
        _ACCOUNT_FORMAT,
        keyring.drive,
        tuple(key.expose() for key in keyring.epochs),
        keyring.agreement.expose(),
        keyring.signing.expose(),
        keyring.first_signing,
        None if keyring.previous is None else keyring.previous.expose(),
        keyring.succession,
    )
    return msgpack.encode(content)


def decode_keyring(encoded: bytes) -> AccountKeyring:
    """Undo :func:`encode_keyring`; a ValueError if it is none."""
    return _account(msgpack.decode(encoded, type=_Content))


def _account(content: _Content) -> AccountKeyring:
    return AccountKeyring(
        content.drive,
        tuple(DriveKey(key) for key in content.epochs),
        AgreementKey(content.agreement),
        SigningKey(content.signing),
        content.first_signing,
        None if content.previous is None else AgreementKey(content.previous),
        content.succession,
    )


def seal_keyring(
    keyring: AccountKeyring, unlock: UnlockKey, place: bytes, entropy: Entropy
) -> bytes:
    """Seal an account's keyring under *unlock* at *place*."""
    return boxes.seal_committed(unlock, encode_keyring(keyring), place, entropy)


def open_keyring(sealed: bytes, unlock: UnlockKey, place: bytes) -> AccountKeyring:
    """Open what :func:`seal_keyring` made.

    :raises WrongPassphrase: it does not open; whether the passphrase, the kit or the server is at
        fault can't be told, and is not told.
    """
    return _account(_opened(sealed, unlock, place, _Content))


def seal_device_keyring(
    keyring: Keyring, keys: DeviceKeys, place: bytes, entropy: Entropy
) -> bytes:
    """Seal what the device of *keys* keeps of *keyring*, at *place*."""
    content = _DeviceContent(
        _DEVICE_FORMAT,
        keyring.drive,
        tuple(key.expose() for key in keyring.epochs),
        keyring.agreement,
        keyring.first_signing,
    )
    return boxes.seal_committed(keys.unlock, msgpack.encode(content), place, entropy)


def open_device_keyring(sealed: bytes, keys: DeviceKeys, place: bytes) -> Keyring:
    """Open what :func:`seal_device_keyring` made.

    :raises WrongPassphrase: it does not open.
    """
    content = _opened(sealed, keys.unlock, place, _DeviceContent)
    return Keyring(
        content.drive,
        tuple(DriveKey(key) for key in content.epochs),
        (keys.agreement,),
        content.agreement,
        content.first_signing,
        keys.login.public,
    )


def _opened(sealed: bytes, unlock: UnlockKey, place: bytes, kind: type[_Kind]) -> _Kind:
    try:
        if len(sealed) > MAX_KEYRING:
            message = "the keyring is longer than any"
            raise Tampered(message)
        return msgpack.decode(boxes.open_committed(unlock, sealed, place, "the keyring"), type=kind)
    except (Tampered, ValueError) as error:
        message = "the keyring does not open: the passphrase is wrong, or the keyring is not yours"
        raise WrongPassphrase(message, "type the passphrase again, and check the kit") from error
