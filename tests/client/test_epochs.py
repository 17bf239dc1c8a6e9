"""Epochs: who gets a new drive key, and what of the journal's word about keys is believed."""

from typing import Any

from attrs import evolve
from msgspec import structs
from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.epochs import (
    account_agreement,
    account_signing,
    follow,
    new_epoch,
    succession,
)
from anoncloud.client.keyring import AccountKeyring, Keyring, device_keys, new_keyring
from anoncloud.client.tree import changes
from anoncloud.client.tree.draft import Draft
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.crypto.delivery import check_of, deliver
from anoncloud.crypto.keys import DeviceSecret, DriveKey
from anoncloud.errors import Exists, NotLoggedIn, Tampered
from tests.crypto.test_keys import SMALL_ORDER
from tests.support.entropy import counting

ACCOUNT = new_keyring(counting(b"account"))
DEVICES = [device_keys(DeviceSecret(bytes([number]) * 32)) for number in range(3)]


def keyring_of(number: int) -> Keyring:
    """Give the keyring of a device, as it was enrolled."""
    keys = DEVICES[number]
    opened = ACCOUNT.opened()
    return evolve(opened, recipients=(keys.agreement,), device=keys.login.public)


class EpochTestCase(SynchronousTestCase):
    """A drive with three devices."""

    def setUp(self) -> None:
        self.tree = Tree()
        for number, keys in enumerate(DEVICES):
            name = b"device %d" % number
            enrol = changes.EnrolDevice(keys.login.public, keys.agreement.public, name)
            apply(self.tree, enrol, 1)

    def draft(self, *operations: Any) -> Draft:
        """Begin a change."""
        draft = Draft(self.tree, 1, counting())
        for operation in operations:
            draft.add(operation)
        return draft

    def without(self, *numbers: int) -> Draft:
        """Begin a change that revokes devices."""
        return self.draft(*(changes.RevokeDevice(DEVICES[n].login.public) for n in numbers))

    def begin(self, *revoked: int) -> changes.NewEpoch:
        """Make the operation that begins an epoch without some devices."""
        return new_epoch(ACCOUNT.opened(), self.without(*revoked), counting(b"epoch"))

    def refused(self, kind: type[Exception], keyring: Keyring, operation: Any) -> Any:
        """See that an operation is not followed."""
        return self.assertRaises(kind, follow, keyring, self.tree, operation)


class NewEpochTests(EpochTestCase):
    """A new drive key."""

    def test_who_gets_it(self) -> None:
        """All devices that are left get it, and the account; all the same one."""
        made = self.begin(1)
        got = [follow(one, self.tree, made) for one in (keyring_of(0), keyring_of(2))]
        got.append(follow(ACCOUNT.opened(), self.tree, made))
        (key,) = {keyring.epochs[1].expose() for keyring in got}
        self.assertNotEqual(key, ACCOUNT.epochs[0].expose())
        for keyring in got:
            self.assertEqual(keyring.epochs, (*ACCOUNT.epochs, DriveKey(key)))
        self.assertEqual(len(made.deliveries), 3)

    def test_left_out(self) -> None:
        """A device that was left out is told what to do; a keyring is as it was."""
        error = self.refused(NotLoggedIn, keyring_of(1), self.begin(1))
        self.assertIn("logout --force", error.hint)

    def test_never_the_same(self) -> None:
        """Every epoch has a key of its own."""
        source = counting(b"many")
        checks = {new_epoch(ACCOUNT.opened(), self.draft(), source).check for _ in range(5)}
        self.assertEqual(len(checks), 5)

    def test_same_recipient_twice(self) -> None:
        """Two devices that name one agreement key are one recipient."""
        double = changes.EnrolDevice(b"k" * 32, DEVICES[0].agreement.public, b"double")
        made = new_epoch(ACCOUNT.opened(), self.draft(double), counting())
        self.assertEqual(len(made.deliveries), 4)

    def test_unusable_device(self) -> None:
        """A device whose agreement key everybody could read gets nothing, and stops nobody."""
        bad = changes.EnrolDevice(b"k" * 32, bytes.fromhex(SMALL_ORDER[3]), b"bad")
        made = new_epoch(ACCOUNT.opened(), self.draft(bad), counting())
        self.assertEqual(len(made.deliveries), 4)
        self.assertNotIn(bad.agreement, [delivery.recipient for delivery in made.deliveries])

    def test_last(self) -> None:
        """A drive that has had all the keys that it may is told of in words."""
        self.tree.affairs = structs.replace(self.tree.affairs, epoch=126)
        self.assertEqual(self.begin().epoch, 127)
        self.tree.affairs = structs.replace(self.tree.affairs, epoch=127)
        error = self.assertRaises(Exists, self.begin)
        self.assertIn("new account", error.hint)

    def test_known_already(self) -> None:
        """A key that is on the keyring needs no delivery, but must be the one that is named."""
        made = self.begin()
        known = follow(ACCOUNT.opened(), self.tree, made)
        stranger = evolve(known, recipients=())
        self.assertEqual(follow(stranger, self.tree, made), stranger)
        other = evolve(stranger, epochs=(*ACCOUNT.epochs, DriveKey(bytes(32))))
        self.refused(Tampered, other, made)

    def test_another_key_for_one(self) -> None:
        """Who is sent another key than is named notices it."""
        made = self.begin()
        agreement = DEVICES[0].agreement.public
        sealed = deliver(DriveKey(bytes(32)), ACCOUNT.drive, 1, agreement, counting()) or b""
        deliveries = tuple(
            changes.Delivery(agreement, sealed) if one.recipient == agreement else one
            for one in made.deliveries
        )
        forged = changes.NewEpoch(1, made.check, deliveries)
        self.refused(Tampered, keyring_of(0), forged)
        self.assertEqual(follow(keyring_of(1), self.tree, forged).epoch, 1)

    def test_another_check(self) -> None:
        """So is a check of another key, another epoch or another drive."""
        made = self.begin()
        key = follow(keyring_of(0), self.tree, made).epochs[1]
        for check in (
            check_of(DriveKey(bytes(32)), ACCOUNT.drive, 1),
            check_of(key, ACCOUNT.drive, 2),
            check_of(key, bytes(16), 1),
        ):
            self.refused(Tampered, keyring_of(0), changes.NewEpoch(1, check, made.deliveries))

    def test_delivery_of_another_epoch(self) -> None:
        """A delivery opens for its own epoch alone."""
        made = self.begin()
        self.tree.affairs = structs.replace(self.tree.affairs, epoch=1)
        later = evolve(keyring_of(0), epochs=(*ACCOUNT.epochs, DriveKey(bytes(32))))
        self.refused(Tampered, later, changes.NewEpoch(2, made.check, made.deliveries))

    def test_not_the_next(self) -> None:
        """An epoch that does not follow is left to the rules of the tree, which refuse it."""
        made = self.begin()
        wrong = changes.NewEpoch(3, made.check, made.deliveries)
        self.assertEqual(follow(keyring_of(0), self.tree, wrong), keyring_of(0))
        self.assertRaises(Exists, apply, self.tree, wrong, 1)


class RevokedTests(EpochTestCase):
    """Devices that are revoked."""

    def test_own(self) -> None:
        """A device that reads that it is revoked says so; the others go on."""
        revoke = changes.RevokeDevice(DEVICES[1].login.public)
        error = self.refused(NotLoggedIn, keyring_of(1), revoke)
        self.assertIn("revoked", error.message)
        self.assertIn("log in again", error.hint)
        for keyring in (keyring_of(0), ACCOUNT.opened()):
            self.assertEqual(follow(keyring, self.tree, revoke), keyring)


class AccountKeyTests(EpochTestCase):
    """The account's own keys."""

    def setUp(self) -> None:
        super().setUp()
        self.one = ACCOUNT.successor(ACCOUNT.epochs, counting(b"one"))
        self.two = self.one.successor(ACCOUNT.epochs, counting(b"two"))

    def named(self, account: AccountKeyring) -> changes.NewAccountKeys:
        """Make what the journal says of an account's keys."""
        signature = account.succession or b""
        return changes.NewAccountKeys(account.agreement.public, account.signing.public, signature)

    def test_in_order(self) -> None:
        """Each pair of keys is signed by the one before, the first by that of the keyring."""
        for account in (self.one, self.two):
            self.assertEqual(follow(keyring_of(0), self.tree, self.named(account)), keyring_of(0))
            apply(self.tree, self.named(account), 1)
            affairs = self.tree.affairs
            self.assertEqual(account_signing(keyring_of(0), affairs), account.signing.public)
            self.assertEqual(account_agreement(keyring_of(0), affairs), account.agreement.public)

    def test_not_signed(self) -> None:
        """A device can't make itself the account: all clients refuse keys that it names."""
        thief = evolve(ACCOUNT, signing=self.two.signing).successor(ACCOUNT.epochs, counting())
        swapped = evolve(self.one, agreement=thief.agreement)
        for account in (thief, self.two, swapped, evolve(self.one, succession=bytes(64))):
            for keyring in (keyring_of(0), ACCOUNT.opened()):
                self.refused(Tampered, keyring, self.named(account))

    def test_signed_for_another_drive(self) -> None:
        """A signature is of one drive."""
        elsewhere = evolve(ACCOUNT, drive=bytes(16)).successor(ACCOUNT.epochs, counting())
        self.refused(Tampered, keyring_of(0), self.named(elsewhere))

    def test_not_by_older_keys(self) -> None:
        """Once keys were changed, those before can sign nothing more."""
        apply(self.tree, self.named(self.one), 1)
        again = ACCOUNT.successor(ACCOUNT.epochs, counting(b"again"))
        self.refused(Tampered, keyring_of(0), self.named(again))

    def test_new_keys_get_the_next_epoch(self) -> None:
        """An epoch after the change goes to the new keys, and no more to the old ones."""
        draft = self.draft(self.named(self.one))
        made = new_epoch(ACCOUNT.opened(), draft, counting())
        self.assertEqual(follow(self.one.opened(), self.tree, made).epoch, 1)
        self.refused(NotLoggedIn, ACCOUNT.opened(), made)

    def test_epoch_before_the_journal_knows(self) -> None:
        """What is delivered to the keys before opens with the new keyring still."""
        self.assertEqual(follow(self.one.opened(), self.tree, self.begin()).epoch, 1)

    def test_succession(self) -> None:
        """A keyring that is newer than the journal says what the journal lacks."""
        self.assertIsNone(succession(ACCOUNT, self.tree.affairs))
        self.assertEqual(succession(self.one, self.tree.affairs), self.named(self.one))
        apply(self.tree, self.named(self.one), 1)
        self.assertIsNone(succession(self.one, self.tree.affairs))
        self.assertEqual(succession(self.two, self.tree.affairs), self.named(self.two))

    def test_no_succession(self) -> None:
        """A keyring that the journal did not come to, or has left behind, is named."""
        self.assertRaises(Tampered, succession, self.two, self.tree.affairs)
        apply(self.tree, self.named(self.one), 1)
        error = self.assertRaises(Tampered, succession, ACCOUNT, self.tree.affairs)
        self.assertIn("newest kit", error.hint)
