"""One secret to many keys: keyed BLAKE2b, one purpose string and one use per key.

Source: RFC 7693 (BLAKE2, with its ``key`` and ``person`` parameters); docs/formats.rst section 1.2.
A purpose is at most 16 bytes, BLAKE2b's ``person``; the table below is the only place where one is
written, and a test checks that each is used by one module, for one function and class of keys.
"""

import enum
from hashlib import blake2b
from typing import TypeVar

from anoncloud.crypto.keys import Secret

KeyType = TypeVar("KeyType", bound=Secret)


class Purpose(enum.Enum):
    """What a derived key or a hash is for."""

    PASSPHRASE_SALT = b"ac1 salt"
    ACCOUNT_ROOT = b"ac1 root"
    LOGIN = b"ac1 login"
    UNLOCK = b"ac1 unlock"
    RECOVERY_LOGIN = b"ac1 rec login"
    RECOVERY_UNLOCK = b"ac1 rec unlock"
    RECOVERY_CHECKSUM = b"ac1 rec check"
    EXPORT_UNLOCK = b"ac1 export"
    KEYRING_SEAL = b"ac1 ring seal"
    KEYRING_COMMIT = b"ac1 ring commit"
    RECORD = b"ac1 record"
    CHECKPOINT = b"ac1 checkpoint"
    FINGERPRINT = b"ac1 fingerprint"
    FINGERPRINT_LIST = b"ac1 print list"
    CONTENT_DIGEST = b"ac1 content"
    UNFINISHED = b"ac1 unfinished"
    DEVICE_SIGN = b"ac1 device sign"
    DEVICE_UNLOCK = b"ac1 device lock"
    DEVICE_AGREE = b"ac1 device dh"
    EPOCH_DELIVERY = b"ac1 epoch box"
    EPOCH_CHECK = b"ac1 epoch check"
    PAIRING_NEW = b"ac1 pair new"
    PAIRING_OLD = b"ac1 pair old"
    RECORD_HASH = b"ac1 record hash"
    GENESIS_HASH = b"ac1 genesis"
    INVITATION_HASH = b"ac1 invitation"
    KIT_CHECKSUM = b"ac1 kit check"
    ATTEMPT = b"ac1 attempt"


def derive(parent: Secret, purpose: Purpose, kind: type[KeyType], context: bytes = b"") -> KeyType:
    """Derive the key of *kind* for *purpose* from *parent*, bound to *context*."""
    raw = blake2b(
        context, digest_size=kind.LENGTH, key=parent.expose(), person=purpose.value
    ).digest()
    return kind(raw)


def digest(purpose: Purpose, *parts: bytes, length: int = 32) -> bytes:
    """Hash *parts*, each preceded by its length (8 bytes, big-endian), for *purpose*."""
    state = blake2b(digest_size=length, person=purpose.value)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()


def keyed_digest(key: Secret, purpose: Purpose, *parts: bytes) -> bytes:
    """Hash *parts* as :func:`digest` does, under *key*; 32 bytes."""
    state = blake2b(digest_size=32, key=key.expose(), person=purpose.value)
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()
