"""The kit: one printable line, made at registration, without which a passphrase opens nothing.

It holds what a client must never take from a server: the server's address and public key, the
account's name and secret, and the cost of Argon2id (docs/formats.rst section 2.1). A checksum finds
slips of the pen; it protects against nothing else.
"""

from typing import Annotated, Final

import attrs
from msgspec import Meta, Struct, msgpack

from anoncloud.client.address import Address
from anoncloud.client.printed import CHECKSUM, damaged, mistaken, read_line, write_line
from anoncloud.crypto.derive import Purpose, digest
from anoncloud.crypto.keys import AccountSecret
from anoncloud.crypto.passphrases import AccountKeys, Argon2, account_keys
from anoncloud.wire.messages import AccountName

PREFIX: Final = "anoncloud-kit-1-"
_WHAT: Final = "kit"


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    host: Annotated[str, Meta(min_length=1, max_length=255)]
    port: Annotated[int, Meta(ge=1, le=65535)]
    server_key: Annotated[bytes, Meta(min_length=32, max_length=32)]
    account: AccountName
    secret: Annotated[bytes, Meta(min_length=16, max_length=16)]
    passes: Annotated[int, Meta(ge=1, lt=2**32)]
    memory_kib: Annotated[int, Meta(ge=1, lt=2**32)]


@attrs.frozen
class Kit:
    """What the owner of an account keeps on paper or in a safe file."""

    address: Address
    account: str
    secret: AccountSecret
    cost: Argon2

    def line(self) -> str:
        """Write the kit as its one line: base32 in lower case."""
        content = msgpack.encode(
            _Content(
                self.address.host,
                self.address.port,
                self.address.key,
                self.account,
                self.secret.expose(),
                self.cost.passes,
                self.cost.memory // 1024,
            )
        )
        return write_line(PREFIX, content, _checksum(content))

    def keys(self, passphrase: str) -> AccountKeys:
        """Work out the account's keys; takes Argon2id's time and memory."""
        return account_keys(passphrase, self.secret, self.address.key, self.account, self.cost)


def _checksum(content: bytes) -> bytes:
    return digest(Purpose.KIT_CHECKSUM, content, length=CHECKSUM)


def parse_kit(text: str) -> Kit:
    """Read a kit's line; white space in it does no harm.

    :raises UsageError: it is damaged, or asks for a cost outside the floor and the cap.
    """
    content, checksum = read_line(text, PREFIX, _WHAT)
    try:
        fields = msgpack.decode(content, type=_Content)
    except ValueError as error:
        raise damaged(PREFIX, _WHAT) from error
    if checksum != _checksum(content):
        raise mistaken(PREFIX, _WHAT)
    cost = Argon2(fields.passes, fields.memory_kib * 1024)
    cost.check()
    return Kit(
        Address(fields.host, fields.port, fields.server_key),
        fields.account,
        AccountSecret(fields.secret),
        cost,
    )
