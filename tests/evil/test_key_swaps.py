"""Attacks 4 and 5: keys of the server's own in the place of the account's, and new drive keys.

Nothing is ever sealed to a key that does not come from the keyring or the journal, and a new epoch
counts only inside the chain, made by a member and delivered as it says.
"""

from typing import Any

from anoncloud.client import devices, epochs
from anoncloud.client.keyring import Keyring
from anoncloud.client.staying import resume, stay_logged_in
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.crypto import delivery
from anoncloud.crypto.delivery import check_of, deliver
from anoncloud.crypto.keys import AgreementKey, DriveKey, SigningKey
from anoncloud.errors import AnonymousCloudError, Tampered
from anoncloud.ids import ROOT, NodeId
from anoncloud.wire import messages, records
from tests.evil.asserting import Watch, assert_named, assert_no_half, assert_silent, snapshot
from tests.evil.house import EvilTestCase
from tests.support.entropy import counting

EVIL = DriveKey(b"e" * 32)
EVIL_AGREEMENT = AgreementKey(b"E" * 32)


class SwapTestCase(EvilTestCase):
    """Ada on two devices."""

    def setUp(self) -> None:
        super().setUp()
        self.here, self.kit = self.register()
        self.other = self.machine(b"other")
        opened = self.now(self.log_in(self.kit))
        self.now(stay_logged_in(self.other, opened, b"tablet"))
        self.now(opened.close())


class SubstitutionTests(SwapTestCase):
    """Attack 4: public keys from a server."""

    def test_devices(self) -> None:
        """Keys that the server lists get nothing: a new drive key goes to the journal's only."""
        recipients: list[bytes] = []
        real = delivery.deliver

        def watched(*arguments: Any) -> Any:
            recipients.append(arguments[3])
            return real(*arguments)

        self.patch(epochs, "deliver", watched)
        evil = [EVIL_AGREEMENT.public, SigningKey(b"E" * 32).public]

        def more(said: Any) -> Any:
            if isinstance(said, messages.Devices):
                return [messages.Devices(said.request, tuple(sorted([*said.keys, *evil])), 1)]
            return None

        self.house.tricks.append(more)
        opened = self.resume(self.here)
        account = opened.keyring.agreement
        found = self.now(devices.listed(opened.drive))
        hidden = [one.key for one in found if one.state is devices.State.HIDDEN]
        self.assertEqual(sorted(hidden), sorted(evil))
        (tablet,) = [one for one in found if one.device and one.device.name == b"tablet"]
        own = [one.device.agreement for one in found if one.device and one.mine]
        error = self.fault(devices.revoke(opened.drive, [tablet]))
        self.assertIsInstance(error, AnonymousCloudError)  # the server does not obey
        self.assertEqual(sorted(recipients), sorted([*own, account]))
        self.assertEqual(opened.drive.tree.affairs.epoch, 1)

    def test_chosen_drive(self) -> None:
        """A server that names another drive is left before anything is written to it."""
        self.house.tricks.append(
            lambda said: (
                [messages.LoggedIn(said.request, b"e" * 16, 0, records.genesis_hash(b"e" * 16))]
                if isinstance(said, messages.LoggedIn)
                else None
            )
        )
        before = snapshot(self.here.profile.folder)
        watch = Watch(self.house)
        assert_named(self, self.fault(resume(self.here)), Tampered)
        assert_silent(self, watch, ["LogIn"])
        assert_no_half(self, self.here.profile.folder, before)


class InsertionTests(SwapTestCase):
    """Attack 5: a drive key that the server would like to be used."""

    def setUp(self) -> None:
        super().setUp()
        self.opened = self.resume(self.here)
        self.keyring = self.opened.keyring

    def append(self, keyring: Keyring, epoch: int, *operations: changes.Operations) -> None:
        """Let the server append a record of *epoch*, sealed by whoever has *keyring*."""
        self.insert(keyring, self.opened.drive.journal.newest + 1, *operations, epoch=epoch)

    def evil_keyring(self, *keys: DriveKey) -> Keyring:
        """Give a keyring of the drive with keys of the server's own behind its first ones."""
        known = self.keyring
        return Keyring(
            known.drive, keys, known.recipients, known.agreement, known.first_signing, None
        )

    def check_refused(self) -> None:
        """See that Ada is told, keeps what she had, and seals nothing under any other key."""
        journal = self.opened.drive.journal
        before = (journal.head, journal.epoch, len(journal.keyring.epochs), len(journal.tree.nodes))
        files = snapshot(self.here.profile.folder)
        watch = Watch(self.house)
        assert_named(self, self.fault(self.opened.drive.catch_up()), Tampered)
        self.assertEqual(watch.asked(), ["ReadJournal"])
        after = (journal.head, journal.epoch, len(journal.keyring.epochs), len(journal.tree.nodes))
        self.assertEqual(after, before)
        assert_no_half(self, self.here.profile.folder, files)
        error = self.fault(self.opened.drive.make_folder((b"mine",)))
        self.assertIs(type(error), Tampered)
        for asked in self.house.heard(messages.Commit):
            epoch = records.take_apart(asked.record).header.epoch
            self.assertLessEqual(epoch, before[1])

    def make_folder(self) -> changes.MakeFolder:
        """Give an operation that would do something."""
        return changes.MakeFolder(NodeId(66), ROOT, b"evil", 0, 0o700)

    def new_epoch(self, key: DriveKey, named: DriveKey, recipient: bytes) -> changes.NewEpoch:
        """Say that epoch 1 has *named*'s check, and deliver *key* to *recipient*."""
        drive = self.keyring.drive
        sealed = deliver(key, drive, 1, recipient, counting(b"evil"))
        assert sealed is not None
        return changes.NewEpoch(
            1, check_of(named, drive, 1), (changes.Delivery(recipient, sealed),)
        )

    def test_epoch_without_a_word(self) -> None:
        """A record of an epoch that no record has begun."""
        keyring = self.evil_keyring(self.keyring.epochs[0], EVIL)
        self.append(keyring, 1, self.make_folder())
        self.check_refused()

    def test_epoch_by_a_stranger(self) -> None:
        """A new epoch in a record that no member has sealed."""
        own = self.keyring.recipients[0].public
        self.append(self.evil_keyring(EVIL), 0, self.new_epoch(EVIL, EVIL, own))
        self.check_refused()

    def test_key_of_another_check(self) -> None:
        """A member who delivers another key than the record names to one of the devices."""
        own = self.keyring.recipients[0].public
        operation = self.new_epoch(EVIL, DriveKey(b"n" * 32), own)
        self.append(self.keyring, 0, operation)
        self.check_refused()

    def test_skipped_epoch(self) -> None:
        """An epoch that does not follow the one of now."""
        own = self.keyring.recipients[0].public
        drive = self.keyring.drive
        sealed = deliver(EVIL, drive, 2, own, counting(b"evil"))
        assert sealed is not None
        operation = changes.NewEpoch(2, check_of(EVIL, drive, 2), (changes.Delivery(own, sealed),))
        self.append(self.keyring, 0, operation)
        self.check_refused()

    def test_old_epoch_after_a_revocation(self) -> None:
        """A revoked device and the server together: what it seals under the old key is refused."""
        stolen = self.resume(self.other).keyring
        found = self.now(devices.listed(self.opened.drive))
        tablet = [one for one in found if one.device and one.device.name == b"tablet"]
        self.now(devices.revoke(self.opened.drive, tablet))
        self.append(stolen, 0, self.make_folder())
        self.check_refused()

    def test_account_keys_by_a_thief(self) -> None:
        """A stolen device can't make itself the recipient of all later keys."""
        stolen = self.resume(self.other).keyring
        evil = SigningKey(b"E" * 32)
        operation = changes.NewAccountKeys(
            EVIL_AGREEMENT.public, evil.public, evil.sign(b"anoncloud 1 account keys\0", b"")
        )
        self.append(stolen, 0, operation)
        self.check_refused()

    def test_a_good_epoch(self) -> None:
        """What a member does as it must be done is taken, so the refusals above mean something."""
        draft = Draft(self.opened.drive.tree, 1, counting(b"good"))
        operation = epochs.new_epoch(self.keyring, draft, counting(b"good"))
        self.append(self.keyring, 0, operation)
        self.now(self.opened.drive.make_folder((b"mine",)))
        self.assertEqual(self.opened.drive.journal.epoch, 1)
