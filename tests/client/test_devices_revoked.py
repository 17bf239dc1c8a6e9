"""A device that was revoked: what its thief has, what others do meanwhile, what a crash leaves."""

from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred

from anoncloud.client.devices import State, choose, listed, revoke
from anoncloud.client.drive import Drive
from anoncloud.client.sealing import open_record, seal_record
from anoncloud.client.tree import changes
from anoncloud.crypto.delivery import accept
from anoncloud.crypto.keys import DriveKey
from anoncloud.errors import (
    NotLoggedIn,
    Tampered,
)
from anoncloud.wire import messages, records
from tests.support.client import KEYRING, Fault
from tests.support.client_devices import HIDDEN, LAPTOP, PHONE, TABLET, DevicesTestCase
from tests.support.client_journal import NOW
from tests.support.entropy import counting


class StolenTests(DevicesTestCase):
    """Who has all that a device had, and all that the server has, after the device was revoked."""

    def setUp(self) -> None:
        super().setUp()
        self.make(self.tablet, b"before")
        self.thief = self.tablet.journal.keyring
        self.run_now(self.laptop.catch_up())
        self.first = len(self.store.journal)
        self.revoke("tablet")
        self.make(self.laptop, b"secret one")
        self.revoke()
        self.make(self.laptop, b"secret two")
        self.later = [records.take_apart(record) for record in self.store.journal[self.first :]]

    def test_no_key_opens_what_came_later(self) -> None:
        """No key that the device had opens a record of later epochs, nor a key on its way."""
        raw = [key.expose() for key in self.thief.epochs]
        raw += [one.expose() for one in self.thief.recipients]
        raw += [TABLET.login.expose(), TABLET.unlock.expose(), b"t" * 32, self.thief.agreement]
        tried = 0
        for apart in self.later[1:]:
            for key in raw:
                known = (DriveKey(key),) * (apart.header.epoch + 1)
                self.assertRaises(Tampered, open_record, evolve(self.thief, epochs=known), apart)
                tried += 1
        self.assertGreaterEqual(tried, 15)
        opened = open_record(self.thief, self.later[0])  # the last record that it may read
        (made,) = [one for one in opened.operations if isinstance(one, changes.NewEpoch)]
        sent = {one.recipient for one in made.deliveries}
        self.assertEqual(sent, {LAPTOP.agreement.public, KEYRING.agreement})
        for delivery in made.deliveries:
            for mine in (*self.thief.recipients, LAPTOP.agreement):
                opens = mine.public == delivery.recipient
                self.check_delivery(mine, delivery.sealed, opens=opens)

    def check_delivery(self, key: Any, sealed: bytes, *, opens: bool) -> None:
        """See whether a delivery opens by an agreement key."""
        if opens:
            found = accept(sealed, KEYRING.drive, 1, key)
            self.assertEqual(found, self.laptop.journal.keyring.epochs[1])
        else:
            self.assertRaises(Tampered, accept, sealed, KEYRING.drive, 1, key)

    def test_no_record_is_taken(self) -> None:
        """With the server's help it appends under the old key; nobody takes that."""
        last = self.later[-1].header
        for epoch in (0, 1):
            header = records.Header(
                records.FORMAT,
                KEYRING.drive,
                epoch,
                last.number + 1,
                self.laptop.journal.head.hash,
                (),
                (),
            )
            forger = evolve(self.thief, epochs=self.thief.epochs * 2)
            forged = changes.Change(NOW, (changes.MakeFolder(9, 0, b"forged", 0, 0),))
            self.store.journal.append(seal_record(forger, header, forged, counting()))
            self.fails(Tampered, self.laptop.catch_up())
            self.store.journal.pop()
        self.assertNotIn(9, self.laptop.tree.nodes)


class ConcurrentTests(DevicesTestCase):
    """Two devices at once."""

    def test_commit_meets_a_new_epoch(self) -> None:
        """A change that was made meanwhile is made again, in the new epoch."""
        self.enrol(self.laptop, PHONE, b"phone")
        phone, peer = self.open_as(PHONE, b"phone")

        async def revoke_meanwhile() -> None:
            found = await listed(self.laptop)
            await revoke(self.laptop, [choose(found, "tablet")])

        peer.before_commit.append(revoke_meanwhile)
        self.make(phone, b"mine")
        epochs = [records.take_apart(record).header.epoch for record in self.store.journal]
        self.assertEqual(epochs[-2:], [0, 1])
        self.run_now(self.laptop.catch_up())
        self.assertEqual([node.name for node in self.laptop.entries(())], [b"mine"])

    def test_a_new_epoch_meets_a_commit(self) -> None:
        """So is the record that revokes."""

        async def work_meanwhile() -> None:
            account = self.open(b"by kit")[0]
            await account.make_folder((b"other",))

        self.laptop_peer.before_commit.append(work_meanwhile)
        self.revoke("tablet")
        self.make(self.laptop, b"mine")
        self.assertEqual([node.name for node in self.laptop.entries(())], [b"mine", b"other"])
        self.assertEqual(self.laptop.journal.epoch, 1)

    def test_enrolled_meanwhile(self) -> None:
        """A device that is enrolled while another is revoked gets the new key."""

        async def enrol_meanwhile() -> None:
            self.enrol(self.open(b"by kit")[0], PHONE, b"phone")

        self.laptop_peer.before_commit.append(enrol_meanwhile)
        self.revoke("tablet")
        phone, _ = self.open_as(PHONE, b"phone")
        self.assertEqual(phone.journal.epoch, 1)
        self.make(phone, b"mine")

    def test_two_new_epochs(self) -> None:
        """Two that revoke at once begin two epochs, one after the other."""
        self.enrol(self.laptop, PHONE, b"phone")
        account, _ = self.open(b"by kit")

        async def other() -> None:
            found = await listed(account)
            await revoke(account, [choose(found, "phone")])

        self.laptop_peer.before_commit.append(other)
        self.revoke("tablet")
        self.run_now(account.catch_up())
        for drive in (self.laptop, account):
            self.assertEqual(drive.journal.epoch, 2)
            self.assertEqual(list(drive.tree.devices), [LAPTOP.login.public])
        self.assertEqual(self.store.devices, {LAPTOP.login.public})


class Died(Exception):
    """The program ends here."""


class CrashTests(DevicesTestCase):
    """A run that ends after any of its steps; the next one finishes."""

    def cut_at(self, count: int) -> bool:
        """Revoke the tablet, and die at request number *count*; tell whether it got so far."""
        folder = self.mktemp()
        mine = evolve(KEYRING, recipients=(LAPTOP.agreement,), device=LAPTOP.login.public)
        drive, peer = self.open(b"cut", folder, mine)
        rows, asked = self.rows(drive), len(peer.asked)
        real = peer.ask_once

        async def ask_once(make: Any) -> Any:
            if len(peer.asked) - asked >= count:
                raise Died
            return await real(make)

        self.patch(peer, "ask_once", ask_once)
        running: Deferred[Any] = Deferred.fromCoroutine(revoke(drive, [choose(rows, "tablet")]))
        died = bool(running.called and not isinstance(self.outcome(running), list))
        again, _ = self.open(b"again", folder, mine)
        if died:
            self.finish(again)
        return died

    def outcome(self, running: "Deferred[Any]") -> Any:
        """Give what a Deferred has fired with, whatever it is."""
        got: list[Any] = []
        running.addBoth(got.append)
        return got[0]

    def finish(self, drive: Drive) -> None:
        """See that what is left to do can be seen, and do it."""
        rows = {one.key: one for one in self.rows(drive)}
        tablet = rows.get(TABLET.login.public)
        unfinished = [one for one in rows.values() if one.state is not State.ENROLLED]
        if tablet is not None or unfinished:
            self.run_now(revoke(drive, [tablet] if tablet else unfinished))

    def test_each_step(self) -> None:
        """Wherever it dies, the next run leaves no key, no device, and a new epoch."""
        count = 0
        while True:
            self.setUp()
            self.store.devices.add(HIDDEN)
            if not self.cut_at(count):
                break
            self.assertEqual(self.store.devices, {LAPTOP.login.public}, count)
            fresh, _ = self.open(b"fresh")
            self.assertEqual(list(fresh.tree.devices), [LAPTOP.login.public], count)
            self.assertGreaterEqual(fresh.journal.epoch, 1, count)
            self.fails(NotLoggedIn, self.tablet.catch_up())
            count += 1
        self.assertGreater(count, 4)

    def test_answer_lost(self) -> None:
        """A cut that hides whether the record was appended does no harm."""
        for fault in (Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.LATE):
            self.setUp()
            self.laptop_peer.faults[messages.Commit] = [fault]
            self.revoke("tablet")
            self.assertEqual(self.laptop.journal.epoch, 1, fault)
            self.make(self.laptop, b"after")
            self.fails(NotLoggedIn, self.tablet.catch_up())
