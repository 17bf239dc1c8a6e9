"""Records of a journal folded into a tree, each checked first: the chain, the seal, the rules.

A :class:`Fold` knows no cache and no server. The journal of a drive is one that remembers; a look
at an earlier time is one that begins again (``client.history``).
"""

from collections.abc import Iterable
from typing import Final

from anoncloud.client import epochs
from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint
from anoncloud.client.keyring import Keyring
from anoncloud.client.sealing import open_record
from anoncloud.client.tree.changes import Change, NewEpoch
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import Forked, LocalError, ProtocolBroken, Tampered
from anoncloud.wire import records

HINT: Final = (
    "the server was restored from a backup, or it lies; what this device knows is untouched: "
    "ask the server's owner, and compare with another device before you go on; "
    "'anoncloud export' saves what can be read, 'anoncloud accept' goes on with what is shown"
)


class Fold:
    """The drive of *keyring* as it is after the record of *head*.

    :ivar keyring: what opens the drive; it grows by the epochs that records begin.
    :ivar epoch: the epoch that the next record must be of.
    :ivar newest: when the newest record was made: microseconds since 1970, by its maker's clock.
    """

    tree: Tree
    head: Head
    epoch: int
    newest: int

    def __init__(self, keyring: Keyring, start: Checkpoint | None = None) -> None:
        self.keyring = keyring
        self.begin(start)

    def begin(self, start: Checkpoint | None = None) -> None:
        """Begin at a checkpoint, or know nothing."""
        if start is not None:
            self.tree, self.head, self.newest = start.tree, start.head, start.newest
            self.epoch = start.tree.affairs.epoch
            return
        self.tree = Tree()
        self.head = Head(0, records.genesis_hash(self.keyring.drive))
        self.epoch = self.newest = 0

    def known(self) -> Iterable[Head]:
        """Give heads whose hashes are known; a record with such a number must have that hash."""
        return ()

    def fold(self, record: bytes) -> Change:
        """Check, open and carry out the record that follows the head; give what it says.

        :raises Forked: it does not follow, or is not the one that is known at its number.
        :raises Tampered: it does not open, or breaks the rules of the tree; some of its
            operations may be carried out then.
        :raises NotLoggedIn: it shuts this device out; the same.
        """
        head, change = self.open(record)
        self.carry_out(head, change)
        return change

    def open(self, record: bytes) -> tuple[Head, Change]:
        """Check and open the record that follows the head, and leave everything as it is.

        :raises Forked: it does not follow, or is not the one that is known at its number.
        :raises Tampered: it does not open, or is of another epoch than it must be: of an older
            one, whoever has the older key may have made it.
        """
        apart, head = self._following(record)
        if apart.header.epoch != self.epoch:
            said = f"record {head.number} of the journal is of epoch {apart.header.epoch}"
            message = f"{said}, where it must be of epoch {self.epoch}"
            raise Tampered(message, HINT)
        return head, open_record(self.keyring, apart)

    def carry_out(self, head: Head, change: Change) -> None:
        """Do what the record of *head* says.

        :raises Tampered: it breaks the rules of the tree.
        :raises NotLoggedIn: it shuts this device out.
        """
        tree, keyring = self.tree, self.keyring
        for operation in change.operations:
            if type(operation) in epochs.CONCERNED:
                keyring = epochs.follow(keyring, tree, operation)
            try:
                apply(tree, operation, change.time)
            except LocalError as error:
                message = f"record {head.number} of the journal breaks the rules of the drive"
                raise Tampered(message, "update this program; nothing was changed") from error
        self._moved(head, change)
        self.keyring = keyring

    def pass_over(self, head: Head, change: Change) -> None:
        """Go on past the record of *head*, which was opened, and leave the tree as it is."""
        self._moved(head, change)

    def _moved(self, head: Head, change: Change) -> None:
        self.head = head
        self.epoch += sum(isinstance(one, NewEpoch) for one in change.operations)
        self.newest = max(self.newest, change.time)

    def skip(self, record: bytes) -> None:
        """Only go on along the chain; no record can be opened after that.

        :raises Forked: the record does not follow, or is not the one that is known at its number.
        """
        self.head = self._following(record)[1]

    def agree(self, number: int, last_hash: bytes) -> None:
        """See that record *number* is the one that is known there."""
        for known in self.known():
            if number == known.number and last_hash != known.hash:
                raise forked(number)

    def _following(self, record: bytes) -> tuple[records.Record, Head]:
        number = self.head.number + 1
        try:
            apart = records.take_apart(record)
        except ProtocolBroken as error:
            message = f"record {number} of the journal is no record"
            raise Tampered(message, HINT) from error
        header = apart.header
        if header.drive != self.keyring.drive or (header.number, header.previous) != (
            number,
            self.head.hash,
        ):
            raise forked(number)
        last_hash = records.record_hash(record)
        self.agree(number, last_hash)
        return apart, Head(number, last_hash)


def forked(number: int) -> Forked:
    """Say that the history parts from the known one at record *number*."""
    message = f"the server shows another history than before, from record {number} on"
    return Forked(message, HINT)
