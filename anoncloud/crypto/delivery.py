"""A new drive key to the members of a drive: sealed to each one's X25519 key, inside a record.

Source: X25519 (RFC 7748) with a fresh key for each delivery, BLAKE2b, XChaCha20-Poly1305;
docs/formats.rst section 6.7. The record that carries deliveries is sealed under the older drive
key, so only who had that sees them at all.

The *check* commits to the key itself: whoever folds the record sees that all got the same one.
"""

from typing import Final

from nacl import bindings

from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive, keyed_digest
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey, DriveKey, SealingKey, SharedSecret
from anoncloud.errors import ProtocolBroken, Tampered

PUBLIC: Final = 32
DELIVERY: Final = PUBLIC + boxes.NONCE + DriveKey.LENGTH + boxes.TAG
"""Bytes of a delivery: a fresh public key, then a box that holds a drive key."""
CHECK: Final = 32
_CONTEXT: Final = b"anoncloud 1 epoch"
_WHAT: Final = "the key of a new epoch"


def deliver(
    key: DriveKey, drive: bytes, epoch: int, recipient: bytes, entropy: Entropy
) -> bytes | None:
    """Seal *key*, the one of *epoch* of *drive*, to the public key *recipient*; 104 bytes.

    Gives None if *recipient* is no usable key: one to which everybody could read.
    """
    fresh = AgreementKey.generate(entropy)
    try:
        shared = SharedSecret(fresh.agree(recipient))
    except ProtocolBroken:
        return None
    sealing = _sealing_key(shared, fresh.public, recipient)
    place = _place(drive, epoch, recipient)
    return fresh.public + boxes.seal(sealing, key.expose(), place, entropy)


def accept(sealed: bytes, drive: bytes, epoch: int, recipient: AgreementKey) -> DriveKey:
    """Open what :func:`deliver` made for *recipient*.

    :raises Tampered: it was made for another one, another drive or epoch, or was changed.
    """
    fresh, box = sealed[:PUBLIC], sealed[PUBLIC:]
    try:
        shared = SharedSecret(recipient.agree(fresh))
    except ProtocolBroken as error:
        message = f"opening {_WHAT}: it is not what was sealed there"
        raise Tampered(message) from error
    sealing = _sealing_key(shared, fresh, recipient.public)
    opened = boxes.open_box(sealing, box, _place(drive, epoch, recipient.public), _WHAT)
    if len(opened) != DriveKey.LENGTH:
        message = f"opening {_WHAT}: it is no key"
        raise Tampered(message)
    return DriveKey(opened)


def check_of(key: DriveKey, drive: bytes, epoch: int) -> bytes:
    """Hash *key* as the one of *epoch* of *drive*; 32 bytes that tell nothing of it."""
    return keyed_digest(key, Purpose.EPOCH_CHECK, drive, _number(epoch))


def is_checked(key: DriveKey, drive: bytes, epoch: int, check: bytes) -> bool:
    """Tell whether *check* is that of *key*."""
    expected = check_of(key, drive, epoch)
    return len(check) == CHECK and bindings.sodium_memcmp(check, expected)


def _sealing_key(shared: SharedSecret, fresh: bytes, recipient: bytes) -> SealingKey:
    return derive(shared, Purpose.EPOCH_DELIVERY, SealingKey, fresh + recipient)


def _place(drive: bytes, epoch: int, recipient: bytes) -> bytes:
    return _CONTEXT + drive + _number(epoch) + recipient


def _number(epoch: int) -> bytes:
    return epoch.to_bytes(8, "big")
