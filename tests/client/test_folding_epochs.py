"""Folding over epochs: a record is of exactly the epoch that the ones before it have reached."""

from pathlib import Path
from typing import Any

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client import journal as journals
from anoncloud.client.cache import Cache
from anoncloud.client.epochs import new_epoch
from anoncloud.client.folding import Fold
from anoncloud.client.journal import Journal
from anoncloud.client.keyring import Keyring, device_keys
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.keys import DeviceSecret, DriveKey
from anoncloud.errors import NotLoggedIn, RolledBack, Tampered
from anoncloud.ids import ROOT
from tests.support.client_journal import NOW, Writer
from tests.support.client_model import held
from tests.support.client_samples import FIRST_KEYRING, NEW_EPOCH, SAMPLE_KEYRING
from tests.support.entropy import counting
from tests.vectors.client import sample_journal

DEVICE = device_keys(DeviceSecret(b"d" * 32))
DEVICE_KEYRING = evolve(FIRST_KEYRING, recipients=(DEVICE.agreement,), device=DEVICE.login.public)
ENROL = changes.EnrolDevice(DEVICE.login.public, DEVICE.agreement.public, b"laptop")
REVOKE = changes.RevokeDevice(DEVICE.login.public)


def folder(number: int) -> changes.MakeFolder:
    """Make a folder."""
    return changes.MakeFolder(number, ROOT, b"folder %d" % number, 0, 0)


class FoldTests(SynchronousTestCase):
    """Fold."""

    def test_learns(self) -> None:
        """A fold that begins with the first key learns the others, and ends where all do."""
        made, end = sample_journal()
        fold = Fold(FIRST_KEYRING)
        epochs = []
        for record in made:
            fold.fold(record)
            epochs.append((fold.epoch, fold.keyring.epoch))
        self.assertEqual(epochs, [(0, 0), (1, 1), (1, 1), (1, 1), (1, 1)])
        self.assertEqual(fold.keyring, SAMPLE_KEYRING)
        self.assertEqual(held(fold.tree), held(end.tree))

    def test_older_epoch(self) -> None:
        """After a new epoch, nothing that is sealed under an older key is taken."""
        writer = Writer()
        writer.write(folder(1), NEW_EPOCH)
        evil = writer.write(folder(2), epoch=0)
        fold = Fold(FIRST_KEYRING)
        fold.fold(writer.made[0])
        for take in (fold.fold, fold.open):
            self.assertIn("epoch", str(self.assertRaises(Tampered, take, evil)))
        self.assertEqual((fold.head.number, len(fold.tree.nodes)), (1, 2))

    def test_newer_epoch(self) -> None:
        """A record of a later epoch is not taken before that epoch has begun, known key or not."""
        writer = Writer()
        early = writer.write(folder(1), epoch=1)
        for keyring in (FIRST_KEYRING, SAMPLE_KEYRING):
            self.assertRaises(Tampered, Fold(keyring).fold, early)

    def test_new_epoch_is_of_the_old_one(self) -> None:
        """A record that begins an epoch is of the epoch before, even by who knows the new key."""
        record = Writer().write(NEW_EPOCH, epoch=1)
        self.assertRaises(Tampered, Fold(SAMPLE_KEYRING).fold, record)

    def test_by_a_stranger(self) -> None:
        """Nor is a new epoch taken from who has not the key before."""
        stranger = evolve(SAMPLE_KEYRING, epochs=(DriveKey(bytes(32)),))
        record = Writer(keyring=stranger).write(NEW_EPOCH)
        self.assertRaises(Tampered, Fold(FIRST_KEYRING).fold, record)

    def test_failed_record_leaves_the_keyring(self) -> None:
        """Of a record that breaks a rule, no key is taken."""
        record = Writer().write(NEW_EPOCH, changes.Trash(99))
        fold = Fold(FIRST_KEYRING)
        self.assertRaises(Tampered, fold.fold, record)
        self.assertEqual((fold.keyring, fold.epoch), (FIRST_KEYRING, 0))

    def test_passing_over(self) -> None:
        """Records that are only looked at are of the right epochs, too."""
        writer = Writer()
        writer.write(folder(1), NEW_EPOCH)
        writer.write(folder(2))
        fold = Fold(SAMPLE_KEYRING)
        for record in writer.made:
            fold.pass_over(*fold.open(record))
        self.assertEqual((fold.epoch, fold.head), (1, writer.head))
        self.assertEqual(len(fold.tree.nodes), 1)


class JournalTests(SynchronousTestCase):
    """The journal of a device, over its cache."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.writer = Writer()
        self.writer.write(ENROL)

    def journal(self, keyring: Keyring = DEVICE_KEYRING) -> Journal:
        """Open it as a program does that starts."""
        return Journal(keyring, Cache(self.folder), counting(b"journal"))

    def rotate(self, *revoked: Any) -> changes.NewEpoch:
        """Make the operation that begins an epoch, without the device if it is *revoked*."""
        draft = Draft(Tree(), NOW, counting())
        for operation in (ENROL, *revoked):
            draft.add(operation)
        made = new_epoch(FIRST_KEYRING, draft, self.fixed_key())
        self.writer.keyring = SAMPLE_KEYRING
        return made

    def fixed_key(self) -> Any:
        """Draw the samples' second drive key first, and then anything."""
        rest, first = counting(), [SAMPLE_KEYRING.epochs[1].expose()]
        return lambda length: first.pop() if first else rest(length)

    def test_over_epochs(self) -> None:
        """A device goes on over a new epoch, and begins in it again from what it has cached."""
        self.writer.write(folder(1), self.rotate())
        self.writer.write(folder(2))
        journal = self.journal()
        journal.absorb(self.writer.made)
        journal.check_reached(3)
        self.assertEqual(journal.keyring.epochs, SAMPLE_KEYRING.epochs)
        for keyring in (DEVICE_KEYRING, journal.keyring):
            again = self.journal(keyring)
            self.assertEqual((again.head, again.epoch), (self.writer.head, 1))
            self.assertEqual(again.keyring, journal.keyring)
            self.assertEqual(held(again.tree), held(journal.tree))

    def test_checkpoint(self) -> None:
        """A checkpoint of a new epoch opens for who kept its key; else all is read again."""
        self.patch(journals, "CHECKPOINT_TAIL", 0)
        self.writer.write(folder(1), self.rotate())
        journal = self.journal()
        journal.absorb(self.writer.made)
        journal.close()
        self.assertEqual(self.journal(journal.keyring).head.number, 2)
        forgetful = self.journal(DEVICE_KEYRING)
        self.assertEqual((forgetful.head.number, forgetful.epoch), (0, 0))
        forgetful.absorb(self.writer.made)
        forgetful.check_reached(2)
        self.assertEqual(held(forgetful.tree), held(journal.tree))
        self.assertEqual(forgetful.keyring, journal.keyring)

    def test_checkpoint_before(self) -> None:
        """So does one from before the epoch."""
        self.patch(journals, "CHECKPOINT_TAIL", 0)
        journal = self.journal()
        journal.absorb(self.writer.made)
        journal.close()
        self.writer.write(folder(1), self.rotate())
        for keyring in (DEVICE_KEYRING, evolve(DEVICE_KEYRING, epochs=SAMPLE_KEYRING.epochs)):
            again = self.journal(keyring)
            again.absorb(self.writer.made[1:])
            self.assertEqual((again.head, again.epoch), (self.writer.head, 1))
            self.folder.joinpath("records").unlink()

    def test_adopt(self) -> None:
        """Who begins an epoch is in it at once."""
        journal = self.journal()
        journal.absorb(self.writer.made)
        draft = Draft(journal.tree, NOW + 9, counting())
        made = new_epoch(journal.keyring, draft, self.fixed_key())
        draft.add(made)
        record = self.writer.write(made, time=draft.time)
        journal.adopt(record, draft)
        self.assertEqual((journal.epoch, journal.keyring.epoch), (1, 1))
        after = self.writer.write(folder(2))
        journal.absorb([after])
        self.assertEqual(self.journal().head, self.writer.head)

    def test_revoked(self) -> None:
        """A device that was revoked says so, keeps what it had, and says so again."""
        self.writer.write(folder(1))
        journal = self.journal()
        journal.absorb(self.writer.made)
        self.writer.write(REVOKE, self.rotate(REVOKE))
        self.writer.write(folder(2))
        for _ in range(2):
            self.assertRaises(NotLoggedIn, journal.absorb, self.writer.made[2:])
            self.assertEqual((journal.head.number, journal.epoch), (2, 0))
            self.assertIn(1, journal.tree.nodes)
            journal = self.journal()

    def test_left_out(self) -> None:
        """So does one that a new epoch was not delivered to, though nobody revoked it."""
        self.writer.write(self.rotate(REVOKE))
        self.assertRaises(NotLoggedIn, self.journal().absorb, self.writer.made)

    def test_held_back(self) -> None:
        """A server that holds a new epoch back from who knows of it is named."""
        self.writer.write(folder(1), self.rotate())
        knowing = self.journal(evolve(DEVICE_KEYRING, epochs=SAMPLE_KEYRING.epochs))
        knowing.absorb(self.writer.made[:1])
        error = self.assertRaises(RolledBack, knowing.check_reached, 1)
        self.assertIn("epoch", error.message)
        knowing.absorb(self.writer.made[1:])
        knowing.check_reached(2)

    def test_drafts_know_it(self) -> None:
        """A change in the making knows the devices that it leaves."""
        journal = self.journal()
        journal.absorb(self.writer.made)
        draft = Draft(journal.tree, NOW, counting())
        self.assertEqual([device.name for device in draft.devices()], [b"laptop"])
        draft.add(REVOKE)
        self.assertEqual((draft.devices(), draft.device_count()), ([], 0))
        draft.add(ENROL)
        self.assertEqual(draft.device_count(), 1)
