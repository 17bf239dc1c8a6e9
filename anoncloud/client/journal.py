"""A drive's journal as this device knows it: checked link by link, opened, folded into the tree.

Every record must carry on the chain of hashes, at the next number, and open under the drive's key.
A server that shows less than this device has seen, or something else, is named as such
(:class:`RolledBack`, :class:`Forked`); what the device had stays readable.
"""

from collections.abc import Iterable
from typing import Final

from anoncloud.client import checkpoint, epochs
from anoncloud.client.cache import Cache, Head
from anoncloud.client.folding import HINT, Fold
from anoncloud.client.keyring import Keyring
from anoncloud.client.tree.changes import NewEpoch
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto.entropy import Entropy
from anoncloud.errors import Forked, NotLoggedIn, ProtocolBroken, RolledBack, Tampered
from anoncloud.limits import KIB
from anoncloud.wire import records

CHECKPOINT_TAIL: Final = 64 * KIB
"""Bytes of records behind a checkpoint that are worth a new one, at least ..."""
CHECKPOINT_SHARE: Final = 16
"""... and this fraction of the checkpoint, so that the cost of a change stays the same."""


class Journal(Fold):
    """The journal of the drive of *keyring*, cached in *cache*."""

    def __init__(self, keyring: Keyring, cache: Cache, entropy: Entropy) -> None:
        super().__init__(keyring)
        self._cache = cache
        self._entropy = entropy
        self._checkpoint = self._tail = 0
        self._remembered = cache.head() or self.head
        self._claimed = self._remembered
        self._load()

    @property
    def remembered(self) -> Head:
        """The newest head this device has ever seen."""
        return self._remembered

    def known(self) -> tuple[Head, Head]:
        """Give what this device has seen last, and what the server has named."""
        return self._remembered, self._claimed

    def saved(self) -> checkpoint.Checkpoint | None:
        """Read the cached checkpoint once more, as a tree of its own, if there is a good one."""
        try:
            return self._opened()
        except Tampered:
            return None

    def check_head(self, number: int, last_hash: bytes) -> None:
        """Judge the head that a server claims; what it shows later must agree with it.

        :raises RolledBack: it lies before one that was seen.
        :raises Forked: it is not the one that was seen at that number.
        """
        seen = self._remembered
        if number < seen.number:
            shown = f"the server shows a journal of {number} records"
            message = f"{shown}; this device has seen {seen.number}"
            raise RolledBack(message, HINT)
        self.agree(number, last_hash)
        if number > self._claimed.number:
            self._claimed = Head(number, last_hash)

    def check_reached(self, shown: int) -> None:
        """See that a server that shows so many records, all of which are read, shows enough.

        :raises RolledBack: its journal ends before a record that was seen, or that it named, or
            before the epoch that the keyring knows of.
        """
        known = max(self._remembered.number, self._claimed.number)
        if shown < known or self.head.number < known:
            message = f"the server shows a journal of {shown} records; there are {known}"
            raise RolledBack(message, HINT)
        if self.epoch < self.keyring.epoch:
            shows = f"the server shows a journal up to epoch {self.epoch} of its key"
            message = f"{shows}; there is epoch {self.keyring.epoch}"
            raise RolledBack(message, HINT)

    def absorb(self, received: Iterable[bytes]) -> None:
        """Check, open and fold records that follow the head, and cache them.

        Those before the first bad one are kept.

        :raises Forked: a record does not follow, or is not the one that was seen at its number.
        :raises Tampered: a record does not open, or breaks the rules of the tree.
        :raises NotLoggedIn: a record shuts this device out.
        """
        kept: list[bytes] = []
        try:
            for record in received:
                self.fold(record)
                kept.append(record)
        except (Tampered, NotLoggedIn):
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
        self.agree(head.number, head.hash)
        change = draft.change()
        for operation in change.operations:
            if isinstance(operation, NewEpoch):
                self.keyring = epochs.follow(self.keyring, self.tree, operation)
        draft.settle()
        self._moved(head, change)
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
        self._start_anew()
        try:
            opened = self._opened()
            if opened is not None:
                self.agree(opened.head.number, opened.head.hash)
                self.begin(opened)
            for record in self._cache.records():
                if records.take_apart(record).header.number == self.head.number + 1:
                    self.fold(record)
                    self._tail += len(record)
        except (Forked, Tampered, ProtocolBroken):
            self._cache.forget_records()
            self._start_anew()
        if self.head.number > self._remembered.number:
            self._remembered = self._claimed = self.head

    def _opened(self) -> checkpoint.Checkpoint | None:
        """Open the cached checkpoint, if there is one, and note how long it is.

        One that needs a newer keyring stays for who has that: a kit's may be older.
        """
        sealed = self._cache.checkpoint()
        if sealed is None or checkpoint.is_ahead(self.keyring, sealed):
            return None
        self._checkpoint = len(sealed)
        place, unsealed = checkpoint.unseal(self.keyring, sealed)
        del sealed
        return checkpoint.read(place, unsealed)

    def _start_anew(self) -> None:
        self.begin()
        self._checkpoint = self._tail = 0
