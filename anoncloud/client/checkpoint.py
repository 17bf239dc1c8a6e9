"""A sealed copy of the tree at one record, so that a start reads it and a short tail.

Sealed under a key of the drive's newest epoch, bound to the drive, the record's number and its hash
(docs/formats.rst section 7), so it stands for exactly that point of that history.
"""

from typing import Annotated

import attrs
from msgspec import Meta, Raw, Struct, msgpack

from anoncloud.client.cache import Head
from anoncloud.client.keyring import Keyring
from anoncloud.client.tree.affairs import Affairs, Device
from anoncloud.client.tree.nodes import Node
from anoncloud.client.tree.tree import Tree
from anoncloud.client.tree.versions import Time
from anoncloud.crypto import boxes
from anoncloud.crypto.derive import Purpose, derive
from anoncloud.crypto.entropy import Entropy
from anoncloud.crypto.keys import SealingKey
from anoncloud.errors import Tampered
from anoncloud.ids import ROOT, BlobId
from anoncloud.wire.messages import Hash, Identifier, Number

_FORMAT = 1
_CONTEXT = "anoncloud 1 checkpoint"
_AT_ONCE = 4_096
"""Nodes that are read in one go."""
_ARRAY = b"\xdd"
"""What begins an array of MessagePack, before its length in four bytes."""


class Place(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The point in a journal that a checkpoint stands for."""

    format: Annotated[int, Meta(ge=_FORMAT, le=_FORMAT)]
    drive: Identifier
    epoch: Number
    number: Number
    hash: Hash


class _Content(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    newest: Time
    nodes: list[Node]
    blobs: dict[BlobId, int]
    devices: list[Device]
    affairs: Affairs


class _Outline(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is read first of a :class:`_Content`."""

    newest: Time
    nodes: Raw
    blobs: dict[BlobId, int]
    devices: list[Device]
    affairs: Affairs


class _Sealed(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    place: bytes
    box: memoryview


def _key(keyring: Keyring, place: Place) -> SealingKey:
    return derive(keyring.epochs[place.epoch], Purpose.CHECKPOINT, SealingKey, place.drive)


@attrs.frozen
class Checkpoint:
    """*tree* as it is after the record of *head*, and when the *newest* one was made."""

    tree: Tree
    head: Head
    newest: int


def seal_checkpoint(keyring: Keyring, made: Checkpoint, entropy: Entropy) -> bytes:
    """Seal a checkpoint under the drive key of the tree's epoch."""
    tree = made.tree
    place = Place(_FORMAT, keyring.drive, tree.affairs.epoch, made.head.number, made.head.hash)
    content = _Content(
        made.newest,
        [node for node in tree.nodes.values() if node.node != ROOT],
        tree.blobs,
        list(tree.devices.values()),
        tree.affairs,
    )
    encoded = msgpack.encode(place)
    box = boxes.seal(
        _key(keyring, place),
        msgpack.encode(content),
        _CONTEXT.encode() + encoded,
        entropy,
    )
    return msgpack.encode(_Sealed(encoded, memoryview(box)))


def open_checkpoint(keyring: Keyring, sealed: bytes) -> Checkpoint:
    """Open what :func:`seal_checkpoint` made.

    :raises Tampered: it is anything else.
    """
    return read(*unseal(keyring, sealed))


def unseal(keyring: Keyring, sealed: bytes) -> tuple[Place, bytes]:
    """Do the first half of :func:`open_checkpoint`: what is sealed is not needed any more then.

    That of a large drive takes as much memory as half of its tree.
    """
    try:
        outer, place = _take_apart(sealed)
        if place.drive != keyring.drive or place.epoch > keyring.epoch:
            message = "another drive's"
            raise ValueError(message)
        return place, boxes.open_box(
            _key(keyring, place), outer.box, _CONTEXT.encode() + outer.place, "a checkpoint"
        )
    except (ValueError, RecursionError) as error:
        raise _no_checkpoint() from error


def is_ahead(keyring: Keyring, sealed: bytes) -> bool:
    """Tell whether a checkpoint says that it is of an epoch that the keyring does not have yet."""
    try:
        _, place = _take_apart(sealed)
    except (ValueError, RecursionError):
        return False
    return place.drive == keyring.drive and place.epoch > keyring.epoch


def _take_apart(sealed: bytes) -> tuple[_Sealed, Place]:
    outer = msgpack.decode(sealed, type=_Sealed)
    return outer, msgpack.decode(outer.place, type=Place)


def read(place: Place, opened: bytes) -> Checkpoint:
    """Do the second half of :func:`open_checkpoint`."""
    try:
        content = msgpack.decode(opened, type=_Outline)
        if content.affairs.epoch != place.epoch:
            message = "another epoch's"
            raise ValueError(message)
        tree = _plant(content)
    except (ValueError, RecursionError) as error:
        raise _no_checkpoint() from error
    return Checkpoint(tree, Head(place.number, place.hash), content.newest)


def _no_checkpoint() -> Tampered:
    message = "opening a checkpoint: it is not what was sealed there"
    return Tampered(message)


def _plant(content: _Outline) -> Tree:
    """Make the tree of a checkpoint, some nodes at a time: no other thread waits long meanwhile."""
    tree = Tree()
    nodes = msgpack.decode(content.nodes, type=list[Raw])
    for begin in range(0, len(nodes), _AT_ONCE):
        some = nodes[begin : begin + _AT_ONCE]
        tree.plant(_decode_nodes(_ARRAY + len(some).to_bytes(4, "big") + b"".join(some)))
    tree.blobs = content.blobs
    tree.affairs = content.affairs
    for device in content.devices:
        tree.enrol(device)
    return tree


_decode_nodes = msgpack.Decoder(list[Node]).decode
