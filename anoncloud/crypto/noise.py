"""The primitives and symmetric objects of the Noise Protocol Framework, revision 34.

CipherState, HKDF and SymmetricState of sections 4.3, 5.1 and 5.2, for the suite
25519 / ChaChaPoly / BLAKE2b, and the key encapsulation of the HFS extension with ML-KEM-768
(FIPS 203). Who sends what is decided in ``wire.handshake``.
"""

import hmac
from hashlib import blake2b
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import HandshakeFailed, Misuse, ProtocolBroken

KEY: Final = 32
TAG: Final = 16
HASH: Final = 64
MAX_NONCE: Final = 2**64 - 1
KEM_PUBLIC: Final = 1184
KEM_CIPHERTEXT: Final = 1088
KEM_SEED: Final = 64


class CipherState:
    """One key and the counter of the next nonce (Noise section 5.1)."""

    def __init__(self, key: bytes) -> None:
        self._rekeyed(key)

    def _rekeyed(self, key: bytes) -> None:
        self._key = key
        self._aead = ChaCha20Poly1305(key)
        self.counter = 0

    def seal(self, plaintext: bytes | bytearray | memoryview, place: bytes = b"") -> bytes:
        """Seal *plaintext* with the next nonce; 16 bytes longer."""
        return self._aead.encrypt(self._next_nonce(), plaintext, place)

    def open(self, sealed: bytes | bytearray | memoryview, place: bytes = b"") -> bytes:
        """Open *sealed* with the next nonce.

        :raises ProtocolBroken: it is not what the peer sealed at this point of the stream.
        """
        try:
            return self._aead.decrypt(self._next_nonce(), sealed, place)
        except InvalidTag as error:
            message = "a frame did not open: it was changed, repeated, moved or left out"
            raise ProtocolBroken(message) from error

    def rekey(self) -> None:
        """Replace the key by a one-way function of itself (Noise 4.2) and start from zero.

        Noise leaves the counter alone; ours begins anew at every key (docs/protocol.rst 4.3).
        """
        nonce = bytes(4) + MAX_NONCE.to_bytes(8, "little")
        self._rekeyed(self._aead.encrypt(nonce, bytes(KEY), b"")[:KEY])

    def _next_nonce(self) -> bytes:
        if self.counter >= MAX_NONCE:
            message = "this key has no nonces left"
            raise Misuse(message)
        nonce = bytes(4) + self.counter.to_bytes(8, "little")
        self.counter += 1
        return nonce


def hkdf(chaining_key: bytes, material: bytes, outputs: int) -> tuple[bytes, ...]:
    """Make *outputs* keys of 64 bytes (Noise section 4.3; RFC 5869 with HMAC-BLAKE2b)."""
    temporary = hmac.digest(chaining_key, material, _hash_name)
    made: list[bytes] = []
    for number in range(1, outputs + 1):
        block = (made[-1] if made else b"") + bytes([number])
        made.append(hmac.digest(temporary, block, _hash_name))
    return tuple(made)


_hash_name: Final = "blake2b"


class SymmetricState:
    """The running hash, the chaining key and the cipher of a handshake (Noise section 5.2)."""

    def __init__(self, protocol_name: bytes) -> None:
        padded = protocol_name.ljust(HASH, b"\x00")
        self.hash = padded if len(protocol_name) <= HASH else blake2b(protocol_name).digest()
        self._chaining_key = self.hash
        self._cipher: CipherState | None = None

    def mix_hash(self, data: bytes) -> None:
        """Bind *data* into everything that follows."""
        self.hash = blake2b(self.hash + data).digest()

    def mix_key(self, material: bytes) -> None:
        """Bind *material* into every key that follows."""
        self._chaining_key, key = hkdf(self._chaining_key, material, 2)
        self._cipher = CipherState(key[:KEY])

    @property
    def overhead(self) -> int:
        """How much longer :meth:`seal` makes its plaintext at this point."""
        return TAG if self._cipher else 0

    def seal(self, plaintext: bytes) -> bytes:
        """EncryptAndHash: seal with the running hash as place; in clear before the first key."""
        sealed = self._cipher.seal(plaintext, self.hash) if self._cipher else plaintext
        self.mix_hash(sealed)
        return sealed

    def open(self, sealed: bytes) -> bytes:
        """DecryptAndHash.

        :raises HandshakeFailed: the peer does not hold the key that it should.
        """
        try:
            plaintext = self._cipher.open(sealed, self.hash) if self._cipher else sealed
        except ProtocolBroken as error:
            message = "the key agreement failed: the peer does not hold the key it should"
            raise HandshakeFailed(message) from error
        self.mix_hash(sealed)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """End the handshake: the cipher of the initiator's frames, and of the responder's."""
        first, second = hkdf(self._chaining_key, b"", 2)
        return CipherState(first[:KEY]), CipherState(second[:KEY])


class KemKey:
    """A fresh ML-KEM-768 key pair of the side that begins."""

    def __init__(self, entropy: Entropy) -> None:
        self._private = MLKEM768PrivateKey.from_seed_bytes(entropy(KEM_SEED))
        self.public = self._private.public_key().public_bytes_raw()

    def decapsulate(self, ciphertext: bytes) -> bytes:
        """Give the 32 bytes that the peer encapsulated; another ciphertext gives other bytes."""
        return self._private.decapsulate(ciphertext)


class Encapsulate(Protocol):
    """Make (ciphertext of 1,088 bytes, shared secret of 32) for a KEM public key."""

    def __call__(self, public: bytes) -> tuple[bytes, bytes]: ...


def encapsulate(public: bytes) -> tuple[bytes, bytes]:
    """Encapsulate with the library's own randomness, which it does not let a caller choose."""
    try:
        secret, ciphertext = MLKEM768PublicKey.from_public_bytes(public).encapsulate()
    except ValueError as error:
        message = "key agreement: the peer's ML-KEM key is not usable"
        raise ProtocolBroken(message) from error
    return ciphertext, secret
