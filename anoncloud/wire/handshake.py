"""The key agreement as a table of tokens, the same code for both roles.

A pattern of the Noise Protocol Framework (revision 34, section 7) is a list of messages, each a
list of tokens. ``NK`` is plain Noise, checked against published vectors; ``NKhfs`` adds the hybrid
step of the HFS extension (tokens ``e1`` and ``ekem1``) with ML-KEM-768, and is what the protocol
uses (docs/protocol.rst section 3). In both, the client is anonymous and knows the server's
long-term key beforehand; both draw fresh keys for every connection.
"""

import enum
from collections.abc import Callable
from typing import Final

import attrs

from anoncloud.crypto import noise
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import AgreementKey
from anoncloud.errors import HandshakeFailed, Misuse

DH_KEY: Final = 32


class Token(enum.Enum):
    """A step within a handshake message."""

    E = "e"
    ES = "es"
    EE = "ee"
    E1 = "e1"
    EKEM1 = "ekem1"


@attrs.frozen
class Pattern:
    """A protocol name and, for each message in turn (the initiator's first), its tokens."""

    name: bytes
    messages: tuple[tuple[Token, ...], ...]


NK: Final = Pattern(
    b"Noise_NK_25519_ChaChaPoly_BLAKE2b",
    ((Token.E, Token.ES), (Token.E, Token.EE)),
)
NK_HFS: Final = Pattern(
    b"Noise_NKhfs_25519+MLKEM768_ChaChaPoly_BLAKE2b",
    ((Token.E, Token.ES, Token.E1), (Token.E, Token.EE, Token.EKEM1)),
)


class Role(enum.Enum):
    """Which end of a connection this is."""

    CLIENT = "client"
    SERVER = "server"


class Handshake:
    """One run of a pattern; write and read its messages in turn, then split.

    A wrong turn is :class:`Misuse`; a message that does not fit is :class:`HandshakeFailed`, and
    nothing can be done with the object after it.
    """

    def __init__(  # noqa: PLR0913 - each is a party to the agreement
        self,
        pattern: Pattern,
        role: Role,
        *,
        prologue: bytes,
        entropy: Entropy,
        static: AgreementKey | None = None,
        server_public: bytes = b"",
        encapsulate: noise.Encapsulate = noise.encapsulate,
    ) -> None:
        self._pattern = pattern
        self._role = role
        self._entropy = entropy
        self._encapsulate = encapsulate
        if (role is Role.SERVER) != (static is not None):
            message = "a server, and no client, brings a static key to the handshake"
            raise Misuse(message)
        self._static = static
        self._server_public = static.public if static else server_public
        self._turn = 0
        self._symmetric = noise.SymmetricState(pattern.name)
        self._symmetric.mix_hash(prologue)
        self._symmetric.mix_hash(self._server_public)
        self._ephemeral: AgreementKey | None = None
        self._peer_ephemeral = b""
        self._kem: noise.KemKey | None = None
        self._peer_kem = b""

    @property
    def finished(self) -> bool:
        """Whether every message of the pattern has been written or read."""
        return self._turn == len(self._pattern.messages)

    @property
    def hash(self) -> bytes:
        """64 bytes that stand for this very handshake and no other."""
        return self._symmetric.hash

    def write(self, payload: bytes = b"") -> bytes:
        """Make the next message, which is ours to send."""
        tokens = self._begin(writing=True)
        message = b"".join(_STEPS[token][0](self) for token in tokens)
        message += self._symmetric.seal(payload)
        self._turn += 1
        return message

    def read(self, message: bytes) -> bytes:
        """Take the peer's next message and give its payload."""
        tokens = self._begin(writing=False)
        for token in tokens:
            message = _STEPS[token][1](self, message)
        payload = self._symmetric.open(message)
        self._turn += 1
        return payload

    def split(self) -> tuple[noise.CipherState, noise.CipherState]:
        """Give the ciphers of the finished handshake: (for sending, for receiving)."""
        if not self.finished:
            message = "the handshake is not finished"
            raise Misuse(message)
        clients, servers = self._symmetric.split()
        return (clients, servers) if self._role is Role.CLIENT else (servers, clients)

    def _begin(self, *, writing: bool) -> tuple[Token, ...]:
        ours = (self._turn % 2 == 0) == (self._role is Role.CLIENT)
        if self.finished or ours != writing:
            message = "this handshake message is out of turn"
            raise Misuse(message)
        return self._pattern.messages[self._turn]

    def _take(self, message: bytes, length: int) -> tuple[bytes, bytes]:
        if len(message) < length:
            fault = "the key agreement failed: the peer's message is too short"
            raise HandshakeFailed(fault)
        return message[:length], message[length:]

    def _write_e(self) -> bytes:
        self._ephemeral = AgreementKey.generate(self._entropy)
        self._symmetric.mix_hash(self._ephemeral.public)
        return self._ephemeral.public

    def _read_e(self, message: bytes) -> bytes:
        self._peer_ephemeral, rest = self._take(message, DH_KEY)
        self._symmetric.mix_hash(self._peer_ephemeral)
        return rest

    def _agree_es(self) -> None:
        if self._static:
            self._symmetric.mix_key(self._static.agree(self._peer_ephemeral))
        else:
            self._symmetric.mix_key(self._own_ephemeral().agree(self._server_public))

    def _agree_ee(self) -> None:
        self._symmetric.mix_key(self._own_ephemeral().agree(self._peer_ephemeral))

    def _own_ephemeral(self) -> AgreementKey:
        if self._ephemeral is None:
            message = "a pattern uses a key before it was sent"
            raise Misuse(message)
        return self._ephemeral

    def _write_e1(self) -> bytes:
        self._kem = noise.KemKey(self._entropy)
        return self._symmetric.seal(self._kem.public)

    def _read_e1(self, message: bytes) -> bytes:
        sealed, rest = self._take(message, noise.KEM_PUBLIC + self._symmetric.overhead)
        self._peer_kem = self._symmetric.open(sealed)
        return rest

    def _write_ekem1(self) -> bytes:
        ciphertext, secret = self._encapsulate(self._peer_kem)
        sealed = self._symmetric.seal(ciphertext)
        self._symmetric.mix_key(secret)
        return sealed

    def _read_ekem1(self, message: bytes) -> bytes:
        if self._kem is None:
            fault = "a pattern uses a key before it was sent"
            raise Misuse(fault)
        sealed, rest = self._take(message, noise.KEM_CIPHERTEXT + self._symmetric.overhead)
        self._symmetric.mix_key(self._kem.decapsulate(self._symmetric.open(sealed)))
        return rest


def _write_nothing(agree: Callable[[Handshake], None]) -> Callable[[Handshake], bytes]:
    def write(handshake: Handshake) -> bytes:
        agree(handshake)
        return b""

    return write


def _read_nothing(agree: Callable[[Handshake], None]) -> Callable[[Handshake, bytes], bytes]:
    def read(handshake: Handshake, message: bytes) -> bytes:
        agree(handshake)
        return message

    return read


_Step = tuple[Callable[[Handshake], bytes], Callable[[Handshake, bytes], bytes]]
# ruff: noqa: SLF001 - the table is a part of the class that can only be written after it
_STEPS: Final[dict[Token, _Step]] = {
    Token.E: (Handshake._write_e, Handshake._read_e),
    Token.E1: (Handshake._write_e1, Handshake._read_e1),
    Token.EKEM1: (Handshake._write_ekem1, Handshake._read_ekem1),
    Token.ES: (_write_nothing(Handshake._agree_es), _read_nothing(Handshake._agree_es)),
    Token.EE: (_write_nothing(Handshake._agree_ee), _read_nothing(Handshake._agree_ee)),
}
