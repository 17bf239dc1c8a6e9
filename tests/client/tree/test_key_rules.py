"""The rules of devices and keys, one operation at a time."""

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from anoncloud.client.tree import changes
from anoncloud.client.tree.affairs import (
    KEPT_NOTES,
    Acceptance,
    AccountKeys,
    Affairs,
    Device,
    Note,
    ServerKey,
)
from anoncloud.client.tree.changes import KeyEvent
from anoncloud.client.tree.rules import apply
from anoncloud.client.tree.tree import Tree
from anoncloud.errors import Exists, LocalError, NotFound, UsageError
from anoncloud.limits import MAX_DEVICES
from tests.support.client_model import held

NOW = 1_700_000_000_000_000
KEY, AGREEMENT = b"k" * 32, b"a" * 32
LAPTOP = changes.EnrolDevice(KEY, AGREEMENT, b"laptop")


class KeyRulesTestCase(SynchronousTestCase):
    """An empty drive."""

    def setUp(self) -> None:
        self.tree = Tree()

    def do(self, operation: Any, time: int = NOW) -> None:
        """Carry an operation out."""
        apply(self.tree, operation, time)

    def refused(self, kind: type[LocalError], operation: Any) -> LocalError:
        """See that an operation is refused with a hint, and changes nothing."""
        before = held(self.tree)
        error = self.assertRaises(kind, self.do, operation)
        self.assertEqual(held(self.tree), before)
        self.assertTrue(error.hint)
        return error


class DeviceTests(KeyRulesTestCase):
    """Devices."""

    def test_devices(self) -> None:
        """A device is there since its change; enrolling it again replaces it."""
        self.do(LAPTOP)
        self.do(changes.EnrolDevice(KEY, b"b" * 32, b"tablet"), NOW + 1)
        self.assertEqual(self.tree.devices, {KEY: Device(KEY, b"b" * 32, b"tablet", NOW + 1)})
        self.do(changes.RevokeDevice(KEY))
        self.assertEqual(self.tree.devices, {})

    def test_rename(self) -> None:
        """Another name changes nothing else of a device."""
        self.do(LAPTOP)
        self.do(changes.RenameDevice(KEY, b"old laptop"), NOW + 1)
        self.assertEqual(self.tree.devices, {KEY: Device(KEY, AGREEMENT, b"old laptop", NOW)})

    def test_strangers(self) -> None:
        """A device that is not there can't be revoked or renamed."""
        self.refused(NotFound, changes.RevokeDevice(KEY))
        self.refused(NotFound, changes.RenameDevice(KEY, b"x"))

    def test_many(self) -> None:
        """There are never more devices than a new drive key can be delivered to."""
        for number in range(MAX_DEVICES):
            self.do(changes.EnrolDevice(bytes([number]) * 32, AGREEMENT, b"d"))
        self.refused(Exists, LAPTOP)
        self.do(changes.EnrolDevice(bytes(32), AGREEMENT, b"replaced"))
        self.do(changes.RevokeDevice(bytes(32)))
        self.do(LAPTOP)


class KeyTests(KeyRulesTestCase):
    """Epochs, and the keys of account and server."""

    def epoch(self, number: int) -> changes.NewEpoch:
        """Begin an epoch."""
        return changes.NewEpoch(number, bytes(32), (changes.Delivery(KEY, bytes(104)),))

    def test_epochs(self) -> None:
        """Epochs are counted one by one."""
        for number in (0, 2, 127):
            self.refused(Exists, self.epoch(number))
        self.do(self.epoch(1))
        self.refused(Exists, self.epoch(1))
        self.do(self.epoch(2))
        self.assertEqual(self.tree.affairs, Affairs(epoch=2))

    def test_account_keys(self) -> None:
        """The account's newest keys are known."""
        for number in (1, 2):
            self.do(changes.NewAccountKeys(bytes([number]) * 32, KEY, bytes(64)))
        self.assertEqual(self.tree.affairs.account, AccountKeys(b"\x02" * 32, KEY))

    def test_cost(self) -> None:
        """The cost that was noted never goes down, in neither part."""
        self.do(changes.NoteKeys(KeyEvent.PASSPHRASE, 3, 65536))
        for passes, memory in ((2, 65536), (3, 65535), (9, 1)):
            self.refused(UsageError, changes.NoteKeys(KeyEvent.KIT, passes, memory))
        self.do(changes.NoteKeys(KeyEvent.KIT, 3, 65537))
        self.assertEqual((self.tree.affairs.passes, self.tree.affairs.memory_kib), (3, 65537))

    def test_notes(self) -> None:
        """The newest notes are remembered, with their times."""
        for number in range(KEPT_NOTES + 3):
            self.do(changes.NoteKeys(KeyEvent.RECOVERY_MADE, 1, 1), NOW + number)
        expected = tuple(Note(KeyEvent.RECOVERY_MADE, NOW + 3 + n) for n in range(KEPT_NOTES))
        self.assertEqual(self.tree.affairs.notes, expected)

    def test_server(self) -> None:
        """Of the server's keys the last one counts."""
        for number in (1, 2):
            self.do(changes.NoteServer(bytes([number]) * 32, KEY, bytes(64)))
        self.assertEqual(self.tree.affairs.server, ServerKey(b"\x02" * 32, KEY, bytes(64)))

    def test_accepted(self) -> None:
        """The newest accepted histories are remembered; there is one only if there are two."""
        self.refused(UsageError, changes.AcceptHistory(KEY, 3, KEY, 3, KEY))
        self.do(changes.AcceptHistory(KEY, 3, KEY, 3, AGREEMENT))
        for number in range(KEPT_NOTES):
            self.do(changes.AcceptHistory(KEY, 99, KEY, number, KEY), NOW + number)
        expected = tuple(Acceptance(KEY, 99, KEY, n, KEY, NOW + n) for n in range(KEPT_NOTES))
        self.assertEqual(self.tree.affairs.accepted, expected)

    def test_beside(self) -> None:
        """Each of them leaves all others as they are."""
        for operation in (
            changes.SetOptions(compress=True),
            self.epoch(1),
            changes.NewAccountKeys(KEY, AGREEMENT, bytes(64)),
            changes.NoteKeys(KeyEvent.KIT, 3, 4),
            changes.NoteServer(KEY, AGREEMENT, bytes(64)),
            changes.AcceptHistory(KEY, 2, KEY, 1, KEY),
            LAPTOP,
            changes.SetOptions(compress=True),
        ):
            self.do(operation)
        account, server = AccountKeys(KEY, AGREEMENT), ServerKey(KEY, AGREEMENT, bytes(64))
        notes = (Note(KeyEvent.KIT, NOW),)
        accepted = (Acceptance(KEY, 2, KEY, 1, KEY, NOW),)
        expected = Affairs(True, 1, 3, 4, account, server, notes, accepted)
        self.assertEqual(self.tree.affairs, expected)
