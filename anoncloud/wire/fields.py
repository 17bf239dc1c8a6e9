"""The types of the fields that messages are made of; their bounds stand in the types.

What each means is in docs/protocol.rst section 5.1.
"""

from typing import Annotated

from msgspec import Meta, Struct

from anoncloud.limits import (
    MAX_ACCOUNT_NAME,
    MAX_KEYRING,
    MAX_PAIRING_MESSAGE,
    MAX_RECORD,
    MAX_SCORE,
    MAX_SENTENCE,
    MAX_SLOT,
)

Number = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Request = Annotated[int, Meta(ge=1, lt=2**32)]
"""The number that a client gives a request; each is larger than the one before."""
Identifier = Annotated[bytes, Meta(min_length=16, max_length=16)]
PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
Sentence = Annotated[str, Meta(max_length=MAX_SENTENCE)]
AccountName = Annotated[str, Meta(min_length=1, max_length=MAX_ACCOUNT_NAME)]
SealedKeyring = Annotated[bytes, Meta(min_length=1, max_length=MAX_KEYRING)]
Record = Annotated[bytes, Meta(min_length=1, max_length=MAX_RECORD)]
Score = Annotated[int, Meta(ge=0, le=MAX_SCORE)]
"""How hard a passphrase is to guess, as zxcvbn counts it."""
Slot = Annotated[int, Meta(ge=1, le=MAX_SLOT)]
"""The place where two devices meet; the first part of a pairing code."""
PairingMessage = Annotated[bytes, Meta(min_length=1, max_length=MAX_PAIRING_MESSAGE)]


class Message(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Anything that is said; every field is checked when it is decoded."""


class Statement(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A server's word that *key* follows the key of *signer*; both are Ed25519 keys."""

    signer: PublicKey
    key: PublicKey
    signature: Signature
