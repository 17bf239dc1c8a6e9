"""A device lets another one in by a code: what they say, and what both have then."""

from typing import Any

from msgspec import msgpack

from anoncloud.client import epochs, pairing
from anoncloud.client.pairing import Asking, Given, Kept, seal, unseal
from anoncloud.client.staying import resume
from anoncloud.client.tree.changes import MAX_EPOCHS
from anoncloud.crypto.keys import SealingKey
from anoncloud.errors import (
    Code,
    Refused,
    RolledBack,
    Tampered,
)
from anoncloud.limits import MAX_NAME, MAX_PAIRING_MESSAGE
from anoncloud.wire import messages
from tests.support.client_pairing import PairingTestCase
from tests.support.entropy import replaying
from tests.support.vectors import load


class PairedTests(PairingTestCase):
    """What both devices have in the end."""

    def pair(self) -> None:
        """Let the phone in."""
        waiting = self.open()
        self.assertNoResult(waiting)
        self.assertEqual(self.successResultOf(self.come()), "ada")
        self.assertEqual(self.successResultOf(waiting), b"phone")

    def rotate(self) -> None:
        """Begin a new epoch."""
        keyring, entropy = self.opened.keyring, self.laptop.entropy
        made = self.opened.drive.change(
            lambda draft: draft.add(epochs.new_epoch(keyring, draft, entropy))
        )
        self.now(made)

    def test_let_in(self) -> None:
        """The owner is asked by the phone's name; then journal and server know the phone."""
        self.pair()
        self.assertEqual(self.asked, [b"phone"])
        self.assert_let_in(b"laptop", b"phone")
        known = self.phone.profile.load()
        device = self.opened.drive.tree.devices[known.keys.login.public]
        self.assertEqual(device.agreement, known.keys.agreement.public)
        self.assertEqual((known.account, known.address), ("ada", self.opened.address))

    def test_it_can_use_the_drive(self) -> None:
        """The phone logs in without a passphrase, and reads and writes what the laptop does."""
        self.now(self.opened.drive.make_folder((b"papers",)))
        self.pair()
        opened = self.resume(self.phone)
        self.assertEqual(opened.keyring.epochs, self.opened.keyring.epochs)
        self.now(opened.drive.make_folder((b"papers", b"new")))
        self.now(self.opened.drive.make_folder((b"papers", b"newer")))
        self.now(opened.drive.catch_up())
        self.assertEqual(opened.drive.journal.head, self.opened.drive.journal.head)

    def test_no_key_of_the_account(self) -> None:
        """It has what a device has, and nothing by which the account itself could be taken."""
        self.pair()
        laptop, phone = self.laptop.profile.load(), self.phone.profile.load()
        self.assertEqual(phone.keyring.recipients, (phone.keys.agreement,))
        self.assertEqual(phone.keyring.device, phone.keys.login.public)
        for name in ("drive", "epochs", "agreement", "first_signing"):
            self.assertEqual(getattr(phone.keyring, name), getattr(laptop.keyring, name), name)
        self.assertNotEqual(phone.keys, laptop.keys)

    def test_epochs(self) -> None:
        """It reads what was written under older keys, and is delivered newer ones."""
        for number in range(2):
            self.now(self.opened.drive.make_folder((b"before %d" % number,)))
            self.rotate()
        self.pair()
        self.assertEqual(self.phone.profile.load().keyring.epoch, 2)
        self.rotate()
        self.now(self.opened.drive.make_folder((b"after",)))
        opened = self.resume(self.phone)
        self.assertEqual(len(opened.keyring.epochs), 4)
        self.assertEqual(opened.keyring.epochs, self.opened.keyring.epochs)
        self.assertEqual(opened.drive.journal.head, self.opened.drive.journal.head)

    def test_head_comes_along(self) -> None:
        """A server that shows the phone less than the laptop has seen is caught at once."""
        self.pair()
        head = self.opened.drive.journal.head
        self.assertEqual(self.phone.profile.cache(self.opened.keyring.drive).head(), head)
        self.roll_back()
        self.assertIsInstance(self.fault(resume(self.phone)), RolledBack)

    def test_nothing_in_clear(self) -> None:
        """What goes through the server holds no key, no name, and nothing of the code."""
        self.pair()
        said = self.said()
        self.assertEqual(len(said), 5)
        for secret in (
            self.codes[0].secret.expose(),
            self.opened.keyring.epochs[0].expose(),
            self.phone.profile.load().keys.agreement.expose(),
            self.phone.profile.load().keys.agreement.public,
            b"phone",
            b"ada",
        ):
            self.assertNotIn(secret, b"|".join(said))

    def test_lengths_tell_no_name(self) -> None:
        """Whatever a new device is called, what it says has one length."""
        for name in (b"n", b"n" * MAX_NAME):
            self.open()
            self.successResultOf(self.come(here=self.machine(name), name=name))
        asks = [request.message for request in self.house.heard(messages.SayPairing)[::3]]
        self.assertEqual((len(asks), len({len(one) for one in asks})), (2, 1))

    def test_one_after_another(self) -> None:
        """Each code lets one device in, and each is another one."""
        self.pair()
        waiting = self.open()
        late = self.failureResultOf(self.come(self.codes[0], here=self.machine(b"tablet")), Refused)
        self.assertIs(late.value.code, Code.NOT_ALLOWED)
        coming = self.come(here=self.machine(b"tablet"), name=b"tablet")
        self.assertEqual(self.successResultOf(coming), "ada")
        self.assertEqual(self.successResultOf(waiting), b"tablet")
        self.assertNotEqual(*(code.secret for code in self.codes))
        self.assert_let_in(b"laptop", b"phone", b"tablet")


class MessageTests(PairingTestCase):
    """What the two say to each other."""

    def test_frozen(self) -> None:
        """The three boxes are as recorded, and open again."""
        vector = load("pairing")
        keys = {end: SealingKey(bytes.fromhex(key)) for end, key in vector["keys"].items()}
        nonce = bytes.fromhex(vector["nonce"])
        kinds: list[tuple[str, Any]] = [("new", Asking), ("old", Given), ("new", Kept)]
        for (end, kind), box in zip(kinds, vector["boxes"], strict=True):
            content = msgpack.decode(bytes.fromhex(box["content"]), type=kind)
            sealed = seal(keys[end], content, replaying(nonce))
            self.assertEqual(sealed.hex(), box["sealed"])
            self.assertEqual(unseal(keys[end], sealed, kind), content)
            for wrong in {Asking, Given, Kept} - {kind}:
                self.assertRaises(Tampered, unseal, keys[end], sealed, wrong)

    def test_it_fits(self) -> None:
        """A drive with as many epochs as it can have is told in one message."""
        keys = (b"k" * 32,) * MAX_EPOCHS
        head = (2**63 - 1, b"h" * 32)
        given = Given("\U0001d11e" * 64, b"d" * 16, keys, b"a" * 32, b"s" * 32, *head)
        sealed = seal(SealingKey(b"k" * 32), given, replaying(b"n" * 24))
        self.assertLessEqual(len(sealed), MAX_PAIRING_MESSAGE)
        self.assertEqual(repr([given]), "[<Given>]")

    def test_of_another_version(self) -> None:
        """What opens and is not what it should be is refused."""
        key = SealingKey(b"k" * 32)

        class Newer(Kept, frozen=True):
            more: int

        self.patch(pairing, "_PLACES", {**pairing._PLACES, Newer: pairing._PLACES[Kept]})
        sealed = seal(key, Newer(1), replaying(b"n" * 24))
        error = self.assertRaises(Tampered, unseal, key, sealed, Kept)
        self.assertIn("update", error.hint)
