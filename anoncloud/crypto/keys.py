"""Key types that do not show themselves: no repr, no pickle, no accidental comparison in the open.

A key's bytes leave its object only through :meth:`Secret.expose`, which is easy to search for.
Python cannot promise to wipe memory, so keys are not wiped (docs/formats.rst section 1).
"""

from typing import ClassVar, NoReturn, Self

from nacl import bindings
from nacl.exceptions import BadSignatureError, CryptoError

from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import Misuse, ProtocolBroken


class Secret:
    """Secret bytes of one exact length, with one role, told apart by class."""

    LENGTH: ClassVar[int] = 32
    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if type(raw) is not bytes or len(raw) != self.LENGTH:  # a bytearray could change later
            message = f"a {type(self).__name__} is {self.LENGTH} bytes"
            raise Misuse(message)
        self._raw = raw

    @classmethod
    def generate(cls, entropy: Entropy) -> Self:
        """Draw a fresh one."""
        return cls(entropy(cls.LENGTH))

    def expose(self) -> bytes:
        """Give the bytes themselves, for sealing or deriving."""
        return self._raw

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; keys of two roles are never equal."""
        return type(other) is type(self) and bindings.sodium_memcmp(self._raw, other._raw)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        message = f"a {type(self).__name__} is not written out by pickle or copy"
        raise Misuse(message)


class AccountSecret(Secret):
    """The 128 random bits of the kit that make a stolen server's data useless for guessing."""

    LENGTH = 16


class RecoverySecret(Secret):
    """The 256 random bits of a recovery key, which opens an account alone."""


class PassphraseKey(Secret):
    """What Argon2id makes of a passphrase."""

    LENGTH = 64


class AccountRoot(Secret):
    """Passphrase and account secret together: the login and unlock keys come from it."""


class UnlockKey(Secret):
    """Seals a keyring: the account's by passphrase, or a device's own copy."""


class DriveKey(Secret):
    """Opens one epoch of one drive; only clients hold it."""


class FileKey(Secret):
    """Seals the segments of one version of one file."""


class SealingKey(Secret):
    """A key derived for one kind of sealed thing: records, checkpoints, a keyring."""


class FingerprintKey(Secret):
    """Hashes plaintext so that equal pieces can be told, by this drive's clients alone."""


class DeviceSecret(Secret):
    """What a device that stays logged in keeps on its disk."""


class SharedSecret(Secret):
    """What two X25519 keys agree on; the keys of boxes come from it, and nothing else."""


class PairingSecret(Secret):
    """The 32 random bits that the words of a pairing's code stand for."""

    LENGTH = 4


class PairingKey(Secret):
    """What two devices agree on by a short code (SPAKE2)."""


class SigningKey(Secret):
    """The 32-byte seed of an Ed25519 key pair (RFC 8032)."""

    __slots__ = ("_pair", "public")

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.public, self._pair = bindings.crypto_sign_seed_keypair(raw)

    def sign(self, context: bytes, message: bytes) -> bytes:
        """Sign *context* and *message*; 64 bytes. The context says what the signature is for."""
        return bindings.crypto_sign(context + message, self._pair)[: bindings.crypto_sign_BYTES]


class ServerSecret(SigningKey):
    """The seed that a server keeps: it signs a change of key, and its X25519 key comes from it."""


def verify(public: bytes, context: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* is *public*'s over *context* and *message*.

    The binding checks no lengths: it would read past a short key, and take the end of a long
    signature for the beginning of what is signed.
    """
    if len(public) != bindings.crypto_sign_PUBLICKEYBYTES:
        return False
    if len(signature) != bindings.crypto_sign_BYTES:
        return False
    try:
        bindings.crypto_sign_open(signature + context + message, public)
    except BadSignatureError:
        return False
    return True


class AgreementKey(Secret):
    """An X25519 key pair (RFC 7748): the server's long-term key, or a fresh one of a handshake."""

    __slots__ = ("public",)

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.public = bindings.crypto_scalarmult_base(raw)

    def agree(self, public: bytes) -> bytes:
        """Agree on 32 bytes with the owner of *public*; refuse points of small order."""
        message = "key agreement: the peer's public key is not usable"
        if len(public) != bindings.crypto_scalarmult_BYTES:  # the binding does not check it
            raise ProtocolBroken(message)
        try:
            return bindings.crypto_scalarmult(self._raw, public)
        except CryptoError as error:
            raise ProtocolBroken(message) from error
