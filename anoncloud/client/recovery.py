"""The recovery key: one printable line that opens an account alone, without kit and passphrase.

It holds 256 random bits, so nobody guesses it and no Argon2 is needed; whoever finds it has the
account. That is why an account has one only if its owner makes it (docs/formats.rst section 2.5).
"""

from typing import Annotated, Final

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.client.address import Address
from anoncloud.client.keyring import AccountKeyring, recovery_place, seal_keyring
from anoncloud.client.printed import CHECKSUM, damaged, mistaken, read_line, write_line
from anoncloud.crypto.derive import Purpose, derive, digest
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import RecoverySecret, SigningKey, UnlockKey
from anoncloud.wire.messages import AccountName

PREFIX: Final = "anoncloud-recovery-1-"
_WHAT: Final = "recovery key"


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    host: Annotated[str, Meta(min_length=1, max_length=255)]
    port: Annotated[int, Meta(ge=1, le=65535)]
    server_key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    account: AccountName
    secret: Annotated[bytes, Meta(min_length=32, max_length=32)]


@attrs.frozen
class Recovery:
    """A recovery key: of which account, where, and its *secret*."""

    address: Address
    account: str
    secret: RecoverySecret

    def line(self) -> str:
        """Write it as its one line: base32 in lower case."""
        where = self.address
        content = msgpack.encode(
            _Content(where.host, where.port, where.key, self.account, self.secret.expose())
        )
        return write_line(PREFIX, content, _checksum(content))

    @property
    def login(self) -> SigningKey:
        """The key that it logs in with."""
        return derive(self.secret, Purpose.RECOVERY_LOGIN, SigningKey)

    @property
    def unlock(self) -> UnlockKey:
        """The key that opens its copy of the keyring."""
        return derive(self.secret, Purpose.RECOVERY_UNLOCK, UnlockKey)

    @property
    def place(self) -> bytes:
        """What its copy of the keyring is bound to."""
        return recovery_place(self.address.key, self.account)

    def seal(self, keyring: AccountKeyring, entropy: Entropy) -> bytes:
        """Seal the copy of *keyring* that the server keeps for it."""
        return seal_keyring(keyring, self.unlock, self.place, entropy)


def draw_recovery(address: Address, account: str, entropy: Entropy) -> Recovery:
    """Draw a recovery key for an account of the server at *address*."""
    return Recovery(address, account, RecoverySecret.generate(entropy))


def _checksum(content: bytes) -> bytes:
    return digest(Purpose.RECOVERY_CHECKSUM, content, length=CHECKSUM)


def parse_recovery(text: str) -> Recovery:
    """Read a recovery key's line; white space in it does no harm.

    :raises UsageError: it is damaged, or none.
    """
    content, checksum = read_line(text, PREFIX, _WHAT)
    try:
        fields = msgpack.decode(content, type=_Content)
    except ValueError as error:
        raise damaged(PREFIX, _WHAT) from error
    if checksum != _checksum(content):
        raise mistaken(PREFIX, _WHAT)
    return Recovery(
        Address(fields.host, fields.port, fields.server_key),
        fields.account,
        RecoverySecret(fields.secret),
    )
