"""Devices: listed as server and journal know them, renamed, and revoked."""

from typing import Any

from anoncloud.client import devices
from anoncloud.client.devices import State, choose, listed, rename, revoke
from anoncloud.errors import (
    NotFound,
    NotLoggedIn,
    RemoteError,
    UsageError,
)
from anoncloud.wire import messages, records
from tests.support.client_devices import HIDDEN, LAPTOP, PHONE, TABLET, DevicesTestCase


class ListTests(DevicesTestCase):
    """What there is."""

    def test_honest(self) -> None:
        """Devices that journal and server know, the oldest first; one of them is this one."""
        expected = [(b"laptop", State.ENROLLED), (b"tablet", State.ENROLLED)]
        self.assertEqual(self.seen(), expected)
        self.assertEqual([one.mine for one in self.rows()], [True, False])
        self.assertEqual([one.mine for one in self.rows(self.tablet)], [False, True])

    def test_by_kit(self) -> None:
        """Whoever came by kit and passphrase is none of them."""
        account, _ = self.open(b"by kit")
        self.assertEqual([one.mine for one in self.rows(account)], [False, False])

    def test_hidden(self) -> None:
        """A key that the server takes and the journal does not name is shown as hidden."""
        self.store.devices.add(HIDDEN)
        self.assertEqual(self.seen()[2:], [(HIDDEN, State.HIDDEN)])

    def test_half(self) -> None:
        """A device that the server does not take any more is shown as cut off."""
        self.store.devices.discard(TABLET.login.public)
        self.assertEqual(self.seen()[1], (b"tablet", State.HALF))

    def test_enrolled_meanwhile(self) -> None:
        """A device that is enrolled while this one asks is not taken for hidden."""
        real = self.store.answer

        def late(message: Any) -> Any:
            if isinstance(message, messages.ListDevices):
                self.enrol(self.tablet, PHONE, b"phone")
            return real(message)

        self.patch(self.store, "answer", late)
        self.assertEqual(self.seen()[2:], [(b"phone", State.ENROLLED)])

    def test_another_answer(self) -> None:
        """Whatever else the server answers is no list."""
        self.laptop_peer.faults[messages.ListDevices] = [lambda _: messages.Done(1)]
        self.fails(RemoteError, listed(self.laptop))


class ChooseTests(DevicesTestCase):
    """By what a person calls them."""

    def test_names_and_keys(self) -> None:
        """A device is named by its name, or by the beginning of its key."""
        rows = self.rows()
        for called in ("laptop", rows[0].shown, rows[0].key.hex()[:4].upper()):
            self.assertEqual(choose(rows, called), rows[0])

    def test_nobody(self) -> None:
        """What is nobody's name is refused; so is a beginning of a key that is too short."""
        for called in ("phone", "", self.rows()[0].key.hex()[:3], "lap"):
            self.assertIn("devices", self.assertRaises(NotFound, choose, self.rows(), called).hint)

    def test_namesakes(self) -> None:
        """Of two with one name the keys are told."""
        self.enrol(self.tablet, PHONE, b"laptop")
        rows = self.rows()
        error = self.assertRaises(UsageError, choose, rows, "laptop")
        self.assertIn(rows[0].shown, error.hint)
        self.assertIn(rows[2].shown, error.hint)
        self.assertEqual(choose(rows, rows[2].shown), rows[2])


class RenameTests(DevicesTestCase):
    """Another name."""

    def test_rename(self) -> None:
        """All devices see it."""
        self.run_now(rename(self.laptop, self.rows()[1], b"slate"))
        self.assertEqual([name for name, _ in self.seen(self.tablet)], [b"laptop", b"slate"])

    def test_refused(self) -> None:
        """A hidden key has no name, and a name is one."""
        self.store.devices.add(HIDDEN)
        rows = self.rows()
        self.fails(NotFound, rename(self.laptop, rows[2], b"name"))
        self.fails(UsageError, rename(self.laptop, rows[1], b"a/b"))


class RevokeTests(DevicesTestCase):
    """Shut out for good."""

    def test_revoke(self) -> None:
        """Server and journal know the device no more, and a new epoch has begun."""
        (gone,) = self.revoke("tablet")
        self.assertEqual(gone.key, TABLET.login.public)
        self.assertEqual(self.store.devices, {LAPTOP.login.public})
        self.assertEqual(self.seen(), [(b"laptop", State.ENROLLED)])
        self.assertEqual((self.laptop.journal.epoch, self.laptop.journal.keyring.epoch), (1, 1))
        self.make(self.laptop, b"after")
        self.assertEqual(records.take_apart(self.store.journal[-1]).header.epoch, 1)

    def test_revoked_says_so(self) -> None:
        """The device that was shut out names it, should the server still talk to it."""
        self.revoke("tablet")
        error = self.fails(NotLoggedIn, self.tablet.catch_up())
        self.assertIn("revoked", error.message)
        self.fails(NotLoggedIn, self.tablet.make_folder((b"late",)))
        self.assertEqual(len(self.store.journal), 3)

    def test_others_go_on(self) -> None:
        """Other devices, and the owner with the kit, read and write in the new epoch."""
        self.enrol(self.laptop, PHONE, b"phone")
        phone, _ = self.open_as(PHONE, b"phone")
        account, _ = self.open(b"by kit")
        self.revoke("tablet")
        self.make(self.laptop, b"one")
        for drive, name in ((phone, b"two"), (account, b"three")):
            self.run_now(drive.catch_up())
            self.make(drive, name)
        self.run_now(self.laptop.catch_up())
        names = [node.name for node in self.laptop.entries(())]
        self.assertEqual(names, [b"one", b"three", b"two"])
        later, _ = self.open(b"later by kit")
        self.assertEqual(later.journal.keyring.epochs, self.laptop.journal.keyring.epochs)

    def test_many_at_once(self) -> None:
        """Several devices go in one record."""
        self.enrol(self.laptop, PHONE, b"phone")
        before = len(self.store.journal)
        self.assertEqual(len(self.revoke("tablet", "phone")), 2)
        self.assertEqual(len(self.store.journal), before + 1)
        self.assertEqual(self.store.devices, {LAPTOP.login.public})

    def test_own(self) -> None:
        """A device does not revoke itself, and nothing is done then."""
        error = self.fails(UsageError, revoke(self.laptop, self.rows()))
        self.assertIn("logout", error.hint)
        self.assertEqual((len(self.store.devices), len(self.store.journal)), (2, 2))

    def test_hidden(self) -> None:
        """Hidden keys are taken back with any device, or by themselves; each begins an epoch."""
        self.store.devices.add(HIDDEN)
        gone = self.revoke("tablet")
        self.assertEqual([one.key for one in gone], [TABLET.login.public, HIDDEN])
        self.store.devices.add(HIDDEN)
        gone = self.revoke(HIDDEN.hex())
        self.assertEqual([one.key for one in gone], [HIDDEN])
        self.assertEqual(self.store.devices, {LAPTOP.login.public})
        self.assertEqual(self.laptop.journal.epoch, 2)

    def test_hidden_again_and_again(self) -> None:
        """A thief who adds keys while they are taken back loses all of them."""
        real, added = self.store.answer, [bytes([number]) * 32 for number in range(1, 5)]

        def add(message: Any) -> Any:
            if isinstance(message, messages.ForgetDevice) and added:
                self.store.devices.add(added.pop())
            return real(message)

        self.patch(self.store, "answer", add)
        self.revoke("tablet")
        self.assertEqual((added, self.store.devices), ([], {LAPTOP.login.public}))

    def test_server_that_does_not_obey(self) -> None:
        """A server that keeps letting keys in is named, and the epoch is a new one all the same."""
        real = self.store.answer

        def keep(message: Any) -> Any:
            ignored = isinstance(message, messages.ForgetDevice)
            return messages.Done(message.request) if ignored else real(message)

        self.patch(self.store, "answer", keep)
        rows = self.rows()
        error = self.fails(RemoteError, revoke(self.laptop, rows[1:]))
        self.assertIn("does not obey", error.hint)
        self.assertEqual(self.laptop.journal.epoch, 1)
        self.fails(NotLoggedIn, self.tablet.catch_up())
        listings = [one for one in self.laptop_peer.asked if isinstance(one, messages.ListDevices)]
        self.assertEqual(len(listings), devices.ROUNDS + 1)
