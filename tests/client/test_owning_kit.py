"""The owner of an account: another kit, and what the old one is worth then."""

from attrs import evolve
from msgspec import structs

from anoncloud.client.devices import revoke
from anoncloud.client.epochs import account_signing
from anoncloud.client.folding import Fold
from anoncloud.client.kit import Kit
from anoncloud.client.owning import Owner
from anoncloud.client.sealing import open_record
from anoncloud.client.tree.changes import MAX_EPOCHS, KeyEvent
from anoncloud.crypto.passphrases import Argon2
from anoncloud.errors import (
    Code,
    Exists,
    NotLoggedIn,
    Tampered,
    UsageError,
)
from anoncloud.limits import ARGON2_MEMORY_FLOOR, ARGON2_PASSES_FLOOR, MIB
from anoncloud.wire import messages
from anoncloud.wire.records import take_apart
from tests.evil.house import COST, PASSPHRASE
from tests.support.client_owning import OwningTestCase

NEW = "another battery staple horse"


class KitTests(OwningTestCase):
    """Another kit."""

    def renew(self, owner: Owner, cost: Argon2 = COST) -> Kit:
        """Take another kit."""
        kit = owner.draw_kit(cost)
        self.now(owner.take_kit(kit, PASSPHRASE))
        return kit

    def test_new(self) -> None:
        """The new kit opens the account with the same passphrase, and the old one nothing."""
        owner = self.own()
        kit = self.renew(owner)
        self.close(owner)
        self.assertNotEqual(kit.secret, self.kit.secret)
        self.assertTrue(self.opens(kit))
        self.assertFalse(self.opens(self.kit))

    def test_new_keys(self) -> None:
        """There are new private keys and a new drive key, which old ones open nothing of."""
        before = self.own()
        owner = self.own()
        old = before.account
        self.renew(owner)
        self.assertEqual(owner.affairs.epoch, 1)
        signing = account_signing(owner.opened.keyring, owner.affairs)
        self.assertEqual(signing, owner.account.signing.public)
        self.assertNotEqual(signing, old.signing.public)
        self.assertEqual(len(owner.account.epochs), 2)
        self.assertEqual(owner.affairs.notes[-1].what, KeyEvent.KIT)
        self.assertEqual(owner.account.previous, old.agreement)
        self.close(owner)

    def test_devices_go_on(self) -> None:
        """A device that is at work goes on, and so does one that comes back later."""
        laptop = self.resume(self.laptop)
        owner = self.own()
        self.renew(owner)
        self.close(owner)
        self.now(laptop.drive.make_folder((b"after",)))
        self.assertEqual(laptop.drive.journal.epoch, 1)
        self.now(laptop.close())
        self.assertEqual(self.read(), [b"after"])

    def test_old_keyring(self) -> None:
        """Who kept the old keyring, and all that the server has, opens nothing written later."""
        self.write(b"before")
        owner = self.own()
        fold = Fold(owner.account.opened())
        self.renew(owner)
        self.close(owner)
        self.write(b"later")
        records, head = self.now(self.house.rooms.journal.read(fold.keyring.drive, 0, 10**6))
        for record in records[:-2]:
            fold.fold(record)
        self.assertRaises(NotLoggedIn, fold.fold, records[-2])  # the one that names the new keys
        self.assertEqual((fold.head.number, len(fold.keyring.epochs)), (head - 2, 1))
        for key in fold.keyring.epochs:
            evil = evolve(fold.keyring, epochs=(*fold.keyring.epochs, key))
            self.assertRaises(Tampered, open_record, evil, take_apart(records[-1]))

    def test_weaker(self) -> None:
        """A cheaper kit is refused, whether this kit is dearer or one was before it."""
        dearer = Argon2(COST.passes + 1, COST.memory + MIB)
        owner = self.own()
        kit = self.renew(owner, dearer)
        self.assertEqual(owner.least_cost, dearer)
        for cost in (COST, evolve(dearer, passes=COST.passes), evolve(dearer, memory=COST.memory)):
            error = self.assertRaises(UsageError, owner.draw_kit, cost)
            self.assertIn("3 passes over 65 MiB", error.hint)
        for cost in (Argon2(1, dearer.memory), Argon2(dearer.passes, 2**40)):
            self.assertRaises(UsageError, owner.draw_kit, cost)
        owner.kit = evolve(kit, cost=COST)
        self.assertRaises(UsageError, owner.draw_kit, COST)
        self.close(owner)

    def test_dearer(self) -> None:
        """A dearer kit has a keyring that is sealed for that cost alone."""
        dearer = Argon2(ARGON2_PASSES_FLOOR + 1, ARGON2_MEMORY_FLOOR)
        owner = self.own()
        kit = self.renew(owner, dearer)
        self.assertEqual((kit.cost, owner.affairs.passes), (dearer, dearer.passes))
        self.close(owner)
        self.assertTrue(self.opens(kit))
        self.assertFalse(self.opens(evolve(kit, cost=COST)))

    def test_two_at_once(self) -> None:
        """Of two who take another kit at once, one does; the other's opens nothing."""
        one, two = self.own(), self.own()
        kits = [owner.draw_kit(COST) for owner in (one, two)]
        self.now(one.take_kit(kits[0], PASSPHRASE))
        self.assertIs(self.fault(two.take_kit(kits[1], PASSPHRASE)).code, Code.CHANGED)
        for owner in (one, two):
            self.close(owner)
        self.assertEqual([self.opens(kit) for kit in kits], [True, False])

    def test_several(self) -> None:
        """One kit after the other, each opens all that was there."""
        kit = self.kit
        for number in range(3):
            self.write(b"%d" % number)
            owner = self.own(kit)
            kit = self.renew(owner)
            self.close(owner)
        owner = self.own(kit)
        self.assertEqual(len(owner.opened.drive.entries(())), 3)
        self.assertEqual((owner.affairs.epoch, len(owner.account.epochs)), (3, 4))
        self.close(owner)

    def test_brought_up_to_date(self) -> None:
        """The server's copy gets the drive keys that devices have drawn, when the owner comes."""
        laptop = self.resume(self.laptop)
        self.now(revoke(laptop.drive, []))
        self.now(laptop.close())
        for _ in range(2):
            owner = self.own()
            self.assertEqual(len(owner.account.epochs), 2)
            self.close(owner)
        self.assertEqual(len(self.house.heard(messages.ReplaceKeyring)), 1)
        self.assertEqual((self.opens(self.kit), self.read()), (True, []))

    def test_no_room(self) -> None:
        """A drive that has had all its keys gets no other kit, and that is told beforehand."""
        owner = self.own()
        tree = owner.opened.drive.tree
        tree.arrange(structs.replace(tree.affairs, epoch=MAX_EPOCHS - 1))
        self.assertRaises(Exists, owner.draw_kit, COST)
        self.now(owner.opened.link.stop())
