"""A fold checks each record before it carries it out, and can begin in the middle."""

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.cache import Head
from anoncloud.client.checkpoint import Checkpoint
from anoncloud.client.folding import Fold
from anoncloud.errors import Forked, Tampered
from anoncloud.wire import records
from tests.support.client_model import held
from tests.support.client_samples import CHANGES, SAMPLE_KEYRING
from tests.support.damage import flips
from tests.vectors.client import sample_journal


class FoldTests(SynchronousTestCase):
    """Fold, over the journal of the samples."""

    def setUp(self) -> None:
        self.records, self.end = sample_journal()
        self.fold = Fold(SAMPLE_KEYRING)

    def test_folding(self) -> None:
        """All records in order give the tree that was committed, and say what they did."""
        self.assertEqual([self.fold.fold(record) for record in self.records], list(CHANGES))
        self.assertEqual(held(self.fold.tree), held(self.end.tree))
        self.assertEqual((self.fold.head, self.fold.newest), (self.end.head, self.end.newest))

    def test_from_a_checkpoint(self) -> None:
        """A fold that begins in the middle ends where the other does."""
        for length in range(len(self.records) + 1):
            start = sample_journal(length)[1] if length else None
            fold = Fold(SAMPLE_KEYRING, start)
            for record in self.records[length:]:
                fold.fold(record)
            self.assertEqual(held(fold.tree), held(self.end.tree))
            self.assertEqual(fold.head, self.end.head)

    def test_looking_and_skipping(self) -> None:
        """Opening changes nothing, and skipping goes on along the chain without the tree."""
        head, change = self.fold.open(self.records[0])
        self.assertEqual((head.number, change), (1, CHANGES[0]))
        self.assertEqual((self.fold.head.number, len(self.fold.tree.nodes)), (0, 1))
        for record in self.records:
            self.fold.skip(record)
        self.assertEqual(self.fold.head, self.end.head)
        self.assertEqual(len(self.fold.tree.nodes), 1)

    def test_order(self) -> None:
        """A record that does not follow is refused, however it is taken."""
        for take in (self.fold.fold, self.fold.open, self.fold.skip):
            self.assertRaises(Forked, take, self.records[1])
        self.fold.fold(self.records[0])
        for take in (self.fold.fold, self.fold.open, self.fold.skip):
            self.assertRaises(Forked, take, self.records[0])

    def test_known_heads(self) -> None:
        """A record that is another one than is known at its number is refused."""
        number = 2
        known = Head(number, b"\x00" * 32)

        class Knowing(Fold):
            def known(self) -> tuple[Head]:
                return (known,)

        fold = Knowing(SAMPLE_KEYRING)
        fold.fold(self.records[0])
        for take in (fold.fold, fold.open, fold.skip):
            self.assertRaises(Forked, take, self.records[1])
        known = Head(number, records.record_hash(self.records[1]))
        self.assertEqual(fold.fold(self.records[1]), CHANGES[1])

    def test_damage(self) -> None:
        """A record with any byte changed is refused, and nothing of it is done."""
        for damaged in flips(self.records[0]):
            self.assertRaises((Forked, Tampered), self.fold.fold, damaged)
        self.assertEqual((self.fold.head.number, len(self.fold.tree.nodes)), (0, 1))

    def test_against_the_rules(self) -> None:
        """A record that breaks the rules of the tree is named."""
        start = Checkpoint(Fold(SAMPLE_KEYRING).tree, sample_journal(1)[1].head, 0)
        error = self.assertRaises(Tampered, Fold(SAMPLE_KEYRING, start).fold, self.records[1])
        self.assertIn("record 2", str(error))
