"""A server's long-term keys: one pair to sign and to agree with, and how one key follows another.

A server keeps an Ed25519 seed; the X25519 key of its address is the conversion of that pair
(RFC 7748 section 4.1), so whoever knows an address can tell whose signature leads on from it. One
pair for both is sound where each use has its own frame: Thormarker, "On using the same key pair for
Ed25519 and an X25519 based KEM", 2021. What is signed begins with a context that no handshake has;
docs/protocol.rst sections 1 and 5.4.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Protocol, TypeVar

from nacl import bindings
from nacl.exceptions import RuntimeError as SodiumError

from anoncloud.crypto.keys import AgreementKey, ServerSecret, verify
from anoncloud.errors import HandshakeFailed

CONTEXT: Final = b"anoncloud 1 server key\x00"
"""What a statement begins with; the signer's key and the key that follows it come after."""


class Statement(Protocol):
    """A server's word that *key* follows the key of *signer*; both are Ed25519 keys."""

    @property
    def signer(self) -> bytes: ...
    @property
    def key(self) -> bytes: ...
    @property
    def signature(self) -> bytes: ...


Word = TypeVar("Word", bound=Statement)


def agreement_key(secret: ServerSecret) -> AgreementKey:
    """Give the X25519 key that clients agree on keys with."""
    _, pair = bindings.crypto_sign_seed_keypair(secret.expose())
    return AgreementKey(bindings.crypto_sign_ed25519_sk_to_curve25519(pair))


def agreement_public(signer: bytes) -> bytes:
    """Give the public X25519 key, 32 bytes, of the pair whose public Ed25519 key is *signer*.

    :raises HandshakeFailed: it is no such key.
    """
    try:
        return bindings.crypto_sign_ed25519_pk_to_curve25519(signer)
    except (SodiumError, ValueError) as error:
        raise _no_chain() from error


def sign_successor(secret: ServerSecret, key: bytes) -> bytes:
    """Sign that *key* follows the key of *secret*; 64 bytes."""
    return secret.sign(CONTEXT, secret.public + key)


def leading(known: bytes, statements: Sequence[Word]) -> tuple[Word, ...]:
    """Give those of *statements* that lead from the X25519 key *known* to the server's newest.

    There are none if it is the newest. All must hold, each for the key that follows the one before.

    :raises HandshakeFailed: one does not hold, or *known* is not among their keys.
    """
    for before, after in pairwise(statements):
        if before.key != after.signer:
            raise _no_chain()
    for word in statements:
        if not verify(word.signer, CONTEXT, word.signer + word.key, word.signature):
            raise _no_chain()
    keys = [agreement_public(one) for word in statements[:1] for one in (word.signer,)]
    keys += [agreement_public(word.key) for word in statements]
    if known not in keys:
        raise _no_chain()
    return tuple(statements[len(keys) - 1 - keys[::-1].index(known) :])


def _no_chain() -> HandshakeFailed:
    message = "the server names keys of its own that do not follow from the one in its address"
    return HandshakeFailed(message, "do not use this server; ask its owner for the address")
