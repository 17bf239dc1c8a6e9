"""A drive's journal as this device knows it: checked link by link, opened, folded into the tree.

Every record must carry on the chain of hashes, at the next number, and open under the drive's key.
A server that shows less than this device has seen, or something else, is named as such
(:class:`RolledBack`, :class:`Forked`); what the device had stays readable.
"""

from collections.abc import Iterable
from typing import Final

from anoncloud.client import checkpoint
from anoncloud.client.cache import Cache, Head
from anoncloud.client.keyring import Keyring
from anoncloud.client.sealing import open_record
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import Forked, LocalError, ProtocolBroken, RolledBack, Tampered
from anoncloud.limits import KIB
from anoncloud.wire import records

CHECKPOINT_TAIL: Final = 64 * KIB
"""Bytes of records behind a checkpoint that are worth a new one, at least ..."""
CHECKPOINT_SHARE: Final = 16
"""... and this fraction of the checkpoint, so that the cost of a change stays the same."""
_HINT: Final = (
    "the server was restored from a backup, or it lies; what this device knows is untouched: "
    "ask the server's owner, and compare with another device before you go on"
)


class Journal:
    """The journal of the drive of *keyring*, cached in *cache*."""

    def __init__(self, keyring: Keyring, cache: Cache, entropy: Entropy) -> None:
        self.keyring = keyring
        self.tree = Tree()
        self.head = Head(0, records.genesis_hash(keyring.drive))
        self.newest = 0
        """When the newest record was made: microseconds since 1970, by its maker's clock."""
        self._cache = cache
        self._entropy = entropy
        self._checkpoint = 0
        self._tail = 0
        self._remembered = cache.head() or self.head
        self._load()

    @property
    def remembered(self) -> Head:
        """The newest head this device has ever seen."""
        return self._remembered

    def check_head(self, number: int, last_hash: bytes) -> None:
        """Judge the head that a server claims, before anything is read from it.

        :raises RolledBack: it lies before one that was seen.
        :raises Forked: it is not the one that was seen at that number.
        """
        seen = self._remembered
        if number < seen.number:
            shown = f"the server shows a journal of {number} records"
            message = f"{shown}; this device has seen {seen.number}"
            raise RolledBack(message, _HINT)
        if number == seen.number and last_hash != seen.hash:
            raise self._forked(number)

    def absorb(self, received: Iterable[bytes]) -> None:
        """Check, open and fold records that follow the head, and cache them.

        Those before the first bad one are kept.

        :raises Forked: a record does not follow, or is not the one that was seen at its number.
        :raises Tampered: a record does not open, or breaks the rules of the tree.
        """
        kept: list[bytes] = []
        try:
            for record in received:
                self._fold(record)
                kept.append(record)
        finally:
            self._keep(kept)

    def adopt(self, record: bytes, draft: Draft) -> None:
        """Take *record*, made here from *draft* to follow the head, now that it is committed."""
        draft.settle()
        self.head = Head(self.head.number + 1, records.record_hash(record))
        self.newest = max(self.newest, draft.time)
        self._keep([record])

    def close(self) -> None:
        """Leave a checkpoint behind if the tail has grown long."""
        if self._tail > max(CHECKPOINT_TAIL, self._checkpoint // CHECKPOINT_SHARE):
            sealed = checkpoint.seal_checkpoint(
                self.keyring, self.tree, self.head.number, self.head.hash, self._entropy
            )
            self._cache.keep_checkpoint(sealed)
            self._checkpoint, self._tail = len(sealed), 0

    def _keep(self, kept: list[bytes]) -> None:
        if kept:
            self._cache.append(kept)
            self._tail += sum(map(len, kept))
        if self.head.number > self._remembered.number:
            self._cache.remember(self.head)
            self._remembered = self.head

    def _load(self) -> None:
        """Begin with what the cache holds; whatever does not fit is read anew from the server."""
        try:
            sealed = self._cache.checkpoint()
            if sealed is not None:
                self._checkpoint = len(sealed)
                self.tree, number, last_hash = checkpoint.open_checkpoint(self.keyring, sealed)
                self.head = Head(number, last_hash)
            for record in self._cache.records():
                if records.take_apart(record).header.number == self.head.number + 1:
                    self._fold(record)
                    self._tail += len(record)
        except (Forked, Tampered, ProtocolBroken):
            self._cache.forget_records()
            self.tree = Tree()
            self.head = Head(0, records.genesis_hash(self.keyring.drive))
            self._checkpoint = self._tail = 0

    def _fold(self, record: bytes) -> None:
        try:
            apart = records.take_apart(record)
        except ProtocolBroken as error:
            message = f"record {self.head.number + 1} of the journal is no record"
            raise Tampered(message, _HINT) from error
        header = apart.header
        number = self.head.number + 1
        if header.drive != self.keyring.drive or (header.number, header.previous) != (
            number,
            self.head.hash,
        ):
            raise self._forked(number)
        last_hash = records.record_hash(record)
        if number == self._remembered.number and last_hash != self._remembered.hash:
            raise self._forked(number)
        change = open_record(self.keyring, apart)
        try:
            for operation in change.operations:
                apply(self.tree, operation, change.time)
        except (LocalError, KeyError) as error:
            message = f"record {number} of the journal breaks the rules of the drive"
            raise Tampered(message, "update this program; nothing was changed") from error
        self.head = Head(number, last_hash)
        self.newest = max(self.newest, change.time)

    def _forked(self, number: int) -> Forked:
        message = f"the server shows another history than before, from record {number} on"
        return Forked(message, _HINT)
