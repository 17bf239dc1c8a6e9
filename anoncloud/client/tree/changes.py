"""What a journal record says once it is open: one atomic change, a list of operations.

Layout and padding are in docs/formats.rst sections 5.4 and 6.1. What a file holds is in
``client.tree.versions``. Adding an operation: its class here, its rule in ``client.tree.rules``,
its line in the docs.
"""

import enum
from typing import Annotated, Final

from msgspec import Meta, Struct, msgpack

from anoncloud.client.tree.versions import Mode, StreamKey, Time, Version
from anoncloud.crypto.delivery import CHECK, DELIVERY
from anoncloud.crypto.packing import Extent
from anoncloud.errors import Tampered
from anoncloud.ids import NodeId
from anoncloud.limits import MAX_DEVICES, MAX_LINK_TARGET, MAX_NAME, MIN_RECORD_BODY

Name = Annotated[bytes, Meta(min_length=1, max_length=MAX_NAME)]
Target = Annotated[bytes, Meta(min_length=1, max_length=MAX_LINK_TARGET)]

PublicKey = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]
Cost = Annotated[int, Meta(ge=1, le=2**32 - 1)]
RecordNumber = Annotated[int, Meta(ge=0, le=2**63 - 1)]
RecordHash = Annotated[bytes, Meta(min_length=32, max_length=32)]

MAX_EPOCHS: Final = 128
"""Drive keys that a drive has in its life, the first one included."""
MAX_DELIVERIES: Final = MAX_DEVICES + 1
"""To whom one new drive key goes: all devices, and the account itself."""


class Operation(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One step of a change."""


class MakeFolder(Operation, frozen=True, tag=1):
    """Make folder *node* called *name* in *parent*."""

    node: NodeId
    parent: NodeId
    name: Name
    modified: Time
    mode: Mode


class PutFile(Operation, frozen=True, tag=2):
    """Make file *node* called *name* in *parent*, with its first version."""

    node: NodeId
    parent: NodeId
    name: Name
    version: Version


class PutVersion(Operation, frozen=True, tag=3):
    """Give file *node* a new version; the older ones stay."""

    node: NodeId
    version: Version


class Move(Operation, frozen=True, tag=4):
    """Move *node* into *parent* under *name*; one of the two may be what it was."""

    node: NodeId
    parent: NodeId
    name: Name


class Trash(Operation, frozen=True, tag=5):
    """Put *node*, and all below it, into the trash."""

    node: NodeId


class Restore(Operation, frozen=True, tag=6):
    """Take *node* out of the trash into *parent* under *name*."""

    node: NodeId
    parent: NodeId
    name: Name


class Purge(Operation, frozen=True, tag=7):
    """Forget *node*, which lies in the trash, and all below it, with every version."""

    node: NodeId


class EnrolDevice(Operation, frozen=True, tag=8):
    """A device stays logged in from now on: its public signing *key* and what it is called.

    New drive keys are delivered to *agreement*, its public X25519 key.
    """

    key: PublicKey
    agreement: PublicKey
    name: Name


class RevokeDevice(Operation, frozen=True, tag=9):
    """A device stays logged in no more."""

    key: PublicKey


class MakeLink(Operation, frozen=True, tag=10):
    """Make symbolic link *node* called *name* in *parent*; where it points is the user's affair."""

    node: NodeId
    parent: NodeId
    name: Name
    target: Target
    modified: Time


class SetAttributes(Operation, frozen=True, tag=11):
    """Give *node* another time and other permission bits; of a file, its newest version."""

    node: NodeId
    modified: Time
    mode: Mode


class ForgetVersions(Operation, frozen=True, tag=12):
    """Forget the *count* oldest versions of file *node*, never the newest."""

    node: NodeId
    count: Annotated[int, Meta(ge=1)]


class Relocate(Operation, frozen=True, tag=13):
    """The stream of *key*, in all versions of file *node*, lies elsewhere now, unchanged."""

    node: NodeId
    key: StreamKey
    extents: tuple[Extent, ...]
    fingerprints: tuple[Extent, ...]

    def __repr__(self) -> str:
        return f"<Relocate in {self.node}>"  # the key is secret


class SetOptions(Operation, frozen=True, tag=14):
    """Store files from now on compressed, or as they are."""

    compress: bool


class RenameDevice(Operation, frozen=True, tag=15):
    """A device is called otherwise."""

    key: PublicKey
    name: Name


class Delivery(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A drive key, sealed to the public key *recipient* (``crypto.delivery``)."""

    recipient: PublicKey
    sealed: Annotated[bytes, Meta(min_length=DELIVERY, max_length=DELIVERY)]


class NewEpoch(Operation, frozen=True, tag=16):
    """What follows is sealed under a new drive key, which only these members get."""

    epoch: Annotated[int, Meta(ge=1, le=MAX_EPOCHS - 1)]
    check: Annotated[bytes, Meta(min_length=CHECK, max_length=CHECK)]
    deliveries: Annotated[tuple[Delivery, ...], Meta(min_length=1, max_length=MAX_DELIVERIES)]


class NewAccountKeys(Operation, frozen=True, tag=17):
    """The account has other keys: X25519 *agreement*, Ed25519 *signing*; signed by the older."""

    agreement: PublicKey
    signing: PublicKey
    signature: Signature


class KeyEvent(enum.IntEnum):
    """What happened to the keys of an account."""

    PASSPHRASE = 1
    KIT = 2
    RECOVERY_MADE = 3
    RECOVERY_DROPPED = 4
    RECOVERY_USED = 5


class NoteKeys(Operation, frozen=True, tag=18):
    """Other devices are told of *what* happened to the keys, and of Argon2id's cost from then."""

    what: KeyEvent
    passes: Cost
    memory_kib: Cost


class NoteServer(Operation, frozen=True, tag=19):
    """The server has another *key*; *signer*, whose conversion is the older one, signed both."""

    key: PublicKey
    signer: PublicKey
    signature: Signature


class AcceptHistory(Operation, frozen=True, tag=20):
    """The user of the device or account *key* went on with the history up to *accepted*.

    Given up was what that device had *seen* of another one, up to a record of that number.
    """

    key: PublicKey
    seen: RecordNumber
    seen_hash: RecordHash
    accepted: RecordNumber
    accepted_hash: RecordHash


Operations = (
    MakeFolder
    | PutFile
    | PutVersion
    | Move
    | Trash
    | Restore
    | Purge
    | EnrolDevice
    | RevokeDevice
    | MakeLink
    | SetAttributes
    | ForgetVersions
    | Relocate
    | SetOptions
    | RenameDevice
    | NewEpoch
    | NewAccountKeys
    | NoteKeys
    | NoteServer
    | AcceptHistory
)


class Change(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The body of a record: when it was made (microseconds since 1970), and its operations."""

    time: Time
    operations: tuple[Operations, ...]


_encoder = msgpack.Encoder()
_decoder = msgpack.Decoder(Change)
_LENGTH: Final = 4


def padded_length(length: int) -> int:
    """Give the length to pad a body of *length* bytes to: Padmé's, and at least 512.

    Source: Nikitin and others, "Reducing Metadata Leakage from Encrypted Files and Communication
    with PURBs", PETS 2019, algorithm 1. Growth is under 12 %, and falls with the length.
    """
    if length <= MIN_RECORD_BODY:
        return MIN_RECORD_BODY
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (length + mask) & ~mask


def encode_change(change: Change) -> bytes:
    """Encode *change* as a body is before sealing: length (4 bytes), content, zeros."""
    content = _encoder.encode(change)
    length = _LENGTH + len(content)
    return len(content).to_bytes(_LENGTH, "big") + content + bytes(padded_length(length) - length)


def decode_change(body: bytes) -> Change:
    """Undo :func:`encode_change`.

    :raises Tampered: it is no change that this version knows.
    """
    length = int.from_bytes(body[:_LENGTH], "big")
    try:
        if _LENGTH + length > len(body) or any(body[_LENGTH + length :]):
            message = "wrong padding"
            raise ValueError(message)
        return _decoder.decode(memoryview(body)[_LENGTH : _LENGTH + length])
    except (ValueError, RecursionError) as error:
        message = "a journal record opened, but holds a change that this version does not know"
        raise Tampered(message, "update this program; nothing was changed") from error
