"""Seal and open one small thing, bound to its purpose and its place.

Source: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha, through libsodium), a fresh random 192-bit
nonce for each box; docs/formats.rst sections 1.3 and 1.4. The purpose is in the key, the place in
the associated data, so a box opens nowhere else.

XChaCha20-Poly1305 does not commit to its key. Where a key may come from a passphrase, a
*committed* box begins with a keyed BLAKE2b hash of all the rest, and that is checked first
(Len, Grubbs, Ristenpart: partitioning oracle attacks, 2021).
"""

from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

from anoncloud.crypto.derive import Purpose, derive, keyed_digest
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import SealingKey, UnlockKey
from anoncloud.errors import Tampered

NONCE: Final = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
TAG: Final = bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES
COMMITMENT: Final = 32


def seal(key: SealingKey, plaintext: bytes, place: bytes, entropy: Entropy) -> bytes:
    """Seal *plaintext* at *place*: nonce (24 bytes), ciphertext, tag (16 bytes)."""
    nonce = entropy(NONCE)
    return nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plaintext, place, nonce, key.expose()
    )


def open_box(key: SealingKey, box: bytes | memoryview, place: bytes, what: str) -> bytes:
    """Open what :func:`seal` made at the same *place*.

    *what* names the thing for the message of :class:`Tampered`, which any change raises.
    """
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes(box[NONCE:]), place, bytes(box[:NONCE]), key.expose()
        )
    except (CryptoError, ValueError) as error:
        message = f"opening {what}: it is not what was sealed there"
        raise Tampered(message) from error


def seal_committed(key: UnlockKey, plaintext: bytes, place: bytes, entropy: Entropy) -> bytes:
    """Seal *plaintext* so that only *key* can ever open it: commitment (32 bytes), then a box."""
    box = seal(derive(key, Purpose.KEYRING_SEAL, SealingKey), plaintext, place, entropy)
    return keyed_digest(key, Purpose.KEYRING_COMMIT, box, place) + box


def open_committed(key: UnlockKey, sealed: bytes, place: bytes, what: str) -> bytes:
    """Open what :func:`seal_committed` made; the commitment is checked before anything else."""
    commitment, box = sealed[:COMMITMENT], sealed[COMMITMENT:]
    expected = keyed_digest(key, Purpose.KEYRING_COMMIT, box, place)
    if len(commitment) != COMMITMENT or not bindings.sodium_memcmp(commitment, expected):
        message = f"opening {what}: it is not what was sealed there"
        raise Tampered(message)
    return open_box(derive(key, Purpose.KEYRING_SEAL, SealingKey), box, place, what)
