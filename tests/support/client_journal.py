"""A journal made by hand: records that follow each other, honest or not."""

from pathlib import Path
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.cache import Cache, Head
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import Keyring
from anoncloud.client.sealing import seal_record
from anoncloud.client.tree import changes
from anoncloud.client.tree.changes import Change
from anoncloud.client.tree.draft import Draft
from anoncloud.ids import ROOT
from anoncloud.wire import records
from tests.support.client_samples import DRIVE, FIRST_KEYRING, SAMPLE_KEYRING
from tests.support.entropy import counting

NOW = 1_700_000_000_000_000


@attrs.define
class Writer:
    """Writes the records of one history; a :meth:`fork` has another from there on."""

    made: list[bytes] = attrs.Factory(list)
    keyring: Keyring = SAMPLE_KEYRING
    epoch: int = 0

    @property
    def head(self) -> Head:
        """The newest record."""
        if not self.made:
            return Head(0, records.genesis_hash(DRIVE))
        return Head(len(self.made), records.record_hash(self.made[-1]))

    def write(self, *operations: Any, time: int = 0, **header: Any) -> bytes:
        """Seal a record that follows; the fields of its *header* may be others."""
        fields = {
            "format": records.FORMAT,
            "drive": DRIVE,
            "epoch": self.epoch,
            "number": self.head.number + 1,
            "previous": self.head.hash,
            "adds": (),
            "drops": (),
        }
        change = Change(time or NOW + self.head.number, operations)
        made = records.Header(**{**fields, **header})
        record = seal_record(self.keyring, made, change, counting(b"writer"))
        self.made.append(record)
        self.epoch += sum(isinstance(one, changes.NewEpoch) for one in operations)
        return record

    def folders(self, count: int) -> "Writer":
        """Write *count* records that make a folder each."""
        for _ in range(count):
            number = self.head.number + 1
            self.write(changes.MakeFolder(number, ROOT, b"folder %d" % number, 0, 0))
        return self

    def fork(self, at: int) -> "Writer":
        """Give another history that shares the first *at* records."""
        other = Writer(self.made[:at])
        other.write(changes.MakeFolder(999, ROOT, b"forked", 0, 0))
        return other


class JournalTestCase(SynchronousTestCase):
    """A test with a cache folder, and journals that are read from it."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())

    def journal(self, folder: Path | None = None) -> Journal:
        """Open the journal, as a program does that starts."""
        return Journal(FIRST_KEYRING, Cache(folder or self.folder), counting(b"journal"))

    def read(self, *made: bytes) -> Journal:
        """Open the journal and read records."""
        journal = self.journal()
        journal.absorb(made)
        return journal

    def draft(self, journal: Journal, *operations: Any) -> Draft:
        """Begin a change."""
        draft = Draft(journal.tree, NOW + 50, counting())
        for operation in operations:
            draft.add(operation)
        return draft
