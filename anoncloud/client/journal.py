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
    """The journal of the drive of *keyring*, cached in *cache*.

    :ivar newest: when the newest record was made: microseconds since 1970, by its maker's clock.
    """

    tree: Tree
    head: Head
    newest: int
    _checkpoint: int
    _tail: int

    def __init__(self, keyring: Keyring, cache: Cache, entropy: Entropy) -> None:
        self.keyring = keyring
        self._cache = cache
        self._entropy = entropy
        self._begin()
        self._remembered = cache.head() or self.head
        self._claimed = self._remembered
        self._load()

    @property
    def remembered(self) -> Head:
        """The newest head this device has ever seen."""
        return self._remembered

    def check_head(self, number: int, last_hash: bytes) -> None:
        """Judge the head that a server claims; what it shows later must agree with it.

        :raises RolledBack: it lies before one that was seen.
        :raises Forked: it is not the one that was seen at that number.
        """
        seen = self._remembered
        if number < seen.number:
            shown = f"the server shows a journal of {number} records"
            message = f"{shown}; this device has seen {seen.number}"
            raise RolledBack(message, _HINT)
        self._agree(number, last_hash)
        if number > self._claimed.number:
            self._claimed = Head(number, last_hash)

    def check_reached(self) -> None:
        """See that the journal, now that it is read to its end, has come as far as it should.

        :raises RolledBack: it ends before a record that was seen, or that the server named.
        """
        known = max(self._remembered.number, self._claimed.number)
        if self.head.number < known:
            message = f"the server shows {self.head.number} records; there are {known}"
            raise RolledBack(message, _HINT)

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
        except Tampered:
            self._keep(kept)
            self._load()  # some of the bad record's operations may be in the tree
            raise
        except Forked:
            self._keep(kept)
            raise
        self._keep(kept)

    def adopt(self, record: bytes, draft: Draft) -> None:
        """Take *record*, made here from *draft* to follow the head, now that it is committed."""
        head = Head(self.head.number + 1, records.record_hash(record))
        self._agree(head.number, head.hash)
        draft.settle()
        self.head = head
        self.newest = max(self.newest, draft.time)
        self._keep([record])

    def close(self) -> None:
        """Leave a checkpoint behind if the tail has grown long."""
        if self._tail > max(CHECKPOINT_TAIL, self._checkpoint // CHECKPOINT_SHARE):
            made = checkpoint.Checkpoint(self.tree, self.head, self.newest)
            sealed = checkpoint.seal_checkpoint(self.keyring, made, self._entropy)
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
        self._begin()
        try:
            sealed = self._cache.checkpoint()
            if sealed is not None:
                self._checkpoint = len(sealed)
                opened = checkpoint.open_checkpoint(self.keyring, sealed)
                self._agree(opened.head.number, opened.head.hash)
                self.tree, self.head, self.newest = opened.tree, opened.head, opened.newest
            for record in self._cache.records():
                if records.take_apart(record).header.number == self.head.number + 1:
                    self._fold(record)
                    self._tail += len(record)
        except (Forked, Tampered, ProtocolBroken):
            self._cache.forget_records()
            self._begin()
        if self.head.number > self._remembered.number:
            self._remembered = self._claimed = self.head

    def _begin(self) -> None:
        """Know nothing."""
        self.tree = Tree()
        self.head = Head(0, records.genesis_hash(self.keyring.drive))
        self.newest = self._checkpoint = self._tail = 0

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
        self._agree(number, last_hash)
        change = open_record(self.keyring, apart)
        try:
            for operation in change.operations:
                apply(self.tree, operation, change.time)
        except LocalError as error:
            message = f"record {number} of the journal breaks the rules of the drive"
            raise Tampered(message, "update this program; nothing was changed") from error
        self.head = Head(number, last_hash)
        self.newest = max(self.newest, change.time)

    def _agree(self, number: int, last_hash: bytes) -> None:
        """See that record *number* is the one that was seen, or that the server named, there."""
        for known in (self._remembered, self._claimed):
            if number == known.number and last_hash != known.hash:
                raise self._forked(number)

    def _forked(self, number: int) -> Forked:
        message = f"the server shows another history than before, from record {number} on"
        return Forked(message, _HINT)
