"""Where a server is and which key it holds: ``anoncloud://HOST:PORT/#KEY``.

KEY is the server's X25519 public key, 32 bytes in unpadded base64url; an invitation link adds a dot
and 16 bytes more in the same form (docs/protocol.rst section 1). Whoever has the address needs no
further word to trust the server, and a wrong key can only fail.
"""

import base64
import binascii
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

import attrs

from anoncloud.errors import UsageError

SCHEME: Final = "anoncloud"
DEFAULT_PORT: Final = 9650
KEY_LENGTH: Final = 32
INVITATION_LENGTH: Final = 16
_HINT: Final = "it looks like anoncloud://HOST:PORT/#KEY; ask the server's owner for it"


@attrs.frozen
class Address:
    """A server: *host* (a name or an IP address), *port*, and its public *key* (32 bytes)."""

    host: str
    port: int
    key: bytes

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}://{host}:{self.port}/#{encode_base64(self.key)}"


@attrs.frozen
class Invitation:
    """An address, and the *code* (16 bytes, or none) that lets one person register there."""

    address: Address
    code: bytes = attrs.field(repr=False, default=b"")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address or an invitation link.

        :raises UsageError: it is neither.
        """
        try:
            parts = urlsplit(text.strip())
            host, port = parts.hostname or "", DEFAULT_PORT if parts.port is None else parts.port
        except ValueError as error:
            message = "this is not an address of a server"
            raise UsageError(message, _HINT) from error
        _check(parts, host)
        key, dot, code = parts.fragment.partition(".")
        return cls(
            Address(host, port, decode_base64(key, KEY_LENGTH)),
            decode_base64(code, INVITATION_LENGTH) if dot else b"",
        )


def _check(parts: SplitResult, host: str) -> None:
    if (
        parts.scheme != SCHEME
        or not host
        or "@" in parts.netloc
        or parts.port == 0
        or parts.path not in {"", "/"}
        or parts.query
    ):
        message = "this is not an address of a server"
        raise UsageError(message, _HINT)


def encode_base64(raw: bytes) -> str:
    """Write bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_base64(text: str, length: int) -> bytes:
    """Read exactly *length* bytes from unpadded base64url in its one canonical form."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        message = "the key in the address is damaged"
        raise UsageError(message, "copy the whole address again") from error
    if len(raw) != length or encode_base64(raw) != text:
        message = "the key in the address is damaged"
        raise UsageError(message, "copy the whole address again")
    return raw
